//! The side of the peers' median on which a value is, by its published position.

use crate::{
    domain::comparison::Place,
    wire::{ComparisonSide, Position},
};

/// The side of the median that a value is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Behind,
    Level,
    Ahead,
    /// Nothing is published, or nothing is assessed.
    Unknown,
}

impl Side {
    pub fn of(side: &ComparisonSide) -> Self {
        side_of(side.position.as_ref())
    }

    /// The class of a stylesheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Behind => "behind",
            Self::Level => "level",
            Self::Ahead => "ahead",
            Self::Unknown => "unknown",
        }
    }
}

/// The side of the median that a position is on.
pub fn side_of(position: Option<&Position>) -> Side {
    match position.map(|position| position.band) {
        None => Side::Unknown,
        Some(Place::BelowP25 | Place::AroundP25 | Place::P25ToP50 | Place::BelowP50) => Side::Behind,
        Some(Place::AroundP50 | Place::TiedLow | Place::TiedHigh) => Side::Level,
        Some(Place::P50ToP75 | Place::AboveP50 | Place::AroundP75 | Place::AboveP75) => Side::Ahead,
    }
}
