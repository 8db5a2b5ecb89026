//! A trend as text and as CSV.

use std::fmt;

use super::{
    published::{median_moved, middle_half, published_or_dash, signed, to_median},
    rows::{Tabled, harmless, moment, quantile, table, text, word, words},
    strip::strip,
    table::{Align, Table},
    text::{
        fitted,
        words::{coverage, place},
    },
};
use crate::{
    domain::comparison::Break,
    wire::{MeasureChange, Peers, Quantile, TrendAnswer, TrendPoint, console::coded_row},
};

/// A point with the trend that it belongs to.
struct Line<'a> {
    trend: &'a TrendAnswer,
    point: &'a TrendPoint,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("measure", |line| line.trend.measure.to_string()),
    ("name", |line| harmless(&line.trend.subject.name)),
    ("release", |line| line.point.release.number.to_string()),
    ("cut_off", |line| moment(line.point.release.cut_off)),
    ("attack", |line| line.point.release.attack.to_string()),
    ("preset", |line| line.point.preset.to_string()),
    ("basis", |line| line.trend.basis.to_string()),
    ("cohort_asked", |line| line.trend.cohort.clone()),
    ("cohort", |line| text(line.peers().row().map(|row| &row.cohort))),
    ("column_asked", |line| line.trend.column.clone()),
    ("column", |line| text(line.peers().row().map(|row| &row.column))),
    ("own_status", |line| line.point.own.status.clone()),
    ("own", |line| text(line.point.own.value())),
    ("own_covered", |line| text(line.point.own.covered)),
    ("own_of", |line| text(line.point.own.of)),
    ("members", |line| word(line.peers().row().and_then(|row| row.members))),
    ("coverage", |line| word(line.peers().row().and_then(|row| row.coverage))),
    ("p25", |line| quantile(line.peers(), Quantile::P25)),
    ("p50", |line| quantile(line.peers(), Quantile::P50)),
    ("p75", |line| quantile(line.peers(), Quantile::P75)),
    ("coded", |line| text(line.peers().row().and_then(coded_row))),
    ("position", |line| word(line.point.shown().2.map(|position| position.band))),
    ("difference_to_median", |line| text(line.point.shown().3)),
    ("own_change", |line| text(line.point.change.own_change)),
    ("peers_change", |line| text(line.point.change.peers_change)),
    ("difference_change", |line| text(line.point.change.difference_change)),
    ("meaningful", |line| text(line.point.change.meaningful)),
    ("break", |line| words(&line.point.change.breaks)),
];

impl Line<'_> {
    fn peers(&self) -> &Peers {
        self.point.shown().1
    }
}

/// One row for each release.
impl Tabled for TrendAnswer {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        table(COLUMNS, self.items.iter().map(|point| Line { trend: self, point }))
    }
}

/// The change of the peers' median: in brackets where it is no more than one rounding step.
pub fn of_peers(change: &MeasureChange, then: &Peers, now: &Peers) -> String {
    let Some(moved) = change.peers_change else { return String::new() };
    let text = median_moved(moved, then, now);
    if moved == 0 || change.meaningful == Some(true) || text.is_empty() { text } else { format!("({text})") }
}

/// A reason why two points must not be joined.
pub fn reason(reason: Break) -> &'static str {
    match reason {
        Break::Attack => "another ATT&CK version",
        Break::Basis => "no peer statistics of this evidence in one of them",
        Break::Parameters => "other privacy parameters",
        Break::Catalogue => "another catalogue",
        Break::Cohort => "other peers or another column",
    }
}

const QUARTILES: [Quantile; 3] = [Quantile::P25, Quantile::P50, Quantile::P75];

/// A trend as lines, one for each release.
impl fmt::Display for TrendAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peers = if self.cohort == "all" { "all members" } else { &self.cohort };
        writeln!(f, "{} over {} releases, compared with {peers}", self.subject.name, self.items.len())?;
        writeln!(f, "Measure {}, evidence {}, column {}\n", self.measure, self.basis, self.column)?;
        let own = |point: &TrendPoint| point.own.value().unwrap_or_default();
        let high = |point: &TrendPoint| {
            point.shown().1.row().and_then(|row| row.quantile(Quantile::P75)).unwrap_or_default()
        };
        let is_count = self.items.iter().any(|point| point.own.count.is_some());
        let most = self.items.iter().map(|point| own(point).max(high(point).into())).max().unwrap_or(100);
        let most = if is_count { u8::try_from(most).unwrap_or(u8::MAX) } else { 100 };
        let mut table = Table::new(&[
            ("release", Align::Right),
            ("cut-off", Align::Whole),
            ("ATT&CK", Align::Whole),
            ("you", Align::Right),
            ("your change", Align::Right),
            ("p25", Align::Right),
            ("p50", Align::Right),
            ("p75", Align::Right),
            ("p50's change", Align::Right),
            ("to p50", Align::Right),
            ("its change", Align::Right),
            ("", Align::Strip),
            ("", Align::Left),
        ]);
        let before = std::iter::once(None).chain(self.items.iter().map(Some));
        let mut has_brackets = false;
        for (before, point) in before.zip(&self.items) {
            let then = before.map_or(&point.peers, |before| before.shown().1);
            let moved = of_peers(&point.change, then, point.shown().1);
            has_brackets |= moved.starts_with('(');
            let distances = [before, Some(point)].map(|point| point.map(distance).unwrap_or_default());
            table.row(row(point, moved, distances, most, &self.cohort));
        }
        writeln!(f, "{}", fitted(&table, f))?;
        for point in self.items.iter().filter(|point| !point.change.breaks.is_empty()) {
            let reasons: Vec<&str> = point.change.breaks.iter().map(|one| reason(*one)).collect();
            let number = point.release.number;
            writeln!(f, "  Release {number} can't be joined to the one before: {}.", reasons.join(", "))?;
        }
        if has_brackets {
            writeln!(f, "  (+5): a change of the median by one rounding step, which may mean nothing.")?;
        }
        writeln!(f, "  ● you as of the cut-off   ━ middle half of your peers   ┃ their median")
    }
}

/// The distance of a point's own value to the median.
fn distance(point: &TrendPoint) -> String {
    let (own, peers, _, difference) = point.shown();
    to_median(own.value(), peers, difference)
}

fn row(
    point: &TrendPoint,
    moved: String,
    [before, distance]: [String; 2],
    most: u8,
    asked: &str,
) -> Vec<String> {
    let (own, peers, position, _) = point.shown();
    // The change from or to a bound isn't known.
    let is_exact = [&before, &distance].iter().all(|text| !text.is_empty() && !text.starts_with(['≤', '≥']));
    let change = point.change.difference_change.filter(|_| is_exact);
    let value = own.step.map(|step| u32::from(step.from)).or(own.value());
    let value = value.map(|value| u8::try_from(value).unwrap_or(u8::MAX));
    let median = peers.row().and_then(|row| row.quantiles.p50);
    let [p25, p50, p75] = QUARTILES.map(|quantile| published_or_dash(peers, quantile));
    // Where few cover it, there is no number to be placed by.
    let shown = match (position, peers.row().and_then(|row| row.coverage)) {
        (Some(position), _) => place(position.band),
        (None, Some(word)) => coverage(word),
        (None, None) => "",
    };
    let from = peers.row().filter(|row| row.cohort != asked).map(|row| row.cohort.as_str());
    let said = match (peers.row(), from) {
        (None, _) => "not released".to_owned(),
        (Some(_), Some("all")) => format!("{shown} (all members)"),
        (Some(_), Some(from)) => format!("{shown} ({from})"),
        (Some(_), None) => shown.to_owned(),
    };
    vec![
        point.release.number.to_string(),
        point.release.cut_off.format("%Y-%m-%d").to_string(),
        point.release.attack.to_string(),
        point.own.value().map_or_else(|| "?".to_owned(), |value| value.to_string()),
        signed(point.change.own_change),
        p25,
        p50,
        p75,
        moved,
        distance,
        signed(change),
        strip(value, peers.row().and_then(middle_half), median, most),
        said,
    ]
}
