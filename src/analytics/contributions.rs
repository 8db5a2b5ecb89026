//! Contributions as data frames of integers. An `id` is `member * 2^32 + key`: one member's value of one key of the
//! release's layout, so that every grouping is by a single integer.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, NamedFrom, PolarsResult, Series};

use super::Contributor;
use crate::domain::{
    attack::{PlatformSet, TechniqueId},
    coverage::{Set, parents_of},
    facts::Facts,
    release::{Key, Layout},
    scale::Scale,
    technology::{Family, TechnologyRef},
};

/// The input of [`super::measures`].
pub(super) struct Frames {
    /// One row per assessed cell: `any` and `parent` are the ids of the technique and its parent in the column `any`;
    /// `family`, `technology` and `cell` are what to add for the other columns; `count` is the id of the technology's
    /// count; `any_set` and `family_set` are what [`Self::set_parents`] calls its parent there.
    pub cells: DataFrame,
    /// One row per technology of the registry that a member declares: the id of its count.
    pub owned: DataFrame,
    /// One row per composite that a member has: its id, and the number of parents in the set.
    pub sets: DataFrame,
    /// One row per parent of a composite's set: `set_parent` (which platforms, which column, which parent), key.
    pub set_parents: DataFrame,
}

/// `id = member * MEMBER + key`.
pub(super) const MEMBER: u64 = 1 << 32;

#[derive(Default)]
struct Cells {
    any: Vec<u64>,
    parent: Vec<u64>,
    family: Vec<u64>,
    technology: Vec<u64>,
    cell: Vec<u64>,
    count: Vec<u64>,
    any_set: Vec<u64>,
    family_set: Vec<u64>,
    score: Vec<u32>,
    scale: Vec<u32>,
    applies: Vec<bool>,
}

fn frame(columns: Vec<Series>) -> PolarsResult<DataFrame> {
    DataFrame::new_infer_height(columns.into_iter().map(Into::into).collect())
}

fn series(name: &str, values: Vec<u64>) -> Series {
    Series::new(name.into(), values)
}

/// Members are numbered from `first` on.
pub(super) fn frames(
    batch: &[Contributor],
    first: u32,
    facts: &Facts,
    layout: &Layout,
) -> PolarsResult<Frames> {
    let mut cells = Cells::default();
    let mut owned = Vec::new();
    let mut sets = Sets::default();
    for (member, contributor) in (u64::from(first)..).zip(batch) {
        let member = member * MEMBER;
        let class = sets.add(member, contributor, facts, layout);
        for technology in &contributor.contribution.technologies {
            if let TechnologyRef::Known(known) = technology {
                owned.push(member + u64::from(layout.technology(*known)));
            }
        }
        for cell in &contributor.contribution.cells {
            let position = |id: TechniqueId| layout.technique_position(id);
            let (Some(technique), Some(parent)) =
                (position(cell.technique), position(cell.technique.parent()))
            else {
                continue;
            };
            let family = facts.registry().family_of(cell.technology);
            let family_offset = family.map_or(0, |family| layout.family_offset(family));
            // A technology outside the registry applies nowhere, so its offsets are never read.
            let known = match cell.technology {
                TechnologyRef::Known(known) => Some(known),
                TechnologyRef::Other(_) => None,
            };
            let offset = |of: &dyn Fn(u16) -> Key| u64::from(known.map_or(0, of));
            cells.any.push(member + u64::from(layout.technique_any(technique)));
            cells.parent.push(member + u64::from(layout.technique_any(parent)));
            cells.family.push(u64::from(family_offset));
            cells.technology.push(offset(&|known| layout.technology_offset(known)));
            cells.cell.push(offset(&|known| layout.cell_offset(known)));
            cells.count.push(member + offset(&|known| layout.technology(known)));
            cells.any_set.push(set_parent(class, 0, parent));
            cells.family_set.push(set_parent(class, family_offset, parent));
            cells.score.push(u32::from(cell.score.get()));
            cells.scale.push(scale_code(cell.scale));
            cells
                .applies
                .push(known.is_some_and(|known| facts.applicability().applies(cell.technique, known)));
        }
    }
    let cells = frame(vec![
        series("any", cells.any),
        series("parent", cells.parent),
        series("family", cells.family),
        series("technology", cells.technology),
        series("cell", cells.cell),
        series("count", cells.count),
        series("any_set", cells.any_set),
        series("family_set", cells.family_set),
        Series::new("score".into(), cells.score),
        Series::new("scale".into(), cells.scale),
        Series::new("applies".into(), cells.applies),
    ])?;
    let (sets, set_parents) = sets.frames()?;
    Ok(Frames { cells, owned: frame(vec![series("id", owned)])?, sets, set_parents })
}

/// Position in [`Scale::ALL`].
fn scale_code(scale: Scale) -> u32 {
    (0..).zip(Scale::ALL).find(|(_, known)| *known == scale).map_or(u32::MAX, |(code, _)| code)
}

/// One integer for (platforms, column, parent): columns are offsets of families (at most 8), parents positions.
fn set_parent(class: u64, column: u32, parent: u32) -> u64 {
    (class * 16 + u64::from(column)) * MEMBER + u64::from(parent)
}

/// The composites of each member, and the parents of each composite's set, which are the same for all members that run
/// the same platforms (a class).
#[derive(Default)]
struct Sets {
    ids: Vec<u64>,
    of: Vec<u32>,
    /// Per platforms its class, and the key, column and size of its sets that are not empty.
    classes: BTreeMap<Vec<String>, (u64, Vec<SizedSet>)>,
    set_parents: Vec<u64>,
    keys: Vec<u32>,
}

/// A composite's key, the family whose technologies count (any where `None`), and the number of parents in its set.
type SizedSet = (Key, Option<Family>, u32);

impl Sets {
    /// The class of the member.
    fn add(&mut self, member: u64, contributor: &Contributor, facts: &Facts, layout: &Layout) -> u64 {
        let name: Vec<String> = contributor.platforms.iter().map(String::from).collect();
        if !self.classes.contains_key(&name) {
            let class = u64::try_from(self.classes.len()).unwrap_or(u64::MAX);
            let sets = self.class(class, contributor.platforms, facts, layout);
            self.classes.insert(name.clone(), (class, sets));
        }
        let technologies = &contributor.contribution.technologies;
        let declares = |family: Option<Family>| {
            technologies.iter().any(|t| family.is_none() || facts.registry().family_of(*t) == family)
        };
        let Some((class, sets)) = self.classes.get(&name) else { return u64::MAX };
        for (key, _, of) in sets.iter().filter(|(_, family, _)| declares(*family)) {
            self.ids.push(member + u64::from(*key));
            self.of.push(*of);
        }
        *class
    }

    fn class(&mut self, class: u64, platforms: PlatformSet, facts: &Facts, layout: &Layout) -> Vec<SizedSet> {
        let mut all = vec![(layout.overall(), None, Set::Overall)];
        let tactics = (0_u8..).take(facts.catalogue().tactics().len());
        all.extend(tactics.map(|tactic| (layout.tactic(tactic), None, Set::Tactic(tactic))));
        all.extend(
            facts.groups().iter().filter_map(|(id, _)| Some((layout.group(*id)?, None, Set::Group(*id)))),
        );
        all.extend(Family::ALL.map(|family| (layout.family(family), Some(family), Set::Family(family))));
        let sized = all.into_iter().map(|(key, family, set)| {
            let parents = parents_of(set, platforms, facts);
            let column = family.map_or(0, |family| layout.family_offset(family));
            let positions = parents.iter().filter_map(|id| layout.technique_position(*id));
            let before = self.set_parents.len();
            self.set_parents.extend(positions.map(|parent| set_parent(class, column, parent)));
            self.keys.resize(self.set_parents.len(), key);
            (key, family, u32::try_from(self.set_parents.len() - before).unwrap_or_default())
        });
        sized.filter(|(_, _, of)| *of > 0).collect()
    }

    fn frames(self) -> PolarsResult<(DataFrame, DataFrame)> {
        let sets = frame(vec![series("id", self.ids), Series::new("of".into(), self.of)])?;
        let keys = self.keys.into_iter().map(u64::from).collect();
        let parents = frame(vec![series("set_parent", self.set_parents), series("key", keys)])?;
        Ok((sets, parents))
    }
}
