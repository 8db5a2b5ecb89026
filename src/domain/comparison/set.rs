//! Sets of techniques that a comparison is restricted to, and what a set of rows says in words. Peers' shares are published
//! for fixed sets only (R13), so what is said of another set counts rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use thiserror::Error;

use super::{gap::Threat, word::Word};
use crate::domain::{
    attack::{
        Platform, PlatformSet, TechniqueId,
        group_names::{self, GroupNameError},
    },
    coverage::{Set, parents_of},
    facts::{Facts, attributed, platforms_of},
    named::as_text,
};

/// A set of techniques as it is asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TechniqueSet {
    /// All that the overall share is out of.
    All,
    Platform(Platform),
    /// Techniques of any of these threat groups: ids, names or aliases, with commas.
    Groups(String),
    /// The parent techniques that most threat groups use.
    Top(u16),
    /// Named one by one, ascending, each once.
    Ids(Vec<TechniqueId>),
}

/// A text that is no set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "not a set: expected `all`, `platform:Windows`, `group:G0016`, `groups:G0016,G0032`, or `top:` and a number from 1 to {MOST}"
)]
pub struct InvalidSet;

/// Techniques that a set may ask for at most.
pub const MOST: u16 = 1000;

impl FromStr for TechniqueSet {
    type Err = InvalidSet;

    /// Parses a set. The catalogue says whether its threat groups exist.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::All);
        }
        let (kind, name) = text.split_once(':').ok_or(InvalidSet)?;
        match kind {
            "platform" => name.parse().map(Self::Platform).map_err(|_| InvalidSet),
            "group" if name.contains(',') => Err(InvalidSet),
            "group" | "groups" if !name.trim().is_empty() => Ok(Self::Groups(name.to_owned())),
            "top" => {
                let number = name.parse().ok().filter(|number| (1..=MOST).contains(number));
                number.map(Self::Top).ok_or(InvalidSet)
            }
            _ => Err(InvalidSet),
        }
    }
}

impl fmt::Display for TechniqueSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Platform(platform) => write!(f, "platform:{platform}"),
            Self::Groups(names) if names.contains(',') => write!(f, "groups:{names}"),
            Self::Groups(name) => write!(f, "group:{name}"),
            Self::Top(number) => write!(f, "top:{number}"),
            Self::Ids(_) => f.write_str("techniques"),
        }
    }
}

as_text!(TechniqueSet);

impl TechniqueSet {
    /// Names techniques one by one.
    pub fn of(ids: impl IntoIterator<Item = TechniqueId>) -> Self {
        Self::Ids(ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// Finds the techniques of the set for an organisation that runs `platforms`. A set that ATT&CK makes is out of the
    /// parents that apply to a platform it runs.
    ///
    /// # Errors
    /// A threat group that the catalogue doesn't have.
    pub fn resolve(&self, facts: &Facts, platforms: PlatformSet) -> Result<Members, GroupNameError> {
        let catalogue = facts.catalogue();
        let runs = platforms_of(platforms);
        let applicable = || facts.parents().iter().filter(|parent| parent.platforms.meets(runs));
        let named: BTreeSet<TechniqueId> = match self {
            Self::All => parents_of(Set::Overall, platforms, facts).into_iter().collect(),
            Self::Platform(platform) => {
                let on = applicable().filter(|parent| parent.platforms.contains(*platform));
                on.map(|parent| parent.id).collect()
            }
            Self::Groups(names) => {
                let groups = group_names::all_named(catalogue, names)?;
                let groups = catalogue.groups().iter().filter(|group| groups.contains(&group.id));
                let used: BTreeSet<TechniqueId> =
                    groups.flat_map(|group| attributed(catalogue, group)).map(TechniqueId::parent).collect();
                applicable().map(|parent| parent.id).filter(|id| used.contains(id)).collect()
            }
            Self::Top(number) => {
                Threat::new(catalogue, |_| true).most_used(usize::from(*number)).into_iter().collect()
            }
            Self::Ids(ids) => ids.iter().copied().collect(),
        };
        let parents = named.iter().map(|id| id.parent()).collect();
        Ok(Members { named, parents })
    }
}

/// The techniques of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    named: BTreeSet<TechniqueId>,
    parents: BTreeSet<TechniqueId>,
}

impl Members {
    /// Returns whether a row is in the set: a parent with its sub-techniques, a sub-technique with its parent.
    pub fn contains(&self, id: TechniqueId) -> bool {
        if id.is_sub() {
            self.named.contains(&id) || self.named.contains(&id.parent())
        } else {
            self.parents.contains(&id)
        }
    }
}

/// Rows of a set counted by the word of their peers' coverage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WordCounts {
    /// Rows in the set.
    pub techniques: u32,
    /// Rows that the organisation covers.
    pub covered: u32,
    /// Rows by their word; `None` counts those that are not released.
    pub by_word: BTreeMap<Option<Word>, u32>,
    /// Rows that half or more of the peers cover.
    pub half_or_more: u32,
    /// Number of these that the organisation covers.
    pub covered_of_these: u32,
}

impl WordCounts {
    /// Counts rows: the own score and the word of each.
    pub fn of(rows: impl Iterator<Item = (Option<u8>, Option<Word>)>) -> Self {
        let mut counts = Self::default();
        for (own, word) in rows {
            let covered = u32::from(own.is_some_and(|own| own > 0));
            counts.techniques += 1;
            counts.covered += covered;
            *counts.by_word.entry(word).or_default() += 1;
            if matches!(word, Some(Word::Most | Word::Half)) {
                counts.half_or_more += 1;
                counts.covered_of_these += covered;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{attack::Catalogues, technology};

    #[test]
    fn sets_round_trip_and_others_are_refused() {
        for text in ["all", "platform:Windows", "group:G0016", "groups:G0016,APT28", "top:50"] {
            assert_eq!(text.parse::<TechniqueSet>().unwrap().to_string(), text);
        }
        for text in
            ["", "every", "platform:Amiga", "group:", "group:G0016,G0032", "top:0", "top:1001", "top:x"]
        {
            assert!(text.parse::<TechniqueSet>().is_err(), "{text}");
        }
    }

    #[test]
    fn sets_are_resolved_in_the_catalogue() {
        let registry = Arc::new(technology::bundled().clone());
        let facts = Facts::new(&Catalogues::bundled(), registry, "19.2".parse().unwrap()).unwrap();
        let resolve = |text: &str| text.parse::<TechniqueSet>().unwrap().resolve(&facts, PlatformSet::EMPTY);
        let count = |text: &str| resolve(text).unwrap().parents.len();
        assert_eq!(count("all"), parents_of(Set::Overall, PlatformSet::EMPTY, &facts).len());
        assert_eq!(count("top:50"), 50);
        let group: usize = facts.groups().iter().find(|(id, _)| id.to_string() == "G0016").unwrap().1.len();
        assert_eq!(count("group:APT29"), group);
        assert!(count("groups:G0016,G0032") > group);
        assert!(count("platform:ESXi") < count("platform:Windows"));
        assert!(resolve("group:nobody").is_err());
        let id = |text: &str| text.parse::<TechniqueId>().unwrap();
        let named = TechniqueSet::of([id("T1059.001"), id("T1566"), id("T1059.001")]);
        let members = named.resolve(&facts, PlatformSet::EMPTY).unwrap();
        for (text, is_in) in [
            ("T1059", true),
            ("T1059.001", true),
            ("T1059.003", false),
            ("T1566.001", true),
            ("T1110", false),
        ] {
            assert_eq!(members.contains(id(text)), is_in, "{text}");
        }
    }

    #[test]
    fn rows_are_counted_by_word() {
        let rows = [
            (Some(50), Some(Word::Most)),
            (Some(0), Some(Word::Half)),
            (None, Some(Word::Half)),
            (Some(29), Some(Word::Few)),
            (None, None),
        ];
        let counts = WordCounts::of(rows.into_iter());
        assert_eq!((counts.techniques, counts.covered), (5, 2));
        assert_eq!((counts.half_or_more, counts.covered_of_these), (3, 1));
        assert_eq!((counts.by_word[&Some(Word::Half)], counts.by_word[&None]), (2, 1));
    }
}
