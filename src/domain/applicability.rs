//! Applicability of techniques to technologies: the denominator of every measure. Computed once per ATT&CK
//! version, then looked up in constant time.

use std::collections::BTreeMap;

use super::{
    attack::{
        Catalogue, ComponentTable, Fate, Migration, Platform, PlatformSet, Technique, TechniqueId, bundled,
    },
    technology::{ComponentSet, Family, Kind, Registry, Technology},
};

const WORD: usize = 64;
/// Parent numbers of technique ids are below this.
const PARENTS: usize = 10_000;

/// The applicability of one ATT&CK version's active techniques to the technologies of a registry.
#[derive(Debug, Clone)]
pub struct Applicability {
    /// Per parent number: the first row and the number of rows (own row first, then by sub-technique number).
    slots: Vec<(usize, usize)>,
    /// One bit per technology, `words` words a row. A parent's row includes its sub-techniques.
    bits: Vec<u64>,
    words: usize,
    /// One bit per family, by position in [`Family::ALL`].
    families: Vec<u8>,
    by_technology: Vec<Vec<TechniqueId>>,
}

impl Applicability {
    /// For any ATT&CK version: the nearest bundled component table is carried along the ids.
    pub fn new(catalogue: &Catalogue, registry: &Registry) -> Self {
        let (base, table) = bundled::components(catalogue.version());
        Self::with_table(catalogue, registry, &base, table)
    }

    /// As [`Self::new`], with `table` being of the ATT&CK version `base`.
    fn with_table(
        catalogue: &Catalogue,
        registry: &Registry,
        base: &Catalogue,
        table: &ComponentTable,
    ) -> Self {
        let technologies = registry.technologies();
        let words = technologies.len().div_ceil(WORD);
        let (slots, rows) = layout(catalogue);
        let mut applicability = Self {
            slots,
            bits: vec![0; rows * words],
            words,
            families: vec![0; rows],
            by_technology: vec![Vec::new(); technologies.len()],
        };
        let components = carried(catalogue, base, table);
        for technique in catalogue.active() {
            let components = components.get(&technique.id).copied().unwrap_or_default();
            for (position, technology) in technologies.iter().enumerate() {
                if sees(technology, technique, components) {
                    applicability.set(technique.id, position, technology.family);
                    applicability.set(technique.id.parent(), position, technology.family);
                }
            }
        }
        for technique in catalogue.active() {
            for (position, list) in applicability.by_technology.iter_mut().enumerate() {
                let row = row(&applicability.slots, technique.id);
                if row.is_some_and(|row| bit(&applicability.bits, words, row, position)) {
                    list.push(technique.id);
                }
            }
        }
        applicability
    }

    /// Returns whether an active technique applies to the technology at this position of the registry; a parent does if it
    /// or one of its active sub-techniques does. False for what the version or the registry does not have.
    pub fn applies(&self, technique: TechniqueId, technology: u16) -> bool {
        row(&self.slots, technique)
            .is_some_and(|row| bit(&self.bits, self.words, row, usize::from(technology)))
    }

    /// Techniques are in rows: how many there are, more than active techniques.
    pub fn rows(&self) -> usize {
        self.families.len()
    }

    /// An active technique's row; `None` for what the version does not have, and may be for a technique that is not active.
    pub fn row(&self, technique: TechniqueId) -> Option<usize> {
        row(&self.slots, technique)
    }

    /// Returns whether any technology of the family can see the technique.
    pub fn visible_to_family(&self, technique: TechniqueId, family: Family) -> bool {
        row(&self.slots, technique)
            .and_then(|row| self.families.get(row))
            .is_some_and(|families| families & family_bit(family) != 0)
    }

    /// The techniques and sub-techniques that apply to a technology, ascending.
    pub fn techniques_of(&self, technology: u16) -> &[TechniqueId] {
        self.by_technology.get(usize::from(technology)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The technologies that a technique applies to, by ascending position.
    pub fn technologies_of(&self, technique: TechniqueId) -> impl Iterator<Item = u16> {
        (0_u16..).take(self.by_technology.len()).filter(move |position| self.applies(technique, *position))
    }

    fn set(&mut self, technique: TechniqueId, technology: usize, family: Family) {
        let Some(row) = row(&self.slots, technique) else { return };
        if let Some(word) = self.bits.get_mut(row * self.words + technology / WORD) {
            *word |= 1 << (technology % WORD);
        }
        if let Some(families) = self.families.get_mut(row) {
            *families |= family_bit(family);
        }
    }
}

/// The rule itself: a shared data component and, for host and service technologies, a shared platform; platforms
/// alone where ATT&CK names no component.
fn sees(technology: &Technology, technique: &Technique, components: ComponentSet) -> bool {
    let meets_platform = platforms(technology).meets(technique.platforms);
    if components.is_empty() {
        return meets_platform;
    }
    components.meets(technology.components) && (technology.kind == Kind::Network || meets_platform)
}

/// Network and email technologies also see preparation against the organisation: scans, phishing for information.
fn platforms(technology: &Technology) -> PlatformSet {
    match technology.family {
        Family::Network | Family::Email => technology.platforms.with(Platform::Pre),
        _ => technology.platforms,
    }
}

/// The table's components under the ids of `catalogue`: what was merged has the components of all that went into it.
fn carried(
    catalogue: &Catalogue,
    base: &Catalogue,
    table: &ComponentTable,
) -> BTreeMap<TechniqueId, ComponentSet> {
    let mut carried: BTreeMap<TechniqueId, ComponentSet> = BTreeMap::new();
    let mut add = |id: TechniqueId, components: ComponentSet| {
        let set = carried.entry(id).or_default();
        *set = set.union(components);
    };
    if let Ok(forwards) = Migration::between(base, catalogue) {
        for (id, components) in &table.techniques {
            each_target(&forwards, *id, |target| add(target, *components));
        }
    } else if let Ok(backwards) = Migration::between(catalogue, base) {
        // An older version: each of its techniques has the components of what it became.
        for technique in catalogue.active() {
            each_target(&backwards, technique.id, |target| add(technique.id, table.of(target)));
        }
    }
    carried
}

fn each_target(migration: &Migration, id: TechniqueId, mut visit: impl FnMut(TechniqueId)) {
    match migration.fate(id) {
        Some(Fate::Kept) => visit(id),
        Some(Fate::Moved(target)) => visit(*target),
        Some(Fate::Split(targets)) => targets.iter().copied().for_each(visit),
        Some(Fate::Dropped | Fate::Lost) | None => {}
    }
}

/// Gives every active parent a run of rows that its highest sub-technique number fits in.
fn layout(catalogue: &Catalogue) -> (Vec<(usize, usize)>, usize) {
    let mut slots = vec![(0, 0); PARENTS];
    let mut rows = 0;
    for parent in catalogue.active().filter(|technique| !technique.id.is_sub()) {
        let last = catalogue.subs(parent.id).map(|sub| split(sub.id).1).max().unwrap_or(0);
        if let Some(slot) = slots.get_mut(split(parent.id).0) {
            *slot = (rows, last + 1);
            rows += last + 1;
        }
    }
    (slots, rows)
}

/// Parent number and sub-technique number.
fn split(id: TechniqueId) -> (usize, usize) {
    let (own, parent) = (id.number(), id.parent().number());
    // Both are below ten million, which fits a usize everywhere.
    let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    (number(parent) / 1000, number(own - parent))
}

fn row(slots: &[(usize, usize)], technique: TechniqueId) -> Option<usize> {
    let (parent, sub) = split(technique);
    slots.get(parent).filter(|(_, count)| sub < *count).map(|(first, _)| first + sub)
}

fn bit(bits: &[u64], words: usize, row: usize, technology: usize) -> bool {
    technology < words * WORD
        && bits.get(row * words + technology / WORD).is_some_and(|word| word >> (technology % WORD) & 1 == 1)
}

fn family_bit(family: Family) -> u8 {
    match family {
        Family::Endpoint => 1,
        Family::Identity => 1 << 1,
        Family::Cloud => 1 << 2,
        Family::Network => 1 << 3,
        Family::Email => 1 << 4,
        Family::Saas => 1 << 5,
        Family::Container => 1 << 6,
        Family::Ot => 1 << 7,
    }
}

#[cfg(test)]
mod tests;
