//! The comparison before and after changes, and the fewest changes that reach a target, as CSV.

use crate::report::rows::{Tabled, harmless, moment, quantile, table, text, word};
use crate::wire::{
    Envelope, Own, Quantile,
    console::coded_row,
    what_if::{Change, FewestChanges, NotApplied, SuggestedChange, WhatIf},
};

/// A line of the comparison, or a change without effect.
enum Of<'a> {
    Change(&'static str, &'a Change),
    NotApplied(&'a NotApplied),
}

struct Line<'a> {
    envelope: &'a Envelope,
    of: Of<'a>,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("kind", |line| match &line.of {
        Of::Change(kind, _) => (*kind).to_owned(),
        Of::NotApplied(_) => "without_effect".to_owned(),
    }),
    ("item", |line| match &line.of {
        Of::Change(_, change) => change.subject.id().to_owned(),
        Of::NotApplied(one) => text(one.technique.as_ref()),
    }),
    ("name", |line| line.of(|change| harmless(&change.subject.name))),
    ("before", |line| line.of(|change| text(change.before.own.value()))),
    ("after", |line| line.of(|change| text(change.after.own.value()))),
    ("before_covered", |line| line.of(|change| covered(&change.before.own))),
    ("after_covered", |line| line.of(|change| covered(&change.after.own))),
    ("before_level", |line| line.of(|change| level(&change.before.own))),
    ("after_level", |line| line.of(|change| level(&change.after.own))),
    ("p50", |line| line.of(|change| quantile(&change.peers, Quantile::P50))),
    ("coded", |line| line.of(|change| text(change.peers.row().and_then(coded_row)))),
    ("before_position", |line| line.of(|change| word(change.before.position.as_ref().map(|at| at.band)))),
    ("after_position", |line| line.of(|change| word(change.after.position.as_ref().map(|at| at.band)))),
    ("before_difference", |line| line.of(|change| text(change.before.difference_to_median))),
    ("after_difference", |line| line.of(|change| text(change.after.difference_to_median))),
    ("technology", |line| line.not_applied(|one| one.technology.clone())),
    ("reason", |line| line.not_applied(|one| one.reason.to_string())),
    ("cells", |line| line.not_applied(|one| one.cells.to_string())),
    ("cohort", |line| line.of(|change| text(change.peers.row().map(|row| &row.cohort)))),
    ("cohort_asked", |line| line.envelope.cohort.clone()),
    ("basis", |line| line.envelope.basis.to_string()),
    ("release", |line| line.envelope.release.number.to_string()),
    ("cut_off", |line| moment(line.envelope.release.cut_off)),
    ("attack", |line| line.envelope.release.attack.to_string()),
];

impl Line<'_> {
    fn of(&self, cell: impl Fn(&Change) -> String) -> String {
        if let Of::Change(_, change) = &self.of { cell(change) } else { String::new() }
    }

    fn not_applied(&self, cell: impl Fn(&NotApplied) -> String) -> String {
        if let Of::NotApplied(one) = &self.of { cell(one) } else { String::new() }
    }
}

fn covered(own: &Own) -> String {
    if let Own::Share { covered, of, .. } = own { format!("{covered}/{of}") } else { String::new() }
}

fn level(own: &Own) -> String {
    match own {
        Own::Score { level, .. } => word(Some(level)),
        Own::Missing { status } => word(Some(status)),
        Own::Share { .. } | Own::Count { .. } => String::new(),
    }
}

/// One row for each line of the answer, and for each change without effect.
impl Tabled for WhatIf {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let lists = [
            ("overall", std::slice::from_ref(&self.overall)),
            ("tactic", &self.tactics),
            ("technology", &self.technologies),
            ("technique", &self.techniques),
            ("same_level", &self.same_level),
        ];
        let changes =
            lists.into_iter().flat_map(|(kind, list)| list.iter().map(move |one| Of::Change(kind, one)));
        let lines = changes.chain(self.not_applied.iter().map(Of::NotApplied));
        table(COLUMNS, lines.map(|of| Line { envelope: &self.envelope, of }))
    }
}

/// A change with the answer that it is in.
struct Suggested<'a> {
    found: &'a FewestChanges,
    change: &'a SuggestedChange,
}

type SuggestedColumn = (&'static str, fn(&Suggested<'_>) -> String);

const SUGGESTED: &[SuggestedColumn] = &[
    ("technique", |line| line.change.technique.clone()),
    ("name", |line| harmless(&line.change.name)),
    ("tactics", |line| line.change.tactics.join(" ")),
    ("technology", |line| line.change.technology.clone()),
    ("rules", |line| line.change.count.to_string()),
    ("feasibility", |line| line.change.means.feasibility.to_string()),
    ("threat", |line| line.change.threat.to_string()),
    ("distance", |line| text(line.change.distance)),
    ("priority", |line| line.change.priority.to_string()),
    ("reaches", |line| line.change.reaches.to_string()),
    ("measure", |line| line.found.measure.clone()),
    ("target", |line| line.found.target.clone()),
    ("target_value", |line| line.found.target_value.to_string()),
    ("coded", |line| text(line.found.peers.row().and_then(coded_row))),
    ("own", |line| text(line.found.own)),
    ("needed", |line| line.found.needed.to_string()),
    ("reachable", |line| line.found.reachable.to_string()),
    ("bound", |line| line.found.bound.to_string()),
    ("cohort", |line| text(line.found.peers.row().map(|row| &row.cohort))),
    ("cohort_asked", |line| line.found.envelope.cohort.clone()),
    ("basis", |line| line.found.envelope.basis.to_string()),
    ("release", |line| line.found.envelope.release.number.to_string()),
    ("cut_off", |line| moment(line.found.envelope.release.cut_off)),
    ("attack", |line| line.found.envelope.release.attack.to_string()),
];

/// One row for each change.
impl Tabled for FewestChanges {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        table(SUGGESTED, self.changes.iter().map(|change| Suggested { found: self, change }))
    }
}
