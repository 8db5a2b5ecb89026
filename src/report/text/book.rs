//! The book of gaps as text.

use std::fmt;

use serde::Deserialize;

use super::{NAME, fitted, gaps::status, head, words};
use crate::{
    report::{
        published::median,
        table::{Align, Table, shorten},
    },
    wire::gap::Book,
};

/// The organisation's own book.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct BookText(pub Book);

impl fmt::Display for BookText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(book) = self;
        let peers = words::cohort(&book.envelope.cohort);
        head(f, &format!("Your book of gaps; the median of {peers} closes one"), &book.envelope)?;
        if book.items.is_empty() {
            return writeln!(
                f,
                "Nothing is in your book. `peerbench gaps set T1190 planned --month 2027-01` writes a decision into it."
            );
        }
        let mut table = Table::new(&[
            ("technique", Align::Whole),
            ("", Align::Left),
            ("you", Align::Right),
            ("p50", Align::Right),
            ("status", Align::Left),
            ("decided", Align::Whole),
        ]);
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        for entry in &book.items {
            let name = entry.name.as_deref().unwrap_or("not in the ATT&CK version of this release");
            table.row(vec![
                entry.technique.clone(),
                shorten(name, NAME),
                or_dash(entry.own.map(|own| own.to_string())),
                or_dash(median(entry.p50, &entry.coded)),
                status(&entry.state).unwrap_or_else(|| "open".to_owned()),
                entry.decided_on.to_string(),
            ]);
        }
        write!(f, "{}", fitted(&table, f))
    }
}
