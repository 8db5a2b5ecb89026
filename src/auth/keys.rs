//! The service's own keys: one that signs tokens, one that keys the release. Both live in the data directory, are made
//! on first use and never leave it. Replicas must share them: a token of one is checked by another, and the release
//! draws its noise from its key.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{domain::release::ReleaseKey, environment::Entropy};

const SIGNING_FILE: &str = "signing-key.pem";
const RELEASE_FILE: &str = "release-key";
const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// The reason why there are no keys. No message shows one.
#[derive(Debug, Error)]
pub enum KeyError {
    #[error("the key file {} cannot be read or created: {cause}", .path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("the key file {} is damaged: restore it from a backup, or move it away to create a new one", .0.display())]
    Damaged(PathBuf),
    #[error("the signing key could not be created")]
    Generation,
}

/// A public key as RFC 7517 shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    pub kty: &'static str,
    pub crv: &'static str,
    pub alg: &'static str,
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The key's thumbprint by RFC 7638, so that the same key has the same id everywhere.
    pub kid: String,
    /// The public key in base64url.
    pub x: String,
}

/// The keys in use.
pub struct Keys {
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
    jwk: Jwk,
    release: ReleaseKey,
    /// Files of keys that others than their owner can read.
    open_files: Vec<PathBuf>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("kid", &self.jwk.kid).finish_non_exhaustive()
    }
}

impl Keys {
    /// Reads the keys of a data directory; makes the directory and whatever key it does not have, readable by their
    /// owner only. Processes that start together end up with the same keys.
    pub fn open(data_dir: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        make_private_dir(data_dir).map_err(|cause| KeyError::File { path: data_dir.to_owned(), cause })?;
        let signing_file = data_dir.join(SIGNING_FILE);
        let text = read_or_make(&signing_file, entropy, new_signing_key)?;
        let der = from_pem(&text).ok_or_else(|| KeyError::Damaged(signing_file.clone()))?;
        let release_file = data_dir.join(RELEASE_FILE);
        let text =
            read_or_make(&release_file, entropy, |entropy| Ok(BASE64_STANDARD.encode(random(entropy))))?;
        let release = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        let release = release.ok_or(KeyError::Damaged(release_file))?;
        let open_files = [&signing_file, &data_dir.join(RELEASE_FILE)];
        let open_files = open_files.into_iter().filter(|file| is_open_to_others(file)).cloned().collect();
        let keys = Self::new(&der, release).ok_or(KeyError::Damaged(signing_file))?;
        Ok(Self { open_files, ..keys })
    }

    /// Keys that live as long as the process: for tests and tools that sign nothing that lasts.
    pub fn ephemeral(entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let der = from_pem(&new_signing_key(entropy)?).ok_or(KeyError::Generation)?;
        Self::new(&der, random(entropy)).ok_or(KeyError::Generation)
    }

    fn new(der: &[u8], release: [u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(der).ok()?;
        let public = pair.public_key().as_ref();
        let x = BASE64_URL_SAFE_NO_PAD.encode(public);
        // RFC 7638: the required members, in alphabetical order, without white space.
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        let kid = BASE64_URL_SAFE_NO_PAD.encode(thumbprint);
        Some(Self {
            signing: EncodingKey::from_ed_der(der),
            verifying: DecodingKey::from_ed_der(public),
            jwk: Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid, x },
            release: ReleaseKey::new(release),
            open_files: Vec::new(),
        })
    }

    /// The public keys that tokens are checked with: what `jwks.json` lists.
    pub fn public(&self) -> [&Jwk; 1] {
        [&self.jwk]
    }

    /// Files of keys that others than their owner can read, where they came from files.
    pub fn open_files(&self) -> &[PathBuf] {
        &self.open_files
    }

    /// The id of the signing key.
    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    /// The key of the releases.
    pub fn release(&self) -> &ReleaseKey {
        &self.release
    }
}

/// Returns whether others than the owner can read a file; `false` if that can't be determined.
pub fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    return fs::metadata(path)
        .is_ok_and(|file| std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o077 != 0);
    #[cfg(not(unix))]
    false
}

fn random(entropy: &dyn Entropy) -> [u8; 32] {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes);
    bytes
}

fn new_signing_key(entropy: &dyn Entropy) -> Result<String, KeyError> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&random(entropy)).map_err(|_| KeyError::Generation)?;
    let der = pair.to_pkcs8v1().map_err(|_| KeyError::Generation)?;
    Ok(format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", BASE64_STANDARD.encode(der)))
}

fn from_pem(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(PEM_BEGIN)?;
    let (body, _) = rest.split_once(PEM_END)?;
    let body: String = body.split_whitespace().collect();
    BASE64_STANDARD.decode(body).ok()
}

/// The file's text. Where there is no file, a new one appears whole: it is written under another name, brought to disk
/// and linked into place, which only the first of several processes can do.
fn read_or_make(
    path: &Path,
    entropy: &dyn Entropy,
    make: impl FnOnce(&dyn Entropy) -> Result<String, KeyError>,
) -> Result<String, KeyError> {
    let refused = |cause| KeyError::File { path: path.to_owned(), cause };
    match fs::read_to_string(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        read => return read.map_err(refused),
    }
    let text = make(entropy)?;
    let mut suffix = [0_u8; 8];
    entropy.fill(&mut suffix);
    let temporary = path.with_extension(format!("{:016x}.new", u64::from_be_bytes(suffix)));
    write_private(&temporary, &text).map_err(refused)?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary).map_err(refused)?;
    match linked {
        Ok(()) => sync_dir(path).map_err(refused)?,
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        Err(cause) => return Err(refused(cause)),
    }
    fs::read_to_string(path).map_err(refused)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A new name is on disk when its directory is.
fn sync_dir(path: &Path) -> io::Result<()> {
    match path.parent() {
        #[cfg(unix)]
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Makes a directory that only its owner can enter, where there is none.
pub fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::environment::{SeededEntropy, SystemEntropy};

    #[test]
    fn keys_are_made_once_and_read_ever_after() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("new/data");
        let first = Keys::open(&data_dir, &SystemEntropy).unwrap();
        let release_key = fs::read(data_dir.join(RELEASE_FILE)).unwrap();
        let second = Keys::open(&data_dir, &SystemEntropy).unwrap();
        assert_eq!(first.public(), second.public());
        assert_eq!(fs::read(data_dir.join(RELEASE_FILE)).unwrap(), release_key);
        assert_ne!(Keys::ephemeral(&SystemEntropy).unwrap().public(), first.public());
        let names: Vec<_> = fs::read_dir(&data_dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(names.len(), 2, "nothing temporary stays: {names:?}");
        #[cfg(unix)]
        for path in names {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        }
    }

    #[test]
    fn processes_that_start_together_agree() {
        let folder = tempfile::tempdir().unwrap();
        let kids: Vec<String> = thread::scope(|scope| {
            let open = || Keys::open(folder.path(), &SystemEntropy).unwrap().kid().to_owned();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(kids.iter().all(|kid| *kid == kids[0]));
    }

    #[test]
    fn a_damaged_key_is_an_error_and_is_not_replaced() {
        for (file, text) in [
            (SIGNING_FILE, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
            (RELEASE_FILE, "AAAA"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(file), text).unwrap();
            let error = Keys::open(folder.path(), &SystemEntropy).unwrap_err();
            assert!(matches!(error, KeyError::Damaged(_)) && error.to_string().contains(file), "{error}");
            assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), text);
        }
    }

    #[test]
    fn no_key_prints() {
        let keys = Keys::ephemeral(&SeededEntropy::new(1)).unwrap();
        let printed = format!("{keys:?}");
        assert!(printed.contains(keys.kid()) && !printed.contains("release"), "{printed}");
    }
}
