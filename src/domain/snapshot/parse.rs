//! Parsing and validation in one walk over the JSON text: every error with its JSON pointer, nothing kept of what is
//! not in the allow-list. Messages never repeat a value, so that a refused snapshot leaves no trace of its content.
//!
//! The walk keeps bounded state however large the text is: the known members, at most [`MAX_CELLS`] cells and
//! some hundred errors. A text whose `cells` come before what they are checked against is read a second time. Where an
//! answer has no place for further errors, the reading ends: a refused text costs no more than a good one.

mod cells;
mod context;
mod grammar;
mod header;
mod outline;
mod read;
mod refusals;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use serde::de::{DeserializeSeed as _, IgnoredAny, MapAccess};
use serde_json::error::Category;

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

/// The outcome: a snapshot, or what is wrong with it.
pub type Parsed = Result<Snapshot, Refused>;

/// Everything that is wrong with a text, as far as an answer has a place for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub errors: Vec<FieldError>,
    /// Says that the text isn't JSON, as far as it was read.
    pub is_no_json: bool,
}

/// Reads a snapshot. `text` is the whole document; its size has been bounded by the caller.
pub fn parse(text: &[u8], context: Context<'_>) -> Parsed {
    let utf8 = match std::str::from_utf8(text) {
        Ok(utf8) => utf8,
        Err(error) => return Err(no_json(place(text, error.valid_up_to()))),
    };
    let mut refusals = Refusals::default();
    match snapshot(utf8, context, &mut refusals) {
        Ok(Some(snapshot)) if refusals.is_empty() => Ok(snapshot),
        Ok(_) => Err(refused(refusals)),
        Err(End::Enough(more)) => {
            refusals.append(more);
            Err(refused(refusals))
        }
        Err(End::NoJson(error)) => Err(no_json((error.line(), error.column()))),
    }
}

fn refused(refusals: Refusals) -> Refused {
    Refused { errors: refusals.into_errors(), is_no_json: false }
}

fn no_json((line, column): (usize, usize)) -> Refused {
    let detail = format!("not valid JSON at line {line}, column {column}");
    Refused { errors: vec![FieldError { pointer: String::new(), detail }], is_no_json: true }
}

/// The reason why a reading ended before its text.
enum End {
    NoJson(serde_json::Error),
    /// There are more errors than an answer holds.
    Enough(Refusals),
}

/// The line and column of a byte.
fn place(text: &[u8], at: usize) -> (usize, usize) {
    let mut lines = text.get(..at).unwrap_or_default().split(|byte| *byte == b'\n');
    let last = lines.next_back().map_or(0, <[u8]>::len);
    (lines.count() + 1, last + 1)
}

fn snapshot(text: &str, context: Context<'_>, refusals: &mut Refusals) -> Result<Option<Snapshot>, End> {
    let Some(document) = read(text, context, None)? else {
        return Ok(refusals.refuse("", "a snapshot is a JSON object"));
    };
    let header = header::read(&document.object, context, refusals);
    let terms = Terms::of(&document.object, context);
    let cells = match document.cells {
        Found::Read(cells) if cells.terms == terms => Found::Read(cells),
        Found::Nothing => Found::Nothing,
        _ => read(text, context, Some(terms))?.map_or(Found::Nothing, |again| again.cells),
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

/// Reads a text; `None` if it isn't an object. `terms` are those that the cells are checked against; `None` if they are to be
/// learnt from the members before the cells.
fn read<'a>(text: &'a str, context: Context<'_>, terms: Option<Terms>) -> Result<Option<Document<'a>>, End> {
    let enough = Cell::new(None);
    let mut json = serde_json::Deserializer::from_str(text);
    let document = Any(Reader { context, terms, enough: &enough }).deserialize(&mut json);
    document.and_then(|document| json.end().map(|()| document)).map_err(|error| match error.classify() {
        Category::Data => End::Enough(enough.take().unwrap_or_else(Refusals::of_too_many_members)),
        _ => End::NoJson(error),
    })
}

/// Takes the document as it comes.
struct Reader<'c> {
    context: Context<'c>,
    terms: Option<Terms>,
    enough: &'c Cell<Option<Refusals>>,
}

impl<'de> Take<'de> for Reader<'_> {
    type Taken = Option<Document<'de>>;

    fn other(self) -> Self::Taken {
        None
    }

    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Taken, A::Error> {
        let Self { context, terms, enough } = self;
        let mut document = Document { object: Object::new(SNAPSHOT), cells: Found::Nothing };
        while let Some(key) = document.object.next_key(&mut map)? {
            let Key::Known(at, Form::Cells) = key else {
                document.object.take(key, &mut map)?;
                continue;
            };
            let known =
                terms.clone().or_else(|| Some(Terms::of(&document.object, context)).filter(Terms::are_whole));
            document.cells = match known {
                Some(terms) => {
                    Found::Read(map.next_value_seed(Any(cells::Reader { context, terms, enough }))?)
                }
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
