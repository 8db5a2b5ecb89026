//! The comparison before and after changes as text, and the fewest changes that reach a target.

use std::fmt;

use serde::Deserialize;

use super::{NAME, fitted, head, words};
use crate::{
    domain::comparison::{Feasibility, NoEffect},
    report::{
        published::published_or_dash,
        table::{Align, Table, shorten},
    },
    wire::{
        End, Own, Quantile, Subject,
        what_if::{Change, FewestChanges, Standing, WhatIf},
    },
};

/// The comparison before and after changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct WhatIfText(pub WhatIf);

/// The fewest changes that reach a target.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct FewestText(pub FewestChanges);

impl fmt::Display for WhatIfText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(found) = self;
        let all = [std::slice::from_ref(&found.overall), &found.tactics, &found.technologies];
        let shown = words::shown_rows(&found.envelope, found.overall.peers.row().into_iter());
        head(f, &format!("What if: before and after, compared with {}", shown.heading), &found.envelope)?;
        let changed: Vec<&Change> = all.into_iter().flatten().filter(|line| line.is_changed()).collect();
        if changed.is_empty() {
            let because = match found.techniques.is_empty() && !found.same_level.is_empty() {
                true => ", because you cover these techniques already",
                false => "",
            };
            writeln!(f, "None of your overall, tactic and technology numbers changes{because}.")?;
        } else {
            write!(f, "{}", fitted(&lines("", &changed), f))?;
        }
        let techniques: Vec<&Change> = found.techniques.iter().collect();
        if !techniques.is_empty() {
            write!(
                f,
                "\nTechniques that change their level\n{}",
                fitted(&lines("technique", &techniques), f)
            )?;
        }
        if !found.same_level.is_empty() {
            write!(
                f,
                "\nTechniques that get rules and keep their level\n{}",
                fitted(&same_level(&found.same_level), f)
            )?;
        }
        let counts = [
            (found.newly_assessed, "becomes assessed", "become assessed"),
            (found.no_longer_assessed, "is no longer assessed", "are no longer assessed"),
        ];
        for (count, one, several) in counts {
            match count {
                0 => {}
                1 => writeln!(f, "\n1 technique {one}.")?,
                _ => writeln!(f, "\n{count} techniques {several}.")?,
            }
        }
        if !found.not_applied.is_empty() {
            writeln!(f, "\nWithout effect")?;
        }
        for change in &found.not_applied {
            let technique = change.technique.as_ref().map(|id| format!("{id} through ")).unwrap_or_default();
            let cells = if change.cells > 1 { format!(" ({} cells)", change.cells) } else { String::new() };
            writeln!(f, "  {technique}{}{cells}: {}", change.technology, reason(change.reason))?;
        }
        Ok(())
    }
}

impl Change {
    fn is_changed(&self) -> bool {
        let number = |side: &Standing| (side.own.value(), covered(&side.own));
        number(&self.before) != number(&self.after)
    }
}

fn covered(own: &Own) -> Option<u32> {
    if let Own::Share { covered, .. } = own { Some(*covered) } else { None }
}

fn reason(reason: NoEffect) -> &'static str {
    match reason {
        NoEffect::TechnologyNotOwned => "you don't have this technology (`--add-technology` adds it)",
        NoEffect::TechnologyOwned => "you have this technology already",
        NoEffect::CannotSee => "the technology can't see the technique",
        NoEffect::ScoreIsFull => "your score is the highest already",
    }
}

/// Techniques with the reason why their level stays.
fn same_level(changes: &[Change]) -> Table {
    let columns = [
        ("technique", Align::Whole),
        ("", Align::Left),
        ("before", Align::Right),
        ("after", Align::Right),
        ("", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for change in changes {
        let (before, after) = (&change.before.own, &change.after.own);
        let why = match (before.value() == after.value(), after) {
            (true, _) => "another rule or technology of yours scores as much".to_owned(),
            (false, Own::Score { level, .. }) => format!("still {}", level.name()),
            (false, _) => String::new(),
        };
        let Subject { technique, name, .. } = &change.subject;
        let id = technique.clone().unwrap_or_default();
        table.row(vec![id, shorten(name, NAME), value(before), value(after), why]);
    }
    table
}

fn lines(what: &str, changes: &[&Change]) -> Table {
    let is_technique = what == "technique";
    let mut table = Table::new(&[
        (what, if is_technique { Align::Whole } else { Align::Left }),
        ("", Align::Left),
        ("before", Align::Right),
        ("after", Align::Right),
        ("p50", Align::Right),
        ("", Align::Left),
    ]);
    for change in changes {
        let Subject { technique, name, .. } = &change.subject;
        let position = |side: &Standing| side.position.as_ref().map(|position| words::place(position.band));
        let (before, after) = (position(&change.before), position(&change.after));
        let moved = match (before, after) {
            (Some(before), Some(after)) if before != after => format!("{before}, then {after}"),
            (_, Some(after)) => after.to_owned(),
            (_, None) => String::new(),
        };
        table.row(vec![
            if is_technique { technique.clone().unwrap_or_default() } else { shorten(name, NAME) },
            if is_technique { shorten(name, NAME) } else { String::new() },
            value(&change.before.own),
            value(&change.after.own),
            published_or_dash(&change.peers, Quantile::P50),
            moved,
        ]);
    }
    table
}

fn value(own: &Own) -> String {
    match own {
        Own::Share { share, covered, of, .. } => format!("{share}% ({covered} of {of})"),
        own => own.value().map_or_else(|| "?".to_owned(), |value| value.to_string()),
    }
}

impl fmt::Display for FewestText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(found) = self;
        let rows = found.peers.row();
        let shown = words::shown_rows(&found.envelope, rows.into_iter());
        head(f, &format!("The fewest changes, compared with {}", shown.heading), &found.envelope)?;
        FewestShort(found).fmt(f)
    }
}

/// Says in a sentence or two what it takes to reach the target.
pub fn fewest_told(found: &FewestChanges) -> String {
    let unit = if found.of.is_some() { "%" } else { "" };
    let own = match found.own {
        Some(own) => format!("you are at {own}{unit}"),
        None => "you have assessed nothing of it".to_owned(),
    };
    let of = found.covered.zip(found.of).map(|(covered, of)| format!(" ({covered} of {of})"));
    let standing = format!("{}: {own}{}", found.name, of.unwrap_or_default());
    let quantile = match found.target.as_str() {
        "p50" => Some(("median", Quantile::P50)),
        "p75" => Some(("upper quartile", Quantile::P75)),
        _ => None,
    };
    let target = match quantile {
        Some((what, of)) => format!("your peers' {what} of {}{unit}", published_or_dash(&found.peers, of)),
        None => format!("{}{unit}", found.target_value),
    };
    let end = quantile.and_then(|(_, of)| found.peers.row()?.coded.get(&of).copied());
    if !found.reachable {
        let bound = found.bound;
        return format!(
            "{standing}. Your technologies reach {bound}{unit} at most, so {target} is out of reach."
        );
    }
    let is_within = found.own.is_some_and(|own| own <= found.target_value.into());
    match found.needed {
        // Nobody can know whether that is below the number behind it.
        0 if end == Some(End::Low) && is_within => {
            format!("{standing}, which is within {target}. No change is needed.")
        }
        0 => format!("{standing}, which reaches {target}."),
        needed => {
            let what = match (found.of.is_some(), found.measure.starts_with("technique:")) {
                (_, true) => rules(needed),
                _ if needed == 1 => "1 more technique".to_owned(),
                _ => format!("{needed} more techniques"),
            };
            format!("{standing}. {what} would reach {target}.")
        }
    }
}

/// The fewest changes without a heading.
pub struct FewestShort<'a>(pub &'a FewestChanges);

impl fmt::Display for FewestShort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(found) = self;
        let unit = if found.of.is_some() { "%" } else { "" };
        writeln!(f, "{}", fewest_told(found))?;
        if found.changes.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        let mut table = Table::new(&[
            ("add", Align::Whole),
            ("", Align::Left),
            ("through", Align::Left),
            ("rules", Align::Right),
            ("priority", Align::Right),
            ("threat", Align::Right),
            ("reaches", Align::Right),
            ("", Align::Left),
        ]);
        for change in &found.changes {
            let is_usual = change.means.feasibility == Feasibility::Ready;
            let peers = if is_usual { "half or more of its owners cover it this way" } else { "" };
            table.row(vec![
                change.technique.clone(),
                shorten(&change.name, NAME),
                change.technology.clone(),
                change.count.to_string(),
                change.priority.to_string(),
                change.threat.to_string(),
                format!("{}{unit}", change.reaches),
                peers.to_owned(),
            ]);
        }
        write!(f, "{}", fitted(&table, f))
    }
}

fn rules(count: u32) -> String {
    if count == 1 { "1 more rule".to_owned() } else { format!("{count} more rules") }
}
