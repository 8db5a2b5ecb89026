//! The files below the paths, and the groups in which they are read together.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use thiserror::Error;
use walkdir::WalkDir;

use super::{
    archive::Archive,
    load::{load, shown, unreadable},
};
use crate::sources::{
    detect::{Reader, file_name},
    reading::{Input, ReadError},
};

/// The most files that are read: no rule library has so many.
const MAX_FILES: usize = 200_000;

/// All archives together, packed: they stay in memory while their files are read.
const MAX_ARCHIVED_BYTES: u64 = 256 * 1024 * 1024;

/// Folders that hold more than [`MAX_FILES`] files.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("The folders have more than {} files: name a folder with rules only.", MAX_FILES)]
pub struct TooManyFiles;

/// A file on the disk or in an archive.
pub struct Located {
    /// A file in an archive is named below the archive's own path.
    path: PathBuf,
    within: Option<(Archive, usize)>,
}

impl Located {
    /// The name for messages.
    pub fn shown(&self) -> Arc<str> {
        shown(&self.path)
    }

    /// The file itself, or the archive that it is in.
    pub fn on_disk(&self) -> &Path {
        let archive = self.within.as_ref().and_then(|_| self.path.ancestors().find(|path| path.is_file()));
        archive.unwrap_or(&self.path)
    }

    /// Size as far as it is known.
    fn bytes(&self) -> u64 {
        match &self.within {
            Some((archive, position)) => archive.size(*position),
            None => self.path.metadata().map_or(0, |metadata| metadata.len()),
        }
    }

    pub fn load(&self) -> Result<Input, ReadError> {
        match &self.within {
            Some((archive, position)) => archive.load(*position, &self.path),
            None => load(&self.path),
        }
    }
}

/// A file, and whether the user named it.
pub type Found = (Located, bool);

/// The files that are read together: one, or the layers of one.
pub struct Unit {
    pub files: Vec<Located>,
    /// Named by the user, not found in a folder: it must be readable.
    pub named: bool,
}

impl Unit {
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(Located::bytes).sum()
    }
}

/// The files below paths, and what could not be looked into.
pub struct Files {
    pub found: Vec<Found>,
    pub errors: Vec<ReadError>,
    /// Archives in folders of a kind that isn't opened.
    pub unopened: Vec<Arc<str>>,
}

/// Finds the files below the paths that one of the readers may read, in order, each once even where links lead to it
/// again.
pub fn find(paths: &[PathBuf], readers: &[&Reader]) -> Result<Files, TooManyFiles> {
    let mut search = Search {
        readers,
        files: Vec::new(),
        errors: Vec::new(),
        unopened: Vec::new(),
        archived: 0,
        seen: HashSet::new(),
        folders: HashMap::new(),
    };
    for root in paths {
        if !root.is_dir() {
            search.file(root.clone(), true, root.is_symlink());
            continue;
        }
        let walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        let hidden = |entry: &walkdir::DirEntry| {
            entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
        };
        for entry in walk.filter_entry(|entry| !hidden(entry)) {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    let is_link = entry.path_is_symlink();
                    search.file(entry.into_path(), false, is_link);
                }
                Ok(_) => {}
                Err(error) => search.errors.push(walk_error(root, &error)),
            }
            if search.files.len() > MAX_FILES {
                return Err(TooManyFiles);
            }
        }
    }
    Ok(Files { found: search.files, errors: search.errors, unopened: search.unopened })
}

struct Search<'r> {
    readers: &'r [&'r Reader],
    files: Vec<Found>,
    errors: Vec<ReadError>,
    unopened: Vec<Arc<str>>,
    /// Bytes of the archives so far.
    archived: u64,
    seen: HashSet<PathBuf>,
    /// Folders as written -> as they are.
    folders: HashMap<PathBuf, PathBuf>,
}

impl Search<'_> {
    /// Returns true for a file of a folder or archive that may be an export.
    fn claims(&self, path: &Path) -> bool {
        let name = file_name(&path.to_string_lossy());
        self.readers.iter().any(|reader| (reader.claims)(&name))
    }

    fn file(&mut self, path: PathBuf, named: bool, is_link: bool) {
        let zip = is_zip(&path);
        if !named && is_other_archive(&path) {
            self.unopened.push(shown(&path));
            return;
        }
        if (named || zip || self.claims(&path)) && self.first(&path, is_link) {
            if zip {
                self.archive(&path);
            } else {
                self.files.push((Located { path, within: None }, named));
            }
        }
    }

    /// Returns true unless another path has led to this file. Only folders and links are resolved, which is quicker.
    fn first(&mut self, path: &Path, is_link: bool) -> bool {
        let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let canonical = match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) if !folder.as_os_str().is_empty() && !is_link => {
                if !self.folders.contains_key(folder) {
                    self.folders.insert(folder.to_owned(), resolved(folder));
                }
                self.folders.get(folder).map(|folder| folder.join(name))
            }
            _ => None,
        };
        self.seen.insert(canonical.unwrap_or_else(|| resolved(path)))
    }

    fn archive(&mut self, path: &Path) {
        self.archived += path.metadata().map_or(0, |metadata| metadata.len());
        if self.archived > MAX_ARCHIVED_BYTES {
            let reason = "is too much with the other archives, which are larger than 256 MiB: unpack them.";
            self.errors.push(ReadError::new(&shown(path), None, reason));
            return;
        }
        match Archive::open(path) {
            Ok(archive) => {
                for (position, name) in archive.files() {
                    let path = path.join(name.trim_start_matches(['/', '\\']));
                    let hidden =
                        name.split(['/', '\\']).any(|part| part.starts_with('.') || part == "__MACOSX");
                    if is_zip(&path) && !hidden {
                        let reason = "is an archive in an archive: unpack it.";
                        self.errors.push(ReadError::new(&shown(&path), None, reason));
                    } else if !hidden && self.claims(&path) {
                        self.files.push((Located { path, within: Some((archive.clone(), position)) }, false));
                    }
                }
            }
            Err(error) => self.errors.push(error),
        }
    }
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

fn is_other_archive(path: &Path) -> bool {
    let name = file_name(&path.to_string_lossy());
    let endings = [".tar", ".tgz", ".gz", ".xz", ".txz", ".bz2", ".zst", ".7z", ".rar"];
    endings.iter().any(|ending| name.ends_with(ending))
}

fn walk_error(root: &Path, error: &walkdir::Error) -> ReadError {
    let path = shown(error.path().unwrap_or(root));
    let reason = if error.loop_ancestor().is_some() {
        "is a link to a folder above it, and was skipped.".to_owned()
    } else {
        unreadable(error.io_error().map(std::io::Error::kind))
    };
    ReadError::new(&path, None, reason)
}

/// Joins the layers of one file: `APP/default/FILE` below `APP/local/FILE`, for products that overlay.
pub fn units(files: Vec<Found>, readers: &[&Reader]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut layered: BTreeMap<(PathBuf, String), usize> = BTreeMap::new();
    let mut ranks: Vec<Vec<usize>> = Vec::new();
    for (file, named) in files {
        let layer = layer(&file.path, readers);
        let known = layer.as_ref().and_then(|(key, _)| layered.get(key).copied());
        let rank = layer.as_ref().map_or(0, |(_, rank)| *rank);
        match known.and_then(|at| units.get_mut(at).zip(ranks.get_mut(at))) {
            Some((unit, ranks)) => {
                let place = ranks.partition_point(|other| *other <= rank);
                ranks.insert(place, rank);
                unit.files.insert(place, file);
                unit.named |= named;
            }
            None => {
                if let Some((key, _)) = layer {
                    layered.insert(key, units.len());
                }
                units.push(Unit { files: vec![file], named });
                ranks.push(vec![rank]);
            }
        }
    }
    units
}

/// Returns the file that this one is a layer of, and its rank; `None` for a file that stands alone.
fn layer(path: &Path, readers: &[&Reader]) -> Option<((PathBuf, String), usize)> {
    let name = file_name(&path.file_name()?.to_string_lossy());
    let folder = path.parent()?;
    let folder_name = folder.file_name()?.to_string_lossy();
    readers.iter().filter(|reader| (reader.claims)(&name)).find_map(|reader| {
        let rank = reader.layers.iter().position(|layer| *layer == folder_name)?;
        Some(((folder.parent()?.to_owned(), name.clone()), rank))
    })
}
