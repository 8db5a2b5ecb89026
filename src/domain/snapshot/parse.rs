//! Parsing and validation in one walk over the JSON text: every error with its JSON pointer, nothing kept of what is
//! not in the allow-list. Messages never repeat a value, so that a refused snapshot leaves no trace of its content.
//!
//! The walk keeps bounded state however large the text is: the known members, at most [`MAX_CELLS`] cells and
//! some hundred errors. A text whose `cells` come before what they are checked against is read a second time.

mod cells;
mod context;
mod grammar;
mod header;
mod outline;
mod read;
mod refusals;
#[cfg(test)]
mod tests;

use serde::de::{DeserializeSeed as _, IgnoredAny, MapAccess};

use self::{
    cells::{Cells, Terms},
    grammar::{Form, SNAPSHOT},
    read::{Any, Key, Object, Said, Take},
    refusals::Refusals,
};
use crate::domain::snapshot::Snapshot;

pub use self::{
    context::Context,
    grammar::{MAX_CELLS, MAX_TECHNOLOGIES},
    outline::departure,
    refusals::FieldError,
};

/// The outcome: a snapshot, or everything that is wrong with it.
pub type Parsed = Result<Snapshot, Vec<FieldError>>;

/// Reads a snapshot. `text` is the whole document; its size has been bounded by the caller.
pub fn parse(text: &[u8], context: Context<'_>) -> Parsed {
    let utf8 = match std::str::from_utf8(text) {
        Ok(utf8) => utf8,
        Err(error) => return Err(vec![not_json(place(text, error.valid_up_to()))]),
    };
    let mut refusals = Refusals::default();
    match snapshot(utf8, context, &mut refusals) {
        Ok(Some(snapshot)) if refusals.is_empty() => Ok(snapshot),
        Ok(_) => Err(refusals.into_errors()),
        Err(error) => Err(vec![not_json((error.line(), error.column()))]),
    }
}

fn not_json((line, column): (usize, usize)) -> FieldError {
    let detail = format!("not valid JSON at line {line}, column {column}");
    FieldError { pointer: String::new(), detail }
}

/// The line and column of a byte.
fn place(text: &[u8], at: usize) -> (usize, usize) {
    let mut lines = text.get(..at).unwrap_or_default().split(|byte| *byte == b'\n');
    let last = lines.next_back().map_or(0, <[u8]>::len);
    (lines.count() + 1, last + 1)
}

fn snapshot(
    text: &str,
    context: Context<'_>,
    refusals: &mut Refusals,
) -> serde_json::Result<Option<Snapshot>> {
    let Some(document) = read(text, Reader { context, terms: None })? else {
        return Ok(refusals.refuse("", "a snapshot is a JSON object"));
    };
    let header = header::read(&document.object, context, refusals);
    let terms = Terms::of(&document.object, context);
    let cells = match document.cells {
        Found::Read(cells) if cells.terms == terms => Found::Read(cells),
        Found::Nothing => Found::Nothing,
        _ => read(text, Reader { context, terms: Some(terms) })?.map_or(Found::Nothing, |again| again.cells),
    };
    let Found::Read(cells) = cells else { return Ok(None) };
    let cells = cells.into_sorted(refusals);
    Ok(header.map(|header| Snapshot { header, cells }))
}

/// A text as far as it is kept.
struct Document<'a> {
    object: Object<'a>,
    cells: Found,
}

/// The cells of a text.
enum Found {
    Nothing,
    /// They stand before what they are checked against.
    TooEarly,
    Read(Cells),
}

/// Reads a text; `None` if it isn't an object. An error is one of JSON's syntax.
fn read<'a>(text: &'a str, reader: Reader<'_>) -> serde_json::Result<Option<Document<'a>>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let document = Any(reader).deserialize(&mut json)?;
    json.end()?;
    Ok(document)
}

/// Takes the document as it comes.
struct Reader<'c> {
    context: Context<'c>,
    /// The terms that the cells are checked against; `None` if that is to be learnt from the members before them.
    terms: Option<Terms>,
}

impl<'de> Take<'de> for Reader<'_> {
    type Taken = Option<Document<'de>>;

    fn other(self) -> Self::Taken {
        None
    }

    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Taken, A::Error> {
        let Self { context, terms } = self;
        let mut document = Document { object: Object::new(SNAPSHOT), cells: Found::Nothing };
        while let Some(key) = document.object.next_key(&mut map)? {
            let Key::Known(at, Form::Cells) = key else {
                document.object.take(key, &mut map)?;
                continue;
            };
            let known =
                terms.clone().or_else(|| Some(Terms::of(&document.object, context)).filter(Terms::are_whole));
            document.cells = match known {
                Some(terms) => Found::Read(map.next_value_seed(Any(cells::Reader { context, terms }))?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                    Found::TooEarly
                }
            };
            document.object.put(at, Said::Other);
        }
        Ok(Some(document))
    }
}
