//! Composites of one member after another, from sets of parent techniques as bits. The definitions stand in
//! `domain::coverage`.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::{contributor::Contributor, places::Places};
use crate::domain::{
    attack::PlatformSet,
    coverage::{Set, parents_of},
    facts::Facts,
    release::{BlockIx, Item, Layout, SimpleIx},
    technology::{Family, TechnologyRef},
};

const FAMILIES: usize = Family::ALL.len();
/// Bits of a word of a set.
const WORD: usize = 64;

/// The parent techniques that one member covers at all, and through each family: one bit each.
pub(super) struct Covered {
    any: Vec<u64>,
    families: [Vec<u64>; FAMILIES],
}

/// A composite's item, the family whose technologies count (any where `None`), its set, and how many are in it.
struct Composite {
    item: SimpleIx,
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

    pub fn insert(&mut self, parent: BlockIx, family: Option<usize>) {
        insert(&mut self.any, parent);
        if let Some(family) = family.and_then(|family| self.families.get_mut(family)) {
            insert(family, parent);
        }
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
        mut set: impl FnMut(SimpleIx, u32),
    ) {
        let mut declared = [false; FAMILIES];
        for family in technologies.iter().filter_map(|technology| places.through(*technology).family) {
            if let Some(declared) = declared.get_mut(family) {
                *declared = true;
            }
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
                set(composite.item, (200 * common(column, &composite.set) + of) / (2 * of));
            }
        }
    }
}

/// The composites of organisations that run these platforms.
fn composites(platforms: PlatformSet, facts: &Facts, layout: &Layout) -> Vec<Composite> {
    let tactics = (0_u8..).zip(facts.catalogue().tactics());
    let tactics = tactics.map(|(number, of)| (Item::Tactic(of.short_name.clone()), Set::Tactic(number)));
    let mut all = vec![(Item::Overall, Set::Overall)];
    all.extend(tactics);
    all.extend(facts.groups().iter().map(|(id, _)| (Item::Group(*id), Set::Group(*id))));
    all.extend(Family::ALL.map(|family| (Item::Family(family), Set::Family(family))));
    let composites = all.into_iter().filter_map(|(item, of)| {
        let family = match of {
            Set::Family(family) => Some(usize::from(family.position())),
            _ => None,
        };
        let mut set = none(layout);
        for (block, _) in parents_of(of, platforms, facts).into_iter().filter_map(|id| layout.place(id)) {
            insert(&mut set, block);
        }
        Some(Composite { item: layout.simple_of(&item)?, family, of: common(&set, &set), set })
    });
    composites.filter(|composite| composite.of > 0).collect()
}

fn none(layout: &Layout) -> Vec<u64> {
    vec![0; layout.blocks().len().div_ceil(WORD)]
}

fn insert(set: &mut [u64], parent: BlockIx) {
    let (word, bit) = (parent.position() / WORD, parent.position() % WORD);
    if let Some(bits) = set.get_mut(word) {
        *bits |= 1 << bit;
    }
}

fn common(one: &[u64], other: &[u64]) -> u32 {
    one.iter().zip(other).map(|(a, b)| (a & b).count_ones()).sum()
}
