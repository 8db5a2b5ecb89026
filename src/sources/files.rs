//! Paths -> what was read. Folders are walked, zip archives looked into, files read in parallel, each within a size
//! limit; one bad file does not keep the others from being read.

mod archive;
mod find;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;
use thiserror::Error;

use super::{Input, READERS, ReadError, Reader, Reading, detect, reader, text};
use crate::domain::snapshot::Source;

use find::{Unit, find, units};

/// Larger than any export of rules; what is above it is not read.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// More files than any rule library has.
pub const MAX_FILES: usize = 200_000;

/// How many are read before what they gave is put together: each alone takes more memory.
const UNITS_AT_ONCE: usize = 1024;

/// What was read from the paths.
#[derive(Debug)]
pub struct Collected {
    pub source: Source,
    pub reading: Reading,
    /// Files that were read as rules.
    pub files: usize,
    /// Files in folders that are no rules of a known product.
    pub skipped: usize,
    /// Files that could not be read, in the order of the paths.
    pub errors: Vec<ReadError>,
}

/// Why there is nothing to build from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CollectError {
    #[error(
        "nothing here looks like rules of a product that can be read ({0}): name the product with --from if it is one of them"
    )]
    Nothing(String),
    #[error(
        "The files come from several products ({0}): build one snapshot for each, or choose with --from."
    )]
    Mixed(String),
    #[error("The folders hold more than {0} files: name a folder that holds rules only.")]
    TooManyFiles(usize),
    #[error("No file could be read:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    AllFailed(Vec<ReadError>),
}

/// The names of the sources that can be read.
fn readable() -> String {
    READERS.iter().map(|reader| reader.source.name()).collect::<Vec<_>>().join(", ")
}

/// What became of a unit.
enum Outcome {
    Read(&'static Reader, Reading, usize),
    Skipped(usize),
    Failed(ReadError),
}

/// Reads everything below `paths`. `progress` is called with the number of files done and of all, from any thread.
pub fn collect(
    paths: &[PathBuf],
    from: Option<Source>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Collected, CollectError> {
    collect_with(paths, from.map(reader), progress)
}

/// The same with a reader, or with all that there are.
pub fn collect_with(
    paths: &[PathBuf],
    given: Option<&'static Reader>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Collected, CollectError> {
    let (files, mut errors) = find(paths, given)?;
    let units = units(files);
    let total = units.len();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let read = |unit: &Unit| {
        let outcome = read_unit(unit, given);
        progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, total);
        outcome
    };

    let mut readings: BTreeMap<Source, (Reading, usize)> = BTreeMap::new();
    let mut skipped = 0;
    let outcomes = units.chunks(UNITS_AT_ONCE).flat_map(|some| some.par_iter().map(read).collect::<Vec<_>>());
    for outcome in outcomes {
        match outcome {
            Outcome::Read(reader, reading, files) => {
                let (all, count) = readings.entry(reader.source).or_default();
                all.append(reading);
                *count += files;
            }
            Outcome::Skipped(files) => skipped += files,
            Outcome::Failed(error) => errors.push(error),
        }
    }
    if readings.len() > 1 {
        let list: Vec<String> =
            readings.iter().map(|(source, (_, files))| format!("{source}: {files}")).collect();
        return Err(CollectError::Mixed(list.join(", ")));
    }
    match readings.pop_first() {
        Some((source, (reading, files))) => Ok(Collected { source, reading, files, skipped, errors }),
        None if errors.is_empty() => Err(CollectError::Nothing(readable())),
        None => Err(CollectError::AllFailed(errors)),
    }
}

fn read_unit(unit: &Unit, given: Option<&'static Reader>) -> Outcome {
    let mut inputs = Vec::new();
    for file in &unit.files {
        match file.load() {
            Ok(input) => inputs.push(input),
            Err(error) => return Outcome::Failed(error),
        }
    }
    let Some(first) = inputs.first() else { return Outcome::Skipped(0) };
    let detected = match given {
        Some(reader) if unit.named => Ok(Some(reader)),
        Some(reader) => text::decode(first).map(|text| (reader.recognises)(&text).then_some(reader)),
        None => detect(first, unit.named),
    };
    match detected {
        Ok(Some(reader)) => match (reader.read)(&inputs) {
            Ok(reading) => Outcome::Read(reader, reading, inputs.len()),
            Err(error) => Outcome::Failed(error),
        },
        Ok(None) if unit.named => {
            let reason = format!(
                "does not look like rules of a product that can be read ({}): name it with --from if it is.",
                readable()
            );
            Outcome::Failed(ReadError::new(&first.name, None, reason))
        }
        Ok(None) => Outcome::Skipped(inputs.len()),
        Err(error) => Outcome::Failed(error),
    }
}

/// How messages name a file.
fn shown(path: &Path) -> Arc<str> {
    path.to_string_lossy().replace(char::is_control, "\u{fffd}").into()
}

fn unreadable(kind: Option<ErrorKind>) -> String {
    match kind {
        Some(ErrorKind::NotFound) => "does not exist.".to_owned(),
        Some(ErrorKind::PermissionDenied) => "may not be read by this user.".to_owned(),
        _ => "cannot be read.".to_owned(),
    }
}

/// The bytes of a file, at most [`MAX_FILE_BYTES`], whatever its size claims to be.
fn load(path: &Path) -> Result<Input, ReadError> {
    let name = shown(path);
    let failed = |error: std::io::Error| ReadError::new(&name, None, unreadable(Some(error.kind())));
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > MAX_FILE_BYTES {
        return Err(too_large(&name));
    }
    bounded(&name, file, size).map_err(failed)?
}

/// Reads to the end, unless that is too far. `size`: what there should be, so that it is read at once.
fn bounded(name: &Arc<str>, from: impl Read, size: u64) -> std::io::Result<Result<Input, ReadError>> {
    // One more, to see that it is the end without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_FILE_BYTES) + 1).unwrap_or_default());
    from.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(match u64::try_from(bytes.len()) {
        Ok(length) if length <= MAX_FILE_BYTES => Ok(Input { name: Arc::clone(name), bytes }),
        _ => Err(too_large(name)),
    })
}

fn too_large(name: &Arc<str>) -> ReadError {
    let reason = format!(
        "is larger than {} MiB: no rule export is. Split it, or name the right file.",
        MAX_FILE_BYTES / 1024 / 1024
    );
    ReadError::new(name, None, reason)
}

#[cfg(test)]
mod tests;
