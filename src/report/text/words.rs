//! Words for positions, coverage and cohorts.

use std::{collections::BTreeMap, fmt};

use crate::{
    domain::{
        comparison::{Place, Word},
        release::Band,
    },
    wire::{ComparisonItem, Envelope, Row, SetCounts},
};

/// R21's places.
pub fn place(place: Place) -> &'static str {
    match place {
        Place::BelowP25 => "in the lowest quarter",
        Place::AroundP25 => "at the lower quartile",
        Place::AroundP50 => "at the median",
        Place::P50ToP75 | Place::AboveP50 => "above the median",
        Place::AroundP75 => "at the upper quartile",
        Place::AboveP75 => "in the highest quarter",
        Place::TiedLow => "at the low end, with many others",
        Place::TiedHigh => "at the high end, with many others",
        Place::P25ToP50 | Place::BelowP50 => "below the median",
    }
}

pub fn coverage(word: Word) -> &'static str {
    match word {
        Word::Most => "most of your peers cover it",
        Word::Half => "about half or more cover it",
        Word::Quarter => "about a quarter or more cover it",
        Word::LessThanHalf => "fewer than half cover it",
        Word::Few => "few cover it",
    }
}

/// A technique that a list leaves out, after "that".
pub fn hidden(word: Word) -> &'static str {
    match word {
        Word::LessThanHalf => "fewer than half of your peers cover",
        _ => "few of your peers cover",
    }
}

/// A cohort as a sentence names it.
pub fn cohort(id: &str) -> &str {
    if id == "all" { "all members" } else { id }
}

/// A column as a remark names it.
pub fn column(id: &str) -> &str {
    if id == "any" { "through any technology" } else { id }
}

/// The peers whose numbers a text shows.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    pub cohort: &'a str,
    /// The heading: these peers, and why they are not the asked ones.
    pub heading: String,
}

/// Finds the cohort of most of the shown rows. It is not the asked one where that is not published.
pub fn shown<'a>(envelope: &'a Envelope, items: impl Iterator<Item = &'a ComparisonItem>) -> Shown<'a> {
    shown_rows(envelope, items.filter_map(|item| item.shown().1.peers.row()))
}

/// Finds the cohort of most of some rows, as [`shown`] does.
pub fn shown_rows<'a>(envelope: &'a Envelope, shown: impl Iterator<Item = &'a Row>) -> Shown<'a> {
    let asked = envelope.cohort.as_str();
    // Of a row of a technique, only those members count who may see it; the widest band is the cohort's.
    let mut rows: BTreeMap<&str, (usize, Option<Band>)> = BTreeMap::new();
    for row in shown {
        let (count, band) = rows.entry(&row.cohort).or_default();
        *count += 1;
        *band = (*band).max(row.members);
    }
    let most = rows.into_iter().max_by_key(|(cohort, (count, _))| (*count, *cohort == asked));
    let (found, members) = match (envelope.members, most) {
        (None, Some((found, (_, band)))) => (found, band),
        _ => (asked, envelope.members),
    };
    let mut heading = match members {
        Some(band) if found == "all" => format!("{} ({})", cohort(found), band.name()),
        Some(band) => format!("{found} ({} members)", band.name()),
        None => cohort(found).to_owned(),
    };
    if envelope.members.is_none() {
        heading.push_str(&format!("; {} is not released", if found == asked { "the cohort" } else { asked }));
    }
    Shown { cohort: found, heading }
}

/// A set of techniques counted in a sentence.
pub struct Counts<'a>(pub &'a SetCounts);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(set) = self;
        write!(
            f,
            "Set {}: of {} techniques, half or more of your peers cover {}. You cover {} of those, and {} of the whole set.",
            set.set, set.techniques, set.half_or_more, set.covered_of_half_or_more, set.covered
        )
    }
}
