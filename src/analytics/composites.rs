//! Composites of one member after another, from sets of parent techniques as bits. The definitions stand in
//! `domain::coverage`.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::{
    contributor::Contributor,
    places::{Places, family_number},
};
use crate::domain::{
    attack::PlatformSet,
    coverage::{Set, parents_of},
    facts::Facts,
    release::{Key, Layout},
    technology::{Family, TechnologyRef},
};

const FAMILIES: usize = Family::ALL.len();

/// The parent techniques that one member covers at all, and through each family: one bit each.
pub(super) struct Covered {
    any: Vec<u64>,
    families: [Vec<u64>; FAMILIES],
}

/// A composite's key, the family whose technologies count (any where `None`), its set, and how many are in it.
struct Composite {
    key: Key,
    family: Option<usize>,
    set: Vec<u64>,
    of: u32,
}

/// The composites whose set is not empty, by the platforms that an organisation runs.
#[derive(Default)]
pub(super) struct Composites {
    classes: HashMap<PlatformSet, Vec<Composite>>,
}

impl Covered {
    pub fn new(layout: &Layout) -> Self {
        Self { any: none(layout), families: std::array::from_fn(|_| none(layout)) }
    }

    pub fn clear(&mut self) {
        self.any.fill(0);
        self.families.iter_mut().for_each(|family| family.fill(0));
    }

    pub fn insert(&mut self, parent: u32, family: Option<usize>) {
        insert(&mut self.any, parent);
        let family = family.and_then(|family| self.families.get_mut(family));
        family.into_iter().for_each(|family| insert(family, parent));
    }
}

impl Composites {
    /// The composites of platforms that were not met before.
    pub fn learn(&mut self, batch: &[Contributor], facts: &Facts, layout: &Layout) {
        let new: HashSet<PlatformSet> = batch
            .iter()
            .map(|contributor| contributor.platforms)
            .filter(|platforms| !self.classes.contains_key(platforms))
            .collect();
        self.classes.par_extend(
            new.into_par_iter().map(|platforms| (platforms, composites(platforms, facts, layout))),
        );
    }

    /// Per composite of a member the share of its set that is covered, half up.
    pub fn shares(
        &self,
        platforms: PlatformSet,
        technologies: &[TechnologyRef],
        places: &Places<'_>,
        covered: &Covered,
        mut set: impl FnMut(Key, u32),
    ) {
        let mut declared = [false; FAMILIES];
        for family in technologies.iter().filter_map(|technology| places.through(*technology).family) {
            declared.get_mut(family).into_iter().for_each(|declared| *declared = true);
        }
        for composite in self.classes.get(&platforms).into_iter().flatten() {
            let column = match composite.family {
                None => (!technologies.is_empty()).then_some(&covered.any),
                Some(family) => {
                    let of_family = covered.families.get(family);
                    of_family.filter(|_| declared.get(family) == Some(&true))
                }
            };
            if let Some(column) = column {
                let of = composite.of;
                set(composite.key, (200 * common(column, &composite.set) + of) / (2 * of));
            }
        }
    }
}

/// The composites of organisations that run these platforms.
fn composites(platforms: PlatformSet, facts: &Facts, layout: &Layout) -> Vec<Composite> {
    let mut all = vec![(layout.overall(), None, Set::Overall)];
    let tactics = (0_u8..).take(facts.catalogue().tactics().len());
    all.extend(tactics.map(|tactic| (layout.tactic(tactic), None, Set::Tactic(tactic))));
    all.extend(facts.groups().iter().filter_map(|(id, _)| Some((layout.group(*id)?, None, Set::Group(*id)))));
    all.extend(Family::ALL.map(|family| {
        (layout.family(family), Some(usize::from(family_number(family))), Set::Family(family))
    }));
    let composites = all.into_iter().map(|(key, family, of)| {
        let mut set = none(layout);
        for (block, _) in parents_of(of, platforms, facts).into_iter().filter_map(|id| layout.place(id)) {
            insert(&mut set, block);
        }
        Composite { key, family, of: common(&set, &set), set }
    });
    composites.filter(|composite| composite.of > 0).collect()
}

fn none(layout: &Layout) -> Vec<u64> {
    vec![0; usize::try_from(layout.block_count().div_ceil(u64::BITS)).unwrap_or_default()]
}

fn insert(set: &mut [u64], parent: u32) {
    let (word, bit) = (usize::try_from(parent / u64::BITS).unwrap_or_default(), parent % u64::BITS);
    set.get_mut(word).into_iter().for_each(|bits| *bits |= 1 << bit);
}

fn common(one: &[u64], other: &[u64]) -> u32 {
    one.iter().zip(other).map(|(a, b)| (a & b).count_ones()).sum()
}
