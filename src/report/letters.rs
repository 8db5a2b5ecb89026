//! Letters: the fonts of a page, how wide a text is, and where its lines break.
//!
//! Noto Sans has Latin, Greek and Cyrillic; DejaVu Sans has most of what else names are written in, from right to left too.

use std::sync::LazyLock;

use skrifa::{
    FontRef, MetadataProvider as _,
    instance::{LocationRef, Size},
};

/// A font of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Regular,
    Bold,
    /// The font of letters that the others don't have.
    Other,
}

/// A part of a text that one font has, in one direction of writing.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub face: Face,
    pub text: String,
    pub from_the_right: bool,
}

/// The sign for a part that was cut off.
const CUT: char = '…';

struct Known {
    font: Option<FontRef<'static>>,
    /// Advance of each ASCII letter in parts of the font's size.
    ascii: Vec<f32>,
}

static REGULAR: LazyLock<Known> = LazyLock::new(|| Known::of(Face::Regular));
static BOLD: LazyLock<Known> = LazyLock::new(|| Known::of(Face::Bold));
static OTHER: LazyLock<Known> = LazyLock::new(|| Known::of(Face::Other));

impl Face {
    /// The font's file.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => notosans::REGULAR_TTF,
            Self::Bold => notosans::BOLD_TTF,
            Self::Other => dejavu::sans::regular(),
        }
    }

    /// The face of a text.
    pub fn of(bold: bool) -> Self {
        if bold { Self::Bold } else { Self::Regular }
    }

    fn known(self) -> &'static Known {
        match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
            Self::Other => &OTHER,
        }
    }

    fn has(self, letter: char) -> bool {
        letter.is_ascii()
            || self.known().font.as_ref().is_some_and(|font| font.charmap().map(letter).is_some())
    }

    fn advance(self, letter: char) -> f32 {
        let known = self.known();
        let ascii = u8::try_from(letter).ok().and_then(|letter| known.ascii.get(usize::from(letter)));
        ascii.copied().unwrap_or_else(|| known.advance(letter))
    }
}

impl Known {
    fn of(face: Face) -> Self {
        let mut known = Self { font: FontRef::new(face.bytes()).ok(), ascii: Vec::new() };
        known.ascii = (0..128_u8).map(|letter| known.advance(char::from(letter))).collect();
        known
    }

    fn advance(&self, letter: char) -> f32 {
        /// The advance of a letter that the font doesn't have.
        const UNKNOWN: f32 = 0.6;
        let advance = self.font.as_ref().and_then(|font| {
            let glyph = font.charmap().map(letter)?;
            font.glyph_metrics(Size::new(1.0), LocationRef::default()).advance_width(glyph)
        });
        advance.unwrap_or(UNKNOWN)
    }
}

/// Cleans a text of somebody else's of what isn't a letter: control characters, and characters that turn the direction of
/// writing.
pub fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(|c| !turns(*c)).map(|c| if breaks(c) { ' ' } else { c }).collect()
}

/// Says that a letter is of a script that is written from right to left.
fn is_from_the_right(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Splits a text into runs, in the order in which they stand from left to right.
pub fn runs(text: &str, bold: bool) -> Vec<Run> {
    let main = Face::of(bold);
    let mut runs: Vec<Run> = Vec::new();
    for letter in text.chars() {
        let from_the_right = is_from_the_right(letter);
        let face = if main.has(letter) { main } else { Face::Other };
        match runs.last_mut() {
            // A space belongs to the word before it.
            Some(last)
                if (last.face, last.from_the_right) == (face, from_the_right)
                    || (letter == ' ' && last.face == Face::Other) =>
            {
                last.text.push(letter);
            }
            _ => runs.push(Run { face, text: letter.to_string(), from_the_right }),
        }
    }
    if runs.first().is_some_and(|run| run.from_the_right) {
        // A text that begins from the right reads from the right.
        runs.reverse();
    }
    runs
}

/// The width of a text in points.
pub fn width(text: &str, size: f32, bold: bool) -> f32 {
    let main = Face::of(bold);
    let advance = |letter| if main.has(letter) { main.advance(letter) } else { Face::Other.advance(letter) };
    text.chars().map(advance).sum::<f32>() * size
}

/// Breaks a text into at most so many lines of this width. What has no room ends in an ellipsis.
pub fn wrap(text: &str, size: f32, bold: bool, room: f32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let fits = |text: &str| width(text, size, bold) <= room;
    let pieces = text.split_whitespace().flat_map(|word| {
        // A word may break after a stroke or a hyphen.
        word.split_inclusive(['/', '-']).enumerate().map(|(number, piece)| (number == 0, piece))
    });
    for (begins, word) in pieces {
        let space = if begins && !line.is_empty() { " " } else { "" };
        let longer = format!("{line}{space}{word}");
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if !fits(&line) {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    lines.push(line);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push(CUT);
            while last.chars().count() > 1 && !fits(last) {
                last.pop();
                last.pop();
                last.truncate(last.trim_end().len());
                last.push(CUT);
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Shortens a text to one line of this width.
pub fn fit(text: &str, size: f32, bold: bool, room: f32) -> String {
    wrap(text, size, bold, room, 1).pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_their_room_and_lose_nothing_silently() {
        let text = "Command and Scripting Interpreter";
        for room in [30.0, 60.0, 100.0, 400.0] {
            let lines = wrap(text, 10.0, false, room, 50);
            assert!(lines.iter().all(|line| width(line, 10.0, false) <= room), "{lines:?}");
            let letters = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text));
            let cut = wrap(text, 10.0, false, room, 1);
            assert!(cut.len() == 1 && width(&cut[0], 10.0, false) <= room, "{cut:?}");
            assert_eq!(cut[0] == text, !cut[0].ends_with('…'));
        }
        assert!(wrap("  ", 10.0, true, 50.0, 3).is_empty());
        let room = width("Adversary-in-", 10.0, false) + 1.0;
        assert_eq!(wrap("Adversary-in-the-Middle", 10.0, false, room, 3), ["Adversary-in-", "the-Middle"]);
    }

    #[test]
    fn letters_come_from_a_font_that_has_them() {
        let faces =
            |text: &str| runs(text, false).into_iter().map(|run| (run.face, run.text)).collect::<Vec<_>>();
        assert_eq!(faces("Bank Ωж"), [(Face::Regular, "Bank Ωж".to_owned())]);
        let mixed = faces("Bank בנק א");
        assert_eq!(mixed, [(Face::Regular, "Bank ".to_owned()), (Face::Other, "בנק א".to_owned())]);
        assert!(runs("שלום Bank", false).last().unwrap().from_the_right);
        assert!(width("שלום", 10.0, false) > 10.0);
    }

    #[test]
    fn nothing_turns_or_breaks_a_line() {
        assert_eq!(plain("a\u{202e}b\u{0}c\nd\u{2066}"), "ab c d");
    }
}
