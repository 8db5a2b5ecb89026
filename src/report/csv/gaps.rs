//! Gaps as CSV. Every row is complete in itself: it says which release, cohort and ATT&CK version it is of.

use crate::report::{
    published::median,
    rows::{Tabled, harmless, moment, table, text, word},
};
use crate::wire::{
    Own,
    console::coded_row,
    gap::{Gap, Gaps},
    library::RulesAvailable,
};

/// A row as its columns see it.
struct Line<'a> {
    gaps: &'a Gaps,
    gap: &'a Gap,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("technique", |line| line.gap.technique.clone()),
    ("name", |line| harmless(&line.gap.name)),
    ("tactics", |line| line.gap.tactics.join(" ")),
    ("priority", |line| text(line.gap.priority)),
    ("distance", |line| text(line.gap.distance)),
    ("from", |line| word(line.gap.from)),
    ("threat", |line| line.gap.threat.to_string()),
    ("feasibility", |line| line.gap.means.feasibility.to_string()),
    ("through", through),
    ("can_see", |line| line.gap.means.can_see.join(" ")),
    ("could_see", |line| line.gap.means.could_see.join(" ")),
    ("rules_available", rules_available),
    ("fragile", |line| line.gap.fragile.to_string()),
    ("own", |line| text(line.gap.own.value())),
    ("own_level", own_level),
    ("coverage", |line| word(line.gap.peers.row().and_then(|row| row.coverage))),
    ("p25", |line| text(line.gap.peers.row().and_then(|row| row.quantiles.p25))),
    ("p50", |line| text(line.gap.peers.row().and_then(|row| row.quantiles.p50))),
    ("p75", |line| text(line.gap.peers.row().and_then(|row| row.quantiles.p75))),
    ("coded", |line| text(line.gap.peers.row().and_then(coded_row))),
    ("position", |line| word(line.gap.position.as_ref().map(|position| position.band))),
    ("difference_to_median", |line| text(line.gap.difference_to_median)),
    ("status", |line| line.gap.state.status.to_string()),
    ("month", |line| text(line.gap.state.month)),
    ("overdue", |line| line.gap.state.overdue.to_string()),
    ("reason", |line| word(line.gap.state.reason)),
    ("until", |line| text(line.gap.state.until)),
    ("closed_on", |line| text(line.gap.state.closed_on)),
    ("reopened_on", |line| text(line.gap.state.reopened_on)),
    ("cohort", |line| text(line.gap.peers.row().map(|row| &row.cohort))),
    ("column", |line| text(line.gap.peers.row().map(|row| &row.column))),
    ("members", |line| word(line.gap.peers.row().and_then(|row| row.members))),
    ("cohort_asked", |line| line.gaps.envelope.cohort.clone()),
    ("basis", |line| line.gaps.envelope.basis.to_string()),
    ("release", |line| line.gaps.envelope.release.number.to_string()),
    ("cut_off", |line| moment(line.gaps.envelope.release.cut_off)),
    ("attack", |line| line.gaps.envelope.release.attack.to_string()),
];

impl Tabled for Gaps {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        table(COLUMNS, self.items.iter().map(|gap| Line { gaps: self, gap }))
    }
}

/// Technologies with the median of their owners: `microsoft.windows=50`, or the word where there is no median.
fn through(line: &Line<'_>) -> String {
    let through = line.gap.means.through.iter().map(|through| {
        let p50 = median(through.p50, &through.coded).map(|p50| p50.replace('≥', ">="));
        let value = p50.unwrap_or_else(|| through.coverage.to_string());
        format!("{}={value}", through.technology)
    });
    through.collect::<Vec<_>>().join(" ")
}

/// Rules through the own technologies, of all of the library that name the technique: `sigmahq=12/37`.
fn rules_available(line: &Line<'_>) -> String {
    let available = line.gap.rules_available.iter();
    let available =
        available.map(|RulesAvailable { library, rules, of, .. }| format!("{library}={rules}/{of}"));
    available.collect::<Vec<_>>().join(" ")
}

fn own_level(line: &Line<'_>) -> String {
    match &line.gap.own {
        Own::Missing { status } => word(Some(status)),
        Own::Score { level, .. } => word(Some(level)),
        Own::Share { .. } | Own::Count { .. } => String::new(),
    }
}
