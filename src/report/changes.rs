//! Changes since a release as text and as CSV.

use std::fmt;

use super::{
    published::{published_or_dash, signed},
    rows::{Tabled, harmless, moment, quantile, table as rows, text, word, words},
    table::{Align, Table, shorten},
    text::{fitted, words::coverage},
    trend::{of_peers, reason},
};
use crate::wire::{ChangedMeasure, ChangesAnswer, MeasuredSide, Quantile, console::coded_row};

/// A measure with the changes that it belongs to.
struct Line<'a> {
    changes: &'a ChangesAnswer,
    item: &'a ChangedMeasure,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("measure", |line| line.item.measure.to_string()),
    ("name", |line| harmless(&line.item.subject.name)),
    ("since", |line| line.changes.since.number.to_string()),
    ("since_cut_off", |line| moment(line.changes.since.cut_off)),
    ("since_attack", |line| line.changes.since.attack.to_string()),
    ("release", |line| line.changes.envelope.release.number.to_string()),
    ("cut_off", |line| moment(line.changes.envelope.release.cut_off)),
    ("attack", |line| line.changes.envelope.release.attack.to_string()),
    ("basis", |line| line.changes.envelope.basis.to_string()),
    ("cohort_asked", |line| line.changes.envelope.cohort.clone()),
    ("cohort", |line| text(line.item.now.peers.row().map(|row| &row.cohort))),
    ("own_then", |line| text(line.item.then.own.value())),
    ("own_now", |line| text(line.item.now.own.value())),
    ("own_change", |line| text(line.item.change.own_change)),
    ("p50_then", |line| quantile(&line.item.then.peers, Quantile::P50)),
    ("p50_now", |line| quantile(&line.item.now.peers, Quantile::P50)),
    ("coded_then", |line| coded(&line.item.then)),
    ("coded_now", |line| coded(&line.item.now)),
    ("peers_change", |line| text(line.item.change.peers_change)),
    ("coverage_then", |line| word(line.item.then.peers.row().and_then(|row| row.coverage))),
    ("coverage_now", |line| word(line.item.now.peers.row().and_then(|row| row.coverage))),
    ("difference_then", |line| text(line.item.then.difference_to_median)),
    ("difference_now", |line| text(line.item.now.difference_to_median)),
    ("difference_change", |line| text(line.item.change.difference_change)),
    ("meaningful", |line| text(line.item.change.meaningful)),
    ("break", |line| words(&line.item.change.breaks)),
];

/// Numbers of a side that stand for more than themselves.
fn coded(side: &MeasuredSide) -> String {
    text(side.peers.row().and_then(coded_row))
}

/// One row for each measure.
impl Tabled for ChangesAnswer {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        rows(COLUMNS, self.items.iter().map(|item| Line { changes: self, item }))
    }
}

/// Characters of a name.
const NAME: usize = 40;

/// The changes as a table, most moved first.
impl fmt::Display for ChangesAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (since, release) = (&self.since, &self.envelope.release);
        let peers = if self.envelope.cohort == "all" { "all members" } else { &self.envelope.cohort };
        writeln!(f, "What changed since release {}, compared with {peers}", since.number)?;
        writeln!(
            f,
            "From release {} (cut-off {}, ATT&CK {}) to release {} (cut-off {}, ATT&CK {})\n",
            since.number,
            since.cut_off.format("%Y-%m-%d"),
            since.attack,
            release.number,
            release.cut_off.format("%Y-%m-%d"),
            release.attack,
        )?;
        if self.items.is_empty() {
            return writeln!(f, "Nothing moved: neither your values nor your peers' medians.");
        }
        writeln!(f, "{}", fitted(&table(&self.items), f))?;
        let shown = self.items.len();
        if usize::try_from(self.total).is_ok_and(|total| total > shown) {
            writeln!(f, "  {shown} of {} measures that moved, most moved first.", self.total)?;
        }
        if !self.breaks.is_empty() {
            let reasons: Vec<&str> = self.breaks.iter().map(|one| reason(*one)).collect();
            writeln!(f, "  The peers' values of the two releases can't be joined: {}.", reasons.join(", "))?;
        }
        if self.items.iter().any(|item| peers_moved(item).starts_with('(')) {
            writeln!(f, "  (+5): a change of the median by one rounding step, which may mean nothing.")?;
        }
        writeln!(
            f,
            "  Your earlier values are as of that release's cut-off, from snapshots that still exist."
        )
    }
}

fn table(items: &[ChangedMeasure]) -> Table {
    let mut table = Table::new(&[
        ("measure", Align::Whole),
        ("", Align::Left),
        ("you", Align::Right),
        ("your change", Align::Right),
        ("peers' p50", Align::Right),
        ("p50's change", Align::Right),
        ("", Align::Left),
    ]);
    for item in items {
        let own =
            |side: &MeasuredSide| side.own.value().map_or_else(|| "?".to_owned(), |value| value.to_string());
        let p50 = |side: &MeasuredSide| published_or_dash(&side.peers, Quantile::P50);
        table.row(vec![
            item.measure.to_string(),
            shorten(&item.subject.name, NAME),
            arrow(own(&item.then), own(&item.now)),
            signed(item.change.own_change),
            arrow(p50(&item.then), p50(&item.now)),
            peers_moved(item),
            said(item),
        ]);
    }
    table
}

/// The change of the peers' median as the table shows it.
fn peers_moved(item: &ChangedMeasure) -> String {
    of_peers(&item.change, &item.then.peers, &item.now.peers)
}

/// From one number to another, or the one that both are.
fn arrow(then: String, now: String) -> String {
    if then == now { now } else { format!("{then} → {now}") }
}

/// The words of the peers' coverage where they changed, and whether a row came or went.
fn said(item: &ChangedMeasure) -> String {
    let word = |side: &MeasuredSide| side.peers.row().and_then(|row| row.coverage);
    match (item.then.peers.row(), item.now.peers.row()) {
        (None, Some(_)) => "newly released".to_owned(),
        (Some(_), None) => "no longer released".to_owned(),
        _ if word(&item.then) != word(&item.now) => word(&item.now).map_or("", coverage).to_owned(),
        _ => String::new(),
    }
}

/// The most moved measures, for a page that shows other things too.
pub fn excerpt(changes: &ChangesAnswer, most: usize) -> Table {
    table(changes.items.get(..most.min(changes.items.len())).unwrap_or_default())
}
