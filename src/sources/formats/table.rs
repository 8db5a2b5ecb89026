//! CSV as products and spreadsheets write it: comma, semicolon or tab, columns found by their headings.

use std::cell::Cell;

use csv::{ReaderBuilder, StringRecord};

/// One row below the headings.
pub struct Row<'t> {
    headings: &'t [String],
    names: &'t StringRecord,
    fields: &'t StringRecord,
    /// The byte at which the parser began to read the row.
    at: usize,
    lines: &'t Lines<'t>,
}

impl<'t> Row<'t> {
    /// The line in the file, from 1. Counted when it is asked for: of a table of a million rows few need it.
    pub fn line(&self) -> usize {
        self.lines.at(self.at)
    }

    /// The field below the first of `headings` that the table has; `None` where it is empty.
    pub fn get(&self, headings: &[&str]) -> Option<&'t str> {
        self.at(column(self.headings, headings))
    }

    /// The field of a column; `None` where it is empty, and where the table hasn't the column.
    pub fn at(&self, column: Option<usize>) -> Option<&'t str> {
        self.fields.get(column?).map(str::trim).filter(|field| !field.is_empty())
    }

    /// The field of each column, below the heading as the file spells it.
    pub fn named_fields(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.names.iter().map(str::trim).zip(self.fields.iter().map(str::trim))
    }
}

/// The headings: lower case, everything but letters and digits as one `_`, so that `MITRE Initial Access` and
/// `mitre_initial_access` are one.
pub fn headings(text: &str) -> Vec<String> {
    let (mut reader, ..) = reader(text);
    reader.headers().map(|headers| headers.iter().map(heading).collect()).unwrap_or_default()
}

/// Returns true if one of the headings is one of the names.
pub fn has(headings: &[String], names: &[&str]) -> bool {
    column(headings, names).is_some()
}

/// Calls `with` for every row that isn't blank until it fails.
pub fn rows<E>(text: &str, mut with: impl FnMut(Row<'_>) -> Result<(), E>) -> Result<(), E> {
    let (mut reader, table, before) = reader(text);
    let lines = Lines { text: table.as_bytes(), counted: Cell::new((0, before + 1)) };
    let names = reader.headers().cloned().unwrap_or_default();
    let headings: Vec<String> = names.iter().map(heading).collect();
    let mut fields = StringRecord::new();
    // The text is UTF-8 and the rows may be of any length: there is nothing left that reading could refuse.
    while reader.read_record(&mut fields).unwrap_or(false) {
        // Spreadsheets write delimiters for rows that were cleared.
        if fields.as_slice().chars().all(char::is_whitespace) {
            continue;
        }
        let at = fields.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or_default();
        with(Row { headings: &headings, names: &names, fields: &fields, at, lines: &lines })?;
    }
    Ok(())
}

/// The numbers of lines, asked for in ascending order. The parser's own are one short where lines end in two characters.
struct Lines<'t> {
    text: &'t [u8],
    /// The byte up to which lines are counted, and the line that it is in.
    counted: Cell<(usize, usize)>,
}

impl Lines<'_> {
    /// The line of the record that the parser began to read at a byte.
    fn at(&self, byte: usize) -> usize {
        let rest = self.text.get(byte..).unwrap_or_default();
        let start = byte + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (counted, line) = self.counted.get();
        let passed = self.text.get(counted..start).unwrap_or_default();
        let line = line + memchr::memchr_iter(b'\n', passed).count();
        self.counted.set((start, line));
        line
    }
}

/// A reader of the table, its text, and the number of lines before it.
fn reader(text: &str) -> (csv::Reader<&[u8]>, &str, usize) {
    let first = text.lines().next().unwrap_or_default();
    let said = first.trim_end_matches('\r').trim_matches('"');
    // Excel's own first line.
    let said = said
        .get(..4)
        .filter(|start| start.eq_ignore_ascii_case("sep="))
        .and_then(|_| said.as_bytes().get(4).copied());
    if let Some(delimiter) = said.filter(u8::is_ascii) {
        let table = text.split_once('\n').map_or("", |(_, table)| table);
        return (of(table, delimiter), table, 1);
    }
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(count).unwrap_or(b',');
    (of(text, delimiter), text, 0)
}

fn of(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

fn heading(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

/// The column below the first of `names` that the table has.
pub fn column(headings: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| headings.iter().position(|heading| heading == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_rows_of_every_delimiter() {
        for text in [
            "Test Case,Out-come\n\"a, b\",x\n",
            "Test Case;Out-come\n\"a, b\";x\n",
            "Test case\tout come\na, b\tx",
        ] {
            let mut seen = Vec::new();
            let read: Result<(), ()> = rows(text, |row| {
                seen.push((
                    row.line(),
                    row.get(&["none", "test_case"]).unwrap().to_owned(),
                    row.get(&["out_come"]).map(str::to_owned),
                ));
                Ok(())
            });
            read.unwrap();
            assert_eq!(seen, [(2, "a, b".to_owned(), Some("x".to_owned()))], "{text}");
        }
    }

    #[test]
    fn what_spreadsheets_add_is_no_row() {
        let mut seen = Vec::new();
        let read: Result<(), ()> = rows("sep=|\r\nA|B, C\r\n1|2\r\n | \r\n|\r\n\r\n3|4\r\n", |row| {
            seen.push((row.line(), row.get(&["b_c"]).map(str::to_owned)));
            Ok(())
        });
        read.unwrap();
        assert_eq!(seen, [(3, Some("2".to_owned())), (7, Some("4".to_owned()))]);
        assert_eq!(headings("\"sep=;\"\na;b\n"), ["a", "b"]);
    }

    #[test]
    fn ragged_rows_and_open_quotes_are_read() {
        let mut count = 0;
        let read: Result<(), ()> = rows("a,b\n1\n1,2,3\n\"open", |row| {
            count += row.named_fields().count();
            Ok(())
        });
        read.unwrap();
        assert_eq!(count, 1 + 2 + 1);
    }
}
