//! Reading a STIX bundle from a file, compressed or not: what `catalogue bundle` and `catalogue import` start with.

use std::{
    fs, io,
    io::Read as _,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use thiserror::Error;

use crate::domain::attack::{
    AttackVersion, Catalogue,
    stix::{Bundle, StixError},
};

/// Today's largest bundle is about 50 MB of text; what unpacks to more than this is no bundle.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// The reason why a bundle's file cannot be read.
#[derive(Debug, Error)]
pub enum FileError {
    #[error("{path} cannot be read: {source}.")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is a gzip file that is damaged or truncated ({source}); download it again.")]
    Gzip { path: PathBuf, source: io::Error },
    #[error("{path} holds more than {MAX_BYTES} bytes of text, which no ATT&CK bundle does.")]
    TooLarge { path: PathBuf },
    #[error("{path}: {source}")]
    Stix { path: PathBuf, source: StixError },
}

impl FileError {
    /// Returns true if the bundle can be read by who says which version it is.
    pub fn asks_for_a_version(&self) -> bool {
        matches!(self, Self::Stix { source: StixError::NoVersion, .. })
    }
}

/// The ATT&CK version in a bundle's file. `version` is needed where the bundle does not state it.
pub fn catalogue(path: &Path, version: Option<AttackVersion>) -> Result<Catalogue, FileError> {
    bundle(path)?.catalogue(version).map_err(|source| FileError::Stix { path: path.to_owned(), source })
}

/// The bundle in a file.
pub fn bundle(path: &Path) -> Result<Bundle, FileError> {
    Bundle::parse(&read(path)?).map_err(|source| FileError::Stix { path: path.to_owned(), source })
}

/// The JSON text of a bundle's file; gzip is recognised by its first bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let at = || path.to_owned();
    let raw = fs::read(path).map_err(|source| FileError::Read { path: at(), source })?;
    if !raw.starts_with(&[0x1f, 0x8b]) {
        return Ok(raw);
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(raw.as_slice())
        .take(MAX_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|source| FileError::Gzip { path: at(), source })?;
    if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err(FileError::TooLarge { path: at() });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_compressed_files_read_the_same() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("plain.json", b"{}".to_vec()), ("packed.json.gz", gzip(b"{}"))] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            assert_eq!(read(&path).unwrap(), b"{}");
        }
    }

    #[test]
    fn a_truncated_archive_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.json.gz");
        let packed = gzip(&[b'x'; 10_000]);
        fs::write(&path, &packed[..packed.len() / 2]).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, FileError::Gzip { .. }), "{error}");
        assert!(error.to_string().contains("download it again"), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("no/such/bundle.json")).unwrap_err();
        assert!(error.to_string().starts_with("no/such/bundle.json cannot be read"), "{error}");
    }
}
