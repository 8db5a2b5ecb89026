//! The measures that can be followed and aimed at, as `measure=` names them: `overall`, `tactic:execution`,
//! `technique:T1059`.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::domain::{attack::TechniqueId, named::as_text, technology::Family};

/// A number that an organisation and its peers have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// The share of all techniques that is covered.
    Overall,
    /// The share of a tactic, by id, short name or name.
    Tactic(String),
    /// The share of what a family can see.
    Family(Family),
    /// The number of techniques with a rule through a technology, by id.
    Technology(String),
    /// The share of a threat group's techniques, by id, name or alias.
    Group(String),
    /// The score of a technique or sub-technique.
    Technique(TechniqueId),
}

/// A text that is no measure.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "not a measure: expected `overall`, or one of tactic, family, technology, group and technique with a colon and a \
     name, as in `tactic:execution`, `family:identity`, `technology:okta.identity`, `group:G0016` or `technique:T1059`"
)]
pub struct InvalidMeasure;

impl FromStr for Measure {
    type Err = InvalidMeasure;

    /// Parses a measure. The catalogue and the registry say whether it exists.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "overall" {
            return Ok(Self::Overall);
        }
        let (kind, name) = text.split_once(':').ok_or(InvalidMeasure)?;
        let name = name.trim();
        let owned = || if name.is_empty() { Err(InvalidMeasure) } else { Ok(name.to_owned()) };
        match kind {
            "tactic" => owned().map(Self::Tactic),
            "family" => name.parse().map(Self::Family).map_err(|_| InvalidMeasure),
            "technology" => owned().map(Self::Technology),
            "group" => owned().map(Self::Group),
            "technique" => name.parse().map(Self::Technique).map_err(|_| InvalidMeasure),
            _ => Err(InvalidMeasure),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overall => f.write_str("overall"),
            Self::Tactic(name) => write!(f, "tactic:{name}"),
            Self::Family(family) => write!(f, "family:{family}"),
            Self::Technology(id) => write!(f, "technology:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Technique(id) => write!(f, "technique:{id}"),
        }
    }
}

as_text!(Measure);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_round_trip_and_others_are_refused_with_examples() {
        for text in [
            "overall",
            "tactic:execution",
            "tactic:TA0002",
            "family:identity",
            "technology:okta.identity",
            "group:Cozy Bear",
            "technique:T1059.001",
        ] {
            assert_eq!(text.parse::<Measure>().unwrap().to_string(), text);
        }
        for text in
            ["", "everything", "tactic:", "family:kitchen", "technique:1059", "technique", "cell:T1059"]
        {
            let refused = text.parse::<Measure>().unwrap_err().to_string();
            assert!(refused.contains("technique:T1059"), "{text}");
        }
    }
}
