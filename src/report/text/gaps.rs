//! Gaps as text: a list by priority, or the few to close first with their reasons in words.

use std::fmt;

use serde::Deserialize;

use super::{NAME, Named, fitted, head, words};
use crate::{
    domain::comparison::{Feasibility, GapStatus, Word},
    report::{
        cohorts::capital,
        published::{median, published},
        table::{Align, Table, shorten},
    },
    wire::{
        Quantile,
        gap::{Gap, Gaps, Means, State, Through},
        library::RulesAvailable,
    },
};

/// A list of gaps.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct GapList(pub Gaps);

/// The gaps to close first, each with its reasons in words.
#[derive(Debug, Clone)]
pub struct CloseFirst(pub Gaps);

/// Technologies that a line names.
const NAMED: usize = 3;

impl fmt::Display for GapList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(gaps) = self;
        let rows = gaps.items.iter().filter_map(|gap| gap.peers.row());
        let shown = words::shown_rows(&gaps.envelope, rows);
        head(f, &format!("Your gaps compared with {}", shown.heading), &gaps.envelope)?;
        if let Some(set) = &gaps.set {
            writeln!(f, "{}\n", words::Counts(set))?;
        }
        let behind: Vec<&Gap> = gaps.items.iter().filter(|gap| gap.distance.is_some_and(|d| d > 0)).collect();
        let all = gaps.behind.max(u32::try_from(behind.len()).unwrap_or(u32::MAX));
        if all == 0 {
            writeln!(f, "You are behind your peers in no technique of this list.")?;
        } else if !behind.is_empty() {
            writeln!(
                f,
                "{}\n\n  \
                 behind: points between your score and your peers' value, which `peers` names\n  \
                 threat: percentage of techniques that fewer threat groups use\n  \
                 priority: points behind, weighted by threat and by whether your technologies can see the technique",
                Listed { shown: behind.len(), all }
            )?;
            if behind.iter().any(|gap| gap.fragile) {
                writeln!(f, "  fragile: one technology alone covers the technique")?;
            }
            write!(f, "\n{}", fitted(&table(&behind, Named::of(&shown, &gaps.envelope)), f))?;
        }
        let reached = gaps.items.iter().filter(|gap| gap.distance == Some(0)).count();
        if reached > 0 {
            let techniques = if reached == 1 { "technique" } else { "techniques" };
            writeln!(f, "\n  Not listed: {reached} {techniques} in which you aren't behind your peers.")?;
        }
        let unknown: Vec<&Gap> = gaps.items.iter().filter(|gap| gap.distance.is_none()).collect();
        if !unknown.is_empty() {
            write!(f, "\nNot assessed by you, covered by your peers\n{}", fitted(&unassessed(&unknown), f))?;
        }
        Ok(())
    }
}

/// The number of gaps that a list shows, of all that there are.
struct Listed {
    shown: usize,
    all: u32,
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown, all } = self;
        match (usize::try_from(*all) == Ok(*shown), all) {
            (true, 1) => write!(f, "1 gap"),
            (true, _) => write!(f, "{all} gaps"),
            (false, _) => write!(f, "{shown} of {all} gaps"),
        }
    }
}

fn table(gaps: &[&Gap], named: Named<'_>) -> Table {
    let mut table = Table::new(&[
        ("technique", Align::Whole),
        ("", Align::Left),
        ("priority", Align::Right),
        ("you", Align::Right),
        ("peers", Align::Right),
        ("behind", Align::Right),
        ("threat", Align::Right),
        ("", Align::Left),
    ]);
    for gap in gaps {
        let mut notes: Vec<String> = vec![means(&gap.means)];
        notes.extend(status(&gap.state));
        if gap.fragile {
            notes.push("fragile".to_owned());
        }
        notes.extend(elsewhere(gap, named));
        table.row(vec![
            gap.technique.clone(),
            shorten(&gap.name, NAME),
            number(gap.priority),
            gap.own.value().map_or_else(|| "?".to_owned(), |own| own.to_string()),
            aim(gap),
            number(gap.distance),
            gap.threat.to_string(),
            notes.join("; "),
        ]);
    }
    table
}

fn unassessed(gaps: &[&Gap]) -> Table {
    let mut table = Table::new(&[
        ("technique", Align::Whole),
        ("", Align::Left),
        ("peers", Align::Right),
        ("", Align::Left),
    ]);
    for gap in gaps {
        table.row(vec![gap.technique.clone(), shorten(&gap.name, NAME), aim(gap), means(&gap.means)]);
    }
    table
}

fn number(value: Option<u8>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// The peers' number that the distance is to: the median, or the upper quartile where a quarter cover the technique.
fn aim(gap: &Gap) -> String {
    let Some(row) = gap.peers.row() else { return "-".to_owned() };
    match row.coverage {
        Some(Word::Quarter) => {
            published(&gap.peers, Quantile::P75).map_or_else(|| "-".to_owned(), |p75| format!("p75 {p75}"))
        }
        _ => {
            published(&gap.peers, Quantile::P50).map_or_else(|| "half".to_owned(), |p50| format!("p50 {p50}"))
        }
    }
}

/// The means to close a gap in a few words.
fn means(means: &Means) -> String {
    match means.feasibility {
        Feasibility::Ready => {
            let named =
                means.through.iter().take(NAMED).map(|through| match median(through.p50, &through.coded) {
                    Some(p50) => format!("{} ({p50})", through.technology),
                    None => through.technology.clone(),
                });
            format!("peers use {}", named.collect::<Vec<_>>().join(", "))
        }
        Feasibility::Possible => format!("{} can see it", listed(&means.can_see)),
        Feasibility::SourceMissing => match means.could_see.as_slice() {
            [] => "no technology can see it".to_owned(),
            could => format!("needs {}", listed(could)),
        },
    }
}

fn listed(ids: &[String]) -> String {
    let named: Vec<&str> = ids.iter().take(NAMED).map(String::as_str).collect();
    let more = ids.len().saturating_sub(named.len());
    let text = named.join(" or ");
    if more > 0 { format!("{text} ({more} more)") } else { text }
}

/// The status in the book, where something was decided.
pub fn status(state: &State) -> Option<String> {
    let date = |what: &str, day: Option<chrono::NaiveDate>| match day {
        Some(day) => format!("{what} {day}"),
        None => what.to_owned(),
    };
    match state.status {
        GapStatus::Open => state.reopened_on.map(|day| format!("reopened {day}")),
        GapStatus::Planned => {
            let month = state.month.map(|month| month.to_string()).unwrap_or_default();
            Some(if state.overdue { format!("planned {month}, overdue") } else { format!("planned {month}") })
        }
        GapStatus::Accepted => {
            let reason = state.reason.map_or("", |reason| reason.name()).replace('_', " ");
            let until = state.until.map(|month| month.to_string()).unwrap_or_default();
            Some(format!("accepted until {until}: {reason}"))
        }
        GapStatus::Closed => Some(date("closed", state.closed_on)),
    }
}

/// The rules of public libraries that read the own technologies, if there are any.
pub fn rules_available(available: &[RulesAvailable]) -> Option<String> {
    let named = rules_named(available);
    (!named.is_empty()).then(|| format!("public rules for your technologies: {named}"))
}

/// The libraries that have rules for the own technologies, each with their number; empty if none has.
pub fn rules_named(available: &[RulesAvailable]) -> String {
    let with_rules = available.iter().filter(|one| one.rules > 0);
    with_rules.map(|one| format!("{} in {}", one.rules, one.name)).collect::<Vec<_>>().join(", ")
}

/// The peers and the column that a row is about, if the heading names others.
fn elsewhere(gap: &Gap, named: Named<'_>) -> Option<String> {
    let row = gap.peers.row()?;
    let cohort = (row.cohort != named.cohort).then(|| words::cohort(&row.cohort));
    let column = (row.column != named.column).then(|| words::column(&row.column));
    let from: Vec<&str> = cohort.into_iter().chain(column).collect();
    (!from.is_empty()).then(|| format!("peers: {}", from.join(", ")))
}

impl fmt::Display for CloseFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(gaps) = self;
        let open = gaps.items.iter().filter(|gap| gap.priority.is_some_and(|priority| priority > 0));
        let open: Vec<&Gap> = open.collect();
        if open.is_empty() {
            return Ok(());
        }
        let cohort = match gaps.envelope.cohort.as_str() {
            "all" => String::new(),
            cohort => format!(" --cohort {cohort}"),
        };
        writeln!(f, "Close first (`peerbench gaps{cohort}` lists all {})", gaps.behind)?;
        for gap in open {
            writeln!(f, "  {}  {}", gap.technique, gap.name)?;
            writeln!(f, "    {}", reasons(gap))?;
            writeln!(f, "    {}", advice(&gap.means))?;
            if let Some(rules) = rules_available(&gap.rules_available) {
                writeln!(f, "    {}.", capital(&rules))?;
            }
        }
        Ok(())
    }
}

/// The distance and the threat in a sentence.
fn reasons(gap: &Gap) -> String {
    let own = gap.own.value().unwrap_or_default();
    let row = gap.peers.row();
    let cohort = row.map_or("", |row| words::cohort(&row.cohort));
    let coverage = row.and_then(|row| row.coverage);
    let who = match coverage {
        Some(Word::Most) => "most of",
        Some(Word::Half) => "half or more of",
        _ => "a quarter or more of",
    };
    let threat = match gap.threat {
        0 => "No known threat group uses it.".to_owned(),
        threat => format!("Threat {threat}: {threat}% of all techniques are used by fewer threat groups."),
    };
    format!(
        "Priority {}. You score {own}; {who} {cohort} cover it ({}). {threat}",
        number(gap.priority),
        aim(gap)
    )
}

/// The means to close a gap in a sentence.
fn advice(means: &Means) -> String {
    match means.feasibility {
        Feasibility::Ready => {
            let through = |through: &Through| match median(through.p50, &through.coded) {
                Some(p50) => format!("{} (median {p50})", through.name),
                None => through.name.clone(),
            };
            let named: Vec<String> = means.through.iter().take(NAMED).map(through).collect();
            format!("Peers with your stack cover it through {}.", named.join(" and through "))
        }
        Feasibility::Possible => format!("{} can see it.", listed(&means.can_see)),
        Feasibility::SourceMissing => match means.could_see.as_slice() {
            [] => "None of the known technologies can see it.".to_owned(),
            could => format!("None of your technologies can see it; {} could.", listed(could)),
        },
    }
}
