//! The page's words for numbers and rows. Cohorts, positions and coverage have those of the reports.

pub use crate::report::cohorts::{capital, label};
use crate::{
    report::{published::published, text::words},
    wire::{Own, Peers, Quantile},
};

/// The own number as a cell shows it.
pub fn own(own: &Own) -> String {
    match own {
        Own::Share { share, .. } => format!("{share}%"),
        own => own.value().map_or_else(|| "–".to_owned(), |value| value.to_string()),
    }
}

/// A published number with the dash of a range between two numbers.
pub fn number(peers: &Peers, quantile: Quantile) -> Option<String> {
    Some(published(peers, quantile)?.replace('-', "–"))
}

/// The peers' quartiles in words, for who can't see the drawing.
pub fn quartiles(peers: &Peers) -> String {
    let Some(row) = peers.row() else { return "not released".to_owned() };
    let named =
        [("lower quartile", Quantile::P25), ("median", Quantile::P50), ("upper quartile", Quantile::P75)];
    let shown = named.into_iter().filter_map(|(name, of)| Some(format!("{name} {}", number(peers, of)?)));
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() {
        row.coverage.map_or_else(String::new, |word| words::coverage(word).to_owned())
    } else {
        format!("peers: {}", shown.join(", "))
    }
}
