//! One line of a comparison: the own number, the peers' row, and the position that follows from the two.

use crate::domain::{
    attack::{GroupId, TechniqueId},
    cohort::Cohort,
    column::Column,
    comparison::{Position, Step, Word, difference_to_median, position, steps, word},
    coverage::{Composite, Through},
    release::{Item, Parameters, Row, Shown, Unit},
    scale::Level,
    technology::Family,
};

/// The subject of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Overall,
    Tactic { id: String, short_name: String, name: String },
    Family(Family),
    Group { id: GroupId, name: String },
    Technology { id: String, name: String, family: Family },
    Technique { id: TechniqueId, name: String, tactics: Vec<String> },
    Cell { id: TechniqueId, name: String, tactics: Vec<String>, technology: String },
}

/// The organisation's own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    NotAssessed,
    /// A technique's or cell's score.
    Score {
        score: u8,
        level: Level,
        through: Option<Through>,
    },
    /// A composite's share.
    Share(Composite),
    /// A technology's number of parent techniques with a rule, and the step that it is compared by.
    Count {
        count: u32,
        step: Step,
    },
}

impl Own {
    pub fn counted(count: u32, parameters: &Parameters) -> Self {
        Self::Count { count, step: Step::of(u8::try_from(count).unwrap_or(u8::MAX), parameters) }
    }

    /// The level of a score.
    pub fn level(&self) -> Option<Level> {
        match self {
            Self::Score { level, .. } => Some(*level),
            Self::NotAssessed | Self::Share(_) | Self::Count { .. } => None,
        }
    }

    /// The number that is compared.
    pub fn value(&self) -> Option<u8> {
        match self {
            Self::NotAssessed => None,
            Self::Score { score, .. } => Some(*score),
            Self::Share(composite) => Some(composite.share.get()),
            Self::Count { count, .. } => Some(u8::try_from(*count).unwrap_or(u8::MAX)),
        }
    }
}

/// A published row and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peers {
    pub cohort: Cohort,
    pub column: Column,
    pub row: Row,
    pub coverage: Word,
    /// The steps of published technology counts, by percentile; empty for scores and shares.
    pub steps: Vec<(u8, Step)>,
    /// Ranks that its quantiles may have been moved by.
    pub jitter: u32,
}

/// The own number beside a published row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    pub own: Own,
    pub peers: Option<Peers>,
    pub position: Option<Position>,
    /// Coded own number minus the median; negative is behind.
    pub difference: Option<i16>,
}

/// A line. Where the asked row is not published, the fallback is the nearest that is, with its own own side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub subject: Subject,
    pub item: Item,
    pub asked: Side,
    pub fallback: Option<Side>,
}

impl Side {
    pub fn new(own: Own, peers: Option<(Cohort, Column, Row)>, item: &Item, parameters: &Parameters) -> Self {
        let mut side = Self { own, peers: None, position: None, difference: None };
        let Some((cohort, column, row)) = peers else { return side };
        if let (Some(value), Shown::Quantiles(quantiles)) = (own.value(), &row.shown) {
            side.position = Some(position(value, quantiles, item.unit(), parameters));
            side.difference = difference_to_median(value, quantiles, item.unit(), parameters);
        }
        let steps = match &row.shown {
            Shown::Quantiles(quantiles) if item.unit() == Unit::Count => steps(quantiles, parameters),
            _ => Vec::new(),
        };
        let jitter = row.members.map_or(0, |band| parameters.jitter(band.lower_end()));
        side.peers = Some(Peers { cohort, column, coverage: word(&row.shown), row, steps, jitter });
        side
    }
}

impl Entry {
    /// The side that says something: the asked one, else the fallback.
    pub fn effective(&self) -> &Side {
        match &self.fallback {
            Some(fallback) if self.asked.peers.is_none() => fallback,
            _ => &self.asked,
        }
    }

    pub fn technique(&self) -> Option<TechniqueId> {
        match self.subject {
            Subject::Technique { id, .. } | Subject::Cell { id, .. } => Some(id),
            _ => None,
        }
    }
}
