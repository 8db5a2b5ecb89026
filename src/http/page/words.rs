//! The page's words for numbers and rows. Cohorts, positions and coverage have those of the reports.

pub use crate::report::cohorts::{capital, label};
use crate::{
    domain::comparison::Step,
    report::text::words,
    wire::{ComparisonSide, End, Own, Quantile, Row},
};

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
