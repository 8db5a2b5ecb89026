//! Snapshots, and which of them count.

use crate::{
    domain::{
        calendar::Month,
        organisation::OrganisationId,
        scale::Scale,
        snapshot::{Basis, Cell, CellValue, Header, Producer, Snapshot, SnapshotId, Source},
    },
    store::{
        Conn, StoreError,
        release::{self, Open, Stage},
        snapshot::{self, Stored},
        testing::databases,
        tests::{add_organisations, at},
    },
};

fn stored(id: &str, period: &str, source: Source, feed: u8, uploaded_at: &str) -> Stored {
    Stored {
        id: SnapshotId::new(id),
        uploaded_at: at(uploaded_at),
        digest: format!("digest of {id}"),
        writer: None,
        snapshot: Snapshot {
            header: Header {
                period: period.parse::<Month>().unwrap(),
                attack: "18.1".parse().unwrap(),
                producer: Producer { source, feed, adapter: "0.1.0".parse().unwrap() },
                basis: Basis::Deployed,
                window_days: Some(180),
                scale: Scale::RuleCount,
                technologies: vec!["aws.cloudtrail".to_owned(), "microsoft.windows".to_owned()],
                complete: vec!["microsoft.windows".to_owned()],
            },
            cells: vec![
                Cell { technology: 0, technique: "T1530".parse().unwrap(), value: CellValue::NotAssessed },
                Cell { technology: 1, technique: "T1059.001".parse().unwrap(), value: CellValue::Value(5) },
            ],
        },
    }
}

/// A release of everybody who is there.
fn freeze(conn: &mut Conn) -> Result<(), StoreError> {
    let open = Open {
        number: 1,
        stage: Stage::Frozen,
        cut_off: at("2026-11-30T00:00:00Z"),
        attack: "19.0".parse().unwrap(),
        preset: "default".to_owned(),
        parameters: String::new(),
        inputs: String::new(),
    };
    release::freeze(conn, &open)
}

#[test]
fn a_snapshot_comes_back_to_its_owner_alone() {
    for database in databases() {
        let (a, b) = (OrganisationId::new("a"), OrganisationId::new("b"));
        let mut kept = stored("1", "2026-10", Source::Splunk, 99, "2026-11-01T00:00:00.000001Z");
        kept.snapshot.header.window_days = None;
        database
            .db
            .write("test", |conn| {
                add_organisations(conn, &["a", "b"])?;
                snapshot::insert(conn, &a, &kept)?;
                assert_eq!(snapshot::get(conn, &a, &kept.id)?, Some(kept.clone()));
                let headers = snapshot::list(conn, &a, None, 10)?;
                assert_eq!(headers.len(), 1);
                assert_eq!((headers[0].cells, &headers[0].digest), (2, &kept.digest));

                assert_eq!(snapshot::get(conn, &b, &kept.id)?, None, "a foreign id is absent");
                assert_eq!(snapshot::list(conn, &b, None, 10)?, vec![]);
                assert_eq!(snapshot::contributing(conn, &b, Basis::Deployed)?, vec![]);
                assert!(!snapshot::delete(conn, &b, &kept.id)?);
                assert!(snapshot::delete(conn, &a, &kept.id)?);
                assert_eq!(snapshot::get(conn, &a, &kept.id)?, None);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert!(
            database.db.write("orphan", |c| snapshot::insert(c, &OrganisationId::new("x"), &kept)).is_err()
        );
    }
}

#[test]
fn the_list_is_newest_first_and_paged() {
    for database in databases() {
        let a = OrganisationId::new("a");
        database.db.write("test", |conn| add_organisations(conn, &["a"])).unwrap();
        for id in ["1", "2", "3"] {
            let kept = stored(id, "2026-10", Source::Splunk, 1, "2026-11-01T00:00:00Z");
            database.db.write("test", |conn| snapshot::insert(conn, &a, &kept)).unwrap();
        }
        let page = |before: Option<&str>| {
            let before = before.map(SnapshotId::new);
            let page = database.db.read(|conn| snapshot::list(conn, &a, before.as_ref(), 2)).unwrap();
            page.into_iter().map(|header| header.id.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(page(None), ["3", "2"]);
        assert_eq!(page(Some("2")), ["1"]);
    }
}

#[test]
fn the_latest_of_each_feed_counts_by_period_then_upload_as_of_the_cut_off() {
    for database in databases() {
        let (a, b, c) = (OrganisationId::new("a"), OrganisationId::new("b"), OrganisationId::new("c"));
        let mut validated = stored("v", "2026-11", Source::Splunk, 1, "2026-11-09T00:00:00Z");
        validated.snapshot.header.basis = Basis::Validated;
        database
            .db
            .write("test", |conn| {
                add_organisations(conn, &["a", "b", "c"])?;
                for kept in [
                    stored("1", "2026-09", Source::Splunk, 1, "2026-11-03T00:00:00Z"),
                    stored("2", "2026-10", Source::Splunk, 1, "2026-11-01T00:00:00.1Z"),
                    stored("3", "2026-10", Source::Splunk, 1, "2026-11-01T00:00:00.12Z"),
                    stored("4", "2026-11", Source::Splunk, 1, "2026-11-05T00:00:00Z"),
                    stored("5", "2026-01", Source::Splunk, 2, "2026-11-01T00:00:00Z"),
                    stored("6", "2026-02", Source::Sigma, 1, "2026-11-02T00:00:00Z"),
                    validated.clone(),
                ] {
                    snapshot::insert(conn, &a, &kept)?;
                }
                let later = stored("7", "2026-11", Source::Splunk, 1, "2026-11-06T00:00:00Z");
                snapshot::insert(conn, &c, &later)?;
                freeze(conn)
            })
            .unwrap();
        let ids = |snapshots: &[Stored]| {
            snapshots.iter().map(|kept| kept.id.as_str().to_owned()).collect::<Vec<_>>()
        };
        let now = |organisation, basis| {
            let counting = database.db.read(|conn| snapshot::contributing(conn, organisation, basis));
            ids(&counting.unwrap())
        };
        assert_eq!(now(&a, Basis::Deployed), ["6", "4", "5"]);
        assert_eq!(now(&a, Basis::Validated), ["v"]);
        assert_eq!(now(&b, Basis::Deployed), Vec::<String>::new());

        let as_of = |cut_off: &str, after: Option<&OrganisationId>, batch| {
            let page = database.db.read_together(|conn| {
                snapshot::for_release(conn, 1, Basis::Deployed, at(cut_off), after, batch)
            });
            page.unwrap()
                .into_iter()
                .map(|c| (c.organisation.id.as_str().to_owned(), ids(&c.snapshots)))
                .collect::<Vec<_>>()
        };
        let row = |id: &str, kept: &[&str]| {
            (id.to_owned(), kept.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(
            as_of("2026-11-30T00:00:00Z", None, 10),
            [row("a", &["6", "4", "5"]), row("b", &[]), row("c", &["7"])]
        );
        assert_eq!(
            as_of("2026-11-04T00:00:00Z", None, 10),
            [row("a", &["6", "3", "5"]), row("b", &[]), row("c", &[])]
        );
        assert_eq!(as_of("2026-11-30T00:00:00Z", None, 2), [row("a", &["6", "4", "5"]), row("b", &[])]);
        assert_eq!(as_of("2026-11-30T00:00:00Z", Some(&b), 2), [row("c", &["7"])]);
        assert_eq!(as_of("2026-11-30T00:00:00Z", Some(&c), 2), []);

        // A history chooses the same as the database, of the organisation's own alone.
        for cut_off in [
            "2026-10-31T00:00:00Z",
            "2026-11-01T00:00:00.11Z",
            "2026-11-04T00:00:00Z",
            "2026-11-30T00:00:00Z",
        ] {
            for owner in [&a, &b, &c] {
                let (read, chosen, cells) = database
                    .db
                    .read_together(|conn| {
                        let read = snapshot::contributing_at(conn, owner, Basis::Deployed, at(cut_off))?;
                        let history = snapshot::history(conn, owner, Basis::Deployed)?;
                        let chosen: Vec<SnapshotId> =
                            snapshot::counted_at(&history, at(cut_off)).into_iter().cloned().collect();
                        let wanted: Vec<&SnapshotId> = chosen.iter().collect();
                        let cells = snapshot::by_ids(conn, owner, &wanted)?;
                        assert_eq!(snapshot::by_ids(conn, &OrganisationId::new("x"), &wanted)?, vec![]);
                        Ok::<_, StoreError>((read, chosen, cells))
                    })
                    .unwrap();
                assert_eq!(ids(&read), chosen.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>());
                assert_eq!(cells.len(), read.len());
                assert!(read.iter().all(|kept| cells.contains(kept)), "{cut_off}");
            }
        }

        let ids_at = |cut_off: &str, after: Option<&(OrganisationId, SnapshotId)>| {
            let ids = database.db.read(|conn| snapshot::ids_at(conn, at(cut_off), after, 3)).unwrap();
            ids.iter().map(|(owner, id)| format!("{owner}{id}")).collect::<Vec<_>>()
        };
        assert_eq!(ids_at("2026-11-02T00:00:00Z", None), ["a2", "a3", "a5"]);
        let last = (a.clone(), SnapshotId::new("5"));
        assert_eq!(ids_at("2026-11-30T00:00:00Z", Some(&last)), ["a6", "av", "c7"]);
    }
}

#[test]
fn a_large_history_is_selected_in_one_page() {
    for database in databases() {
        let ids: Vec<String> = (0..600).map(|n| format!("{n:04}")).collect();
        database
            .db
            .write("test", |conn| {
                add_organisations(conn, &ids.iter().map(String::as_str).collect::<Vec<_>>())?;
                for id in &ids {
                    for (n, feed) in [(1, 1), (2, 1), (3, 2)] {
                        let kept = stored(
                            &format!("{id}-{n}"),
                            "2026-10",
                            Source::Splunk,
                            feed,
                            "2026-11-01T00:00:00Z",
                        );
                        snapshot::insert(conn, &OrganisationId::new(id.as_str()), &kept)?;
                    }
                }
                freeze(conn)
            })
            .unwrap();
        let page = database
            .db
            .read_together(|conn| {
                snapshot::for_release(conn, 1, Basis::Deployed, at("2026-11-30T00:00:00Z"), None, 1000)
            })
            .unwrap();
        assert_eq!(page.len(), 600);
        for (contributor, id) in page.iter().zip(&ids) {
            let kept: Vec<&str> = contributor.snapshots.iter().map(|kept| kept.id.as_str()).collect();
            assert_eq!(kept, [format!("{id}-2"), format!("{id}-3")]);
        }
    }
}

#[test]
fn what_was_deleted_is_in_no_file_of_sqlite() {
    let database = databases().swap_remove(0);
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let a = OrganisationId::new("a");
    let kept = stored("kept", "2026-10", Source::Splunk, 1, "2026-11-01T00:00:00Z");
    let erased = stored("erased", "2026-10", Source::Splunk, 1, "2026-11-02T00:00:00Z");
    database
        .db
        .write("add", |conn| {
            add_organisations(conn, &["a"])?;
            snapshot::insert(conn, &a, &kept)?;
            snapshot::insert(conn, &a, &erased)
        })
        .unwrap();
    let on_disk = |what: &[u8]| {
        ["", "-wal"].iter().any(|suffix| {
            let bytes = std::fs::read(format!("{path}{suffix}")).unwrap();
            bytes.windows(what.len()).any(|window| window == what)
        })
    };
    assert!(on_disk(erased.digest.as_bytes()));
    database.db.write("delete", |conn| snapshot::delete(conn, &a, &erased.id)).unwrap();
    database.db.forget_erased();
    assert!(on_disk(kept.digest.as_bytes()));
    assert!(!on_disk(erased.digest.as_bytes()));
}
