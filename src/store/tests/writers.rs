//! SQLite's writers: moments, and transactions that go to disk together.

use std::{sync::Barrier, thread, time::Duration};

use crate::store::{
    Db, OpenOptions, StoreError, organisation,
    testing::{TestDb, databases},
    tests::add_organisations,
};

fn ids(db: &Db) -> Vec<String> {
    let all = db.read(|conn| organisation::list(conn, None, 2000)).unwrap();
    all.iter().map(|organisation| organisation.id.to_string()).collect()
}

fn sqlite() -> TestDb {
    databases().into_iter().find(|database| database.db.backend() == "sqlite").unwrap()
}

#[test]
fn a_moment_ends_with_whatever_is_committed_by_whomever() {
    let database = sqlite();
    let db = &database.db;
    let other = Db::open(&database.url, OpenOptions::default()).unwrap();
    for (n, writer) in [db, &other, db, &other].into_iter().enumerate() {
        let before = db.moment();
        assert!(before.is_some());
        ids(db);
        ids(&other);
        assert_eq!(db.moment(), before, "reading changes nothing");
        let failed = writer.write("fails", |conn| {
            add_organisations(conn, &["x"])?;
            Err::<(), _>(StoreError::Migration("on purpose".to_owned()))
        });
        assert!(failed.is_err());
        assert_eq!(db.moment(), before, "what is rolled back was never there");
        writer.write("works", |conn| add_organisations(conn, &[&n.to_string()])).unwrap();
        assert_ne!(db.moment(), before);
    }
}

#[test]
fn on_postgres_there_are_no_moments() {
    for database in databases().iter().filter(|database| database.db.backend() != "sqlite") {
        assert_eq!(database.db.moment(), None);
    }
}

/// Lets eight wait for their turn at once; odd ones do what `odd` says after their row.
fn eight_together(db: &Db, odd: impl Fn() -> Result<(), StoreError> + Sync) {
    let ready = Barrier::new(9);
    let (ready, odd) = (&ready, &odd);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn(move || {
                    ready.wait();
                    db.write_together("test", |conn| {
                        add_organisations(conn, &[&format!("together {n}")])?;
                        if n % 2 == 0 { Ok(()) } else { odd() }
                    })
                })
            })
            .collect();
        db.write("first", |conn| {
            ready.wait();
            // Long enough for all of them to queue up.
            thread::sleep(Duration::from_millis(200));
            add_organisations(conn, &["alone"])
        })
        .unwrap();
        for (n, writer) in writers.into_iter().enumerate() {
            let done = writer.join().is_ok_and(|outcome| outcome.is_ok());
            assert_eq!(done, n % 2 == 0, "{n}");
        }
    });
    let even = ["alone", "together 0", "together 2", "together 4", "together 6"];
    assert_eq!(ids(db), even, "{}", db.backend());
    db.write("afterwards", |conn| add_organisations(conn, &["z"])).unwrap();
}

#[test]
fn what_fails_among_others_takes_nothing_with_it() {
    for database in databases() {
        eight_together(&database.db, || Err(StoreError::Migration("on purpose".to_owned())));
    }
}

#[test]
fn a_panic_among_others_takes_nothing_with_it() {
    for database in databases() {
        eight_together(&database.db, || panic!("on purpose"));
    }
}

#[test]
fn whether_together_or_alone_nothing_is_lost_or_done_twice() {
    for database in databases() {
        let other = Db::open(&database.url, OpenOptions::default()).unwrap();
        thread::scope(|scope| {
            for worker in 0..8 {
                let db = if worker == 7 { &other } else { &database.db };
                scope.spawn(move || {
                    for round in 0..50 {
                        let id = format!("{worker}-{round:03}");
                        let add = |conn: &mut _| add_organisations(conn, &[&id]);
                        if worker < 5 { db.write_together("add", add) } else { db.write("add", add) }
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(ids(&database.db).len(), 400);
    }
}

#[test]
fn those_who_wait_together_go_to_disk_together() {
    let database = sqlite();
    let db = &database.db;
    let ready = Barrier::new(9);
    let ready = &ready;
    let seen: Vec<usize> = thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn(move || {
                    ready.wait();
                    let add = |conn: &mut _| add_organisations(conn, &[&n.to_string()]);
                    db.write_together("test", add).unwrap();
                    ids(db).len()
                })
            })
            .collect();
        db.write("first", |_| {
            ready.wait();
            thread::sleep(Duration::from_millis(200));
            Ok::<_, StoreError>(())
        })
        .unwrap();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(seen, [8; 8], "nobody is told before all are on disk");
}
