//! Zip archives of exports: what is in them is read like the files of a folder, within limits that end archives made
//! to explode.

use std::{io::Cursor, path::Path, sync::Arc};

use zip::{ZipArchive, result::ZipError};

use super::load::{MAX_FILE_BYTES, bounded, load, shown};
use crate::sources::reading::{Input, ReadError};

/// The most files in an archive: no export has so many.
const MAX_ENTRIES: usize = 20_000;

/// All files of one archive together, unpacked.
const MAX_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;

/// The largest ratio of a file's size to its packed bytes: rules repeat themselves, but not like this.
const MAX_RATIO: u64 = 200;

/// Below this size the ratio says nothing.
const MIN_RATIO_BYTES: u64 = 1024 * 1024;

/// An archive in memory; clones share it.
#[derive(Clone)]
pub struct Archive {
    zip: ZipArchive<Cursor<Arc<[u8]>>>,
}

impl Archive {
    /// Opens the archive and checks what it says about itself.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let Input { name, bytes } = load(path)?;
        let refuse = |reason: &str| ReadError::new(&name, None, reason);
        let zip = ZipArchive::new(Cursor::new(Arc::from(bytes)))
            .map_err(|_| refuse("is not a zip archive, or is damaged: pack it again."))?;
        if zip.len() > MAX_ENTRIES {
            return Err(refuse("has more than 20,000 files: name the files themselves."));
        }
        let unpacked = zip.decompressed_size().unwrap_or_default();
        if unpacked > u128::from(MAX_UNPACKED_BYTES) {
            return Err(refuse("is larger than 512 MiB when unpacked: name the files with the rules."));
        }
        Ok(Self { zip })
    }

    /// Position and path of every file in it.
    pub fn files(&self) -> impl Iterator<Item = (usize, String)> {
        let names = self.zip.file_names().map(|name| name.map(String::from).unwrap_or_default());
        names.enumerate().filter(|(_, name)| !name.is_empty() && !name.ends_with('/'))
    }

    /// The unpacked size of one file, as the archive says it.
    pub fn size(&self, position: usize) -> u64 {
        self.zip.clone().by_index_raw(position).map_or(0, |entry| entry.size())
    }

    /// Unpacks one file into memory.
    pub fn load(&self, position: usize, path: &Path) -> Result<Input, ReadError> {
        let name = shown(path);
        let refuse = |reason: &str| ReadError::new(&name, None, reason);
        let mut zip = self.zip.clone();
        let entry = zip.by_index(position).map_err(|error| match error {
            ZipError::UnsupportedArchive(what) if what == ZipError::PASSWORD_REQUIRED => {
                refuse("is encrypted: pack it without a password.")
            }
            _ => refuse("cannot be unpacked: the archive is damaged, or packed in an unusual way."),
        })?;
        let (size, packed) = (entry.size(), entry.compressed_size());
        if size > MIN_RATIO_BYTES && size / MAX_RATIO > packed {
            return Err(refuse("is compressed by a factor of more than 200, which no export is."));
        }
        // No further than it says, whatever it holds: the sum of what the files say is checked.
        let entry = std::io::Read::take(entry, size.min(MAX_FILE_BYTES) + 1);
        let input = bounded(&name, entry, size)
            .map_err(|_| refuse("cannot be unpacked: the archive is damaged."))??;
        match u64::try_from(input.bytes.len()) {
            Ok(length) if length <= size => Ok(input),
            _ => Err(refuse("is larger than its archive says: the archive is damaged.")),
        }
    }
}
