//! Columns of text that line up.

use std::fmt;

/// On which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    /// On the left, and never shortened: a name that another command takes.
    Whole,
    Right,
    /// A strip or a bar: as it is, or not at all where the line is too short.
    Strip,
}

/// Formats a number with a comma for thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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

    /// The widths of columns in lines of at most `most` characters: long texts are shortened first, then strips left out.
    fn fitted(&self, most: Option<usize>) -> Vec<usize> {
        let mut widths = self.widths();
        let Some(most) = most else { return widths };
        let too_wide = |widths: &[usize]| {
            let shown = widths.iter().filter(|width| **width > 0);
            shown.map(|width| width + GAP.len()).sum::<usize>().saturating_sub(most)
        };
        for least in [READABLE, 0, NARROW] {
            if least == 0 {
                for (width, (_, align)) in widths.iter_mut().zip(&self.columns) {
                    *width = if *align == Align::Strip { 0 } else { *width };
                }
                continue;
            }
            while too_wide(&widths) > 0 {
                let texts =
                    widths.iter_mut().zip(&self.columns).filter(|(_, (_, align))| *align == Align::Left);
                let Some((widest, _)) =
                    texts.max_by_key(|(width, _)| **width).filter(|(width, _)| **width > least)
                else {
                    break;
                };
                *widest -= 1;
            }
            if too_wide(&widths) == 0 {
                break;
            }
        }
        widths
    }
}

/// The width to which a text is shortened before strips are left out, and after.
const READABLE: usize = 16;
const NARROW: usize = 8;

/// Lines of at most as many characters as the formatter's width says: `format!("{table:80}")`.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.fitted(f.width());
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut text = String::from(GAP);
            for ((width, (_, align)), cell) in widths.iter().zip(&self.columns).zip(cells) {
                if *width == 0 {
                    continue;
                }
                let cell = shorten(cell, *width);
                let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
                match align {
                    Align::Left | Align::Whole | Align::Strip => text.extend([&cell, &fill, GAP]),
                    Align::Right => text.extend([&fill, &cell, GAP]),
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
    fn what_another_command_takes_is_never_shortened() {
        let id = "01a20bd7-6820-7085-91c7-d703078d34cd";
        let mut table = Table::new(&[("ID", Align::Whole), ("", Align::Left), ("cells", Align::Right)]);
        table.row(vec![id.to_owned(), "a name that is long".to_owned(), "37".to_owned()]);
        for width in [80, 56, 20] {
            let text = format!("{table:width$}");
            assert!(text.contains(id) && text.contains("37"), "{width}: {text}");
        }
        assert!(!format!("{table:56}").contains("long"));
    }

    #[test]
    fn short_lines_shorten_texts_and_then_leave_strips_out() {
        let columns =
            [("name", Align::Left), ("", Align::Strip), ("you", Align::Right), ("peers", Align::Left)];
        let mut table = Table::new(&columns);
        let name = "Command and Scripting Interpreter".to_owned();
        table.row(vec![name, "━━━━━━━━━━".to_owned(), "100".to_owned(), "about half or more".to_owned()]);
        for width in [120, 80, 66, 50, 36, 30] {
            let text = format!("{table:width$}");
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= width, "{width}: {text}");
            assert!(text.contains("100"), "numbers stay: {text}");
            assert_eq!(text.contains('━'), width >= 66, "{width}: {text}");
        }
        assert_eq!(format!("{table:200}"), table.to_string());
    }

    #[test]
    fn long_names_end_in_an_ellipsis() {
        assert_eq!(shorten("Command and Scripting Interpreter", 12), "Command and…");
        assert_eq!(shorten("short", 12), "short");
    }
}
