//! Roll-ups of one organisation: cells, techniques in a column, and how many technologies stand behind one.

use std::collections::BTreeMap;

use super::{Contribution, ContributionCell};
use crate::domain::{
    attack::TechniqueId,
    column::Column,
    facts::Facts,
    scale::{Scale, Score},
    technology::TechnologyRef,
};

/// A value and the scale behind it; `None` where feeds on different scales stand behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolled {
    pub score: Score,
    pub scale: Option<Scale>,
}

/// The number of the organisation's technologies that cover a technique, out of those that can see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Through {
    pub covered: u32,
    pub can_see: u32,
}

impl Rolled {
    fn of(cell: &ContributionCell) -> Self {
        Self { score: cell.score, scale: Some(cell.scale) }
    }

    /// The larger of the two scores; the scale is kept only if both are on it.
    fn max(self, other: Self) -> Self {
        Self {
            score: self.score.max(other.score),
            scale: self.scale.filter(|scale| other.scale == Some(*scale)),
        }
    }
}

/// Returns whether a cell is in cell statistics: its technique applies to its technology, which is in the registry.
pub fn is_counted(cell: &ContributionCell, facts: &Facts) -> bool {
    match cell.technology {
        TechnologyRef::Known(known) => facts.applicability().applies(cell.technique, known),
        TechnologyRef::Other(_) => false,
    }
}

fn in_column(technology: TechnologyRef, column: &Column, facts: &Facts) -> bool {
    match column {
        Column::Any => true,
        Column::Family(family) => facts.registry().family_of(technology) == Some(*family),
        Column::Technology(id) => {
            facts.registry().position(id).is_some_and(|known| technology == TechnologyRef::Known(known))
        }
    }
}

/// The contribution's cells that are in cell statistics.
pub fn cells<'c>(
    contribution: &'c Contribution,
    facts: &'c Facts,
) -> impl Iterator<Item = &'c ContributionCell> {
    contribution.cells.iter().filter(|cell| is_counted(cell, facts))
}

/// Every assessed technique in a column: the maximum over the organisation's applicable, assessed technologies of the
/// column. A parent is max(own, mean of its assessed sub-techniques, 1 if any of them is above 0). In `any` a positive
/// cell counts even where it does not apply.
pub fn techniques(
    contribution: &Contribution,
    column: &Column,
    facts: &Facts,
) -> BTreeMap<TechniqueId, Rolled> {
    let mut rolled: BTreeMap<TechniqueId, Rolled> = BTreeMap::new();
    let counts = |cell: &&ContributionCell| {
        in_column(cell.technology, column, facts)
            && facts.catalogue().get(cell.technique).is_some_and(|technique| technique.is_active())
            && (is_counted(cell, facts) || (*column == Column::Any && cell.score > Score::ZERO))
    };
    for cell in contribution.cells.iter().filter(counts) {
        let value = Rolled::of(cell);
        rolled.entry(cell.technique).and_modify(|known| *known = known.max(value)).or_insert(value);
    }
    let mut parents: BTreeMap<TechniqueId, Rolled> = BTreeMap::new();
    let mut means: BTreeMap<TechniqueId, (u32, u32)> = BTreeMap::new();
    for (id, value) in rolled.iter().filter(|(id, _)| id.is_sub()) {
        parents.entry(id.parent()).and_modify(|known| *known = known.max(*value)).or_insert(*value);
        let (sum, count) = means.entry(id.parent()).or_default();
        *sum += u32::from(value.score.get());
        *count += 1;
    }
    for (id, best) in parents {
        let (sum, count) = means.get(&id).copied().unwrap_or_default();
        let any = if best.score > Score::ZERO { Score::new(1) } else { None };
        let score = Score::mean(sum, count).max(any).unwrap_or_default();
        let value = Rolled { score, scale: best.scale };
        rolled.entry(id).and_modify(|own| *own = own.max(value)).or_insert(value);
    }
    rolled
}

/// The organisation's technologies of a column behind a technique, its sub-techniques included.
pub fn through(contribution: &Contribution, id: TechniqueId, column: &Column, facts: &Facts) -> Through {
    let mut through = Through { covered: 0, can_see: 0 };
    for (_, covered) in seen_by(contribution, id, column, facts) {
        through.covered += u32::from(covered);
        through.can_see += 1;
    }
    through
}

/// The organisation's technologies of a column that can see a technique, by position in the registry, and whether each
/// has a rule for it or one of its sub-techniques.
pub fn seen_by<'c>(
    contribution: &'c Contribution,
    id: TechniqueId,
    column: &'c Column,
    facts: &'c Facts,
) -> impl Iterator<Item = (u16, bool)> + 'c {
    let technologies = contribution.technologies.iter().filter(|t| in_column(**t, column, facts));
    technologies.filter_map(move |technology| {
        let TechnologyRef::Known(known) = technology else { return None };
        if !facts.applicability().applies(id, *known) {
            return None;
        }
        let from =
            contribution.cells.partition_point(|cell| (cell.technology, cell.technique) < (*technology, id));
        let own = contribution.cells.iter().skip(from).take_while(|cell| {
            cell.technology == *technology
                && (cell.technique == id || (!id.is_sub() && cell.technique.parent() == id))
        });
        let covered = own.filter(|cell| is_counted(cell, facts)).any(|cell| cell.score > Score::ZERO);
        Some((*known, covered))
    })
}

/// The best score of a technique's own cells in any technology, sub-techniques left out.
pub fn tagged(contribution: &Contribution, id: TechniqueId, facts: &Facts) -> Option<Score> {
    let counts = |cell: &&ContributionCell| {
        cell.technique == id && (is_counted(cell, facts) || cell.score > Score::ZERO)
    };
    contribution.cells.iter().filter(counts).map(|cell| cell.score).max()
}

/// The number of parent techniques with at least one rule through a technology; `None` if the organisation does not
/// declare it.
pub fn technology_count(contribution: &Contribution, technology: u16, facts: &Facts) -> Option<u32> {
    let technology = TechnologyRef::Known(technology);
    if !contribution.declares(technology) {
        return None;
    }
    let positive = |cell: &&ContributionCell| {
        cell.technology == technology && cell.score > Score::ZERO && is_counted(cell, facts)
    };
    let mut parents: Vec<TechniqueId> =
        contribution.cells.iter().filter(positive).map(|cell| cell.technique.parent()).collect();
    parents.dedup();
    u32::try_from(parents.len()).ok()
}
