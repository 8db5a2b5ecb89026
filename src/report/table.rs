//! Columns of text that line up.

use std::fmt;

/// On which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Rows of cells under a line of headings.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

/// Between two columns.
const GAP: &str = "  ";

impl Table {
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(heading, align)| ((*heading).to_owned(), *align)).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Cells beyond the columns are not shown; missing ones are empty.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn widths(&self) -> Vec<usize> {
        let width = |text: &String| text.chars().count();
        let cells = |at: usize| self.rows.iter().filter_map(move |row| row.get(at)).map(width).max();
        (0..)
            .zip(&self.columns)
            .map(|(at, (heading, _))| width(heading).max(cells(at).unwrap_or(0)))
            .collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut text = String::from(GAP);
            for ((width, (_, align)), cell) in widths.iter().zip(&self.columns).zip(cells) {
                let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
                match align {
                    Align::Left => text.extend([cell, &fill, GAP]),
                    Align::Right => text.extend([&fill, cell, GAP]),
                }
            }
            writeln!(f, "{}", text.trim_end())
        };
        line(&mut self.columns.iter().map(|(heading, _)| heading.as_str()))?;
        for row in &self.rows {
            line(&mut row.iter().map(String::as_str).chain(std::iter::repeat("")))?;
        }
        Ok(())
    }
}

/// A text of at most this many characters; what is cut off ends in an ellipsis.
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_in_characters() {
        let mut table = Table::new(&[("name", Align::Left), ("you", Align::Right), ("", Align::Left)]);
        table.row(vec!["Zürich".to_owned(), "5".to_owned(), "─┃─".to_owned()]);
        table.row(vec!["Genève lake".to_owned(), "100".to_owned()]);
        assert_eq!(table.to_string(), "  name         you\n  Zürich         5  ─┃─\n  Genève lake  100\n");
    }

    #[test]
    fn long_names_end_in_an_ellipsis() {
        assert_eq!(shorten("Command and Scripting Interpreter", 12), "Command and…");
        assert_eq!(shorten("short", 12), "short");
    }
}
