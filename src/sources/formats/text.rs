//! Bytes -> text: byte order marks, UTF-16 (what PowerShell's `>` writes), and clear words for what is no text.

use std::borrow::Cow;

use memchr::memmem;

use super::magic;
use crate::sources::reading::{Input, ReadError};

/// Limits that no export reaches. A reader may need hundreds of bytes for a line or an object of a few.
const MAX_LINES: usize = 2_000_000;
const MAX_OBJECTS: usize = 1_000_000;
const MAX_VALUES: usize = 10_000_000;

/// The text of a file, without a byte order mark; of a size that a reader can hold.
pub fn decode(input: &Input) -> Result<Cow<'_, str>, ReadError> {
    let text = unmarked(input)?;
    // In pieces whose count fits a byte, which the compiler turns into wide instructions.
    let count_in = |piece: &[u8], of: u8| piece.iter().map(|byte| u8::from(*byte == of)).sum::<u8>();
    let count =
        |of: u8| text.as_bytes().chunks(255).map(|piece| usize::from(count_in(piece, of))).sum::<usize>();
    if text.len() > MAX_LINES && count(b'\n') > MAX_LINES {
        let reason = "has more lines than any rule export: split it, or name the right file.";
        return Err(ReadError::new(&input.name, Some(MAX_LINES + 1), reason));
    }
    let json = text.trim_start().starts_with(['{', '[']);
    if json && text.len() > MAX_OBJECTS && (count(b'{') > MAX_OBJECTS || count(b',') > MAX_VALUES) {
        let reason = "holds more values than any rule export: split it, or name the right file.";
        return Err(ReadError::new(&input.name, None, reason));
    }
    Ok(text)
}

fn unmarked(input: &Input) -> Result<Cow<'_, str>, ReadError> {
    if let Some(reason) = magic::other_than_text(&input.name, &input.bytes) {
        return Err(ReadError::new(&input.name, None, reason));
    }
    match input.bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => utf16(input, rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(input, rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(input, rest),
        bytes => utf8(input, bytes),
    }
}

fn utf8<'a>(input: &Input, bytes: &'a [u8]) -> Result<Cow<'a, str>, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        if memchr::memchr(0, bytes).is_some() {
            return ReadError::new(&input.name, None, "is no text file: export the rules themselves.");
        }
        let reason = "is not UTF-8 text from this line on: save it as UTF-8.";
        ReadError::new(&input.name, Some(line_of(before)), reason)
    })?;
    if let Some(position) = memchr::memchr(0, bytes) {
        let before = bytes.get(..position).unwrap_or_default();
        let reason = "has a zero byte, so it is no text file (UTF-16 without a byte order mark looks like \
                      this): save it as UTF-8.";
        return Err(ReadError::new(&input.name, Some(line_of(before)), reason));
    }
    Ok(Cow::Borrowed(text))
}

fn utf16<'a>(input: &Input, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'a, str>, ReadError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(char) if char != '\0' => text.push(char),
            _ => {
                let line = line_of(text.as_bytes());
                let reason = "is marked as UTF-16 but is not valid UTF-16: save it as UTF-8.";
                return Err(ReadError::new(&input.name, Some(line), reason));
            }
        }
    }
    if odd.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        let reason = "is marked as UTF-16 but has an odd number of bytes: it seems cut off.";
        Err(ReadError::new(&input.name, None, reason))
    }
}

/// Returns true if a text is anywhere in another, which may be an export of megabytes: recognising a product asks a dozen
/// times.
pub fn has(text: &str, what: &str) -> bool {
    memmem::find(text.as_bytes(), what.as_bytes()).is_some()
}

/// Returns at most the first `bytes` of a text, whole characters only.
pub fn head(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

/// Returns true if a line of the text starts with `start`.
pub fn has_line(text: &str, start: &str) -> bool {
    let bytes = text.as_bytes();
    let mut found = memmem::find_iter(bytes, start.as_bytes());
    found.any(|at| at.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&b'\n')))
}

/// Returns the number of the line that begins or goes on after `before`, from 1.
pub fn line_of(before: &[u8]) -> usize {
    before.iter().fold(1, |line, byte| line + usize::from(*byte == b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, String> {
        decode(&Input::new("f", bytes)).map(Cow::into_owned).map_err(|error| error.to_string())
    }

    #[test]
    fn byte_order_marks_and_utf16_are_understood() {
        assert_eq!(text(b"\xEF\xBB\xBFtitle: a").unwrap(), "title: a");
        assert_eq!(text(b"\xFF\xFEh\0\xE9\0").unwrap(), "h\u{e9}");
        assert_eq!(text(b"\xFE\xFF\0h\0i").unwrap(), "hi");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        assert!(text(b"a: b\nc: \xC3\x28").unwrap_err().starts_with("f:2: is not UTF-8"));
        assert!(text(b"a\0b\0").unwrap_err().starts_with("f:1: has a zero byte"));
        assert!(text(b"\xFF\xFEa").unwrap_err().contains("odd number of bytes"));
        assert!(text(b"\xFF\xFE\x00\xD8\x00\xD8").unwrap_err().contains("not valid UTF-16"));
        assert!(text(b"PK\x03\x04....").unwrap_err().contains(".zip"));
        assert!(text(b"\x1F\x8B\x08").unwrap_err().contains("gzip"));
        assert!(text(b"\xFD7zXZ\0\0").unwrap_err().contains("xz"));
        let tar = [&b"rules/a.yml"[..], &[0; 246], b"ustar\x0000"].concat();
        assert!(text(&tar).unwrap_err().contains("tar archive"));
        assert!(text(&b"\n".repeat(MAX_LINES + 1)).unwrap_err().starts_with("f:2000001: has more lines"));
        assert!(
            text(&[b"[", &b"{},".repeat(MAX_OBJECTS + 1)[..]].concat()).unwrap_err().contains("more values")
        );
    }
}
