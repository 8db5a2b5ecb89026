//! Simulation of what a community of a given size would see: a synthetic community's first release, counted.

use std::{collections::BTreeMap, sync::Arc};

use super::community;
use crate::{
    analytics::{Aggregation, AnalyticsError, Contributor},
    domain::{
        attack::{Catalogue, Catalogues, TechniqueId},
        calendar::Month,
        cohort::Cohort,
        column::Column,
        comparison::{Word, word},
        coverage::{contribution, techniques},
        dimension::{Dimension, Dimensions},
        facts::{Facts, FactsError},
        organisation::{OrganisationId, Profile},
        release::{
            Input, Item, Member, MemoryParts, Parameters, Publication, ReleaseError, ReleaseKey, Row, Shown,
            release,
        },
        scale::Score,
        snapshot::{Basis, Snapshot},
        technology,
    },
};

/// The reason why there is nothing to count.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error("no ATT&CK version is bundled")]
    NoVersion,
    #[error(transparent)]
    Rules(#[from] ReleaseError),
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error(transparent)]
    Analytics(#[from] AnalyticsError),
}

/// The released part of one measure in one kind of cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Cells, over all cohorts of the kind.
    pub released: u32,
    /// Released ones with a quartile between the coded ends or a word other than "few".
    pub informative: u32,
}

/// The rows that a community sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// Verified members with a fresh snapshot.
    pub contributors: u32,
    /// Cohorts that are published, by position in [`kinds`].
    pub cohorts: BTreeMap<usize, u32>,
    /// By position in [`MEASURES`] and [`kinds`].
    pub tallies: BTreeMap<(usize, usize), Tally>,
    /// Technologies whose number of covered techniques says something in `all`.
    pub technologies: u32,
    /// For the median member, the techniques that half of its peers cover and it does not.
    pub gaps: u32,
    /// Percent of the contributors whose sector is released.
    pub with_sector: u32,
}

/// Organisations that are held as frames at once.
const BATCH: usize = 4096;

/// Kinds of cohort, coarse to fine.
pub fn kinds() -> Vec<&'static str> {
    ["all"].into_iter().chain(Dimension::ALL.map(Dimension::name)).chain(["pair"]).collect()
}

/// Measures, in the order of a comparison.
pub const MEASURES: [&str; 8] =
    ["overall", "tactic", "family", "group", "technology", "technique", "technique by column", "cell"];

/// Publishes the first release of a community of `members` in `month` under the given parameters.
pub fn simulate(
    members: u32,
    seed: u64,
    month: Month,
    parameters: &Parameters,
) -> Result<Simulation, SimulateError> {
    let catalogues = Catalogues::bundled();
    let versions: Vec<&Catalogue> = catalogues
        .versions()
        .rev()
        .filter_map(|version| catalogues.get(version))
        .map(AsRef::as_ref)
        .collect();
    let target = versions.first().ok_or(SimulateError::NoVersion)?.version();
    let registry = technology::bundled();
    let facts = Facts::new(&catalogues, Arc::new(registry.clone()), target)?;
    let community = community::Parameters { seed, organisations: members, month };
    let members: Vec<Contributor> = community::generate(community, &versions, registry)
        .filter_map(|member| contributor(member, month, &facts, parameters).transpose())
        .collect::<Result<_, FactsError>>()?;
    let mut aggregation = Aggregation::new(&facts)?;
    for batch in members.chunks(BATCH) {
        aggregation.add(batch.to_vec())?;
    }
    let input = Input { basis: Basis::Deployed, unreleased: &aggregation.finish() };
    // Which ranks are drawn depends on the key; any will do.
    let key = ReleaseKey::new([0x5e; 32]);
    let (parts, dimensions) = (MemoryParts::default(), Dimensions::default());
    let publication = release(target, &[input], None, &parts, &dimensions, parameters, &key)?;
    Ok(Simulation::of(&publication, &members, &facts))
}

/// `None` where the member is not verified or has no fresh snapshot.
fn contributor(
    member: community::Member,
    month: Month,
    facts: &Facts,
    parameters: &Parameters,
) -> Result<Option<Contributor>, FactsError> {
    let fresh = |snapshot: &Snapshot| {
        month.end().is_some_and(|end| snapshot.header.period.is_fresh(end, parameters.freshness_days))
    };
    let snapshots: Vec<Snapshot> = member.snapshots.into_iter().filter(fresh).collect();
    if !member.verified || snapshots.is_empty() {
        return Ok(None);
    }
    let Profile { dimensions, control_group, platforms } = member.profile;
    let organisation = OrganisationId::new(member.name);
    let contribution = contribution(&snapshots, facts)?;
    let member = Member { organisation, control_group, dimensions, writers: Vec::new() };
    Ok(Some(Contributor { member, platforms, contribution }))
}

impl Simulation {
    fn of(publication: &Publication, members: &[Contributor], facts: &Facts) -> Self {
        let mut cohorts = BTreeMap::new();
        let mut tallies: BTreeMap<(usize, usize), Tally> = BTreeMap::new();
        let mut technologies = 0;
        for table in &publication.tables {
            let kind = kind(&table.cohort);
            *cohorts.entry(kind).or_default() += 1;
            for (item, row) in &table.rows {
                let Some(measure) = measure(item) else { continue };
                let tally = tallies.entry((measure, kind)).or_default();
                tally.released += 1;
                if is_informative(row) {
                    tally.informative += 1;
                    technologies +=
                        u32::from(table.cohort == Cohort::All && matches!(**item, Item::Technology(_)));
                }
            }
        }
        let count = |list: &[Contributor]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let published = |member: &&Contributor| {
            let sector = member.member.dimensions.get(Dimension::SECTOR).cloned();
            let cohort = sector.map(|sector| Cohort::One(Dimension::SECTOR, sector));
            publication.tables.iter().any(|table| Some(&table.cohort) == cohort.as_ref())
        };
        let in_sector = members.iter().filter(published).count();
        let in_sector = u32::try_from(in_sector).unwrap_or_default();
        Self {
            contributors: count(members),
            cohorts,
            tallies,
            technologies,
            gaps: median_gaps(publication, members, facts),
            with_sector: (100 * in_sector + count(members) / 2)
                .checked_div(count(members))
                .unwrap_or_default(),
        }
    }
}

/// Position in [`kinds`].
fn kind(cohort: &Cohort) -> usize {
    match cohort {
        Cohort::All => 0,
        Cohort::One(own, _) => 1 + Dimension::ALL.iter().filter(|dimension| *dimension < own).count(),
        Cohort::Pair(..) => 1 + Dimension::ALL.len(),
    }
}

/// Position in [`MEASURES`].
fn measure(item: &Item) -> Option<usize> {
    Some(match item {
        Item::Members | Item::Scale(_) => return None,
        Item::Overall => 0,
        Item::Tactic(_) => 1,
        Item::Family(_) => 2,
        Item::Group(_) => 3,
        Item::Technology(_) => 4,
        Item::Technique(_, Column::Any) => 5,
        Item::Technique(..) => 6,
        Item::Cell(..) => 7,
    })
}

/// A quartile between the coded ends, or a word other than "few" and "less than half".
fn is_informative(row: &Row) -> bool {
    match row.shown {
        Shown::Few | Shown::Half(false) => false,
        Shown::Half(true) => true,
        Shown::Quantiles(quantiles) => {
            let quartiles = [quantiles.p25, Some(quantiles.p50), quantiles.p75];
            quartiles.into_iter().flatten().any(|quartile| quartile.end.is_none())
        }
    }
}

/// The median over the members of the number of parent techniques that half of all peers cover and the member does not.
fn median_gaps(publication: &Publication, members: &[Contributor], facts: &Facts) -> u32 {
    let all = publication.tables.iter().find(|table| table.cohort == Cohort::All);
    let half = |(item, row): &(Arc<Item>, Row)| match **item {
        Item::Technique(id, Column::Any) if !id.is_sub() => {
            matches!(word(&row.shown), Word::Most | Word::Half).then_some(id)
        }
        _ => None,
    };
    let half: Vec<TechniqueId> = all.into_iter().flat_map(|table| &table.rows).filter_map(half).collect();
    let mut gaps: Vec<u32> = members
        .iter()
        .map(|member| {
            let own = techniques(&member.contribution, &Column::Any, facts);
            let covers = |id: &&TechniqueId| own.get(id).is_none_or(|rolled| rolled.score == Score::ZERO);
            u32::try_from(half.iter().filter(covers).count()).unwrap_or_default()
        })
        .collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or_default()
}
