//! An organisation's contribution: cell by cell the maximum over its feeds, assessed if any feed assessed it, in the ids
//! of the version that is compared in.

use crate::domain::{
    attack::TechniqueId,
    facts::{Facts, FactsError, Origin},
    scale::{Scale, Score},
    snapshot::{Cell, Snapshot},
    technology::TechnologyRef,
};

/// One assessed cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContributionCell {
    pub technology: TechnologyRef,
    pub technique: TechniqueId,
    pub score: Score,
    /// The scale of the feed that the score comes from.
    pub scale: Scale,
}

/// The contribution of an organisation; cells that are not assessed are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contribution {
    /// Declared by any feed, ascending.
    pub technologies: Vec<TechnologyRef>,
    /// Ascending by (technology, technique), each pair once.
    pub cells: Vec<ContributionCell>,
}

impl Contribution {
    pub fn declares(&self, technology: TechnologyRef) -> bool {
        self.technologies.binary_search(&technology).is_ok()
    }

    pub fn is_empty(&self) -> bool {
        self.technologies.is_empty()
    }
}

/// Merges the latest snapshots of an organisation's feeds. They are expected to be fresh and of one basis.
pub fn contribution(feeds: &[Snapshot], facts: &Facts) -> Result<Contribution, FactsError> {
    let mut technologies = Vec::new();
    let mut cells: Vec<ContributionCell> = Vec::new();
    for snapshot in feeds {
        let origin = facts.origin(snapshot.header.attack)?;
        for (technology, assessed) in resolve(snapshot, facts, origin) {
            technologies.push(technology);
            let migrated = match origin.migration.keeps(assessed.iter().map(|(id, _)| *id)) {
                true => assessed,
                false => origin.migration.apply(&assessed),
            };
            cells.extend(migrated.into_iter().filter_map(|(technique, score)| {
                Some(ContributionCell { technology, technique, score: score?, scale: snapshot.header.scale })
            }));
        }
    }
    technologies.sort_unstable();
    technologies.dedup();
    // The best score first, so that it is the one that stays; equal scores are decided by the scale's order.
    cells.sort_unstable_by(|a, b| {
        (a.technology, a.technique, b.score, a.scale).cmp(&(b.technology, b.technique, a.score, b.scale))
    });
    cells.dedup_by_key(|cell| (cell.technology, cell.technique));
    Ok(Contribution { technologies, cells })
}

/// Ascending, each technique once.
type Assessed = Vec<(TechniqueId, Option<Score>)>;

/// Resolves what a snapshot says of each of its technologies, in its own ATT&CK version: a missing cell of a complete technology
/// is 0, unless its parent has a rule there ("tagged at the parent").
fn resolve(snapshot: &Snapshot, facts: &Facts, origin: &Origin) -> Vec<(TechnologyRef, Assessed)> {
    let registry = facts.registry();
    let mut resolved = Vec::with_capacity(snapshot.header.technologies.len());
    let mut rest: &[Cell] = &snapshot.cells;
    for (position, name) in (0_u8..).zip(&snapshot.header.technologies) {
        let end = rest.partition_point(|cell| cell.technology <= position);
        let (said, after) = rest.split_at(end);
        rest = after;
        let Some(technology) = registry.reference(name) else { continue };
        let mut assessed: Assessed = said.iter().map(|cell| (cell.technique, snapshot.score(cell))).collect();
        if let TechnologyRef::Known(known) = technology
            && snapshot.header.is_complete(name)
        {
            let score = |id: TechniqueId| {
                let found = said.binary_search_by_key(&id, |cell| cell.technique).ok();
                found.and_then(|position| said.get(position)).map(|cell| snapshot.score(cell))
            };
            let covered = |id: TechniqueId| score(id).flatten().is_some_and(|score| score > Score::ZERO);
            let unsaid = |id: &TechniqueId| {
                let tagged_at_parent = id.is_sub() && covered(id.parent());
                score(*id).is_none() && !tagged_at_parent
            };
            let missing = origin.applicability().techniques_of(known).iter().copied().filter(unsaid);
            assessed.extend(missing.map(|id| (id, Some(Score::ZERO))));
            assessed.sort_unstable_by_key(|(id, _)| *id);
        }
        resolved.push((technology, assessed));
    }
    resolved
}

/// The snapshot's positive cells that do not apply to their technology in its own version: accepted, counted in `any`
/// and in the composites, and in no cell's or technology's statistic.
pub fn conflicts<'s>(snapshot: &'s Snapshot, facts: &Facts) -> Result<Vec<&'s Cell>, FactsError> {
    let origin = facts.origin(snapshot.header.attack)?;
    let known = |name: &String| match facts.registry().reference(name) {
        Some(TechnologyRef::Known(known)) => Some(known),
        _ => None,
    };
    let known: Vec<Option<u16>> = snapshot.header.technologies.iter().map(known).collect();
    let conflict = |cell: &&Cell| {
        let technology = known.get(usize::from(cell.technology)).copied().flatten();
        // An id that the version itself has revoked is seen by whoever sees what it became.
        let technique = origin.catalogue.resolve(cell.technique).unwrap_or(cell.technique);
        technology.is_some_and(|known| !origin.applicability().applies(technique, known))
            && snapshot.score(cell).is_some_and(|score| score > Score::ZERO)
    };
    Ok(snapshot.cells.iter().filter(conflict).collect())
}
