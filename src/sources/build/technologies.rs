//! The log sources that a rule reads -> the technologies that it counts for.

use std::collections::BTreeSet;

use crate::{
    domain::technology::{Family, TechnologyRef},
    sources::crosswalk::{Crosswalk, Meaning},
};

/// The technologies that the organisation has.
#[derive(Debug)]
pub struct Present {
    technologies: BTreeSet<TechnologyRef>,
    /// The user named them.
    declared: bool,
}

impl Present {
    /// Takes those that the user declared, or else those that are proven.
    pub fn new<'r>(
        declared: BTreeSet<TechnologyRef>,
        proven: impl Iterator<Item = &'r TechnologyRef>,
    ) -> Self {
        match declared.is_empty() {
            true => Self { technologies: proven.copied().collect(), declared: false },
            false => Self { technologies: declared, declared: true },
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &TechnologyRef> {
        self.technologies.iter()
    }
}

/// The crosswalk's knowledge about one rule.
#[derive(Debug, Default)]
pub struct Reach {
    /// Technologies that the rule names, so that whoever runs it has them.
    pub proven: BTreeSet<TechnologyRef>,
    /// Sets of technologies of which any may have produced the data.
    alternatives: Vec<(BTreeSet<TechnologyRef>, Option<Family>)>,
    /// Sources that are unknown, or known by their family only.
    others: BTreeSet<TechnologyRef>,
    /// Raw names that no row fits.
    pub unmapped: Vec<String>,
}

impl Reach {
    /// Looks up the names of [`Rule::sources`](crate::sources::reading::Rule::sources) and of `one_of`.
    pub fn of<'n>(
        sources: impl IntoIterator<Item = &'n String>,
        one_of: impl IntoIterator<Item = &'n String>,
        crosswalk: &Crosswalk,
    ) -> Self {
        let mut reach = Self::default();
        for name in sources {
            match crosswalk.meaning(name) {
                Some(Meaning::Technologies(technologies)) => reach.proven.extend(technologies),
                Some(Meaning::AnyOf(technologies, family)) => {
                    reach.alternatives.push((technologies.iter().copied().collect(), *family));
                }
                Some(Meaning::Other(family)) => {
                    reach.others.insert(TechnologyRef::Other(*family));
                }
                Some(Meaning::Nothing) => {}
                None => reach.unmapped.push(name.clone()),
            }
        }
        reach.one_of(one_of, crosswalk);
        if !reach.unmapped.is_empty() && reach.proven.is_empty() && reach.alternatives.is_empty() {
            reach.others.insert(TechnologyRef::Other(None));
        }
        reach
    }

    /// A list of alternatives says more than a data model, and less than what the search itself names. Alternatives
    /// that all mean one technology, and none of them anything else, prove it.
    fn one_of<'n>(&mut self, names: impl IntoIterator<Item = &'n String>, crosswalk: &Crosswalk) {
        let mut all = BTreeSet::new();
        let mut families = BTreeSet::new();
        for name in names {
            match crosswalk.meaning(name) {
                Some(Meaning::Technologies(technologies)) => all.extend(technologies),
                Some(Meaning::AnyOf(technologies, family)) => {
                    all.extend(technologies);
                    families.insert(*family);
                }
                Some(Meaning::Other(family)) => {
                    families.insert(*family);
                }
                Some(Meaning::Nothing) => {}
                None => self.unmapped.push(name.clone()),
            }
        }
        if !self.proven.is_empty() {
            return;
        }
        let family = if families.len() == 1 { families.first().copied().flatten() } else { None };
        match all.len() {
            0 if family.is_some() => {
                self.others.insert(TechnologyRef::Other(family));
            }
            0 => {}
            1 if families.is_empty() => self.proven = all,
            _ => self.alternatives = vec![(all, family)],
        }
    }

    /// The technologies any of which the rule may read.
    pub fn any(&self) -> impl Iterator<Item = &TechnologyRef> {
        self.proven.iter().chain(self.alternatives.iter().flat_map(|(all, _)| all))
    }

    /// Returns the technologies that the rule counts for, of those that the organisation has. `None` if it reads
    /// something that the user didn't declare.
    pub fn targets(
        &self,
        present: &Present,
        family_of: impl Fn(TechnologyRef) -> Option<Family>,
    ) -> Option<Targets> {
        let Present { technologies: present, declared } = present;
        let present_of = |all: &BTreeSet<TechnologyRef>| all.intersection(present).copied().collect();
        let certain: BTreeSet<TechnologyRef> = present_of(&self.proven);
        let possible: BTreeSet<TechnologyRef> =
            self.alternatives.iter().flat_map(|(all, _)| present_of(all)).collect();
        let mut otherwise = TechnologyRef::Other(None);
        if let Some((all, family)) = self.alternatives.first() {
            let families: BTreeSet<Option<Family>> = all.iter().map(|one| family_of(*one)).collect();
            let shared = if families.len() == 1 { families.into_iter().next().flatten() } else { None };
            otherwise = TechnologyRef::Other(family.or(shared));
        }
        if !certain.is_empty() || !possible.is_empty() {
            return Some(Targets { certain, possible, otherwise });
        }
        let known = !self.proven.is_empty() || !self.alternatives.is_empty();
        if known && *declared {
            return None;
        }
        let certain = match (declared, present.first(), present.len()) {
            _ if known => BTreeSet::from([otherwise]),
            _ if !self.others.is_empty() => self.others.clone(),
            // The rule names no source, and the user declared one technology: it is about that one.
            (true, Some(only), 1) => BTreeSet::from([*only]),
            _ => BTreeSet::from([otherwise]),
        };
        Some(Targets { certain, possible, otherwise })
    }
}

/// The technologies that a rule counts for.
#[derive(Debug)]
pub struct Targets {
    certain: BTreeSet<TechnologyRef>,
    /// Technologies that may have produced the data. They count where the technique can be seen through them at all.
    possible: BTreeSet<TechnologyRef>,
    /// The technology that counts where none of those can see the technique.
    otherwise: TechnologyRef,
}

impl Targets {
    /// Returns the technologies that one technique counts for; never empty.
    pub fn of(&self, applies: impl Fn(TechnologyRef) -> bool) -> BTreeSet<TechnologyRef> {
        let mut found = self.certain.clone();
        found.extend(self.possible.iter().copied().filter(|one| applies(*one)));
        if found.is_empty() {
            found.insert(self.otherwise);
        }
        found
    }
}
