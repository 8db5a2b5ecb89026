//! The heat map: ATT&CK's tactics as columns, techniques as cells in the lightness of the own level, with the score as text,
//! and a thick edge where half or more of the peers cover what the member doesn't.

use super::{Drawing, Edge, FULL, GAP, Ink, NONE, PARTIAL, Pen, QUIET, Shape, TEXT, WHITE, length};
use crate::{
    domain::{comparison::Word, scale::Level},
    report::{
        letters::{fit, plain, width as text_width, wrap},
        story::coverage,
    },
    wire::{ComparisonItem, Own, ReportContent},
};

/// The measures of a heat map.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    pub width: f32,
    /// Size of the letters.
    pub size: f32,
    /// Lines of a technique's name.
    pub lines: usize,
    /// The first tactic, and the number of tactics.
    pub from: usize,
    pub tactics: usize,
}

/// The state of a cell, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Full,
    Partial,
    Gap,
    None,
    Unknown,
}

/// Draws the tactics of a sheet.
pub fn draw(content: &ReportContent, sheet: Sheet) -> Drawing {
    let Sheet { width, size, lines, from, tactics } = sheet;
    let shown: Vec<&ComparisonItem> = content.summary.tactics.iter().skip(from).take(tactics).collect();
    let gutter = size * 0.6;
    // A part of the tactics keeps the columns of the whole.
    let columns = length(tactics.max(1));
    let wide = (width - gutter * (columns - 1.0)) / columns;
    let (cell, between) = (size * (1.75 + 1.2 * length(lines)), size * 0.3);
    let name = |tactic: &ComparisonItem| plain(&tactic.subject.name);
    let longest = content.summary.tactics.iter().flat_map(|tactic| {
        name(tactic).split_whitespace().map(|word| text_width(word, 1.0, true)).collect::<Vec<_>>()
    });
    // No word of a head is broken, in a wider font either.
    let bold = (size * 1.08).min(wide * 0.88 / longest.fold(1.0, f32::max));
    let heads: Vec<Vec<String>> =
        shown.iter().map(|tactic| wrap(&name(tactic), bold, true, wide * 0.95, 2)).collect();
    let high = size * 1.3 * length(heads.iter().map(Vec::len).max().unwrap_or(1));
    let head = high + size * 3.2;
    let mut pen = Pen::default();
    let (mut height, mut told) = (head, Vec::new());
    for ((index, tactic), name) in (0..).zip(&shown).zip(&heads) {
        let x = (wide + gutter) * length(index);
        let cells = cells(content, tactic);
        let spots = blind_spots(cells.iter().filter(|(state, _)| *state == State::Gap).count());
        let counts: Vec<String> = covered(tactic).into_iter().chain(spots).collect();
        for (line, text) in (0..).zip(name) {
            pen.write((x, size * (1.0 + 1.3 * length(line))), (bold, true), TEXT, text.as_str());
        }
        for (line, count) in (0..).zip(&counts) {
            let y = high + size * (1.25 + 1.2 * length(line));
            pen.write((x, y), (size * 0.92, false), QUIET, fit(count, size * 0.92, false, wide));
        }
        told.push(format!("{}: {}.", tactic.subject.name, counts.join(" · ")));
        let mut y = head;
        for (state, item) in cells {
            pen.cell((x, y), (wide, cell), (size, lines), state, item);
            y += cell + between;
        }
        height = height.max(y);
    }
    Drawing {
        width,
        height,
        title: "Techniques by tactic".to_owned(),
        description: told.join(" "),
        shapes: pen.shapes,
    }
}

/// Explains the cells, on one line.
pub fn legend(width: f32, size: f32) -> Drawing {
    let mut pen = Pen::default();
    let mut x = size * 0.2;
    let high = size * 1.5;
    for (state, text) in [
        (State::Full, "full: score 75 or more"),
        (State::Partial, "partial: 1 to 74"),
        (State::None, "none: 0"),
        (State::Gap, "blind spot: none, but half or more of your peers cover it"),
        (State::Unknown, "not assessed"),
    ] {
        pen.ground((x, size * 0.2), (size * 2.2, high), size * 0.25, state, String::new());
        x += size * 2.8;
        pen.write((x, size * 1.32), (size, false), QUIET, text);
        x += text_width(text, size, false) * 1.06 + size * 2.0;
    }
    let description = "The darker a cell, the higher your score. A thick edge marks a blind spot: half or more of your peers cover it, and \
         you don't.";
    let title = "Legend".to_owned();
    Drawing { width, height: size * 2.0, title, description: description.to_owned(), shapes: pen.shapes }
}

/// Counts of a tactic: those of its published row, which a share comes from.
fn covered(tactic: &ComparisonItem) -> Option<String> {
    match &tactic.shown().1.own {
        Own::Share { covered, of, .. } => Some(format!("{covered} of {of}")),
        _ => None,
    }
}

fn blind_spots(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 blind spot".to_owned()),
        _ => Some(format!("{count} blind spots")),
    }
}

/// The techniques of a tactic with their states: what is covered first, then blind spots.
fn cells<'a>(content: &'a ReportContent, tactic: &ComparisonItem) -> Vec<(State, &'a ComparisonItem)> {
    let short = tactic.subject.tactic.as_deref().unwrap_or_default();
    let within = |item: &&ComparisonItem| {
        item.subject.tactics.as_ref().is_some_and(|tactics| tactics.iter().any(|one| one == short))
    };
    let mut cells: Vec<_> =
        content.techniques.iter().filter(within).map(|item| (state(item), item)).collect();
    cells.sort_by_key(|(state, item)| (*state, std::cmp::Reverse(item.shown().1.own.value())));
    cells
}

fn state(item: &ComparisonItem) -> State {
    let side = item.shown().1;
    let covered_by_half = side
        .peers
        .row()
        .and_then(|row| row.coverage)
        .is_some_and(|coverage| matches!(coverage, Word::Most | Word::Half));
    match &side.own {
        Own::Score { level: Level::Full, .. } => State::Full,
        Own::Score { level: Level::Partial, .. } => State::Partial,
        Own::Score { level: Level::None, .. } if covered_by_half => State::Gap,
        Own::Score { .. } => State::None,
        _ => State::Unknown,
    }
}

impl State {
    /// The ground of a cell, and the ink on it.
    fn inks(self) -> (Ink, Ink) {
        match self {
            Self::Full => (FULL, WHITE),
            Self::Partial => (PARTIAL, TEXT),
            Self::Gap => (WHITE, TEXT),
            Self::None => (NONE, QUIET),
            Self::Unknown => (WHITE, QUIET),
        }
    }
}

impl Pen {
    fn ground(
        &mut self,
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        unit: f32,
        state: State,
        hint: String,
    ) {
        let (fill, _) = state.inks();
        // An edge lies within its cell.
        let (edge, inset) = match state {
            State::Gap => (Some(Edge::line(GAP, unit * 0.75)), unit * 0.375),
            State::Unknown => (Some(Edge::dashed(QUIET, unit * 0.3)), unit * 0.15),
            State::Full | State::Partial | State::None => (None, 0.0),
        };
        self.shapes.push(Shape::Box {
            x: x + inset,
            y: y + inset,
            width: width - inset * 2.0,
            height: height - inset * 2.0,
            radius: unit,
            fill: Some(fill),
            edge,
            hint,
        });
    }

    fn cell(
        &mut self,
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        (size, lines): (f32, usize),
        state: State,
        item: &ComparisonItem,
    ) {
        let (_, ink) = state.inks();
        let side = item.shown().1;
        let score = match &side.own {
            Own::Score { score, .. } => score.to_string(),
            _ => "?".to_owned(),
        };
        let (id, name) = (item.subject.id(), plain(&item.subject.name));
        let hint = format!("{id} {name}: you {score}, {}", coverage(item));
        self.ground((x, y), (width, height), size * 0.25, state, hint);
        let pad = size * 0.55;
        self.write((x + pad, y + size * 1.3), (size, true), ink, id);
        self.write_to((x + width - pad, y + size * 1.3), (size, state != State::None), ink, score);
        for (line, text) in (1..).zip(wrap(&name, size, false, (width - pad * 2.0) * ROOM, lines)) {
            self.write((x + pad, y + size * (1.3 + 1.2 * length(line))), (size, false), ink, text);
        }
    }
}

/// The part of a cell's width that a name may take: a system's font may be wider than the one it is measured in.
const ROOM: f32 = 0.97;
