//! Releases, and imported ATT&CK versions.

use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};

use crate::{
    domain::{
        cohort::Cohort,
        release::{Hash, Ledger, PartId},
        snapshot::Basis,
    },
    store::{
        Conn, StoreError,
        catalogue::{self, Imported},
        connection::on,
        lease,
        release::{self, Contents, Open, Packed, Release, Stage, Table},
        testing::databases,
        tests::{add_organisations, at},
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
        manifest: "signed".to_owned(),
        published_at: at("2026-11-02T00:00:00Z"),
    }
}

/// Through every step.
fn publish(conn: &mut Conn, number: u32, tables: &[Table], ledgers: &[Ledger]) -> Result<(), StoreError> {
    publish_after(conn, number, tables, ledgers, |_| Ok(()))
}

/// Through every step; before the release is computed, `lists` puts away its lists.
fn publish_after(
    conn: &mut Conn,
    number: u32,
    tables: &[Table],
    ledgers: &[Ledger],
    lists: impl Fn(&mut Conn) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let Release { cut_off, attack, preset, parameters, digest, manifest, published_at, .. } =
        release_numbered(number);
    let inputs = "ff".to_owned();
    let stage = Stage::Frozen;
    let open =
        Open { number, stage, cut_off, attack, preset, parameters: String::new(), inputs: String::new() };
    release::freeze(conn, &open)?;
    assert_eq!(release::open(conn)?, Some(open.clone()));
    lists(conn)?;
    let contents =
        Contents { parameters, inputs, digest, manifest, tables: leaved(tables), ledgers: ledgers.to_vec() };
    release::compute(conn, number, &contents)?;
    let Contents { parameters, inputs, .. } = contents;
    assert_eq!(release::open(conn)?, Some(Open { stage: Stage::Computed, parameters, inputs, ..open }));
    assert_eq!(release::get(conn, number)?, None, "nobody reads it yet");
    release::publish(conn, number, published_at)?;
    assert_eq!(release::open(conn)?, None);
    Ok(())
}

fn leaved(tables: &[Table]) -> Vec<(Table, Hash)> {
    tables.iter().map(|table| (table.clone(), Hash::of(table.cohort.to_string().as_bytes()))).collect()
}

fn table_of(basis: Basis, cohort: &str, body: &[u8]) -> Table {
    Table { basis, cohort: cohort.parse::<Cohort>().unwrap(), body: Packed::new(body).unwrap() }
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
            db.write("publish", |conn| publish(conn, number, &tables, &[])).unwrap();
        }
        db.read(|conn| {
            assert_eq!(release::latest_number(conn)?, Some(2));
            assert_eq!(release::get(conn, 1)?, Some(release_numbered(1)));
            assert_eq!(release::get(conn, 3)?, None);
            assert_eq!(release::get(conn, u32::MAX)?, None);
            assert_eq!(release::list(conn, None, 10)?, [release_numbered(2), release_numbered(1)]);
            assert_eq!(release::list(conn, Some(2), 10)?, [release_numbered(1)]);
            assert_eq!(release::tables(conn, 1)?, tables);
            let finance: Cohort = "sector:finance".parse().unwrap();
            let mut of = |cohorts: &[Cohort]| release::tables_of(conn, 1, Basis::Deployed, cohorts);
            assert_eq!(of(&[Cohort::All])?, tables[..1]);
            assert_eq!(of(&[finance, "size:small".parse().unwrap()])?, tables[1..2]);
            let leaves = leaved(&tables).into_iter().map(|(table, leaf)| (table.basis, table.cohort, leaf));
            assert_eq!(release::leaves(conn, 1)?, leaves.collect::<Vec<_>>());
            let all: Cohort = "all".parse().unwrap();
            assert_eq!(release::table(conn, 1, Basis::Deployed, &all)?, Some(vec![0, 1, 255]));
            assert_eq!(release::table(conn, 1, Basis::Observed, &all)?, None);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    }
}

#[test]
fn a_ledger_and_its_lists_are_kept_for_as_long_as_a_number_stands_on_them() {
    for database in databases() {
        let db = &database.db;
        let ledger = |stands_on: &[u32]| Ledger {
            basis: Basis::Deployed,
            head: b"head".to_vec(),
            state: b"state".to_vec(),
            stands_on: stands_on.to_vec(),
        };
        let kept = || db.read(release::ledgers).unwrap();
        let place = |release, part| PartId { basis: Basis::Deployed, release, part };
        let lists = |number| db.read(|conn| release::part(conn, place(number, 1)));
        for (number, stands_on, left) in
            [(1, vec![], vec![1]), (2, vec![1], vec![1, 2]), (3, vec![], vec![3])]
        {
            db.write("publish", |conn| {
                publish_after(conn, number, &[], &[ledger(&stands_on)], |conn| {
                    (0_u8..3)
                        .try_for_each(|part| release::put_part(conn, place(number, part.into()), &[7, part]))
                })
            })
            .unwrap();
            assert_eq!(kept().iter().map(|kept| kept.release).collect::<Vec<_>>(), left);
            for number in 1..=3 {
                assert_eq!(lists(number).ok(), left.contains(&number).then(|| vec![7, 1]));
            }
            for kept in kept() {
                assert_eq!(kept.head, b"head");
                assert_eq!(kept.state.is_empty(), kept.release < number, "only the latest's is needed");
            }
        }
        let error = db.read(|conn| release::part(conn, place(3, 5))).unwrap_err().to_string();
        assert!(error.contains("number 3: part 5 of its deployed lists is missing"), "{error}");
    }
}

#[test]
fn what_is_damaged_is_not_read() {
    let packed = Packed::new(b"p25 20, p50 45, p75 70").unwrap();
    assert_eq!(packed.text().unwrap(), b"p25 20, p50 45, p75 70");
    for at in 0..packed.0.len() {
        let mut damaged = packed.clone();
        damaged.0[at] ^= 1;
        assert!(damaged.text().is_err() || damaged.text().unwrap() == packed.text().unwrap(), "{at}");
    }
}

#[test]
fn what_is_published_never_changes() {
    for database in databases() {
        let db = &database.db;
        let tables = [table_of(Basis::Deployed, "all", b"body")];
        db.write("publish", |conn| publish(conn, 1, &tables, &[])).unwrap();
        let again = db.write("publish", |conn| publish(conn, 1, &tables, &[]));
        assert!(again.is_err(), "a number is published once");
        for step in [release::freeze_again, release::thaw] {
            assert!(db.write("step", |conn| step(conn, 1)).is_err(), "there is no way back");
        }
        let another = "INSERT INTO release_tables (release_number, basis, cohort, leaf, body) \
                       SELECT release_number, basis, 'sector:finance', leaf, body FROM release_tables";
        for statement in [
            "UPDATE releases SET digest = 'other'",
            "UPDATE releases SET state = 'frozen'",
            "DELETE FROM release_tables",
            "UPDATE release_tables SET cohort = 'other'",
            another,
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
fn what_is_not_published_can_be_taken_back() {
    for database in databases() {
        let tables = [table_of(Basis::Deployed, "all", b"body")];
        let open = Open {
            number: 1,
            stage: Stage::Frozen,
            cut_off: at("2026-11-01T00:00:00Z"),
            attack: "19.0".parse().unwrap(),
            preset: "default".to_owned(),
            parameters: String::new(),
            inputs: String::new(),
        };
        let contents = Contents {
            parameters: String::new(),
            inputs: String::new(),
            digest: String::new(),
            manifest: String::new(),
            tables: leaved(&tables),
            ledgers: Vec::new(),
        };
        database
            .db
            .write("test", |conn| {
                add_organisations(conn, &["a", "b"])?;
                release::freeze(conn, &open)?;
                add_organisations(conn, &["c"])?;
                let ids = |conn: &mut Conn| {
                    let subjects = release::subjects(conn, 1, None, 10)?;
                    Ok::<_, StoreError>(subjects.iter().map(|s| s.id.to_string()).collect::<Vec<_>>())
                };
                assert_eq!(ids(conn)?, ["a", "b"], "who came later is not in it");
                assert!(release::publish(conn, 1, open.cut_off).is_err(), "it is not computed");
                let place = PartId { basis: Basis::Deployed, release: 1, part: 0 };
                release::put_part(conn, place, b"lists")?;
                release::compute(conn, 1, &contents)?;
                assert_eq!(release::tables(conn, 1)?, tables);
                assert_eq!(release::part(conn, place)?, b"lists");
                release::freeze_again(conn, 1)?;
                assert_eq!(release::open(conn)?, Some(open.clone()));
                assert_eq!(release::tables(conn, 1)?, []);
                assert!(release::part(conn, place).is_err());
                release::thaw(conn, 1)?;
                assert_eq!((release::open(conn)?, ids(conn)?), (None, Vec::new()));
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn a_lease_has_one_owner_until_it_ends() {
    for database in databases() {
        let moment = |minute: u32| at(&format!("2026-11-01T00:{minute:02}:00Z"));
        let take = |owner: &str, now| {
            let term = TimeDelta::minutes(10);
            database.db.write("take", |conn| lease::take(conn, "work", owner, moment(now), term)).unwrap()
        };
        let renew = |owner: &str, until| {
            database.db.write("renew", |conn| lease::renew(conn, "work", owner, moment(until))).unwrap()
        };
        assert_eq!(take("a", 0), None);
        assert_eq!(take("b", 9), Some(moment(10)));
        assert!(renew("a", 12) && !renew("b", 30));
        assert_eq!(take("b", 11), Some(moment(12)));
        assert_eq!(take("b", 12), None, "who does not renew loses it");
        assert!(!renew("a", 30));
        database.db.write("end", |conn| lease::end(conn, "work", "a")).unwrap();
        assert_eq!(take("a", 13), Some(moment(22)), "only its owner ends it");
        database.db.write("end", |conn| lease::end(conn, "work", "b")).unwrap();
        assert_eq!(take("a", 33), None);
        assert_eq!(take("b", 5), None, "the clock was set back: no lease outlives its term by it");
        assert!(database.db.write("clear", |conn| lease::clear(conn, "work")).unwrap());
        assert_eq!(take("a", 6), None);
    }
}

#[test]
fn an_imported_version_is_replaced_and_switched() {
    for database in databases() {
        let imported = |version: &str, body: &str| Imported {
            version: version.parse().unwrap(),
            body: body.to_owned(),
            imported_at: at("2026-11-01T00:00:00Z"),
        };
        database
            .db
            .write("test", |conn: &mut Conn| {
                catalogue::put(conn, &imported("15.0", "old"))?;
                catalogue::put(conn, &imported("9.0", "nine"))?;
                catalogue::put(conn, &imported("15.0", "new"))?;
                assert_eq!(catalogue::list(conn)?, [imported("9.0", "nine"), imported("15.0", "new")]);
                let at = at("2026-11-01T00:00:00Z");
                let [nine, ten, fifteen] = ["9.0", "10.0", "15.0"].map(|version| version.parse().unwrap());
                assert_eq!(catalogue::imports(conn)?, [(nine, at), (fifteen, at)]);
                // Of whatever version, and as often as one likes.
                for version in [ten, nine, nine] {
                    catalogue::set_enabled(conn, version, false)?;
                }
                assert_eq!(catalogue::disabled(conn)?, [nine, ten]);
                catalogue::set_enabled(conn, nine, true)?;
                assert_eq!(catalogue::disabled(conn)?, [ten]);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}
