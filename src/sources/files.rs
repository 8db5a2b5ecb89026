//! Paths -> readings. Folders are walked, zip archives looked into, files read in parallel, each within a size limit; one
//! bad file doesn't keep the others from being read. The readers are given: nothing here knows a product.

mod archive;
mod find;
mod load;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use rayon::prelude::*;
use thiserror::Error;

use super::{
    detect::{Reader, detect},
    formats::text,
    reading::{ReadError, Reading},
};
use crate::domain::snapshot::Source;

use find::{TooManyFiles, Unit, find, units};

/// Units that are read before their readings are joined: each alone takes more memory.
const UNITS_AT_ONCE: usize = 1024;

/// The readings of all files below the paths, joined.
#[derive(Debug)]
pub struct Collected {
    pub source: Source,
    pub reading: Reading,
    /// Number of files that were read as rules.
    pub files: usize,
    /// Number of files in folders that are no rules of a known product.
    pub skipped: usize,
    /// Errors of the files that can't be read, in the order of the paths.
    pub errors: Vec<ReadError>,
}

/// The reason why there is nothing to build from.
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
    #[error(transparent)]
    TooManyFiles(#[from] TooManyFiles),
    #[error("No file could be read:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    AllFailed(Vec<ReadError>),
}

/// The names of the products that the readers read.
fn names(readers: &[&Reader]) -> String {
    readers.iter().map(|reader| reader.source.name()).collect::<Vec<_>>().join(", ")
}

/// The result of reading a unit.
enum Outcome {
    Read(&'static Reader, Reading, usize),
    Skipped(usize),
    Failed(ReadError),
}

/// Reads everything below `paths` with the reader that the user named, or else with the one that recognises each file.
/// `progress` is called with the number of files done and of all, from any thread.
pub fn collect(
    paths: &[PathBuf],
    readers: &'static [&'static Reader],
    named: Option<&'static Reader>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Collected, CollectError> {
    let (files, mut errors) = find(paths, named.as_ref().map_or(readers, std::slice::from_ref))?;
    let units = units(files, readers);
    let total = units.len();
    let done = AtomicUsize::new(0);
    let read = |unit: &Unit| {
        let outcome = read_unit(unit, readers, named);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
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
        None if errors.is_empty() => Err(CollectError::Nothing(names(readers))),
        None => Err(CollectError::AllFailed(errors)),
    }
}

fn read_unit(unit: &Unit, readers: &[&'static Reader], named: Option<&'static Reader>) -> Outcome {
    let mut inputs = Vec::new();
    for file in &unit.files {
        match file.load() {
            Ok(input) => inputs.push(input),
            Err(error) => return Outcome::Failed(error),
        }
    }
    let Some(first) = inputs.first() else { return Outcome::Skipped(0) };
    let detected = match named {
        Some(reader) if unit.named => Ok(Some(reader)),
        Some(reader) => text::decode(first).map(|text| (reader.recognises)(&text).then_some(reader)),
        None => detect(first, readers, unit.named),
    };
    match detected {
        Ok(Some(reader)) => match (reader.read)(&inputs) {
            Ok(reading) => Outcome::Read(reader, reading, inputs.len()),
            Err(error) => Outcome::Failed(error),
        },
        Ok(None) if unit.named => {
            let reason = format!(
                "does not look like rules of a product that can be read ({}): name it with --from if it is.",
                names(readers)
            );
            Outcome::Failed(ReadError::new(&first.name, None, reason))
        }
        Ok(None) => Outcome::Skipped(inputs.len()),
        Err(error) => Outcome::Failed(error),
    }
}

#[cfg(test)]
mod tests;
