//! Output of commands: text for people, or one JSON value with `--format json`.

use std::{
    borrow::Cow,
    fmt,
    io::{self, Write as _},
};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use console::Term;
use serde::Serialize;

use super::Failure;
pub use crate::report::table::grouped;

use crate::report::paint::painted;

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
    write(&for_terminal(text))
}

fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::remote(format!("Can't write to standard output: {error}.")))
        }
        _ => Ok(()),
    }
}

/// Replaces what would make a terminal do something other than show the text: much of what is printed came from a
/// service or a file.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    let text: Cow<'_, str> =
        if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() };
    if !text.contains(is_harmful) {
        return text;
    }
    text.chars().map(|c| if is_harmful(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Prints a page for people: in lines as long as the terminal's and with its colours, if standard output is a terminal and
/// neither `NO_COLOR` nor `CLICOLOR=0` says otherwise.
pub fn page(page: &impl fmt::Display) -> Result<(), Failure> {
    let terminal = Term::stdout();
    let width = terminal.is_term().then(|| terminal.size_checked()).flatten().map(|(_, width)| width);
    let plain = match width {
        Some(width) => format!("{page:width$}", width = usize::from(width)),
        None => page.to_string(),
    };
    // The colours are this program's own; what else would move a cursor is taken out before.
    let plain = for_terminal(&plain);
    if console::colors_enabled() { write(&painted(&plain)) } else { write(&plain) }
}

/// Prints one JSON value and a line's end.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(Failure::remote)?;
    text(&(escaped(&json) + "\n"))
}

/// Escapes in JSON what a terminal would obey instead of showing it; the values stay what they are.
pub fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match is_harmful(c) {
            // Each of them fits one unit of UTF-16.
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => escaped.push(c),
        }
    }
    escaped
}

/// Formats a number and what it counts: `1 client`, `2,000 clients`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
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

/// A text from a file as a terminal may show it, on one line.
pub fn harmless(text: &str) -> String {
    text.replace(|c: char| is_harmful(c) || c == '\n' || c == '\t', "\u{fffd}")
}

/// Returns whether a character moves the cursor, changes colours or turns the direction of writing, instead of being
/// shown. Line ends and tabs are not among them.
fn is_harmful(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_a_comma() {
        let numbers = [0, 999, 1_000, 38_691, 1_000_000].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "38,691", "1,000,000"]);
        assert_eq!([counted(1, "file", "files"), counted(2_000, "file", "files")], ["1 file", "2,000 files"]);
    }

    #[test]
    fn a_terminal_only_shows() {
        assert_eq!(for_terminal("a\tb\nü ●"), "a\tb\nü ●");
        assert_eq!(for_terminal("a\r\nb"), "a\nb");
        assert_eq!(for_terminal("a\u{1b}[2Jb\rc\u{202e}d\u{9b}e"), "a�[2Jb�c�d�e");
        let json = serde_json::to_string_pretty(&["a\u{9b}\u{202e}\u{1b}\n"]).unwrap();
        assert_eq!(escaped(&json), "[\n  \"a\\u009b\\u202e\\u001b\\n\"\n]");
    }
}
