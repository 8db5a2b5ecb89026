//! Databases for tests: an SQLite file always, and one on the PostgreSQL server of `PEERBENCH_TEST_POSTGRES_URL` where
//! that is set. Each is its own and goes away with its value.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use tempfile::TempDir;

use super::{Db, OpenOptions};

pub(crate) struct TestDb {
    pub db: Db,
    pub url: String,
    _cleanup: Cleanup,
}

enum Cleanup {
    Folder { _folder: TempDir },
    Database { server: String, name: String },
}

/// Empty databases, one of each kind, without a schema.
pub(crate) fn empty_databases() -> Vec<TestDb> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("odd %name?#.db").display());
    let mut databases = vec![opened(url, Cleanup::Folder { _folder: folder })];
    if let Some(server) = env::var("PEERBENCH_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty()) {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("unit_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(&server, &format!("CREATE DATABASE {name}"));
        let (address, options) = server.split_once('?').unwrap_or((&server, ""));
        let (before, _) = address.rsplit_once('/').unwrap();
        let url = format!("{before}/{name}?{options}");
        databases.push(opened(url, Cleanup::Database { server, name }));
    }
    databases
}

/// Databases with the current schema.
pub(crate) fn databases() -> Vec<TestDb> {
    let databases = empty_databases();
    for database in &databases {
        database.db.migrate().unwrap();
    }
    databases
}

fn opened(url: String, cleanup: Cleanup) -> TestDb {
    let options = OpenOptions { create: true, ..OpenOptions::default() };
    TestDb { db: Db::open(&url, options).unwrap(), url, _cleanup: cleanup }
}

fn execute(server: &str, statement: &str) {
    let mut connection = PgConnection::establish(server).unwrap();
    sql_query(statement).execute(&mut connection).unwrap();
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        if let Self::Database { server, name } = self {
            execute(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
