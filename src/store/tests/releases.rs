//! Releases, and imported ATT&CK versions.

use diesel::{RunQueryDsl, sql_query};

use crate::{
    domain::{cohort::Cohort, snapshot::Basis},
    store::{
        Conn, StoreError,
        catalogue::{self, Imported},
        connection::on,
        release::{self, Release, Table},
        testing::databases,
        tests::at,
    },
};

fn release_numbered(number: u32) -> Release {
    Release {
        number,
        cut_off: at("2026-11-01T00:00:00Z"),
        attack: "19.0".parse().unwrap(),
        preset: "default".to_owned(),
        parameters: "{\"k\":20}".to_owned(),
        digest: "00ff".to_owned(),
        published_at: at("2026-11-02T00:00:00Z"),
    }
}

fn table_of(basis: Basis, cohort: &str, body: &[u8]) -> Table {
    Table { basis, cohort: cohort.parse::<Cohort>().unwrap(), body: body.to_vec() }
}

#[test]
fn a_release_is_published_with_all_its_tables() {
    for database in databases() {
        let tables = [
            table_of(Basis::Deployed, "all", &[0, 1, 255]),
            table_of(Basis::Deployed, "sector:finance", b"finance"),
            table_of(Basis::Validated, "all", b"validated"),
        ];
        let db = &database.db;
        assert_eq!(db.read(release::latest_number).unwrap(), None);
        for number in [1, 2] {
            db.write("publish", |conn| release::publish(conn, &release_numbered(number), &tables)).unwrap();
        }
        db.read(|conn| {
            assert_eq!(release::latest_number(conn)?, Some(2));
            assert_eq!(release::get(conn, 1)?, Some(release_numbered(1)));
            assert_eq!(release::get(conn, 3)?, None);
            assert_eq!(release::get(conn, u32::MAX)?, None);
            assert_eq!(release::list(conn, None, 10)?, [release_numbered(2), release_numbered(1)]);
            assert_eq!(release::list(conn, Some(2), 10)?, [release_numbered(1)]);
            assert_eq!(release::tables(conn, 1)?, tables);
            let all: Cohort = "all".parse().unwrap();
            assert_eq!(release::table(conn, 1, Basis::Deployed, &all)?, Some(vec![0, 1, 255]));
            assert_eq!(release::table(conn, 1, Basis::Observed, &all)?, None);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    }
}

#[test]
fn what_is_published_never_changes() {
    for database in databases() {
        let db = &database.db;
        let tables = [table_of(Basis::Deployed, "all", b"body")];
        db.write("publish", |conn| release::publish(conn, &release_numbered(1), &tables)).unwrap();
        let again = db.write("publish", |conn| release::publish(conn, &release_numbered(1), &tables));
        assert!(again.is_err(), "a number is published once");
        for statement in [
            "UPDATE releases SET digest = 'other'",
            "UPDATE releases SET state = 'frozen'",
            "DELETE FROM release_tables",
            "UPDATE release_tables SET cohort = 'other'",
        ] {
            let change = db.write("change", |conn| {
                on!(conn, |c| sql_query(statement).execute(c))?;
                Ok::<_, StoreError>(())
            });
            assert!(change.unwrap_err().to_string().contains("never"), "{statement}");
        }
        assert_eq!(db.read(|conn| release::tables(conn, 1)).unwrap(), tables);
    }
}

#[test]
fn an_imported_version_is_replaced_and_switched() {
    for database in databases() {
        let imported = |version: &str, body: &str| Imported {
            version: version.parse().unwrap(),
            body: body.to_owned(),
            enabled: true,
            imported_at: at("2026-11-01T00:00:00Z"),
        };
        database
            .db
            .write("test", |conn: &mut Conn| {
                catalogue::put(conn, &imported("15.0", "old"))?;
                catalogue::put(conn, &imported("9.0", "nine"))?;
                catalogue::put(conn, &imported("15.0", "new"))?;
                assert_eq!(catalogue::list(conn)?, [imported("9.0", "nine"), imported("15.0", "new")]);
                assert!(catalogue::set_enabled(conn, "9.0".parse().unwrap(), false)?);
                assert!(!catalogue::set_enabled(conn, "8.0".parse().unwrap(), false)?);
                assert!(!catalogue::list(conn)?[0].enabled);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}
