//! The fewest changes by which a measure reaches the peers' median, their upper quartile or a number.

use super::{
    CompareError, Entry, Envelope, List, Own, Query, Reader, envelope,
    gaps::{Finder, Means, threat},
    measured::Measured,
    view,
    view::View,
};
use crate::{
    app::published::Published,
    domain::{
        attack::TechniqueId,
        column::Column,
        comparison::{
            Addition, Changes, Distance, Measure, Target, apply, choose, distance, needed, priority,
        },
        coverage::{Set, parents_of, techniques},
        release::{Item, Shown},
        scale::Score,
        technology::{Family, TechnologyRef},
    },
};

/// The changes that reach a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fewest {
    pub envelope: Envelope,
    pub measure: Measure,
    /// The line of the measure.
    pub entry: Entry,
    pub asked: Target,
    /// The number that was asked for.
    pub target: u16,
    /// Number of changes that the target needs: techniques to cover, or rules to add.
    pub needed: u32,
    pub is_reachable: bool,
    /// The most that the organisation's technologies can reach.
    pub bound: u16,
    pub changes: Vec<Change>,
}

/// A change: rules for a technique through one of the organisation's technologies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub technique: TechniqueId,
    pub name: String,
    pub tactics: Vec<String>,
    /// Id of the technology.
    pub technology: String,
    pub rules: u8,
    pub threat: u8,
    /// `None` where the peers' row says no distance.
    pub distance: Option<Distance>,
    pub priority: u8,
    pub means: Means,
    /// The measure's value after this change and those before it.
    pub reaches: u16,
}

/// Finds the fewest changes.
pub fn fewest(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
    measure: &Measure,
    asked: Target,
) -> Result<Fewest, CompareError> {
    let view = view(published, reader, query)?;
    let threat = threat(&published.facts, None)?;
    let search = Search { view: &view, finder: Finder::new(&view, &threat) };
    let envelope = envelope(published, reader, query, List::Tactics, &[]);
    let (entry, kind) = search.measure(measure)?;
    let goal = goal(asked, &entry)?;
    let target = goal.value;
    if target > 100 && !matches!(kind, Kind::Count(_)) {
        return Err(CompareError::TargetTooHigh);
    }
    // Whoever is within a target that is only known as "this or less" is where the target may be.
    let own = entry.effective().own.value();
    let from = if goal.at_most && own.is_some_and(|own| u16::from(own) <= target) { 0 } else { target };
    let found = match kind {
        Kind::Share(set) => search.share(&entry, set, from),
        Kind::Count(known) => search.count(&entry, known, from),
        Kind::Score(id) => search.score(&entry, id, from),
    };
    let Found { needed, is_reachable, bound, changes } = found;
    let measure = measure.clone();
    Ok(Fewest { envelope, measure, entry, asked, target, needed, is_reachable, bound, changes })
}

/// The number behind a target.
struct Goal {
    value: u16,
    /// The published number is coded to the low end: the peers' own is this or less.
    at_most: bool,
}

/// Finds the number behind a target: the published quantile of the row that is shown.
fn goal(asked: Target, entry: &Entry) -> Result<Goal, CompareError> {
    let shown = entry.effective().peers.as_ref().map(|peers| peers.row.shown);
    let quantiles = match shown {
        Some(Shown::Quantiles(quantiles)) => Some(quantiles),
        _ => None,
    };
    let coded = match asked {
        Target::Number(value) => return Ok(Goal { value, at_most: false }),
        Target::P50 => quantiles.map(|quantiles| quantiles.p50),
        Target::P75 => quantiles.and_then(|quantiles| quantiles.p75),
    };
    let coded = coded.ok_or(CompareError::NoTarget(asked))?;
    Ok(Goal { value: coded.value.into(), at_most: coded.is_low() })
}

/// The kind of a measure.
enum Kind {
    Share(Set),
    /// Position of the technology in the registry.
    Count(u16),
    Score(TechniqueId),
}

struct Found {
    needed: u32,
    is_reachable: bool,
    bound: u16,
    changes: Vec<Change>,
}

struct Search<'v, 'a> {
    view: &'v View<'a>,
    finder: Finder<'v, 'a>,
}

impl Search<'_, '_> {
    fn measure(&self, measure: &Measure) -> Result<(Entry, Kind), CompareError> {
        let facts = &self.view.published.facts;
        let found = Measured::find(measure, &Column::Any, self.view.published)
            .map_err(|error| CompareError::Measure(Box::new(error)))?;
        let kind = match &found.item {
            Item::Overall => Kind::Share(Set::Overall),
            Item::Tactic(name) => {
                let tactics = facts.catalogue().tactics();
                let at = (0..).zip(tactics).find(|(_, tactic)| tactic.short_name == *name);
                Kind::Share(Set::Tactic(at.ok_or(CompareError::NotCompared)?.0))
            }
            Item::Family(family) => Kind::Share(Set::Family(*family)),
            Item::Group(id) => Kind::Share(Set::Group(*id)),
            Item::Technology(id) => {
                Kind::Count(facts.registry().position(id).ok_or(CompareError::UnknownTechnology)?)
            }
            Item::Technique(id, _) => Kind::Score(*id),
            Item::Members | Item::Scale(_) | Item::Cell(..) => return Err(CompareError::NotCompared),
        };
        let entry = found.entry(self.view, facts).ok_or(CompareError::NotCompared)?;
        if let Kind::Share(set) = kind
            && parents_of(set, self.view.own.platforms(), facts).is_empty()
        {
            return Err(CompareError::NotCompared);
        }
        Ok((entry, kind))
    }

    /// Covers parents of a set, one rule each.
    fn share(&self, entry: &Entry, set: Set, target: u16) -> Found {
        let facts = &self.view.published.facts;
        let family = if let Set::Family(family) = set { Some(family) } else { None };
        let candidates = self.candidates(&self.view.own.uncovered(set, facts), |known| {
            family.is_none_or(|family| self.is_of(known, family))
        });
        let (covered, of) = match &entry.effective().own {
            Own::Share(composite) => (composite.covered, composite.of),
            _ => (0, super::size(candidates.len())),
        };
        let share = |covered: u32| Score::share(covered, of).map_or(0, |share| u16::from(share.get()));
        let needed = needed(u8::try_from(target).unwrap_or(u8::MAX), covered, of);
        self.found(candidates, needed, |changes| share(covered + changes))
    }

    /// Covers parents through one technology, one rule each.
    fn count(&self, entry: &Entry, technology: u16, target: u16) -> Found {
        let facts = &self.view.published.facts;
        let count = entry.asked.own.value().map_or(0, u16::from);
        let contribution = self.view.own.contribution();
        let mut covered: Vec<TechniqueId> = contribution
            .cells
            .iter()
            .filter(|cell| cell.technology == TechnologyRef::Known(technology) && cell.score > Score::ZERO)
            .map(|cell| cell.technique.parent())
            .collect();
        covered.dedup();
        let techniques = facts.applicability().techniques_of(technology).iter().copied();
        let open: Vec<TechniqueId> =
            techniques.filter(|id| !id.is_sub() && covered.binary_search(id).is_err()).collect();
        let candidates = self.candidates(&open, |known| known == technology);
        let needed = u32::from(target.saturating_sub(count));
        self.found(candidates, needed, |changes| {
            count.saturating_add(u16::try_from(changes).unwrap_or(u16::MAX))
        })
    }

    /// Adds rules for one technique through the technology that needs the fewest.
    fn score(&self, entry: &Entry, id: TechniqueId, target: u16) -> Found {
        let score = entry.effective().own.value().map_or(0, u16::from);
        let mut found =
            Found { needed: 0, is_reachable: score >= target, bound: score.max(100), changes: Vec::new() };
        if found.is_reachable {
            return found;
        }
        let Some(mut change) = self.candidate(id, &|_| true) else { return Found { bound: score, ..found } };
        let options: Vec<u16> = self.preferred(&change.means);
        let rules = (1..=20_u8).find_map(|rules| {
            let with = |technology: &u16| {
                let after =
                    u16::from(self.score_with(Addition { technique: id, technology: *technology, rules }));
                (after >= target).then_some((*technology, rules, after))
            };
            options.iter().find_map(with)
        });
        let Some((technology, rules, after)) = rules else { return Found { bound: score, ..found } };
        (change.technology, change.rules, change.reaches) = (self.id_of(technology), rules, after);
        (found.needed, found.is_reachable) = (u32::from(rules), true);
        found.changes.push(change);
        found
    }

    /// The technique's score in `any` with more rules.
    fn score_with(&self, addition: Addition) -> u8 {
        let facts = &self.view.published.facts;
        let mut contribution = self.view.own.contribution().clone();
        let parent = addition.technique.parent();
        contribution.cells.retain(|cell| cell.technique.parent() == parent);
        let changes = Changes { add: vec![addition], ..Changes::default() };
        let (after, _) = apply(&contribution, &changes, facts);
        techniques(&after, &Column::Any, facts)
            .get(&addition.technique)
            .map_or(0, |rolled| rolled.score.get())
    }

    /// Chooses the changes that are needed, or all that there are.
    fn found(&self, candidates: Vec<(Change, bool)>, needed: u32, reaches: impl Fn(u32) -> u16) -> Found {
        let keys: Vec<(bool, u8)> =
            candidates.iter().map(|(change, feasible)| (*feasible, change.priority)).collect();
        let feasible = super::size(keys.iter().filter(|(feasible, _)| *feasible).count());
        let chosen = choose(&keys, needed);
        let mut changes: Vec<Change> = Vec::with_capacity(chosen.len());
        for (number, at) in (1..).zip(chosen) {
            if let Some((change, _)) = candidates.get(at) {
                changes.push(Change { reaches: reaches(number), ..change.clone() });
            }
        }
        Found { needed, is_reachable: needed <= feasible, bound: reaches(feasible), changes }
    }

    fn candidates(&self, ids: &[TechniqueId], is_asked: impl Fn(u16) -> bool) -> Vec<(Change, bool)> {
        let candidates = ids.iter().filter_map(|id| self.candidate(*id, &is_asked));
        candidates
            .map(|change| {
                let is_feasible = change.means.feasibility.is_feasible();
                (change, is_feasible)
            })
            .collect()
    }

    /// One rule for a technique, through the technology that most peers cover it with.
    fn candidate(&self, id: TechniqueId, is_asked: &dyn Fn(u16) -> bool) -> Option<Change> {
        let entry = self.view.technique(id)?;
        let means = self.finder.means(id, is_asked);
        let technology = self.preferred(&means).first().map(|known| self.id_of(*known)).unwrap_or_default();
        let threat = self.finder.threat(id);
        let (own, shown) = {
            let side = entry.effective();
            (side.own.value(), side.peers.as_ref().map(|peers| peers.row.shown))
        };
        let distance = own.zip(shown).and_then(|(own, shown)| distance(own, &shown));
        let priority = distance.map_or(0, |distance| priority(distance.points, threat, means.feasibility));
        let super::Subject::Technique { name, tactics, .. } = entry.subject else { return None };
        Some(Change {
            technique: id,
            name,
            tactics,
            technology,
            rules: 1,
            threat,
            distance,
            priority,
            means,
            reaches: 0,
        })
    }

    /// The organisation's technologies that can see a technique, those first that most peers cover it through.
    fn preferred(&self, means: &Means) -> Vec<u16> {
        let registry = self.view.published.facts.registry();
        let through = means.through.iter().filter_map(|through| registry.position(&through.technology));
        let mut preferred: Vec<u16> = through.collect();
        let rest: Vec<u16> = means.own.iter().copied().filter(|known| !preferred.contains(known)).collect();
        preferred.extend(rest);
        preferred
    }

    fn id_of(&self, known: u16) -> String {
        let technology = self.view.published.facts.registry().get(known);
        technology.map_or_else(String::new, |technology| technology.id.clone())
    }

    fn is_of(&self, known: u16, family: Family) -> bool {
        let registry = self.view.published.facts.registry();
        registry.get(known).is_some_and(|technology| technology.family == family)
    }
}
