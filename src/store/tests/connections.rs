//! Opening, migrating, and transactions that run at the same time.

use std::{fs, thread};

use crate::{
    domain::organisation::OrganisationId,
    store::{
        Db, Location, OpenOptions, StoreError, organisation,
        testing::{databases, empty_databases},
        tests::add_organisations,
    },
};

#[test]
fn the_scheme_chooses_the_database_and_another_is_refused() {
    for url in ["postgres://u@h/d", "postgresql:///d?host=/run/p"] {
        assert_eq!(url.parse::<Location>().unwrap(), Location::Postgres(url.to_owned()));
    }
    for (url, path) in
        [("sqlite:a.db", "a.db"), ("sqlite:/x/a.db", "/x/a.db"), ("sqlite:///x/a.db", "/x/a.db")]
    {
        assert_eq!(url.parse::<Location>().unwrap(), Location::Sqlite(path.into()), "{url}");
    }
    for url in ["", "a.db", "sqlite:", "sqlite://", "mysql://u@h/d", "file:a.db", "SQLITE:a.db"] {
        assert!(matches!(url.parse::<Location>(), Err(StoreError::UnknownScheme)), "{url}");
    }
}

#[test]
fn a_password_is_in_no_message() {
    let url = "postgres://member:hunter2@127.0.0.1:1/none";
    let error = Db::open(url, OpenOptions::default()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    assert!(!format!("{:?}", url.parse::<Location>().unwrap()).contains("hunter2"));
}

#[test]
fn a_typo_never_creates_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("typo.db");
    let url = format!("sqlite:{}", path.display());
    let error = Db::open(&url, OpenOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::Missing(_)), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    Db::open(&url, OpenOptions { create: true, ..OpenOptions::default() }).unwrap();
    Db::open(&url, OpenOptions::default()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(
        &path,
        "not a database, and longer than the header of one: 0123456789012345678901234567890123456789",
    )
    .unwrap();
    let error = Db::open(&format!("sqlite:{}", path.display()), OpenOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::File { .. }), "{error}");
}

#[test]
fn migrations_go_up_down_and_up_again() {
    for database in empty_databases() {
        let db = &database.db;
        let pending = db.pending_migrations().unwrap();
        assert!(!pending.is_empty());
        assert_eq!(db.migrate().unwrap().len(), pending.len());
        assert_eq!(db.pending_migrations().unwrap(), Vec::<String>::new());
        assert!(db.is_migrated().unwrap());
        assert_eq!(db.migrate().unwrap(), Vec::<String>::new());
        db.write("test", |conn| add_organisations(conn, &["a"])).unwrap();
        assert_eq!(db.unmigrate().unwrap().len(), pending.len());
        assert!(!db.is_migrated().unwrap());
        assert!(db.read(|conn| organisation::list(conn, None, 10)).is_err());
        assert_eq!(db.migrate().unwrap().len(), pending.len());
        assert_eq!(db.read(|conn| organisation::list(conn, None, 10)).unwrap(), vec![]);
    }
}

#[test]
fn processes_that_migrate_at_once_wait_for_each_other() {
    for database in empty_databases() {
        let url = database.url.as_str();
        let applied: usize = thread::scope(|scope| {
            let migrate = || Db::open(url, OpenOptions::default()).unwrap().migrate().unwrap().len();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(migrate)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(applied, database.db.unmigrate().unwrap().len());
    }
}

/// Reads a number out of a row and writes it back one higher, which loses an update wherever two may overlap.
fn count_up(db: &Db, id: &OrganisationId) {
    db.write("count", |conn| {
        let found = organisation::get(conn, id)?.unwrap();
        let next: u32 = found.name.parse::<u32>().unwrap() + 1;
        organisation::rename(conn, id, &next.to_string(), found.created_at)?;
        Ok::<_, StoreError>(())
    })
    .unwrap();
}

#[test]
fn eight_threads_lose_nothing() {
    for database in databases() {
        // A second pool is a second process: it knows nothing of the first one's queue of writers.
        let other = Db::open(&database.url, OpenOptions::default()).unwrap();
        let (db, shared) = (&database.db, &OrganisationId::new("shared"));
        db.write("test", |conn| {
            add_organisations(conn, &["shared"])?;
            organisation::rename(conn, shared, "0", crate::store::tests::at("2026-11-01T00:00:00Z"))
        })
        .unwrap();
        thread::scope(|scope| {
            for worker in 0..8 {
                let db = if worker % 2 == 0 { db } else { &other };
                scope.spawn(move || {
                    for round in 0..100 {
                        let id = format!("{worker}-{round:03}");
                        db.write("add", |conn| add_organisations(conn, &[&id])).unwrap();
                        if round % 4 == 0 {
                            count_up(db, shared);
                        }
                    }
                });
            }
        });
        let all = db.read(|conn| organisation::list(conn, None, 2000)).unwrap();
        assert_eq!(all.len(), 801, "{}", db.backend());
        assert_eq!(all.last().unwrap().name, "200", "{}", db.backend());
    }
}

#[test]
fn what_fails_leaves_nothing_and_a_panic_leaves_no_open_transaction() {
    for database in databases() {
        let db = &database.db;
        let failed: Result<(), StoreError> = db.write("fails", |conn| {
            add_organisations(conn, &["a"])?;
            Err(StoreError::Migration("on purpose".to_owned()))
        });
        assert!(failed.is_err());
        let panicked = thread::scope(|scope| {
            scope
                .spawn(|| {
                    db.write("panics", |conn| {
                        add_organisations(conn, &["b"])?;
                        if organisation::list(conn, None, 9)?.len() == 1 {
                            panic!("on purpose");
                        }
                        Ok::<_, StoreError>(())
                    })
                })
                .join()
        });
        assert!(panicked.is_err());
        db.write("works", |conn| add_organisations(conn, &["c"])).unwrap();
        let left = db.read(|conn| organisation::list(conn, None, 9)).unwrap();
        assert_eq!(left.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["c"]);
    }
}

#[test]
fn reading_together_sees_one_state() {
    for database in databases() {
        let db = &database.db;
        let (before, after) = db
            .read_together(|conn| {
                let before = organisation::list(conn, None, 9)?.len();
                db.write("meanwhile", |conn| add_organisations(conn, &["a"]))?;
                Ok::<_, StoreError>((before, organisation::list(conn, None, 9)?.len()))
            })
            .unwrap();
        assert_eq!((before, after), (0, 0));
        assert_eq!(db.read(|conn| organisation::list(conn, None, 9)).unwrap().len(), 1);
    }
}
