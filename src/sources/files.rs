//! Paths -> what was read. Folders are walked, files read in parallel, each within a size limit; one bad file does
//! not keep the others from being read.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;
use thiserror::Error;
use walkdir::WalkDir;

use super::{Input, READERS, ReadError, Reader, Reading, detect, file_name, reader, text};
use crate::domain::snapshot::Source;

/// Larger than any export of rules; what is above it is not read.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// More files than any rule library has.
pub const MAX_FILES: usize = 200_000;

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
    #[error("Exports of {0} cannot be read: --from is one of {1}.")]
    NoReader(Source, String),
    #[error("The folders hold more than {0} files: name a folder that holds rules only.")]
    TooManyFiles(usize),
    #[error("No file could be read:\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    AllFailed(Vec<ReadError>),
}

/// The names of the sources that can be read.
fn readable() -> String {
    READERS.iter().map(|reader| reader.source.name()).collect::<Vec<_>>().join(", ")
}

/// A file, and whether the user named it.
type Found = (PathBuf, bool);

/// Files that are read together: one, or the layers of one.
struct Unit {
    paths: Vec<PathBuf>,
    /// Named by the user, not found in a folder: it must be readable.
    named: bool,
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
    let given = match from {
        Some(source) => Some(reader(source).ok_or_else(|| CollectError::NoReader(source, readable()))?),
        None => None,
    };
    collect_with(paths, given, progress)
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
    let outcomes: Vec<Outcome> = units
        .par_iter()
        .map(|unit| {
            let outcome = read_unit(unit, given);
            progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, total);
            outcome
        })
        .collect();

    let mut readings: BTreeMap<Source, (Reading, usize)> = BTreeMap::new();
    let mut skipped = 0;
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

/// The files below the paths, in order, each once even where links lead to it again.
fn find(paths: &[PathBuf], given: Option<&Reader>) -> Result<(Vec<Found>, Vec<ReadError>), CollectError> {
    let mut files: Vec<Found> = Vec::new();
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    for root in paths {
        if !root.is_dir() {
            if seen.insert(root.canonicalize().unwrap_or_else(|_| root.clone())) {
                files.push((root.clone(), true));
            }
            continue;
        }
        let walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        let hidden = |entry: &walkdir::DirEntry| {
            entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
        };
        for entry in walk.filter_entry(|entry| !hidden(entry)) {
            match entry {
                Ok(entry) => {
                    let name = file_name(&entry.file_name().to_string_lossy());
                    let claimed = match given {
                        Some(reader) => (reader.claims)(&name),
                        None => READERS.iter().any(|reader| (reader.claims)(&name)),
                    };
                    let canonical = || entry.path().canonicalize().unwrap_or_else(|_| entry.path().into());
                    if entry.file_type().is_file() && claimed && seen.insert(canonical()) {
                        files.push((entry.into_path(), false));
                    }
                }
                Err(error) => errors.push(walk_error(root, &error)),
            }
            if files.len() > MAX_FILES {
                return Err(CollectError::TooManyFiles(MAX_FILES));
            }
        }
    }
    Ok((files, errors))
}

fn walk_error(root: &Path, error: &walkdir::Error) -> ReadError {
    let path = shown(error.path().unwrap_or(root));
    let reason = if error.loop_ancestor().is_some() {
        "is a link that leads back into a folder above it: it was not followed.".to_owned()
    } else {
        unreadable(error.io_error().map(std::io::Error::kind))
    };
    ReadError::new(&path, None, reason)
}

fn shown(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

fn unreadable(kind: Option<ErrorKind>) -> String {
    match kind {
        Some(ErrorKind::NotFound) => "does not exist.".to_owned(),
        Some(ErrorKind::PermissionDenied) => "may not be read by this user.".to_owned(),
        _ => "cannot be read.".to_owned(),
    }
}

/// Puts the layers of one file together: `APP/default/FILE` below `APP/local/FILE`, for products that overlay.
fn units(files: Vec<Found>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut layered: BTreeMap<(PathBuf, String), usize> = BTreeMap::new();
    let mut ranks: Vec<Vec<usize>> = Vec::new();
    for (path, named) in files {
        let layer = layer(&path);
        let known = layer.as_ref().and_then(|(key, _)| layered.get(key).copied());
        let rank = layer.as_ref().map_or(0, |(_, rank)| *rank);
        match known.and_then(|at| units.get_mut(at).zip(ranks.get_mut(at))) {
            Some((unit, ranks)) => {
                let place = ranks.partition_point(|other| *other <= rank);
                ranks.insert(place, rank);
                unit.paths.insert(place, path);
                unit.named |= named;
            }
            None => {
                if let Some((key, _)) = layer {
                    layered.insert(key, units.len());
                }
                units.push(Unit { paths: vec![path], named });
                ranks.push(vec![rank]);
            }
        }
    }
    units
}

/// The file that this one is a layer of, and its rank; `None` for a file that stands alone.
fn layer(path: &Path) -> Option<((PathBuf, String), usize)> {
    let name = file_name(&path.file_name()?.to_string_lossy());
    let folder = path.parent()?;
    let folder_name = folder.file_name()?.to_string_lossy();
    READERS.iter().filter(|reader| (reader.claims)(&name)).find_map(|reader| {
        let rank = reader.layers.iter().position(|layer| *layer == folder_name)?;
        Some(((folder.parent()?.to_owned(), name.clone()), rank))
    })
}

fn read_unit(unit: &Unit, given: Option<&'static Reader>) -> Outcome {
    let mut inputs = Vec::new();
    for path in &unit.paths {
        match load(path) {
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

/// The bytes of a file, at most [`MAX_FILE_BYTES`], whatever its size claims to be.
fn load(path: &Path) -> Result<Input, ReadError> {
    let name = shown(path);
    let failed = |error: std::io::Error| ReadError::new(&name, None, unreadable(Some(error.kind())));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let too_large = || {
        let reason = format!(
            "is larger than {} MiB: no rule export is. Split it, or name the right file.",
            MAX_FILE_BYTES / 1024 / 1024
        );
        ReadError::new(&name, None, reason)
    };
    if file.metadata().is_ok_and(|metadata| metadata.len() > MAX_FILE_BYTES) {
        return Err(too_large());
    }
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
        return Err(too_large());
    }
    Ok(Input { name, bytes })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const RULE: &str = "title: A\nlogsource: {product: windows}\ndetection: {}\ntags: [attack.t1059]\n";
    const CONF: &str = "[A]\nsearch = x\ndisabled = 1\n";

    fn quietly(paths: &[PathBuf], from: Option<Source>) -> Result<Collected, CollectError> {
        collect(paths, from, &|_, _| {})
    }

    #[test]
    fn folders_are_walked_and_other_files_skipped() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("deep/er")).unwrap();
        fs::create_dir_all(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join("deep/er/a.yml"), RULE).unwrap();
        fs::write(folder.path().join("b.YAML"), RULE).unwrap();
        fs::write(folder.path().join(".git/c.yml"), RULE).unwrap();
        fs::write(folder.path().join("compose.yml"), "services: {}\n").unwrap();
        fs::write(folder.path().join("README.md"), "x").unwrap();
        let collected = quietly(&[folder.path().into()], None).unwrap();
        assert_eq!((collected.source, collected.files, collected.skipped), (Source::Sigma, 2, 1));
        assert_eq!(collected.reading.rules.len(), 2);
    }

    #[test]
    fn local_is_laid_over_default_of_the_same_app() {
        let folder = tempfile::tempdir().unwrap();
        for (app, layer, text) in
            [("a", "local", "[A]\ndisabled = 0\n"), ("a", "default", CONF), ("b", "default", CONF)]
        {
            fs::create_dir_all(folder.path().join(app).join(layer)).unwrap();
            fs::write(folder.path().join(app).join(layer).join("savedsearches.conf"), text).unwrap();
        }
        let collected = quietly(&[folder.path().into()], Some(Source::Splunk)).unwrap();
        let running: Vec<bool> = collected.reading.rules.iter().map(|r| r.enabled.is_running()).collect();
        assert_eq!((collected.files, running), (3, vec![true, false]));
    }

    #[test]
    fn one_bad_file_does_not_hide_the_others() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yml"), RULE).unwrap();
        fs::write(folder.path().join("b.yml"), format!("{RULE}x: [\n")).unwrap();
        fs::write(folder.path().join("c.yml"), b"title: \xFF").unwrap();
        let collected = quietly(&[folder.path().into(), folder.path().join("missing.yml")], None).unwrap();
        assert_eq!(collected.files, 1);
        let errors: Vec<String> = collected.errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(errors[0].contains("b.yml:") && errors[1].contains("c.yml:1: is not UTF-8"));
        assert!(errors[2].ends_with("missing.yml: does not exist."));
    }

    #[test]
    fn several_products_are_refused_until_one_is_chosen() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yml"), RULE).unwrap();
        fs::write(folder.path().join("savedsearches.conf"), CONF).unwrap();
        let paths = [folder.path().to_owned()];
        let mixed = quietly(&paths, None).unwrap_err();
        assert!(matches!(mixed, CollectError::Mixed(_)), "{mixed}");
        assert_eq!(quietly(&paths, Some(Source::Splunk)).unwrap().reading.rules.len(), 1);
    }

    #[test]
    fn nothing_to_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(quietly(&[folder.path().into()], None), Err(CollectError::Nothing(_))));
        fs::write(folder.path().join("x.yml"), "services: {}\n").unwrap();
        let named = quietly(&[folder.path().join("x.yml")], None).unwrap_err();
        assert!(matches!(named, CollectError::AllFailed(_)), "{named}");
    }

    #[test]
    fn a_huge_file_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yml");
        File::create(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("larger than 64 MiB"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_loops_are_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("rules")).unwrap();
        fs::write(folder.path().join("rules/a.yml"), RULE).unwrap();
        std::os::unix::fs::symlink(folder.path().join("rules"), folder.path().join("again")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("rules/up")).unwrap();
        let collected = quietly(&[folder.path().into()], None).unwrap();
        assert_eq!(collected.files, 1);
        assert!(collected.errors.iter().all(|error| error.reason.contains("leads back")));
        assert!(!collected.errors.is_empty());
    }
}
