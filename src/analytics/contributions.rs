//! Contributions as data frames of integers, joined with what the catalogue says of each cell.

use polars::prelude::{
    DataFrame, DataType, IntoLazy, JoinArgs, JoinType, NamedFrom, PolarsResult, Series, col,
};

use super::{Contributor, Joined};
use crate::domain::{
    attack::TechniqueId,
    facts::Facts,
    release::Layout,
    scale::{Scale, Score},
    technology::{Family, TechnologyRef},
};

/// Stands for "none" in the frames, which have no nulls.
const NONE: u32 = u32::MAX;

/// One integer for (technique, technology): the number of the technique, and the position of the technology in the
/// registry, followed by those outside it. A registry of 400 technologies fits.
struct Cells {
    technologies: u32,
}

impl Cells {
    fn new(facts: &Facts) -> Self {
        let known = u32::try_from(facts.registry().technologies().len()).unwrap_or(u32::MAX);
        // `other.<family>` for each family, and `other.unknown`.
        Self { technologies: known.saturating_add(FAMILIES + 1) }
    }

    fn technology(&self, technology: TechnologyRef) -> u32 {
        match technology {
            TechnologyRef::Known(known) => u32::from(known),
            TechnologyRef::Other(family) => {
                let first = self.technologies - FAMILIES - 1;
                first + family.map_or(FAMILIES, |family| u32::from(family_number(family)))
            }
        }
    }

    fn cell(&self, technique: TechniqueId, technology: TechnologyRef) -> u32 {
        technique.number() * self.technologies + self.technology(technology)
    }
}

const FAMILIES: u32 = 8;

/// Position in [`Family::ALL`].
pub(super) fn family_number(family: Family) -> u8 {
    (0..).zip(Family::ALL).find(|(_, known)| *known == family).map_or(u8::MAX, |(number, _)| number)
}

/// Per cell that there can be: the block and the slot of its technique, the technology, its family, and whether the
/// technique applies to the technology.
pub(super) fn places(facts: &Facts, layout: &Layout) -> PolarsResult<DataFrame> {
    let cells = Cells::new(facts);
    let registry = facts.registry();
    let known = (0..).zip(registry.technologies()).map(|(known, _)| TechnologyRef::Known(known));
    let other = Family::ALL.map(|family| TechnologyRef::Other(Some(family)));
    let technologies: Vec<TechnologyRef> = known.chain(other).chain([TechnologyRef::Other(None)]).collect();
    let mut columns: [Vec<u32>; 6] = Default::default();
    for technique in facts.catalogue().active() {
        let Some((block, slot)) = layout.place(technique.id) else { continue };
        for technology in &technologies {
            let number = match technology {
                TechnologyRef::Known(known) => Some(*known),
                TechnologyRef::Other(_) => None,
            };
            let applies = number.is_some_and(|known| facts.applicability().applies(technique.id, known));
            let family = registry.family_of(*technology).map(family_number);
            let row = [
                cells.cell(technique.id, *technology),
                block,
                u32::from(slot),
                number.map_or(NONE, u32::from),
                family.map_or(NONE, u32::from),
                u32::from(applies),
            ];
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
    }
    frame(["cell", "block", "slot", "technology", "family", "applies"].into_iter().zip(columns))
}

fn frame(columns: impl Iterator<Item = (&'static str, Vec<u32>)>) -> PolarsResult<DataFrame> {
    let columns = columns.map(|(name, values)| Series::new(name.into(), values).into());
    DataFrame::new_infer_height(columns.collect())
}

/// The assessed cells of a batch, ascending by member and technology. Members are numbered from
/// `first` on.
pub(super) fn join(
    batch: &[Contributor],
    first: u32,
    facts: &Facts,
    places: &DataFrame,
) -> PolarsResult<Vec<Joined>> {
    let cells = Cells::new(facts);
    let mut columns: [Vec<u32>; 4] = Default::default();
    for (member, contributor) in (first..).zip(batch) {
        for cell in &contributor.contribution.cells {
            let score = u32::from(cell.score.get());
            let row = [
                member,
                cells.cell(cell.technique, cell.technology),
                score,
                u32::from(scale_number(cell.scale)),
            ];
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
    }
    let contributions = frame(["member", "cell", "score", "scale"].into_iter().zip(columns))?;
    let joined = contributions
        .lazy()
        .join(places.clone().lazy(), [col("cell")], [col("cell")], JoinArgs::new(JoinType::Inner))
        .collect()?;
    let mut rows = rows(&joined)?;
    // A join promises no order. Mostly it kept it, and this only looks.
    rows.sort_by_key(|row| (row.member, row.technology));
    Ok(rows)
}

/// Position in [`Scale::ALL`].
fn scale_number(scale: Scale) -> u8 {
    (0..).zip(Scale::ALL).find(|(_, known)| *known == scale).map_or(u8::MAX, |(number, _)| number)
}

fn rows(frame: &DataFrame) -> PolarsResult<Vec<Joined>> {
    let values = |name: &str| -> PolarsResult<Vec<u32>> {
        Ok(frame.column(name)?.cast(&DataType::UInt32)?.u32()?.into_no_null_iter().collect())
    };
    let (member, block, slot) = (values("member")?, values("block")?, values("slot")?);
    let (technology, family, applies) = (values("technology")?, values("family")?, values("applies")?);
    let (score, scale) = (values("score")?, values("scale")?);
    let narrow = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    let places = block.into_iter().zip(slot).zip(technology.into_iter().zip(family));
    let scores = applies.into_iter().zip(score.into_iter().zip(scale));
    let rows = member.into_iter().zip(places).zip(scores);
    Ok(rows
        .map(|((member, ((block, slot), (technology, family))), (applies, (score, scale)))| Joined {
            member,
            block,
            slot: narrow(slot),
            technology: u16::try_from(technology).ok(),
            family: u8::try_from(family).ok(),
            applies: applies != 0,
            score: Score::new(narrow(score)).unwrap_or_default(),
            scale: narrow(scale),
        })
        .collect())
}
