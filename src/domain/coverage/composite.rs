//! Composites: the share of a set of parent techniques that is covered, 0..=100. What is not assessed counts as not
//! covered, and the composite says how many.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use super::{Contribution, Rolled, techniques};
use crate::domain::{
    attack::{GroupId, Platform, PlatformSet, TechniqueId},
    column::Column,
    facts::{Facts, GROUP_PARENTS_MIN, Parent, platforms_of},
    scale::Score,
    technology::{Family, TechnologyRef},
};

/// A set of parent techniques.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// All that apply to a platform the organisation runs, but those of PRE alone.
    Overall,
    /// By position in the catalogue's tactics.
    Tactic(u8),
    /// All that the registry's technologies of the family can see.
    Family(Family),
    /// Attributed to a threat group.
    Group(GroupId),
}

/// A share with its denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Composite {
    pub share: Score,
    pub covered: u32,
    /// Parents in the set.
    pub of: u32,
    /// Parents of the set that are not assessed.
    pub unknown: u32,
}

/// Returns whether a parent is in a set for an organisation that runs `platforms` (see [`platforms_of`]).
pub fn in_set(parent: &Parent, set: Set, platforms: PlatformSet, facts: &Facts) -> bool {
    let runs = parent.platforms.meets(platforms);
    match set {
        Set::Overall => runs && parent.platforms.iter().any(|platform| platform != Platform::Pre),
        Set::Tactic(tactic) => runs && parent.tactics.contains(&tactic),
        Set::Family(family) => facts.applicability().visible_to_family(parent.id, family),
        Set::Group(group) => {
            let known = facts.groups().binary_search_by_key(&group, |(id, _)| *id).ok();
            let parents = known.and_then(|position| facts.groups().get(position));
            runs && parents.is_some_and(|(_, parents)| parents.binary_search(&parent.id).is_ok())
        }
    }
}

/// The parents of a set, ascending; empty where a threat group has too few to be compared.
pub fn parents_of(set: Set, platforms: PlatformSet, facts: &Facts) -> Vec<TechniqueId> {
    let platforms = platforms_of(platforms);
    let parents = facts.parents().iter().filter(|parent| in_set(parent, set, platforms, facts));
    let parents: Vec<TechniqueId> = parents.map(|parent| parent.id).collect();
    if matches!(set, Set::Group(_)) && parents.len() < GROUP_PARENTS_MIN { Vec::new() } else { parents }
}

/// One organisation's contribution with the roll-ups that composites need, each worked out when it is first needed.
#[derive(Debug, Clone)]
pub struct Coverage {
    contribution: Contribution,
    platforms: PlatformSet,
    any: OnceLock<Columned>,
    families: BTreeMap<Family, OnceLock<Columned>>,
}

#[derive(Debug, Clone)]
struct Columned {
    techniques: BTreeMap<TechniqueId, Rolled>,
    /// Parents with a positive cell on themselves or a sub-technique, applicable or not.
    covered: BTreeSet<TechniqueId>,
}

impl Coverage {
    /// `facts` are those that every later question is asked with.
    pub fn new(contribution: Contribution, platforms: PlatformSet, facts: &Facts) -> Self {
        let family_of = |technology: TechnologyRef| facts.registry().family_of(technology);
        let declared =
            |family: &Family| contribution.technologies.iter().any(|t| family_of(*t) == Some(*family));
        let families = Family::ALL.into_iter().filter(declared);
        let families = families.map(|family| (family, OnceLock::new())).collect();
        Self { any: OnceLock::new(), families, platforms, contribution }
    }

    /// Number of columns that are rolled up when somebody asks for them: `any`, and each family of the technologies.
    pub fn columns(&self) -> usize {
        1 + self.families.len()
    }

    fn columned(&self, family: Option<Family>, facts: &Facts) -> Columned {
        let is_in =
            |technology: TechnologyRef| family.is_none() || facts.registry().family_of(technology) == family;
        let positive = self.contribution.cells.iter();
        let positive = positive.filter(|cell| cell.score > Score::ZERO && is_in(cell.technology));
        let covered = positive.map(|cell| cell.technique.parent()).collect();
        let column = family.map_or(Column::Any, Column::Family);
        Columned { techniques: techniques(&self.contribution, &column, facts), covered }
    }

    fn any(&self, facts: &Facts) -> &Columned {
        self.any.get_or_init(|| self.columned(None, facts))
    }

    fn family(&self, family: Family, facts: &Facts) -> Option<&Columned> {
        Some(self.families.get(&family)?.get_or_init(|| self.columned(Some(family), facts)))
    }

    pub fn contribution(&self) -> &Contribution {
        &self.contribution
    }

    /// Every assessed technique in a column (see [`techniques`]).
    pub fn techniques(&self, column: &Column, facts: &Facts) -> Cow<'_, BTreeMap<TechniqueId, Rolled>> {
        match column {
            Column::Any => Cow::Borrowed(&self.any(facts).techniques),
            Column::Family(family) => match self.family(*family, facts) {
                Some(columned) => Cow::Borrowed(&columned.techniques),
                None => Cow::Owned(BTreeMap::new()),
            },
            Column::Technology(_) => Cow::Owned(techniques(&self.contribution, column, facts)),
        }
    }

    /// The parents of a set that are not covered, ascending; all of them where the organisation has no technology that the
    /// set is about.
    pub fn uncovered(&self, set: Set, facts: &Facts) -> Vec<TechniqueId> {
        let columned = match set {
            Set::Family(family) => self.family(family, facts),
            _ => Some(self.any(facts)),
        };
        let covered = |id: &TechniqueId| columned.is_some_and(|columned| columned.covered.contains(id));
        parents_of(set, self.platforms, facts).into_iter().filter(|id| !covered(id)).collect()
    }

    /// The platforms that the organisation runs, as the operator said.
    pub fn platforms(&self) -> PlatformSet {
        self.platforms
    }

    /// `None` where the set is empty, or the organisation has no technology that the set is about.
    pub fn composite(&self, set: Set, facts: &Facts) -> Option<Composite> {
        let columned = match set {
            Set::Family(family) => self.family(family, facts)?,
            _ if self.contribution.is_empty() => return None,
            _ => self.any(facts),
        };
        let parents = parents_of(set, self.platforms, facts);
        let count = |test: &dyn Fn(&TechniqueId) -> bool| {
            u32::try_from(parents.iter().filter(|id| test(id)).count()).unwrap_or_default()
        };
        let (covered, of) = (count(&|id| columned.covered.contains(id)), count(&|_| true));
        let unknown = count(&|id| !columned.covered.contains(id) && !columned.techniques.contains_key(id));
        Some(Composite { share: Score::share(covered, of)?, covered, of, unknown })
    }
}
