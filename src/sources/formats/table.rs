//! CSV as products and spreadsheets write it: comma, semicolon or tab, columns found by their headings.

use csv::{ReaderBuilder, StringRecord};

/// One row below the headings.
pub struct Row<'t> {
    headings: &'t [String],
    fields: &'t StringRecord,
    /// The line in the file, from 1.
    pub line: usize,
}

impl<'t> Row<'t> {
    /// The field below the first of `headings` that the table has; `None` where it is empty.
    pub fn get(&self, headings: &[&str]) -> Option<&'t str> {
        let column = column(self.headings, headings)?;
        self.fields.get(column).map(str::trim).filter(|field| !field.is_empty())
    }

    /// The heading and field of each column.
    pub fn fields(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.headings.iter().map(String::as_str).zip(self.fields.iter().map(str::trim))
    }
}

/// The headings: lower case, everything but letters and digits as one `_`, so that `MITRE Initial Access` and
/// `mitre_initial_access` are one.
pub fn headings(text: &str) -> Vec<String> {
    let mut reader = reader(text);
    reader.headers().map(|headers| headers.iter().map(heading).collect()).unwrap_or_default()
}

/// Returns true if one of the headings is one of the names.
pub fn has(headings: &[String], names: &[&str]) -> bool {
    column(headings, names).is_some()
}

/// Calls `with` for every row until it fails.
pub fn rows<E>(text: &str, mut with: impl FnMut(Row<'_>) -> Result<(), E>) -> Result<(), E> {
    let headings = headings(text);
    let mut reader = reader(text);
    let mut fields = StringRecord::new();
    // The text is UTF-8 and the rows may be of any length: there is nothing left that reading could refuse.
    while reader.read_record(&mut fields).unwrap_or(false) {
        let line = fields.position().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or_default();
        with(Row { headings: &headings, fields: &fields, line })?;
    }
    Ok(())
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(count).unwrap_or(b',');
    ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

fn heading(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

fn column(headings: &[String], names: &[&str]) -> Option<usize> {
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
                    row.line,
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
    fn ragged_rows_and_open_quotes_are_read() {
        let mut count = 0;
        let read: Result<(), ()> = rows("a,b\n1\n1,2,3\n\"open", |row| {
            count += row.fields().count();
            Ok(())
        });
        read.unwrap();
        assert_eq!(count, 1 + 2 + 1);
    }
}
