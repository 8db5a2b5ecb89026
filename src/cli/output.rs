//! Output of commands: text for people, or one JSON value with `--format json`.

use std::io::{self, Write as _};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde::Serialize;

use super::Failure;

/// The output format of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// The outcome of a command: one value as JSON, and what it says to people.
pub trait Report: Serialize {
    /// Whole lines.
    fn text(&self) -> String;
}

/// Prints the outcome of a command as it was asked for.
pub fn print(report: &impl Report, format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => text(&report.text()),
        Format::Json => json(report),
    }
}

/// Prints a text to standard output. A reader that has gone away (`| head`) is no failure.
pub fn text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::remote(format!("Can't write to standard output: {error}.")))
        }
        _ => Ok(()),
    }
}

/// Prints one JSON value and a line's end.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(Failure::remote)?;
    text(&(json + "\n"))
}

/// Formats a number and what it counts: `1 client`, `2 clients`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A list as `--format json` prints it: like the API's lists.
#[derive(Debug, Serialize)]
pub struct Items<T> {
    pub items: Vec<T>,
}

/// Formats a moment for texts and tables, to the second.
pub fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A text from a file as a terminal may show it: without characters that move the cursor, change colours or turn the
/// direction of writing.
pub fn harmless(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(|c: char| c.is_control() || turns(c) || matches!(c, '\u{2028}' | '\u{2029}'), "\u{fffd}")
}
