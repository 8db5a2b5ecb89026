//! Paths -> readings. Folders are walked, zip archives looked into, files read in parallel, each within a size limit; one
//! bad file doesn't keep the others from being read. The readers are given: nothing here knows a product.

mod archive;
mod find;
mod load;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rayon::prelude::*;
use thiserror::Error;

use super::{
    detect::{Reader, file_name, is_of, recognise},
    formats::text,
    link::link,
    looks,
    pages::Page,
    reading::{ReadError, Reading},
};
use crate::domain::snapshot::Source;

pub use load::text_of;

use find::{Files, TooManyFiles, Unit, find, units};

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
    /// Files of the product in which there is nothing to read.
    pub empty: Vec<Arc<str>>,
    /// Archives in folders that aren't looked into.
    pub unopened: Vec<Arc<str>>,
    /// The files and archives that were read, which nobody wants overwritten.
    pub paths: Vec<PathBuf>,
    /// Errors of the files that can't be read, in the order of the paths.
    pub errors: Vec<ReadError>,
}

/// The reason why there is nothing to build from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CollectError {
    #[error("No file is a supported export ({readers}).{}", lines(.seen))]
    Nothing {
        /// The products that were tried.
        readers: String,
        /// Descriptions of the files that are there instead, a sentence each.
        seen: Vec<String>,
    },
    #[error(
        "The files come from several products ({0}): build one snapshot for each, or choose with --from."
    )]
    Mixed(String),
    #[error(transparent)]
    TooManyFiles(#[from] TooManyFiles),
    #[error("No file could be read:{}", lines(&.0.iter().map(ToString::to_string).collect::<Vec<_>>()))]
    AllFailed(Vec<ReadError>),
}

fn lines(sentences: &[String]) -> String {
    sentences.iter().map(|sentence| format!("\n{sentence}")).collect()
}

/// The names of the products that the readers read.
fn names(readers: &[&Reader]) -> String {
    readers.iter().map(|reader| reader.source.name()).collect::<Vec<_>>().join(", ")
}

/// The result of reading a unit.
enum Outcome {
    Read(&'static Reader, Reading, usize),
    /// Nothing of any product's, or of another's than the one that was asked for.
    Skipped(usize, Option<Source>),
    /// A page of somebody's list that has no item.
    Nothing(Page),
    Failed(ReadError),
}

/// Reads everything below `paths` with the reader that the user named, or else with the one that recognises each file.
/// `progress` is called with the bytes read so far and those of all files, from any thread.
pub fn collect(
    paths: &[PathBuf],
    readers: &'static [&'static Reader],
    named: Option<&'static Reader>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Collected, CollectError> {
    let Files { found, mut errors, unopened } = find(paths, readers)?;
    let units = units(found, readers);
    let read_paths =
        units.iter().flat_map(|unit| &unit.files).map(|file| file.on_disk().to_owned()).collect();
    let bytes: u64 = units.iter().map(Unit::bytes).sum();
    let done = AtomicU64::new(0);
    let step = |unit: &Unit, done: u64| {
        let file = unit.files.first().map(|file| file.shown()).unwrap_or_default();
        progress(Progress { files: units.len(), bytes: done, of: bytes, file: &file });
    };
    let read = |unit: &Unit| {
        step(unit, done.load(Ordering::Relaxed));
        let outcome = read_unit(unit, readers, named);
        let size = unit.bytes();
        step(unit, done.fetch_add(size, Ordering::Relaxed) + size);
        outcome
    };

    let mut readings: BTreeMap<Source, (Reading, usize)> = BTreeMap::new();
    let mut empty = Vec::new();
    let mut skipped = 0;
    let mut others: BTreeMap<Source, usize> = BTreeMap::new();
    let mut last_pages: Vec<Page> = Vec::new();
    let mut take = |unit: &Unit, outcome| match outcome {
        Outcome::Read(reader, reading, files) => {
            if reading.is_empty() {
                empty.extend(unit.files.first().map(|file| file.shown()));
            }
            let (all, count) = readings.entry(reader.source).or_default();
            all.append(reading);
            *count += files;
        }
        Outcome::Skipped(files, of) => {
            skipped += files;
            of.into_iter().for_each(|source| *others.entry(source).or_default() += files);
        }
        Outcome::Nothing(page) => last_pages.push(page),
        Outcome::Failed(error) => errors.push(error),
    };
    for some in units.chunks(UNITS_AT_ONCE) {
        let outcomes: Vec<Outcome> = some.par_iter().map(read).collect();
        some.iter().zip(outcomes).for_each(|(unit, outcome)| take(unit, outcome));
    }
    if readings.len() > 1 {
        let list: Vec<String> =
            readings.iter().map(|(source, (_, files))| format!("{source}: {files}")).collect();
        return Err(CollectError::Mixed(list.join(", ")));
    }
    match readings.pop_first() {
        Some((source, (mut reading, files))) => {
            link(&mut reading);
            empty.extend(last_pages.iter().map(|page| Arc::clone(&page.file)));
            reading.pages.extend(last_pages);
            Ok(Collected { source, reading, files, skipped, empty, unopened, paths: read_paths, errors })
        }
        None if errors.is_empty() => {
            let readers = named.map_or_else(|| names(readers), |reader| reader.source.name().to_owned());
            Err(CollectError::Nothing { readers, seen: seen(&others, skipped, &unopened, &last_pages) })
        }
        None => Err(CollectError::AllFailed(errors)),
    }
}

/// Progress of reading.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'p> {
    /// Number of files, or of layered ones.
    pub files: usize,
    /// Bytes that have been read.
    pub bytes: u64,
    /// Bytes of all files.
    pub of: u64,
    /// The file at hand.
    pub file: &'p str,
}

/// Says what is there where nothing of the wanted kind is.
fn seen(
    others: &BTreeMap<Source, usize>,
    skipped: usize,
    unopened: &[Arc<str>],
    empty: &[Page],
) -> Vec<String> {
    let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let mut seen: Vec<String> = others
        .iter()
        .map(|(source, count)| {
            let look = if *count == 1 { "looks" } else { "look" };
            format!("{} {look} like {source}: omit --from, or use --from {source}.", files(*count))
        })
        .collect();
    let rest = skipped - others.values().sum::<usize>().min(skipped);
    if rest > 0 {
        let hold = if rest == 1 { "holds" } else { "hold" };
        seen.push(format!("{} {hold} no rules.", files(rest)));
    }
    seen.extend(
        unopened.iter().map(|file| format!("{file} is an archive that can't be opened: unpack it first.")),
    );
    seen.extend(empty.iter().map(|page| {
        format!(
            "{} is a list without an item. If it's the last page of several, name the others too.",
            page.file
        )
    }));
    seen
}

fn read_unit(unit: &Unit, readers: &[&'static Reader], named: Option<&'static Reader>) -> Outcome {
    let mut inputs = Vec::new();
    for file in &unit.files {
        match file.load() {
            Ok(input) => inputs.push(input),
            Err(error) => return Outcome::Failed(error),
        }
    }
    let Some(first) = inputs.first() else { return Outcome::Skipped(0, None) };
    // Files that only another product's reader claims are looked at to say what they are, and may be anything.
    let name = file_name(&first.name);
    let wanted = unit.named || named.is_none_or(|reader| (reader.claims)(&name));
    let text = match text::decode(first) {
        Ok(text) => text,
        Err(_) if !wanted => return Outcome::Skipped(inputs.len(), None),
        Err(error) => return Outcome::Failed(error),
    };
    let recognised = match named {
        Some(reader) if is_of(reader, &text) => Some(reader),
        _ => recognise(&first.name, &text, readers, unit.named),
    };
    let failed = |reason: String| Outcome::Failed(ReadError::new(&first.name, None, reason));
    if recognised.is_none()
        && wanted
        && looks::look(&text).is_none()
        && let Some(page) = looks::empty_page(&first.name, &text)
    {
        return Outcome::Nothing(page);
    }
    match (recognised, named) {
        (Some(reader), Some(named)) if reader.source != named.source => match unit.named {
            // What its own reader refuses as well has a reason that says more.
            true => match (reader.read)(&inputs) {
                Ok(_) => failed(format!(
                    "looks like {0}, not {1}: leave out --from, or say --from {0}.",
                    reader.source, named.source
                )),
                Err(error) => Outcome::Failed(error),
            },
            false => Outcome::Skipped(inputs.len(), Some(reader.source)),
        },
        (Some(reader), _) => match (reader.read)(&inputs) {
            Ok(reading) => Outcome::Read(reader, reading, inputs.len()),
            Err(error) => Outcome::Failed(error),
        },
        (None, _) if !wanted => Outcome::Skipped(inputs.len(), None),
        (None, _) => match (looks::look(&text).filter(|look| look.failed || unit.named), named) {
            (Some(look), _) => failed(look.complaint.to_owned()),
            (None, _) if !unit.named => Outcome::Skipped(inputs.len(), None),
            (None, Some(named)) => match (named.read)(&inputs) {
                Ok(reading) if !reading.is_empty() => Outcome::Read(named, reading, inputs.len()),
                Ok(_) => failed(format!(
                    "is {}, but in no known form of {}. Supported: {}.",
                    looks::form(&text),
                    named.source,
                    named.forms
                )),
                Err(error) => Outcome::Failed(error),
            },
            (None, None) => failed(format!(
                "is {}, but in no known form of any product ({}): docs/sources lists the supported forms.",
                looks::form(&text),
                names(readers)
            )),
        },
    }
}

#[cfg(test)]
mod tests;
