//! Public rule libraries beside an organisation's own coverage: a reference, never peers.

use std::cmp::Reverse;

use crate::domain::{
    attack::{AttackVersion, TechniqueId},
    coverage::{Coverage, Set, parents_of},
    facts::Facts,
    library::{Library, bundled},
    technology::{Registry, TechnologyRef},
};

/// Uncovered techniques that a reference lists.
const MOST: usize = 10;

/// The rules of a library for one technique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Available {
    pub library: &'static Library,
    /// Number of rules that read one of the own technologies.
    pub rules: u32,
    /// Number of rules, whatever they read.
    pub of: u32,
}

/// The own coverage beside the libraries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub libraries: Vec<Beside>,
    pub uncovered: Vec<Uncovered>,
}

/// The own coverage beside one library; `own` is `None` where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    pub library: &'static Library,
    pub own: Option<OwnSide>,
}

/// Counts of applicable parent techniques.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnSide {
    /// Those for which the library has rules that read one of the own technologies.
    pub within_reach: u32,
    /// Those of them that are covered.
    pub covered: u32,
}

/// A technique that isn't covered and that libraries have rules for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    pub technique: TechniqueId,
    pub name: String,
    pub available: Vec<Available>,
}

/// Counts the rules for a technique, and those through some technologies. Libraries whose ATT&CK version may not have the
/// technique are left out.
pub fn available(id: TechniqueId, technologies: &[&str], version: AttackVersion) -> Vec<Available> {
    let known = bundled().iter().filter(|library| library.knows(id, version));
    known
        .map(|library| Available {
            library,
            rules: library.rules_through(id, |one| technologies.contains(&one)),
            of: library.rules(id),
        })
        .collect()
}

/// The ids of the registry's technologies among some.
pub fn ids(known: impl Iterator<Item = u16>, registry: &Registry) -> Vec<&str> {
    known.filter_map(|known| Some(registry.get(known)?.id.as_str())).collect()
}

/// The libraries alone.
pub fn without_own() -> Reference {
    let libraries = bundled().iter().map(|library| Beside { library, own: None }).collect();
    Reference { libraries, uncovered: Vec::new() }
}

/// Sets an organisation's coverage beside the libraries, over the parent techniques that apply to it.
pub fn beside(coverage: &Coverage, facts: &Facts) -> Reference {
    let known = |technology: &TechnologyRef| match technology {
        TechnologyRef::Known(known) => Some(*known),
        TechnologyRef::Other(_) => None,
    };
    let technologies = ids(coverage.contribution().technologies.iter().filter_map(known), facts.registry());
    let version = facts.catalogue().version();
    let uncovered = coverage.uncovered(Set::Overall, facts);
    let mut sides: Vec<Beside> = bundled()
        .iter()
        .map(|library| Beside { library, own: Some(OwnSide { within_reach: 0, covered: 0 }) })
        .collect();
    let mut found = Vec::new();
    for id in parents_of(Set::Overall, coverage.platforms(), facts) {
        let is_covered = !uncovered.contains(&id);
        let available = available(id, &technologies, version);
        for Available { library, .. } in available.iter().filter(|one| one.rules > 0) {
            let side = sides.iter_mut().find(|Beside { library: of, .. }| of.about.id == library.about.id);
            if let Some(own) = side.and_then(|side| side.own.as_mut()) {
                own.within_reach += 1;
                own.covered += u32::from(is_covered);
            }
        }
        if !is_covered && available.iter().any(|one| one.rules > 0) {
            let name = facts.catalogue().get(id).map(|technique| technique.name.clone()).unwrap_or_default();
            found.push(Uncovered { technique: id, name, available });
        }
    }
    found.sort_by_key(|uncovered| {
        let with_rules = uncovered.available.iter().filter(|one| one.rules > 0);
        (Reverse(with_rules.clone().count()), Reverse(with_rules.map(|one| one.rules).sum::<u32>()))
    });
    found.truncate(MOST);
    Reference { libraries: sides, uncovered: found }
}
