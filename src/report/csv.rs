//! A list as CSV: one row per line, with the side that says something. What is missing is empty, never 0, and every row says
//! which release, cohort and ATT&CK version it is of.

mod book;
mod cohorts;
mod diff;
mod gaps;
mod snapshots;
mod what_if;

use super::rows::{Tabled, harmless, moment, table, text, word};
use crate::wire::{
    Comparison, ComparisonItem, ComparisonSide, Envelope, Own, Percentile, Quantile, Row, Shown, Subject,
    console::coded,
};

/// A line as its columns see it.
struct Line<'a> {
    envelope: &'a Envelope,
    item: &'a ComparisonItem,
    subject: &'a Subject,
    shown: Shown,
    side: &'a ComparisonSide,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("technique", |line| text(line.subject.technique.as_ref())),
    ("tactic", |line| text(line.subject.tactic.as_ref())),
    ("group", |line| text(line.subject.group.as_ref())),
    ("technology", |line| text(line.subject.technology.as_ref())),
    ("family", |line| text(line.subject.family.as_ref())),
    ("name", |line| harmless(&line.subject.name)),
    ("tactics", |line| line.subject.tactics.as_ref().map(|tactics| tactics.join(" ")).unwrap_or_default()),
    ("own", |line| text(line.side.own.value())),
    ("own_level", own_level),
    ("own_covered", |line| text(own_covered(&line.side.own).map(|(covered, _)| covered))),
    ("own_of", |line| text(own_covered(&line.side.own).map(|(_, of)| of))),
    ("own_unknown", own_unknown),
    ("shown", shown),
    ("cohort", |line| text(line.row().map(|row| &row.cohort))),
    ("column", |line| text(line.row().map(|row| &row.column))),
    ("members", |line| word(line.row().and_then(|row| row.members))),
    ("coverage", |line| word(line.row().and_then(|row| row.coverage))),
    ("p10", |line| line.quantile(Quantile::P10)),
    ("p25", |line| line.quantile(Quantile::P25)),
    ("p50", |line| line.quantile(Quantile::P50)),
    ("p75", |line| line.quantile(Quantile::P75)),
    ("p90", |line| line.quantile(Quantile::P90)),
    ("coded", |line| text(coded(line.item))),
    ("confidence", |line| word(line.row().and_then(|row| row.confidence))),
    ("position", |line| word(line.side.position.as_ref().map(|position| position.band))),
    ("percentile_estimate", |line| text(line.percentile(|at| matches!(at, Percentile::Estimate(_))))),
    ("percentile_at_most", |line| text(line.percentile(|at| matches!(at, Percentile::AtMost(_))))),
    ("percentile_at_least", |line| text(line.percentile(|at| matches!(at, Percentile::AtLeast(_))))),
    ("difference_to_median", |line| text(line.side.difference_to_median)),
    ("same_since", |line| text(line.row().and_then(|row| row.same_since))),
    ("cohort_asked", |line| line.envelope.cohort.clone()),
    ("basis", |line| line.envelope.basis.to_string()),
    ("release", |line| line.envelope.release.number.to_string()),
    ("cut_off", |line| moment(line.envelope.release.cut_off)),
    ("attack", |line| line.envelope.release.attack.to_string()),
];

impl Tabled for Comparison {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        table(COLUMNS, self.items.iter().map(|item| Line::of(&self.envelope, item)))
    }
}

impl<'a> Line<'a> {
    fn of(envelope: &'a Envelope, item: &'a ComparisonItem) -> Self {
        let (shown, side) = item.shown();
        Self { envelope, item, subject: &item.subject, shown, side }
    }

    fn row(&self) -> Option<&'a Row> {
        self.side.peers.row()
    }

    fn quantile(&self, quantile: Quantile) -> String {
        text(self.row().and_then(|row| row.quantile(quantile)))
    }

    fn percentile(&self, is_asked: fn(&Percentile) -> bool) -> Option<u8> {
        let percentile = self.side.position.as_ref().map(|position| position.percentile).filter(is_asked)?;
        let (Percentile::Estimate(percent) | Percentile::AtMost(percent) | Percentile::AtLeast(percent)) =
            percentile;
        Some(percent)
    }
}

/// Says that a row is the asked one, a fallback, or not released.
fn shown(line: &Line<'_>) -> String {
    match line.shown {
        Shown::Asked => "asked",
        Shown::Fallback => "fallback",
        Shown::NotReleased => "not_released",
    }
    .to_owned()
}

fn own_level(line: &Line<'_>) -> String {
    match &line.side.own {
        Own::Missing { status } => word(Some(status)),
        Own::Score { level, .. } => word(Some(level)),
        Own::Share { .. } | Own::Count { .. } => String::new(),
    }
}

/// Returns how many are covered, and of how many.
fn own_covered(own: &Own) -> Option<(u32, u32)> {
    match own {
        Own::Score { through, .. } => through.as_ref().map(|through| (through.covered, through.can_see)),
        Own::Share { covered, of, .. } => Some((*covered, *of)),
        Own::Count { .. } | Own::Missing { .. } => None,
    }
}

fn own_unknown(line: &Line<'_>) -> String {
    if let Own::Share { unknown, .. } = line.side.own { unknown.to_string() } else { String::new() }
}
