//! Cohorts: the peers that a number is about. The lattice is `all`, each value of one dimension, and pairs of values
//! of two dimensions (R13); nothing else can be asked.

use std::{fmt, str::FromStr};

use thiserror::Error;

use super::{
    dimension::{ByDimension, Dimension},
    named::as_text,
};

/// A key of the lattice, written `all`, `sector:finance` or `sector:finance~region:europe`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cohort {
    All,
    One(Dimension, String),
    /// The dimensions are different and in order.
    Pair((Dimension, String), (Dimension, String)),
}

/// A text that is no cohort id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "not a cohort: expected `all`, one dimension as in `sector:finance`, or two in the order {} \
     as in `sector:finance~region:europe`",
    Dimension::listed(", ")
)]
pub struct InvalidCohort;

impl Cohort {
    /// Every cohort that an organisation with these values belongs to: `all`, one for each dimension, then one for each
    /// two of them.
    pub fn of(values: &ByDimension<String>) -> Vec<Self> {
        let owned = |(dimension, value): (Dimension, &String)| (dimension, value.clone());
        let singles = values.iter().map(|(dimension, value)| Self::One(dimension, value.clone()));
        let pairs = values.iter().flat_map(|a| {
            let after = values.iter().filter(move |b| a.0 < b.0);
            after.map(move |b| Self::Pair(owned(a), owned(b)))
        });
        std::iter::once(Self::All).chain(singles).chain(pairs).collect()
    }

    pub fn includes(&self, values: &ByDimension<String>) -> bool {
        let has = |dimension: &Dimension, value: &String| values.get(*dimension) == Some(value);
        match self {
            Self::All => true,
            Self::One(dimension, value) => has(dimension, value),
            Self::Pair((a, x), (b, y)) => has(a, x) && has(b, y),
        }
    }

    /// The cohorts directly above: a pair's two singles, a single's `all`.
    pub fn coarser(&self) -> Vec<Self> {
        match self {
            Self::All => Vec::new(),
            Self::One(..) => vec![Self::All],
            Self::Pair((a, x), (b, y)) => vec![Self::One(*a, x.clone()), Self::One(*b, y.clone())],
        }
    }
}

impl fmt::Display for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::One(dimension, value) => write!(f, "{dimension}:{value}"),
            Self::Pair((a, x), (b, y)) => write!(f, "{a}:{x}~{b}:{y}"),
        }
    }
}

impl FromStr for Cohort {
    type Err = InvalidCohort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn one(text: &str) -> Result<(Dimension, String), InvalidCohort> {
            let (dimension, value) = text.split_once(':').ok_or(InvalidCohort)?;
            let dimension = dimension.parse().map_err(|_| InvalidCohort)?;
            if Dimension::is_well_formed(value) {
                Ok((dimension, value.to_owned()))
            } else {
                Err(InvalidCohort)
            }
        }
        if text == "all" {
            return Ok(Self::All);
        }
        match text.split_once('~') {
            None => one(text).map(|(dimension, value)| Self::One(dimension, value)),
            Some((a, b)) => {
                let (a, b) = (one(a)?, one(b)?);
                if a.0 < b.0 { Ok(Self::Pair(a, b)) } else { Err(InvalidCohort) }
            }
        }
    }
}

as_text!(Cohort);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_pairs_have_one_order() {
        for text in ["all", "sector:finance", "size:small~region:europe"] {
            assert_eq!(text.parse::<Cohort>().unwrap().to_string(), text);
        }
        for text in
            ["", "sector", "sector:", "region:europe~sector:finance", "sector:a~sector:b", "sector:Finance"]
        {
            assert!(text.parse::<Cohort>().is_err(), "{text}");
        }
    }
}
