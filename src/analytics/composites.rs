//! Composites and technology counts of a batch of members, from sets of parent techniques as bits. The definitions stand
//! in `domain::coverage`.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Contributor, Joined, contributions::family_number};
use crate::domain::{
    attack::PlatformSet,
    coverage::{Set, parents_of},
    facts::Facts,
    release::{ABSENT, Key, Layout},
    technology::{Family, TechnologyRef},
};

/// A set of parent techniques, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Parents(Vec<u64>);

impl Parents {
    fn insert(&mut self, parent: u32) {
        let (word, bit) = (usize::try_from(parent / 64).unwrap_or_default(), parent % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0.get_mut(word).into_iter().for_each(|bits| *bits |= 1 << bit);
    }

    fn len(&self) -> u32 {
        self.0.iter().map(|bits| bits.count_ones()).sum()
    }

    fn common(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a & b).count_ones()).sum()
    }
}

/// A composite's key, the family whose technologies count (any where `None`), and its set.
struct Composite {
    key: Key,
    family: Option<Family>,
    set: Parents,
}

/// Every member's value of the keys without a column.
pub(super) struct Composites {
    values: Vec<Vec<u8>>,
    /// The composites whose set is not empty, by the platforms that an organisation runs.
    classes: BTreeMap<Vec<String>, Vec<Composite>>,
}

impl Composites {
    pub fn new(layout: &Layout) -> Self {
        let keys = usize::try_from(layout.simple_len()).unwrap_or_default();
        Self { values: vec![Vec::new(); keys], classes: BTreeMap::new() }
    }

    /// `cells` are the batch's, member by member.
    pub fn add(
        &mut self,
        batch: &[Contributor],
        first: u32,
        cells: &[Joined],
        facts: &Facts,
        layout: &Layout,
    ) {
        self.learn(batch, facts, layout);
        let before = usize::try_from(first).unwrap_or_default();
        self.values.iter_mut().for_each(|values| values.resize(before + batch.len(), ABSENT));
        let mut rest = cells;
        for (member, contributor) in (first..).zip(batch) {
            let (own, after) = rest.split_at(rest.partition_point(|cell| cell.member <= member));
            rest = after;
            self.counts(member, contributor, own, layout);
            self.shares(member, contributor, own, facts);
        }
    }

    /// The composites of platforms that were not met before.
    fn learn(&mut self, batch: &[Contributor], facts: &Facts, layout: &Layout) {
        let new: BTreeMap<Vec<String>, PlatformSet> =
            batch.iter().map(|contributor| (name(contributor.platforms), contributor.platforms)).collect();
        let new: Vec<_> = new.into_iter().filter(|(name, _)| !self.classes.contains_key(name)).collect();
        let of = |(name, platforms): (Vec<String>, PlatformSet)| (name, composites(platforms, facts, layout));
        self.classes.extend(new.into_par_iter().map(of).collect::<Vec<_>>());
    }

    /// By key, then member.
    pub fn finish(self) -> Vec<Vec<u8>> {
        self.values
    }

    fn set(&mut self, key: Key, member: u32, value: u32) {
        let of_key = usize::try_from(key).ok().and_then(|key| self.values.get_mut(key));
        let slot = usize::try_from(member).ok().and_then(|member| of_key?.get_mut(member));
        let value = u8::try_from(value).unwrap_or(ABSENT - 1).min(ABSENT - 1);
        slot.into_iter().for_each(|slot| *slot = value);
    }

    /// Per declared technology of the registry the number of parents with a rule through it, 0 included.
    fn counts(&mut self, member: u32, contributor: &Contributor, own: &[Joined], layout: &Layout) {
        let mut covered: BTreeMap<u16, Parents> = BTreeMap::new();
        for technology in &contributor.contribution.technologies {
            if let TechnologyRef::Known(known) = technology {
                covered.insert(*known, Parents::default());
            }
        }
        for cell in own.iter().filter(|cell| cell.applies && cell.score.get() > 0) {
            let technology = cell.technology.and_then(|known| covered.get_mut(&known));
            technology.into_iter().for_each(|parents| parents.insert(cell.block));
        }
        for (technology, parents) in covered {
            self.set(layout.technology(technology), member, parents.len());
        }
    }

    /// Per composite of the member the share of its set that is covered, half up.
    fn shares(&mut self, member: u32, contributor: &Contributor, own: &[Joined], facts: &Facts) {
        let mut any = Parents::default();
        let mut families: [Parents; 8] = Default::default();
        for cell in own.iter().filter(|cell| cell.score.get() > 0) {
            any.insert(cell.block);
            let family = cell.family.and_then(|family| families.get_mut(usize::from(family)));
            family.into_iter().for_each(|parents| parents.insert(cell.block));
        }
        let technologies = &contributor.contribution.technologies;
        let declares = |family: Option<Family>| {
            technologies.iter().any(|t| family.is_none() || facts.registry().family_of(*t) == family)
        };
        let Some(composites) = self.classes.get(&name(contributor.platforms)) else { return };
        let shares: Vec<(Key, u32)> = composites
            .iter()
            .filter(|composite| declares(composite.family))
            .map(|Composite { key, family, set }| {
                let column = match family {
                    None => &any,
                    Some(family) => families.get(usize::from(family_number(*family))).unwrap_or(&any),
                };
                let of = set.len();
                (*key, (200 * column.common(set) + of) / (2 * of))
            })
            .collect();
        shares.into_iter().for_each(|(key, share)| self.set(key, member, share));
    }
}

/// What a set of platforms is found under.
fn name(platforms: PlatformSet) -> Vec<String> {
    platforms.iter().map(String::from).collect()
}

/// The composites of organisations that run these platforms.
fn composites(platforms: PlatformSet, facts: &Facts, layout: &Layout) -> Vec<Composite> {
    let mut all = vec![(layout.overall(), None, Set::Overall)];
    let tactics = (0_u8..).take(facts.catalogue().tactics().len());
    all.extend(tactics.map(|tactic| (layout.tactic(tactic), None, Set::Tactic(tactic))));
    all.extend(facts.groups().iter().filter_map(|(id, _)| Some((layout.group(*id)?, None, Set::Group(*id)))));
    all.extend(Family::ALL.map(|family| (layout.family(family), Some(family), Set::Family(family))));
    let composites = all.into_iter().map(|(key, family, set)| {
        let mut parents = Parents::default();
        for id in parents_of(set, platforms, facts) {
            layout.place(id).into_iter().for_each(|(block, _)| parents.insert(block));
        }
        Composite { key, family, set: parents }
    });
    composites.filter(|composite| composite.set.len() > 0).collect()
}
