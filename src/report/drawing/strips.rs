//! Strips: the own number among the quartiles of the peers, one row for each tactic, technology or threat group.

use super::{Drawing, Edge, MEDIAN, OWN, PEERS, Pen, QUIET, RULE, Shape, TEXT, WHITE, length};
use crate::{
    report::{
        letters::width as text_width,
        published::middle_half,
        story::{of_peers, own, position},
    },
    wire::{ComparisonItem, Own, Quantile},
};

/// Options of a drawing of strips.
#[derive(Debug, Clone)]
pub struct Strips<'a> {
    /// Heading of the first column: what a row is about.
    pub what: &'a str,
    pub title: String,
    /// The cohort that the report is about.
    pub asked: &'a str,
    pub width: f32,
    /// Size of the letters.
    pub size: f32,
    /// The part of the room that a text may take: less than 1 where a system's font may be wider than the one that texts are
    /// measured in.
    pub room: f32,
}

/// Places in parts of the width.
const OWN_AT: f32 = 0.345;
const TRACK_FROM: f32 = 0.37;
const TRACK_TO: f32 = 0.645;
const MEDIAN_AT: f32 = 0.74;
const WORDS_FROM: f32 = 0.76;

/// A row as numbers on its track.
struct Row {
    own: Option<f32>,
    half: Option<(f32, f32)>,
    p50: Option<f32>,
}

/// Draws the rows; the first is emphasised if it is about the whole.
pub fn draw(strips: &Strips<'_>, items: &[&ComparisonItem]) -> Drawing {
    let Strips { what, title, asked, width, size, room: usable } = strips;
    let (width, size) = (*width, *size);
    let rows: Vec<Row> = items.iter().map(|item| Row::of(item)).collect();
    let is_count = items.iter().any(|item| matches!(item.shown().1.own, Own::Count { .. }));
    let most = if is_count { rows.iter().map(Row::most).fold(1.0, f32::max) } else { 100.0 };
    let (step, head) = (size * 1.85, size * 2.1);
    let height = head + step * length(items.len()) + size * 0.6;
    let (from, to) = (width * TRACK_FROM, width * TRACK_TO);
    let at = |value: f32| from + (to - from) * (value / most).clamp(0.0, 1.0);
    let mut pen = Pen::default();
    let small = size * 0.86;
    let baseline = size;
    pen.write((0.0, baseline), (small, false), QUIET, *what);
    pen.write_to((width * OWN_AT, baseline), (small, false), QUIET, "you");
    pen.write_to((width * MEDIAN_AT, baseline), (small, false), QUIET, "median");
    pen.write((width * WORDS_FROM, baseline), (small, false), QUIET, "you are");
    let marks: &[f32] = if is_count { &[] } else { &[0.0, 25.0, 50.0, 75.0, 100.0] };
    for mark in marks {
        let x = at(*mark);
        pen.line(vec![(x, head - size * 0.35), (x, height - size * 0.6)], Edge::line(RULE, 0.6));
        if *mark == 0.0 || *mark == 50.0 || *mark == 100.0 {
            pen.write_at((x, baseline), (small, false), QUIET, format!("{mark}%"));
        }
    }
    if is_count {
        pen.write_at((at(0.0), baseline), (small, false), QUIET, "0");
        pen.write_at((at(most), baseline), (small, false), QUIET, format!("{most}"));
    }
    for ((index, item), row) in (0..).zip(items).zip(&rows) {
        let middle = head + step * (length(index) + 0.5);
        let baseline = middle + size * 0.36;
        let bold = item.subject.id().is_empty();
        let name = if item.subject.name.is_empty() { item.subject.id() } else { &item.subject.name };
        let own_text = own(&item.shown().1.own);
        let own_size = if own_text.len() > 4 { small } else { size };
        let room = width * OWN_AT - text_width(&own_text, own_size, true) * 1.1 - size;
        pen.name((0.0, baseline), (size, bold), room * usable, name);
        pen.write_to((width * OWN_AT, baseline), (own_size, true), TEXT, own_text);
        pen.line(vec![(from, middle), (to, middle)], Edge::line(RULE, 1.0));
        pen.row(row, &at, middle, size);
        pen.write_to((width * MEDIAN_AT, baseline), (size, false), TEXT, of_peers(item, Quantile::P50));
        let said = position(item, asked);
        pen.words((width * WORDS_FROM, baseline), (small, bold), width * (1.0 - WORDS_FROM) * usable, &said);
    }
    let description = description(items, asked);
    Drawing { width, height, title: title.clone(), description, shapes: pen.shapes }
}

/// Explains the marks, on one line.
pub fn legend(width: f32, size: f32) -> Drawing {
    let mut pen = Pen::default();
    let (middle, baseline) = (size * 0.7, size * 1.06);
    let mut x = size * 0.5;
    pen.dot((x, middle), size);
    x += size;
    pen.write((x, baseline), (size, false), QUIET, "you");
    x += size * 3.0;
    pen.fill((x, middle - size * 0.36), (size * 2.6, size * 0.72), size * 0.15, PEERS);
    pen.median(x + size * 1.4, middle, size);
    x += size * 3.2;
    pen.write((x, baseline), (size, false), QUIET, "the middle half of your peers, with their median");
    let title = "Legend".to_owned();
    let description =
        "A dot is you, a bar the middle half of your peers, a mark in it their median.".to_owned();
    Drawing { width, height: size * 1.5, title, description, shapes: pen.shapes }
}

impl Row {
    fn of(item: &ComparisonItem) -> Self {
        let side = item.shown().1;
        let number = |value: u8| f32::from(value);
        let own = match &side.own {
            // An own count stands where its step does, as the published ones do.
            Own::Count { step, .. } => Some(number(step.from)),
            own => own.value().and_then(|value| u8::try_from(value).ok()).map(number),
        };
        let row = side.peers.row();
        let half = row.and_then(middle_half).map(|(low, high)| (number(low), number(high)));
        Self { own, half, p50: row.and_then(|row| row.quantile(Quantile::P50)).map(number) }
    }

    fn most(&self) -> f32 {
        [self.own, self.p50, self.half.map(|(_, high)| high)].into_iter().flatten().fold(0.0, f32::max)
    }
}

impl Pen {
    fn row(&mut self, row: &Row, at: &dyn Fn(f32) -> f32, middle: f32, size: f32) {
        let high = size * 0.78;
        if let Some((low, high_end)) = row.half {
            let (from, to) = (at(low), at(high_end));
            self.fill((from, middle - high / 2.0), ((to - from).max(size * 0.2), high), size * 0.15, PEERS);
        }
        if let Some(p50) = row.p50 {
            self.median(at(p50), middle, size);
        }
        if let Some(own) = row.own {
            self.dot((at(own), middle), size);
        }
    }

    fn median(&mut self, x: f32, middle: f32, size: f32) {
        let half = size * 0.56;
        self.line(vec![(x, middle - half), (x, middle + half)], Edge::line(MEDIAN, size * 0.2));
    }

    fn dot(&mut self, (x, y): (f32, f32), size: f32) {
        let edge = Some(Edge::line(WHITE, size * 0.13));
        self.shapes.push(Shape::Dot { x, y, radius: size * 0.42, fill: OWN, edge });
    }
}

/// The rows in sentences, for those who don't see them.
fn description(items: &[&ComparisonItem], asked: &str) -> String {
    let line = |item: &&ComparisonItem| {
        let [p25, p50, p75] = [Quantile::P25, Quantile::P50, Quantile::P75].map(|at| of_peers(item, at));
        format!(
            "{}: you {}, lower quartile {p25}, median {p50}, upper quartile {p75}, {}.",
            item.subject.name,
            own(&item.shown().1.own),
            position(item, asked)
        )
    };
    items.iter().map(line).collect::<Vec<_>>().join(" ")
}
