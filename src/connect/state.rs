//! The state file of a push: what a console has acknowledged. It is replaced as a whole and is on disk before the next batch
//! is sent, so that a push that was killed goes on where it stopped.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ConnectError;
use crate::{domain::release::Hash, wire::console::ConsoleRow};

const KIND: &str = "peerbench-console-state/";
const FORMAT: &str = "peerbench-console-state/1";
const LARGEST: u64 = 64 * 1024 * 1024;

/// The content of a state file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    console: String,
    /// Digest of the place that rows go to.
    target: String,
    /// The release that was acknowledged in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<DateTime<Utc>>,
    /// Digest of `rows`.
    digest: String,
    /// Acknowledged versions of rows by key.
    rows: BTreeMap<String, String>,
    /// Number of rows that were being sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    under_way: Option<usize>,
    /// Something that the console gave, such as the ID of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<String>,
}

/// A state file that this process alone uses.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    stored: Stored,
    _lock: File,
}

impl StateFile {
    /// Opens a state file, or begins one that will be written with the first batch.
    ///
    /// # Errors
    /// Refuses a file that is damaged, of a later version, of another console or target, or in use.
    pub fn open(path: &Path, console: &str, target: &str) -> Result<Self, ConnectError> {
        let refused = |why: &str| ConnectError::Refused(format!("The state file {} {why}.", path.display()));
        let lock = lock(path).map_err(|error| match error {
            TryLockError::WouldBlock => refused("is in use: another push is running. Nothing was sent"),
            TryLockError::Error(error) => refused(&format!("can't be used: {error}. Nothing was sent")),
        })?;
        let target = Hash::of(target.as_bytes()).to_string();
        let stored = match read(path).map_err(|error| refused(&format!("can't be read: {error}")))? {
            None => Stored::new(console, target),
            Some(text) => {
                let stored = Stored::parse(&text).map_err(|why| refused(&why))?;
                if stored.console != console || stored.target != target {
                    return Err(refused(&format!(
                        "belongs to another target ({}). Use one state file for each console, address, index, cohort and \
                         column. Nothing was sent",
                        stored.console
                    )));
                }
                stored
            }
        };
        Ok(Self { path: path.to_owned(), stored, _lock: lock })
    }

    /// The release and the moment of your values that were acknowledged in full.
    pub fn last(&self) -> Option<(u32, DateTime<Utc>)> {
        self.stored.release.zip(self.stored.as_of)
    }

    /// Says that the console has acknowledged exactly this row.
    pub fn has(&self, row: &ConsoleRow) -> bool {
        self.stored.rows.get(&row.row_key) == Some(&row.row_version)
    }

    /// Keys that were acknowledged and that the rows don't have.
    pub fn gone(&self, rows: &[ConsoleRow]) -> Vec<String> {
        let now: std::collections::BTreeSet<&String> = rows.iter().map(|row| &row.row_key).collect();
        self.stored.rows.keys().filter(|key| !now.contains(key)).cloned().collect()
    }

    /// Number of rows that were being sent when the last push ended.
    pub fn under_way(&self) -> Option<usize> {
        self.stored.under_way
    }

    pub fn known(&self) -> Option<&str> {
        self.stored.known.as_deref()
    }

    /// Notes that rows are about to be sent.
    pub fn begin(&mut self, rows: usize, known: Option<String>) -> Result<(), ConnectError> {
        self.stored.under_way = Some(rows);
        self.stored.known = known.or_else(|| self.stored.known.take());
        self.save()
    }

    /// Notes rows that the console has acknowledged.
    pub fn acknowledge<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a ConsoleRow>,
    ) -> Result<(), ConnectError> {
        self.stored.rows.extend(rows.map(|row| (row.row_key.clone(), row.row_version.clone())));
        self.stored.under_way = None;
        self.save()
    }

    /// Notes that the console has everything, and nothing else.
    pub fn complete(&mut self, rows: &[ConsoleRow]) -> Result<(), ConnectError> {
        self.stored.rows = rows.iter().map(|row| (row.row_key.clone(), row.row_version.clone())).collect();
        self.stored.under_way = None;
        (self.stored.release, self.stored.as_of) = rows.first().map(|row| (row.release, row.as_of)).unzip();
        self.save()
    }

    fn save(&mut self) -> Result<(), ConnectError> {
        self.stored.digest = digest(&self.stored.rows);
        write(&self.path, &self.stored).map_err(|error| {
            ConnectError::Unfinished(format!(
                "The state file {} can't be written: {error}.",
                self.path.display()
            ))
        })
    }
}

impl Stored {
    fn new(console: &str, target: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            console: console.to_owned(),
            target,
            release: None,
            as_of: None,
            digest: String::new(),
            rows: BTreeMap::new(),
            under_way: None,
            known: None,
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let damaged = |why: &str| {
            format!(
                "is damaged or something else ({why}). Nothing was sent. To begin anew, move it away; the console then gets \
                 every row again"
            )
        };
        let value: Value = serde_json::from_str(text).map_err(|_| damaged("it isn't JSON"))?;
        match value.get("format").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(other) if other.starts_with(KIND) => {
                return Err(format!(
                    "is of a later version of peerbench ({other}). Update peerbench. Nothing was sent"
                ));
            }
            _ => return Err(damaged("it doesn't name its format")),
        }
        let stored: Self =
            serde_json::from_value(value).map_err(|_| damaged("members are missing or unknown"))?;
        match stored.digest == digest(&stored.rows) {
            true => Ok(stored),
            false => Err(damaged("its digest is another")),
        }
    }
}

fn digest(rows: &BTreeMap<String, String>) -> String {
    let lines: String = rows.iter().map(|(key, version)| format!("{key} {version}\n")).collect();
    Hash::of(lines.as_bytes()).to_string()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A lock beside a file, held as long as the value lives; the system releases it when the process ends, however it ends.
pub fn lock(path: &Path) -> Result<File, TryLockError> {
    let file = File::options().create(true).truncate(false).write(true).open(beside(path, ".lock"));
    let file = file.map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match std::fs::metadata(path) {
        Ok(about) if about.len() > LARGEST => Err(io::Error::other("it is too large to be one")),
        Ok(_) => std::fs::read_to_string(path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the whole file beside the old one and puts it in its place.
fn write(path: &Path, stored: &Stored) -> io::Result<()> {
    let new = beside(path, ".new");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(&serde_json::to_vec(stored)?)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Where a folder can't be opened, the system keeps renames in order by itself.
    File::open(folder).and_then(|folder| folder.sync_all()).or(Ok(()))
}
