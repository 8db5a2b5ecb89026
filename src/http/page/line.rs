//! A line of a comparison as the views show it: the own number, the drawing, and the position in words.

use super::{
    strip::{Side, Strip},
    words,
};
use crate::{
    report::story::{of_peers, position},
    wire::{ComparisonItem, Quantile},
};

/// A line of strips.
pub struct Line {
    pub name: String,
    pub own: String,
    pub strip: Strip,
    pub quartiles: String,
    /// The published median, or a dash.
    pub median: String,
    pub position: String,
    pub side: Side,
    /// Nothing of the peers is released for it.
    pub grey: bool,
}

impl Line {
    pub fn new(item: &ComparisonItem, asked: &str, most: u32) -> Self {
        let (_, side) = item.shown();
        Self {
            name: item.subject.name.clone(),
            own: words::own(&side.own),
            strip: Strip::new(side, most),
            quartiles: words::quartiles(&side.peers),
            median: of_peers(item, Quantile::P50),
            position: position(item, asked),
            side: Side::of(side),
            grey: side.peers.row().is_none(),
        }
    }
}
