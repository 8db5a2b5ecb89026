//! Tables of CSV: their lines, and the cells that several answers have. What is missing is empty, never 0, and no cell is
//! one that a spreadsheet runs.

use chrono::{DateTime, SecondsFormat, Utc};
use csv::Writer;
use serde::Serialize;
use serde_json::Value;

use crate::wire::{Peers, Quantile};

/// A list that can be written as a table.
pub trait Tabled {
    /// A line of headings and one line for each row, each complete in itself.
    ///
    /// # Errors
    /// Fails if the writer does, which no value can bring about.
    fn csv(&self) -> Result<Vec<u8>, csv::Error>;
}

/// A column: its heading, and the cell of a line.
pub type Column<L> = (&'static str, fn(&L) -> String);

/// A table of lines.
pub fn table<L>(columns: &[Column<L>], lines: impl IntoIterator<Item = L>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(heading, _)| heading))?;
    for line in lines {
        writer.write_record(columns.iter().map(|(_, of)| of(&line)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A moment, to the second.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A value, or nothing.
pub fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A word of a closed list, as JSON has it.
pub fn word(value: Option<impl Serialize>) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Words of a closed list with spaces between them.
pub fn words(values: &[impl Serialize]) -> String {
    values.iter().map(|value| word(Some(value))).collect::<Vec<_>>().join(" ")
}

/// A text of somebody else's: one that a spreadsheet would take for a formula gets an apostrophe.
pub fn harmless(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Some spreadsheets take the wide forms, too, and look past spaces.
    let runs = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if runs { format!("'{text}") } else { text }
}

/// A published quantile.
pub fn quantile(peers: &Peers, quantile: Quantile) -> String {
    text(peers.row().and_then(|row| row.quantile(quantile)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(harmless("\tx"), " x");
        assert_eq!(harmless("\t=x"), "' =x");
        assert_eq!(harmless("＝1"), "'＝1");
        assert_eq!(harmless("Sign in - again"), "Sign in - again");
    }
}
