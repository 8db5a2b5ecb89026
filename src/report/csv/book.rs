//! The book of gaps as CSV.

use crate::report::rows::{Tabled, harmless, moment, table, text, word};
use crate::wire::{
    console::ends,
    gap::{Book, Entry},
};

/// A decision with the book that it is in.
struct Line<'a> {
    book: &'a Book,
    entry: &'a Entry,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("technique", |line| line.entry.technique.clone()),
    ("name", |line| harmless(line.entry.name.as_deref().unwrap_or_default())),
    ("technique_attack", |line| line.entry.attack.to_string()),
    ("status", |line| line.entry.state.status.to_string()),
    ("month", |line| text(line.entry.state.month)),
    ("overdue", |line| line.entry.state.overdue.to_string()),
    ("reason", |line| word(line.entry.state.reason)),
    ("until", |line| text(line.entry.state.until)),
    ("decided_on", |line| line.entry.decided_on.to_string()),
    ("closed_on", |line| text(line.entry.state.closed_on)),
    ("reopened_on", |line| text(line.entry.state.reopened_on)),
    ("own", |line| text(line.entry.own)),
    ("p50", |line| text(line.entry.p50)),
    ("coded", |line| ends(&line.entry.coded).join(" ")),
    ("cohort_asked", |line| line.book.envelope.cohort.clone()),
    ("basis", |line| line.book.envelope.basis.to_string()),
    ("release", |line| line.book.envelope.release.number.to_string()),
    ("cut_off", |line| moment(line.book.envelope.release.cut_off)),
    ("attack", |line| line.book.envelope.release.attack.to_string()),
];

impl Tabled for Book {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        table(COLUMNS, self.items.iter().map(|entry| Line { book: self, entry }))
    }
}
