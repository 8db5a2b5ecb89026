//! The bytes of one file, within a size limit, and what to say where they can't be had.

use std::{
    borrow::Cow,
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
    sync::Arc,
};

use crate::sources::{
    formats::text,
    reading::{Input, ReadError},
};

/// Larger than any export of rules; a larger file isn't read.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Returns the name of a file in messages.
pub fn shown(path: &Path) -> Arc<str> {
    path.to_string_lossy().replace(char::is_control, "\u{fffd}").into()
}

/// Returns the reason to give for a file that the system refuses.
pub fn unreadable(kind: Option<ErrorKind>) -> String {
    match kind {
        Some(ErrorKind::NotFound) => "does not exist.".to_owned(),
        Some(ErrorKind::PermissionDenied) => "may not be read by this user.".to_owned(),
        _ => "cannot be read.".to_owned(),
    }
}

/// Reads the bytes of a file, at most [`MAX_FILE_BYTES`], whatever its size claims to be.
pub fn load(path: &Path) -> Result<Input, ReadError> {
    let name = shown(path);
    let failed = |error: std::io::Error| ReadError::new(&name, None, unreadable(Some(error.kind())));
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > MAX_FILE_BYTES {
        return Err(too_large(&name));
    }
    bounded(&name, file, size).map_err(failed)?
}

/// Reads a file as text, whatever its encoding.
pub fn text_of(path: &Path) -> Result<String, ReadError> {
    load(path).and_then(|input| text::decode(&input).map(Cow::into_owned))
}

/// Reads to the end, unless that is too far. `size` is the expected number of bytes, which are read at once.
pub fn bounded(name: &Arc<str>, from: impl Read, size: u64) -> std::io::Result<Result<Input, ReadError>> {
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
