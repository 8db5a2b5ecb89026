//! A comparison as text: a page of about sixty lines on where a member stands, or a list of techniques.

mod book;
mod cohorts;
mod gaps;
mod what_if;
pub mod words;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    published::{middle_half, published, published_or_dash},
    strip::strip,
    table::{Align, Table, shorten},
};
use crate::{
    domain::{comparison::Word, scale::Scale},
    wire::{
        Comparison, ComparisonItem, ComparisonSide, ComparisonSummary, Envelope, Own, Quantile, Row, Subject,
    },
};

pub use book::BookText;
pub use gaps::{CloseFirst, GapList, rules_available, rules_named, status};
pub use what_if::{FewestShort, FewestText, WhatIfText, fewest_told};

/// A member's page. Tables without rows are left out. Serializes to the summary alone.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// The member.
    #[serde(skip)]
    pub name: String,
    #[serde(flatten)]
    pub summary: ComparisonSummary,
}

/// Explains the strips and marks beside the numbers.
const LEGEND: &str =
    "  ● you   ━ middle half of your peers   ┃ their median   ≤ or ≥ published as this or less, this or more";

/// Characters of a name.
const NAME: usize = 38;

/// The cohort and the column that a heading names.
#[derive(Clone, Copy)]
struct Named<'a> {
    cohort: &'a str,
    column: &'a str,
}

impl<'a> Named<'a> {
    fn of(shown: &words::Shown<'a>, envelope: &'a Envelope) -> Self {
        Self { cohort: shown.cohort, column: &envelope.denominator.column }
    }
}

/// The side of a line that is shown, beside what the heading names.
struct Line<'a> {
    subject: &'a Subject,
    side: &'a ComparisonSide,
    named: Named<'a>,
}

impl<'a> Line<'a> {
    fn of(item: &'a ComparisonItem, named: Named<'a>) -> Self {
        Self { subject: &item.subject, side: item.shown().1, named }
    }

    fn row(&self) -> Option<&'a Row> {
        self.side.peers.row()
    }

    fn own(&self) -> String {
        self.side.own.value().map_or_else(|| "?".to_owned(), |value| value.to_string())
    }

    fn quantile(&self, quantile: Quantile) -> Option<u8> {
        self.row().and_then(|row| row.quantile(quantile))
    }

    fn quartiles(&self) -> [String; 3] {
        QUARTILES.map(|quantile| published_or_dash(&self.side.peers, quantile))
    }

    /// An own count stands where its step does, as the published ones do.
    fn strip(&self, most: u8) -> String {
        let own = match &self.side.own {
            Own::Count { step, .. } => Some(step.from),
            own => own.value().map(|own| u8::try_from(own).unwrap_or(u8::MAX)),
        };
        let half = self.row().and_then(middle_half);
        strip(own, half, self.quantile(Quantile::P50), most)
    }

    fn position(&self) -> String {
        self.among(match self.row().map(|row| row.coverage) {
            Some(Some(Word::Few)) => "few of your peers cover it",
            Some(_) => self.side.position.as_ref().map_or("", |position| words::place(position.band)),
            None => "too few peers to publish",
        })
    }

    fn coverage(&self) -> String {
        match self.row() {
            Some(row) => self.among(row.coverage.map_or("", words::coverage)),
            None => "too few peers to publish".to_owned(),
        }
    }

    /// Adds where a row is from, if that is not what the heading and the line say already.
    fn among(&self, text: &str) -> String {
        let Some(row) = self.row() else { return text.to_owned() };
        let Subject { technology, family, .. } = self.subject;
        let asked = technology.as_deref().or(family.as_deref()).unwrap_or(self.named.column);
        let cohort = (row.cohort != self.named.cohort).then(|| words::cohort(&row.cohort));
        let column = (row.column != asked).then(|| words::column(&row.column));
        let from: Vec<&str> = cohort.into_iter().chain(column).collect();
        if from.is_empty() { text.to_owned() } else { format!("{text} ({})", from.join(", ")) }
    }
}

const QUARTILES: [Quantile; 3] = [Quantile::P25, Quantile::P50, Quantile::P75];

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, summary } = self;
        let shown = words::shown(&summary.envelope, std::iter::once(&summary.overall));
        head(f, &format!("{name} compared with {}", shown.heading), &summary.envelope)?;
        let named = Named::of(&shown, &summary.envelope);
        self.overall(f, named)?;
        self.by_tactic(f, named)?;
        self.behind(f, named)?;
        self.by_technology(f, named)?;
        writeln!(f, "{LEGEND}")
    }
}

impl Page {
    /// Explains the one denominator, and scores; tactics and gaps are out of the same techniques.
    fn overall(&self, f: &mut fmt::Formatter<'_>, named: Named<'_>) -> fmt::Result {
        let line = Line::of(&self.summary.overall, named);
        writeln!(f, "Overall")?;
        match &line.side.own {
            Own::Share { share, covered, of, unknown, .. } => writeln!(
                f,
                "  You cover {share}% of applicable techniques ({covered} of {of}; {unknown} not assessed)."
            )?,
            _ => writeln!(f, "  None of your techniques is assessed.")?,
        }
        match QUARTILES.map(|quantile| published(&line.side.peers, quantile)) {
            [Some(p25), Some(p50), Some(p75)] => {
                writeln!(f, "  Your peers: lower quartile {p25}%, median {p50}%, upper quartile {p75}%.")?
            }
            [_, Some(p50), _] => writeln!(f, "  Your peers: median {p50}%.")?,
            _ => {}
        }
        writeln!(f, "  {}  {}\n", line.strip(100), line.position())?;
        writeln!(
            f,
            "  Applicable: {}.\n  Covered: the technique or one of its sub-techniques scores above 0. Not assessed counts as \
             not covered.\n  {}\n",
            self.summary.envelope.denominator.set,
            scores(&self.summary.envelope)
        )
    }

    fn by_tactic(&self, f: &mut fmt::Formatter<'_>, named: Named<'_>) -> fmt::Result {
        let table = lines("tactic", &self.summary.tactics, named, 100);
        section(f, "By tactic: covered share, in percent, of the tactic's applicable techniques", &table)
    }

    fn behind(&self, f: &mut fmt::Formatter<'_>, named: Named<'_>) -> fmt::Result {
        let ComparisonSummary { gaps, gap_count, .. } = &self.summary;
        let title = match usize::try_from(*gap_count) {
            Ok(all) if all > gaps.len() => format!(
                "Furthest below the median: {} of the {all} techniques in which your score is below your peers' median \
                 (`peerbench compare --techniques` lists all)",
                gaps.len()
            ),
            _ => {
                "Below the median: the techniques in which your score is below your peers' median".to_owned()
            }
        };
        section(f, &title, &techniques(gaps, named))
    }

    fn by_technology(&self, f: &mut fmt::Formatter<'_>, named: Named<'_>) -> fmt::Result {
        let widest = self.summary.technologies.iter().map(|item| Line::of(item, named));
        let widest =
            widest.filter_map(|line| line.side.own.value().max(line.quantile(Quantile::P75).map(u32::from)));
        let most = u8::try_from(widest.max().unwrap_or(1)).unwrap_or(u8::MAX);
        let table = lines("technology", &self.summary.technologies, named, most);
        let title = "By technology: number of techniques with a rule, each among the members who have the technology\n  Counts \
                     are published as steps (30-49 is one step). Your own count is placed by its step.";
        section(f, title, &table)
    }
}

/// Explains scores, by the scale that most members count on where that is known.
pub(super) fn scores(envelope: &Envelope) -> String {
    let mut text = "Scores run from 0 (not covered) to 100".to_owned();
    if envelope.scales.iter().any(|scale| scale == Scale::RuleCount.name()) {
        let [one, two, four] =
            [1, 2, 4].map(|rules| Scale::RuleCount.score(rules).map_or(0, |score| score.get()));
        text.push_str(&format!(
            "; on the scale {}, one enabled rule scores {one}, two {two}, four {four}",
            Scale::RuleCount.name()
        ));
    }
    text + "."
}

/// One line for each item, on a strip that ends at `most`.
fn lines(what: &str, items: &[ComparisonItem], named: Named<'_>, most: u8) -> Table {
    let mut table = Table::new(&[
        (what, Align::Left),
        ("you", Align::Right),
        ("p25", Align::Right),
        ("p50", Align::Right),
        ("p75", Align::Right),
        ("", Align::Strip),
        ("", Align::Left),
    ]);
    for item in items {
        let line = Line::of(item, named);
        let [p25, p50, p75] = line.quartiles();
        table.row(vec![
            shorten(title(item), NAME),
            line.own(),
            p25,
            p50,
            p75,
            line.strip(most),
            line.position(),
        ]);
    }
    table
}

/// Says that a release's number is about the peers alone.
pub(super) const TODAY: &str = "Your values are today's.";

fn head(f: &mut fmt::Formatter<'_>, title: &str, envelope: &Envelope) -> fmt::Result {
    let release = &envelope.release;
    let day = release.cut_off.format("%Y-%m-%d");
    writeln!(f, "{title}\nRelease {}, cut-off {day}, ATT&CK {}. {TODAY}\n", release.number, release.attack)
}

/// The name of what a line is about, else its id.
fn title(item: &ComparisonItem) -> &str {
    if item.subject.name.is_empty() { item.subject.id() } else { &item.subject.name }
}

/// A list of the reader's own techniques.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Techniques(pub Comparison);

impl fmt::Display for Techniques {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Comparison { envelope, items, hidden, .. }) = self;
        let shown = words::shown(envelope, items.iter());
        head(f, &title_of(envelope, &shown.heading), envelope)?;
        if let Some(set) = &self.0.set {
            writeln!(f, "{}\n", words::Counts(set))?;
        }
        if items.is_empty() {
            writeln!(f, "No technique is in this list.")?;
        } else {
            let table = fitted(&techniques(items, Named::of(&shown, envelope)), f);
            writeln!(f, "{}\n\n{table}\n{LEGEND}", scores(envelope))?;
            if items.iter().any(|item| item.shown().1.own.value().is_none()) {
                writeln!(f, "  ? not assessed")?;
            }
        }
        for (word, count) in hidden {
            writeln!(f, "  {}", NotListed(*word, *count))?;
        }
        more(f, &self.0)
    }
}

/// Says that a list goes on.
fn more(f: &mut fmt::Formatter<'_>, list: &Comparison) -> fmt::Result {
    if list.next.is_some() { writeln!(f, "  There are more: see --limit.") } else { Ok(()) }
}

/// The number of techniques that a list leaves out, by their word of coverage.
pub struct NotListed(pub Word, pub u32);

impl fmt::Display for NotListed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(word, count) = self;
        let (techniques, them) = if *count == 1 { ("technique", "it") } else { ("techniques", "them") };
        let meaning = words::hidden(*word);
        write!(f, "Not listed: {count} {techniques} that {meaning} (`--coverage {word}` lists {them})")
    }
}

/// A list of technologies, families, tactics or cells.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Lines(pub Comparison);

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Comparison { envelope, items, .. }) = self;
        let shown = words::shown(envelope, items.iter());
        let named = Named::of(&shown, envelope);
        let subject = items.first().map(|item| &item.subject);
        let (what, about) = match subject {
            Some(Subject { technique: Some(_), .. }) => {
                ("cells", "Score of each technique through one technology alone")
            }
            Some(Subject { technology: Some(_), .. }) => (
                "technologies",
                "Number of techniques with a rule, by steps, each among the members who have the technology",
            ),
            Some(Subject { tactic: Some(_), .. }) => {
                ("tactics", "Covered share, in percent, of each tactic's techniques")
            }
            _ => (
                "families",
                "Covered share, in percent, of the techniques that each family of technologies can see",
            ),
        };
        head(f, &format!("Your {what} compared with {}", shown.heading), envelope)?;
        if items.is_empty() {
            return writeln!(f, "Nothing is in this list.");
        }
        let most = items.iter().map(|item| Line::of(item, named));
        let most = most
            .map(|line| line.side.own.value().max(line.quantile(Quantile::P75).map(u32::from)).unwrap_or(1));
        let counts = what == "technologies";
        let most = if counts { u8::try_from(most.max().unwrap_or(1)).unwrap_or(u8::MAX) } else { 100 };
        let table = match what {
            "cells" => techniques(items, named),
            _ => lines(what, items, named, most),
        };
        writeln!(f, "{about}\n\n{}\n{LEGEND}", fitted(&table, f))?;
        more(f, &self.0)
    }
}

/// The title of a list of techniques. A technology's numbers are those of the members who have it.
fn title_of(envelope: &Envelope, peers: &str) -> String {
    match envelope.denominator.column.as_str() {
        "any" => format!("Your techniques compared with {peers}"),
        column if column.contains('.') => {
            format!("Your techniques through {column} compared with {peers}, among members who have it")
        }
        family => format!("Your techniques through {family} technologies compared with {peers}"),
    }
}

/// A list of threat groups.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Groups(pub Comparison);

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Comparison { envelope, items, .. }) = self;
        let shown = words::shown(envelope, items.iter());
        let named = Named::of(&shown, envelope);
        head(f, &format!("Your coverage of threat groups compared with {}", shown.heading), envelope)?;
        if items.is_empty() {
            return writeln!(f, "ATT&CK attributes fewer than five techniques to each of these groups.");
        }
        writeln!(f, "Covered share, in percent, of the applicable techniques that each group uses\n")?;
        let mut table = Table::new(&[
            ("group", Align::Whole),
            ("", Align::Left),
            ("covered", Align::Right),
            ("you", Align::Right),
            ("p25", Align::Right),
            ("p50", Align::Right),
            ("p75", Align::Right),
            ("", Align::Strip),
            ("", Align::Left),
        ]);
        for item in items {
            let line = Line::of(item, named);
            let [p25, p50, p75] = line.quartiles();
            let covered = match &line.side.own {
                Own::Share { covered, of, .. } => format!("{covered} of {of}"),
                _ => String::new(),
            };
            table.row(vec![
                item.subject.id().to_owned(),
                shorten(&item.subject.name, NAME),
                covered,
                line.own(),
                p25,
                p50,
                p75,
                line.strip(100),
                line.position(),
            ]);
        }
        writeln!(f, "{}\n{LEGEND}", fitted(&table, f))?;
        more(f, &self.0)
    }
}

/// Techniques in the order in which they come.
fn techniques(items: &[ComparisonItem], named: Named<'_>) -> Table {
    let mut table = Table::new(&[
        ("technique", Align::Whole),
        ("", Align::Left),
        ("you", Align::Right),
        ("p25", Align::Right),
        ("p50", Align::Right),
        ("p75", Align::Right),
        ("", Align::Strip),
        ("", Align::Left),
    ]);
    for item in items {
        let line = Line::of(item, named);
        let [p25, p50, p75] = line.quartiles();
        table.row(vec![
            item.subject.id().to_owned(),
            match &item.subject.technology {
                Some(technology) => shorten(&format!("{technology}: {}", item.subject.name), NAME),
                None => shorten(&item.subject.name, NAME),
            },
            line.own(),
            p25,
            p50,
            p75,
            line.strip(100),
            line.coverage(),
        ]);
    }
    table
}

/// A table in lines as long as the formatter's width says.
pub fn fitted(table: &Table, f: &fmt::Formatter<'_>) -> String {
    f.width().map_or_else(|| table.to_string(), |width| format!("{table:width$}"))
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, table: &Table) -> fmt::Result {
    if table.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}\n{}", fitted(table, f))
}

#[cfg(test)]
mod tests;
