//! What was withdrawn is gone (R25): not only from every answer, but from the bytes of the database's files and from a
//! backup made later. The cells are planted as a sequence that nothing else has, and looked for in the raw files.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection as _,
    sql_query,
    sql_types::{Binary, Nullable},
};
use peerbench::domain::{
    attack::Catalogues,
    calendar::Month,
    snapshot::{Context, pack, parse},
    technology,
};
use serde_json::{Value, json};

use crate::support::{
    Store,
    community::settle,
    people::{Member, Profile},
    server::Service,
};

/// What is looked for: so many bytes of the packed cells in a row, from wherever.
const PIECE: usize = 12;

/// A snapshot whose values come from a seed, and its cells as they are stored.
fn planted(seed: u32) -> (Value, Vec<u8>) {
    let catalogues = Catalogues::bundled();
    let catalogue = catalogues.canonical().unwrap();
    let technologies = ["microsoft.windows", "aws.cloudtrail"];
    let mut number = seed;
    let mut cells = Vec::new();
    for technology in technologies {
        for technique in catalogue.active().take(60) {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            cells.push(json!({
                "technique": technique.id, "technology": technology, "value": (number >> 16) % 21,
            }));
        }
    }
    let snapshot = json!({
        "schema": "coverage-snapshot/1", "period": "2026-10",
        "attack": {"domain": "enterprise-attack", "version": catalogue.version()},
        "producer": {"source": "splunk", "feed": seed, "adapter": "0.1.0"},
        "basis": "deployed", "scale": "rule-count/1",
        "technologies": technologies, "complete": [], "cells": cells,
    });
    let current = Month::new(2026, 10).unwrap();
    let context = Context { catalogues: &catalogues, registry: technology::bundled(), current };
    let packed = pack(&parse(snapshot.to_string().as_bytes(), context).unwrap().cells);
    (snapshot, packed)
}

/// Whether any piece of the packed cells is somewhere in these bytes.
fn holds(bytes: &[u8], packed: &[u8]) -> bool {
    let pieces: std::collections::HashSet<&[u8]> = packed.windows(PIECE).collect();
    bytes.windows(PIECE).any(|window| pieces.contains(window))
}

/// A service with a community, a member's two snapshots in it, and what to erase: (its path, its cells), and the cells
/// that stay.
fn world(store: Store) -> (Service, Member, String, Vec<u8>, Vec<u8>) {
    let service = Service::start(store);
    settle(&service, 60);
    let member = service.member(&Profile::named("Acme"));
    let ((kept, kept_cells), (erased, erased_cells)) = (planted(1), planted(2));
    assert!(!holds(&kept_cells, &erased_cells));
    member.http.post("/v1/snapshots", &kept).expect(201);
    let location = member.http.post("/v1/snapshots", &erased).expect(201);
    let location = location.header("location").unwrap().to_owned();
    (service, member, location, erased_cells, kept_cells)
}

fn sqlite_path(service: &Service) -> PathBuf {
    service.setting("PEERBENCH_DATABASE_URL").strip_prefix("sqlite:").unwrap().into()
}

/// The database's file and its write-ahead log, one after the other.
fn files(service: &Service) -> Vec<u8> {
    let path = sqlite_path(service);
    let mut log = path.clone().into_os_string();
    log.push("-wal");
    [fs::read(path).unwrap(), fs::read(log).unwrap_or_default()].concat()
}

#[test]
fn withdrawn_cells_are_in_no_file_of_sqlite_and_in_no_later_backup() {
    let (service, member, location, erased, kept) = world(Store::Sqlite);
    // It also was in a release, from which something is kept for the next.
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    assert!(holds(&files(&service), &erased), "what is looked for can be found");
    member.http.delete(&location).expect(204);
    assert!(holds(&files(&service), &kept), "what stays is still found");
    assert!(!holds(&files(&service), &erased));

    let backup = service.folder().join("backup.db");
    let mut conn = SqliteConnection::establish(&sqlite_path(&service).display().to_string()).unwrap();
    conn.batch_execute(&format!("VACUUM INTO '{}'", backup.display())).unwrap();
    let backup = fs::read(backup).unwrap();
    assert!(holds(&backup, &kept) && !holds(&backup, &erased));
}

#[test]
fn withdrawn_cells_leave_the_log_of_sqlite_when_the_last_reader_of_the_old_state_has_gone() {
    let (service, member, location, erased, _) = world(Store::Sqlite);
    let mut reader = SqliteConnection::establish(&sqlite_path(&service).display().to_string()).unwrap();
    reader.batch_execute("BEGIN; SELECT count(*) FROM snapshots;").unwrap();
    member.http.delete(&location).expect(204);
    assert!(holds(&files(&service), &erased), "the reader still sees them");
    reader.batch_execute("COMMIT").unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while holds(&files(&service), &erased) {
        assert!(Instant::now() < deadline, "the log still holds them");
        thread::sleep(Duration::from_millis(200));
    }
}

#[derive(QueryableByName)]
struct File {
    #[diesel(sql_type = Nullable<Binary>)]
    bytes: Option<Vec<u8>>,
}

/// The files of the table of snapshots on the server, with what is too large for a row.
fn heap(conn: &mut PgConnection) -> Vec<u8> {
    conn.batch_execute("CHECKPOINT").unwrap();
    let files = "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) AS bytes FROM pg_class c \
                 WHERE c.oid = 'snapshots'::regclass \
                 OR c.oid = (SELECT reltoastrelid FROM pg_class WHERE oid = 'snapshots'::regclass)";
    let files: Vec<File> = sql_query(files).load(conn).unwrap();
    files.into_iter().filter_map(|file| file.bytes).flatten().collect()
}

/// PostgreSQL keeps what is dead until a vacuum, and where it was in a page until that is written over: the table's
/// rewriting takes the last of it away, once nobody reads the state of before any more.
#[test]
fn withdrawn_cells_are_in_no_file_of_the_table_on_postgresql_after_it_was_rewritten() {
    let (service, member, location, erased, kept) = world(Store::Postgres);
    let mut conn = PgConnection::establish(service.setting("PEERBENCH_DATABASE_URL")).unwrap();
    assert!(holds(&heap(&mut conn), &erased), "what is looked for can be found");
    member.http.delete(&location).expect(204);
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        conn.batch_execute("VACUUM FULL snapshots").unwrap();
        let heap = heap(&mut conn);
        assert!(holds(&heap, &kept));
        if !holds(&heap, &erased) {
            break;
        }
        assert!(Instant::now() < deadline, "the table still holds them");
        thread::sleep(Duration::from_millis(200));
    }
}
