//! The page's words for cohorts, sources and rows. Positions and coverage have those of the reports.

use crate::{
    domain::{cohort::Cohort, comparison::Step, dimension::Dimension},
    report::text::words,
    wire::{ComparisonItem, ComparisonSide, End, Feed, Own, Quantile, Row},
};

/// The members of a cohort as a sentence names them, and true if a verb after them takes an s.
pub fn members_of(cohort: &Cohort) -> (String, bool) {
    match cohort {
        Cohort::All => ("all members".to_owned(), false),
        Cohort::One(dimension, value) => one(*dimension, value),
        Cohort::Pair((a, x), (b, y)) => {
            let ((first, singular), (second, _)) = (one(*a, x), one(*b, y));
            match (*a == Dimension::SECTOR, *b == Dimension::SIZE, *b == Dimension::REGION) {
                (true, true, _) => (format!("{second} of {first}"), false),
                (_, _, true) => (format!("{first} in {}", title(y)), singular),
                _ => (format!("{first}, {second}"), singular),
            }
        }
    }
}

fn one(dimension: Dimension, value: &str) -> (String, bool) {
    let plain = value.replace('-', " ");
    if dimension == Dimension::SECTOR {
        (format!("the {plain} sector"), true)
    } else if dimension == Dimension::SIZE {
        let kind =
            if value == "enterprise" { "enterprises".to_owned() } else { format!("{plain} organisations") };
        (kind, false)
    } else if dimension == Dimension::REGION {
        (format!("members in {}", title(value)), false)
    } else {
        (format!("members with {} {plain}", dimension.name()), false)
    }
}

/// A cohort as a menu names it.
pub fn label(cohort: &Cohort) -> String {
    let (name, _) = members_of(cohort);
    let name = name.strip_prefix("the ").unwrap_or(&name);
    capital(name)
}

/// A cohort of a published row.
pub fn label_of(cohort: &str) -> String {
    cohort.parse().map_or_else(|_| cohort.to_owned(), |cohort| members_of(&cohort).0)
}

/// `asia-pacific` as `Asia Pacific`.
fn title(value: &str) -> String {
    value.split('-').map(capital).collect::<Vec<_>>().join(" ")
}

pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", letters.as_str())
}

/// The feeds behind the own values: their sources and the latest month.
pub fn own_data(feeds: &[Feed]) -> String {
    let mut sources: Vec<String> = feeds.iter().map(|feed| capital(&feed.source)).collect();
    sources.sort_unstable();
    sources.dedup();
    match feeds.iter().map(|feed| feed.period).max() {
        Some(month) => format!("your data: {}, {month}", sources.join(" and ")),
        None => "your data: none".to_owned(),
    }
}

/// The own number as a cell shows it.
pub fn own(own: &Own) -> String {
    match own {
        Own::Share { share, .. } => format!("{share}%"),
        own => own.value().map_or_else(|| "–".to_owned(), |value| value.to_string()),
    }
}

/// A published number as it may be read: a step of counts, or an end.
pub fn published(row: &Row, quantile: Quantile) -> Option<String> {
    let value = row.quantile(quantile)?;
    Some(match (row.steps.get(&quantile), row.coded.get(&quantile)) {
        (Some(step), _) => Step::from(*step).to_string(),
        (None, Some(End::Low)) => format!("{value} or less"),
        (None, Some(End::High)) => format!("{value} or more"),
        (None, None) => value.to_string(),
    })
}

/// The peers' quartiles in words, for who can't see the drawing.
pub fn quartiles(side: &ComparisonSide) -> String {
    side.peers.row().map_or_else(|| "not released".to_owned(), quartiles_of)
}

/// The quartiles of a published row in words.
pub fn quartiles_of(row: &Row) -> String {
    let named =
        [("lower quartile", Quantile::P25), ("median", Quantile::P50), ("upper quartile", Quantile::P75)];
    let shown = named.into_iter().filter_map(|(name, of)| Some(format!("{name} {}", published(row, of)?)));
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() {
        row.coverage.map_or_else(String::new, |word| words::coverage(word).to_owned())
    } else {
        format!("peers: {}", shown.join(", "))
    }
}

/// The position of a line in words, with the peers that it is among where they aren't the asked ones.
pub fn position(item: &ComparisonItem, asked: &str) -> String {
    let (_, side) = item.shown();
    let Some(row) = side.peers.row() else { return "not released".to_owned() };
    let text = match (&side.position, row.coverage) {
        (Some(position), _) => words::place(position.band),
        (None, Some(word)) => words::coverage(word),
        (None, None) => "not assessed",
    };
    if row.cohort == asked { text.to_owned() } else { format!("{text} ({})", label_of(&row.cohort)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cohorts_have_names_that_fit_a_sentence() {
        for (id, name) in [
            ("all", "all members"),
            ("sector:finance", "the finance sector"),
            ("sector:real-estate", "the real estate sector"),
            ("size:medium", "medium organisations"),
            ("size:enterprise", "enterprises"),
            ("region:north-america", "members in North America"),
            ("sector:finance~size:medium", "medium organisations of the finance sector"),
            ("sector:finance~region:europe", "the finance sector in Europe"),
            ("size:small~region:europe", "small organisations in Europe"),
        ] {
            assert_eq!(members_of(&id.parse().unwrap()).0, name);
        }
        assert_eq!(label(&"sector:finance".parse().unwrap()), "Finance sector");
    }
}
