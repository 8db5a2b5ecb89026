//! Some members whose cells are looked up and counted together, on one thread.

use polars::prelude::{DataFrame, IntoLazy as _, NamedFrom as _, PolarsResult, Series, col, len, lit};

use super::{
    cells::Batch,
    composites::{Composites, Covered},
    contributor::Contributor,
    error::AnalyticsError,
    places::{Places, Through},
    row::{COLUMN, MEMBER, ROW, SCALE, SCORE, TECHNOLOGY, ascending},
    typed::block,
};
use crate::domain::{
    coverage::ContributionCell,
    release::{ABSENT, Layout, Member, SimpleIx},
    technology::TechnologyRef,
};

/// Members of one part: few enough for their cells to be grouped within a processor's cache.
pub(super) const MEMBERS: usize = 256;

/// The inputs that all parts share.
pub(super) struct Shared<'a> {
    pub layout: &'a Layout,
    pub places: &'a Places<'a>,
    pub composites: &'a Composites,
}

/// The result of a part.
pub(super) struct Part {
    pub members: Vec<Member>,
    pub cells: Batch,
    /// Per member the scales of its cells, one bit for each position in `Scale::ALL`.
    pub scales: Vec<u8>,
    pub simple: Simple,
}

/// The values of the items without a column, by item and then member.
pub(super) struct Simple {
    members: usize,
    values: Vec<u8>,
}

impl Simple {
    fn new(layout: &Layout, members: usize) -> Self {
        Self { members, values: vec![ABSENT; layout.simple().len() * members] }
    }

    fn slot(&mut self, item: SimpleIx, member: usize) -> Option<&mut u8> {
        self.values.get_mut(item.position() * self.members + member)
    }

    fn set(&mut self, item: SimpleIx, member: usize, value: u32) {
        if let Some(slot) = self.slot(item, member) {
            *slot = u8::try_from(value).unwrap_or(ABSENT).min(ABSENT - 1);
        }
    }

    pub fn items(&self) -> impl Iterator<Item = &[u8]> {
        self.values.chunks(self.members.max(1))
    }
}

impl Part {
    /// Members are numbered from `first` on.
    pub fn new(
        contributors: Vec<Contributor>,
        first: u32,
        shared: &Shared<'_>,
    ) -> Result<Self, AnalyticsError> {
        let Shared { layout, places, composites } = shared;
        let assessed = Carried::new(&contributors, first, places)?;
        let rows = assessed.looked_up(places)?;
        let mut simple = Simple::new(layout, contributors.len());
        for (position, contributor) in contributors.iter().enumerate() {
            for technology in &contributor.contribution.technologies {
                let TechnologyRef::Known(known) = technology else { continue };
                let known = layout.technology(*known).ok_or(AnalyticsError::TooMany)?;
                simple.set(known.count, position, 0);
            }
        }
        for (member, technology, parents) in technology_counts(&rows)? {
            let position = usize::try_from(member.saturating_sub(first)).unwrap_or(usize::MAX);
            let count = layout.technology(technology).ok_or(AnalyticsError::TooMany)?.count;
            if simple.slot(count, position).is_some_and(|value| *value != ABSENT) {
                simple.set(count, position, parents);
            }
        }
        let (mut covered, mut scales) = (Covered::new(layout), Vec::with_capacity(contributors.len()));
        let (mut cells, mut loose) = (Vec::with_capacity(rows.len()), Vec::new());
        let mut rest = rows.as_slice();
        for (position, (contributor, runs)) in contributors.iter().zip(&assessed.runs).enumerate() {
            covered.clear();
            let mut used = 0;
            for (family, length) in runs {
                let (run, after) = rest.split_at_checked(*length).ok_or(AnalyticsError::TooMany)?;
                rest = after;
                for row in run.iter().copied() {
                    used |= 1_u8 << SCALE.get(row);
                    let is_covered = SCORE.get(row) > 0;
                    if is_covered {
                        covered.insert(block(layout, row)?, *family);
                    }
                    // Where a technique does not apply it counts in `any`, if it is covered.
                    if COLUMN.get(row) > 0 {
                        cells.push(row);
                    } else if is_covered {
                        loose.push(row);
                    }
                }
            }
            cells.append(&mut loose);
            scales.push(used);
            let (platforms, technologies) = (contributor.platforms, &contributor.contribution.technologies);
            let set = |item, share| simple.set(item, position, share);
            composites.shares(platforms, technologies, places, &covered, set);
        }
        Ok(Self {
            members: contributors.into_iter().map(|contributor| contributor.member).collect(),
            cells: Batch::new(layout.blocks().len(), &cells),
            scales,
            simple,
        })
    }
}

/// The assessed cells of the members of a part as columns: by member, and then in the order of their columns.
#[derive(Default)]
struct Carried {
    /// The position at which to look up the catalogue's facts about the cell.
    places: Vec<u32>,
    /// Member, scale and score, as they stand in a row.
    values: Vec<u64>,
    /// The runs of each member's cells through one technology after the other: the technology's family, and the number of cells.
    runs: Vec<Vec<(Option<usize>, usize)>>,
}

impl Carried {
    fn new(contributors: &[Contributor], first: u32, places: &Places<'_>) -> Result<Self, AnalyticsError> {
        let mut this = Self::default();
        for (number, contributor) in (first..).zip(contributors) {
            let member = MEMBER.of(number).ok_or(AnalyticsError::TooMany)?;
            let cells = contributor.contribution.cells.chunk_by(|a, b| a.technology == b.technology);
            let mut cells: Vec<(Through, &[ContributionCell])> =
                cells.filter_map(|cells| Some((places.through(cells.first()?.technology), cells))).collect();
            cells.sort_by_key(|(through, _)| through.order);
            let mut runs = Vec::with_capacity(cells.len());
            for (through, cells) in cells {
                let before = this.places.len();
                for cell in cells {
                    let Some(place) = places.position(through, cell.technique) else { continue };
                    let scale = SCALE.of(cell.scale.position()).ok_or(AnalyticsError::TooMany)?;
                    this.places.push(place);
                    this.values.push(member | scale | u64::from(cell.score.get()));
                }
                runs.push((through.family, this.places.len() - before));
            }
            this.runs.push(runs);
        }
        Ok(this)
    }

    /// The cells as rows.
    fn looked_up(&self, places: &Places<'_>) -> PolarsResult<Vec<u64>> {
        let columns = [
            Series::new("place".into(), self.places.as_slice()).into(),
            Series::new("value".into(), self.values.as_slice()).into(),
        ];
        let place = lit(places.column.clone()).gather(col("place"), false);
        let rows =
            DataFrame::new_infer_height(columns.into())?.lazy().select([(place + col("value")).alias(ROW)]);
        Ok(rows.collect()?.column(ROW)?.u64()?.into_no_null_iter().collect())
    }
}

/// By member and technology the number of parent techniques with a rule through it, where there are any.
fn technology_counts(rows: &[u64]) -> PolarsResult<Vec<(u32, u16, u32)>> {
    let covered = DataFrame::new_infer_height(vec![Series::new(ROW.into(), rows).into()])?
        .lazy()
        .filter(COLUMN.is_zero().not().and(SCORE.is_zero().not()))
        // A technology's cells of one block follow each other.
        .filter(TECHNOLOGY.is_last())
        .group_by_stable([ascending(TECHNOLOGY.and(MEMBER).value()).alias("owner")])
        .agg([len().alias("parents")])
        .collect()?;
    let (owners, parents) = (covered.column("owner")?.u64()?, covered.column("parents")?.u32()?);
    let count = |(owner, parents): (u64, u32)| {
        let row = owner * TECHNOLOGY.of(1_u64)?;
        let technology = TECHNOLOGY.get(row).checked_sub(1)?;
        Some((u32::try_from(MEMBER.get(row)).ok()?, u16::try_from(technology).ok()?, parents))
    };
    Ok(owners.into_no_null_iter().zip(parents.into_no_null_iter()).filter_map(count).collect())
}
