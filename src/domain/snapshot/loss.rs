//! The cells that a feed would lose by a snapshot: an export that went wrong looks like rules that were switched off.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use super::content::{Cell, CellValue, Snapshot};

/// A snapshot that says far less than the one whose place it would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Number of cells with a value of the present snapshot; 0 where there is none.
    pub before: usize,
    /// Number of cells with a value of the new one.
    pub now: usize,
    /// Number of cells that would be lost by technology, the most first.
    pub technologies: Vec<(String, usize)>,
}

/// The most technologies that the text names.
const NAMED: usize = 5;

/// Returns the number of cells with a value.
pub fn assessed(snapshot: &Snapshot) -> usize {
    snapshot.cells.iter().filter(|cell| has_value(cell)).count()
}

/// Returns true if a number of cells is so small that it takes the member's word for it: none, or below half of those before.
pub fn is_suspicious(now: usize, before: usize) -> bool {
    now == 0 || 2 * now < before
}

/// The loss by a snapshot, if it is suspicious. `before` is the feed's present snapshot, whose place it would take.
pub fn loss(before: Option<&Snapshot>, next: &Snapshot) -> Option<Loss> {
    let (had, now) = (before.map_or(0, assessed), assessed(next));
    if !is_suspicious(now, had) {
        return None;
    }
    let kept: HashSet<(&str, _)> = next
        .cells
        .iter()
        .filter(|cell| has_value(cell))
        .map(|cell| (next.technology(cell), cell.technique))
        .collect();
    let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
    for (snapshot, cell) in
        before.into_iter().flat_map(|snapshot| snapshot.cells.iter().map(move |cell| (snapshot, cell)))
    {
        let technology = snapshot.technology(cell);
        if has_value(cell) && !kept.contains(&(technology, cell.technique)) {
            *lost.entry(technology).or_default() += 1;
        }
    }
    let mut technologies: Vec<(String, usize)> =
        lost.into_iter().map(|(id, count)| (id.to_owned(), count)).collect();
    technologies.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Some(Loss { before: had, now, technologies })
}

fn has_value(cell: &Cell) -> bool {
    matches!(cell.value, CellValue::Value(_))
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = match self.now {
            0 => "no cell with a value".to_owned(),
            1 => "1 cell with a value".to_owned(),
            now => format!("{now} cells with a value"),
        };
        write!(f, "the snapshot has {cells}")?;
        if self.now == 0 && self.before == 0 {
            return Ok(());
        }
        write!(f, "; the current snapshot of this feed has {}", self.before)?;
        let named: Vec<String> =
            self.technologies.iter().take(NAMED).map(|(id, count)| format!("{id} {count}")).collect();
        let more = if self.technologies.len() > NAMED { ", and others" } else { "" };
        write!(f, ". Cells lost by technology: {}{more}", named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        attack::{AttackVersion, Catalogues},
        snapshot::{Context, parse},
        technology,
    };

    fn snapshot(cells: &[(&str, &str)]) -> Snapshot {
        let cells: Vec<_> = cells
            .iter()
            .map(|(technique, technology)| serde_json::json!({"technique": technique, "technology": technology, "value": 1}))
            .collect();
        let version: AttackVersion = "18.1".parse().unwrap();
        let text = serde_json::json!({"schema": "coverage-snapshot/1", "period": "2026-11",
            "attack": {"domain": "enterprise-attack", "version": version},
            "producer": {"source": "sigma", "feed": 1, "adapter": "0.1.0"}, "basis": "deployed", "scale": "rule-count/1",
            "technologies": ["aws.cloudtrail", "microsoft.windows"], "complete": [], "cells": cells});
        let catalogues = Catalogues::bundled();
        let context = Context {
            catalogues: &catalogues,
            registry: technology::bundled(),
            current: "2026-11".parse().unwrap(),
        };
        parse(text.to_string().as_bytes(), context).unwrap()
    }

    #[test]
    fn none_and_less_than_half_are_a_loss() {
        let (aws, windows) = ("aws.cloudtrail", "microsoft.windows");
        let many = snapshot(&[("T1078", aws), ("T1059", windows), ("T1078", windows)]);
        let half = snapshot(&[("T1078", aws), ("T1059", windows)]);
        let one = snapshot(&[("T1078", aws)]);
        assert_eq!(loss(Some(&many), &half), None);
        assert_eq!(loss(None, &one), None);
        let lost = loss(Some(&many), &one).unwrap();
        assert_eq!((lost.before, lost.now, lost.technologies.clone()), (3, 1, vec![(windows.to_owned(), 2)]));
        assert!(lost.to_string().contains("microsoft.windows 2"), "{lost}");
        let nothing = snapshot(&[]);
        assert_eq!(loss(None, &nothing).unwrap().before, 0);
        assert_eq!(
            loss(Some(&many), &nothing).unwrap().technologies,
            [(windows.to_owned(), 2), (aws.to_owned(), 1)]
        );
    }
}
