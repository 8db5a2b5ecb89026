//! The seam to a product, and the detection of the product that a file comes from.

use super::{
    formats::text,
    reading::{Input, ReadError, Reading},
};
use crate::domain::snapshot::Source;

/// The most of a file that is looked at to recognise its product: a dozen products ask, and an export shows what it is in
/// its first rule.
const TELLING_BYTES: usize = 1024 * 1024;

/// Advice if no rule names a technique, for products that have no other.
pub const TAGS: &str = "Tag the rules with their techniques, or list them in a file with --tags FILE.";

/// A product's part of the seam. Its functions are pure and never panic.
pub struct Reader {
    pub source: Source,
    /// Tells by its lower-case name whether a file of a folder may hold rules.
    pub claims: fn(file_name: &str) -> bool,
    /// Tells whether a text is this product's. Cheap: it runs on every file if the source isn't given.
    pub recognises: fn(text: &str) -> bool,
    /// Reads one file, or the layers of one file (lowest precedence first) where the product overlays files.
    pub read: fn(inputs: &[Input]) -> Result<Reading, ReadError>,
    /// Names of folders whose files of one name overlay each other, lowest precedence first; mostly none.
    pub layers: &'static [&'static str],
    /// The forms of exports that are read, in words.
    pub forms: &'static str,
    /// Advice if no rule names a technique.
    pub untagged: &'static str,
    /// The product's table from raw log sources to technologies, as JSON.
    pub crosswalk: Option<&'static str>,
}

/// Finds the reader whose product a file comes from; `None` if none recognises it. `any_name` also tries the readers
/// that don't claim the file's name.
///
/// # Errors
///
/// A file that is no text.
pub fn detect(
    input: &Input,
    readers: &[&'static Reader],
    any_name: bool,
) -> Result<Option<&'static Reader>, ReadError> {
    text::decode(input).map(|text| recognise(&input.name, &text, readers, any_name))
}

/// Does what [`detect`] does, with a file's name and text.
pub(super) fn recognise(
    name: &str,
    text: &str,
    readers: &[&'static Reader],
    any_name: bool,
) -> Option<&'static Reader> {
    let name = file_name(name);
    let mut candidates = readers.iter().filter(|reader| any_name || (reader.claims)(&name));
    candidates.find(|reader| is_of(reader, text)).copied()
}

/// Returns true if a text is the reader's product's, as far as its first [`TELLING_BYTES`] tell.
pub(super) fn is_of(reader: &Reader, text: &str) -> bool {
    (reader.recognises)(text::head(text, TELLING_BYTES))
}

/// The last part of a path, in lower case.
pub(super) fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase()
}
