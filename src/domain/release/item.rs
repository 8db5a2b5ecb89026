//! The subject of a published number: a measure and its item (and, for techniques, the column).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::rules::code::Unit;
use crate::domain::{
    attack::{GroupId, TechniqueId},
    column::Column,
    scale::Scale,
    technology::Family,
};

/// One cell of the published table, in the words of the rules: (measure, item, column).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    /// The members of the cohort. Never a row: they decide whether the cohort is published, and its band.
    Members,
    /// The users of a scale. Never a row: they decide whether answers name the scale.
    Scale(Scale),
    /// Share of all parent techniques covered.
    Overall,
    /// Share of a tactic's parent techniques covered, by short name.
    Tactic(String),
    /// Share of the parent techniques covered that a family can see.
    Family(Family),
    /// Share of a threat group's parent techniques covered.
    Group(GroupId),
    /// Number of parent techniques with a rule through a technology, by id; among its owners.
    Technology(String),
    /// A technique's score in a column.
    Technique(TechniqueId, Column),
    /// The score of a technique through one technology alone, sub-techniques not rolled up.
    Cell(TechniqueId, String),
}

impl Item {
    /// Technique numbers can be `few` (R16); composites and counts cannot.
    pub fn is_technique(&self) -> bool {
        matches!(self, Self::Technique(..) | Self::Cell(..))
    }

    /// Names the items whose draws are in common (R32): those of a parent technique, or all that belong to none.
    pub fn family_of_draws(&self) -> String {
        match self {
            Self::Technique(id, _) | Self::Cell(id, _) => id.parent().to_string(),
            _ => "composites".to_owned(),
        }
    }

    /// Names the items whose fingerprints are in common: lists of one parent technique are compared with each other (R35).
    pub fn family_of_tags(&self) -> String {
        match self {
            Self::Technique(id, _) | Self::Cell(id, _) => format!("under {}", id.parent()),
            _ => self.to_string(),
        }
    }

    pub fn unit(&self) -> Unit {
        match self {
            Self::Technology(_) => Unit::Count,
            _ => Unit::Points,
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Members => f.write_str("members"),
            Self::Scale(scale) => write!(f, "scale {scale}"),
            Self::Overall => f.write_str("overall"),
            Self::Tactic(name) => write!(f, "tactic {name}"),
            Self::Family(family) => write!(f, "family {family}"),
            Self::Group(id) => write!(f, "group {id}"),
            Self::Technology(id) => write!(f, "technology {id}"),
            Self::Technique(id, column) => write!(f, "technique {id} in {column}"),
            Self::Cell(id, technology) => write!(f, "cell {id} through {technology}"),
        }
    }
}
