//! The demo's database. Every run starts afresh, so that it always shows the same: the embedded database of
//! an earlier demo is replaced, but nothing that a real service may have written is ever touched.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use crate::{
    auth::make_private_dir,
    cli::{Failure, app::migrated},
    settings::Settings,
    store::{self, Db, StoreError},
};

/// Says that the database beside it is a demo's.
const MARKER: &str = "this-is-a-demo";
/// The embedded database and what SQLite keeps beside it.
const FILES: [&str; 3] = ["peerbench.db", "peerbench.db-wal", "peerbench.db-shm"];

/// An empty, migrated database: the embedded one in the data directory, or the configured one, which must be empty.
pub fn open(settings: &Settings) -> Result<Db, Failure> {
    if settings.database.url.is_none() {
        clear(&settings.general.data_dir)?;
    }
    let (db, _) = migrated(settings)?;
    if db.read(|conn| Ok::<_, StoreError>(!store::organisation::list(conn, None, 1)?.is_empty()))? {
        return Err(Failure::usage(
            "The configured database holds organisations already, and the demo would mix with them. Configure an \
             empty one, or none: the demo then makes its own.",
        ));
    }
    Ok(db)
}

/// Removes an earlier demo's database, and marks the directory.
fn clear(data_dir: &Path) -> Result<(), Failure> {
    let cannot = |what: &str, path: &Path, error: &io::Error| {
        Failure::remote(format!("{} cannot be {what}: {error}.", path.display()))
    };
    make_private_dir(data_dir).map_err(|error| cannot("made", data_dir, &error))?;
    let marker = data_dir.join(MARKER);
    let [database, ..] = FILES;
    if data_dir.join(database).exists() && !marker.exists() {
        return Err(Failure::usage(format!(
            "{} holds a database that no demo made. Choose another directory with --data-dir.",
            data_dir.display()
        )));
    }
    File::create(&marker).map_err(|error| cannot("written", &marker, &error))?;
    for name in FILES {
        let path = data_dir.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(cannot("removed", &path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_demo_is_replaced_and_nothing_else_touched() {
        let folder = tempfile::tempdir().unwrap();
        clear(folder.path()).unwrap();
        for name in FILES {
            fs::write(folder.path().join(name), "old").unwrap();
        }
        fs::write(folder.path().join("release-key"), "key").unwrap();
        clear(folder.path()).unwrap();
        assert!(FILES.iter().all(|name| !folder.path().join(name).exists()));
        assert!(folder.path().join("release-key").exists());
    }

    #[test]
    fn the_database_of_a_real_service_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("peerbench.db"), "real").unwrap();
        let refused = clear(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("no demo made"), "{refused}");
        assert_eq!(fs::read_to_string(folder.path().join("peerbench.db")).unwrap(), "real");
    }
}
