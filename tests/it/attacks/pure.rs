//! The release as a pure function of a made-up community, for attacks that need hundreds of releases.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use peerbench::domain::{
    attack::{Catalogues, GroupId, TechniqueId},
    cohort::Cohort,
    column::Column,
    dimension::{ByDimension, Dimensions},
    facts::Facts,
    organisation::OrganisationId,
    release::{
        ABSENT, BlockIx, BlockLists, By, Input, Item, Layout, Member, MemberIx, Members, MemoryParts,
        Parameters, Preset, Previous, Publication, ReleaseError, ReleaseKey, RollUp, RollUpError, Row, Rule,
        Shown, Table, Unreleased, release,
    },
    scale::Scale,
    snapshot::Basis,
    technology::{self, Registry},
};

use super::fixture;

/// Of all technologies only Windows, so that a release takes milliseconds.
static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    let bundled = technology::bundled();
    let windows = bundled.get(bundled.position("microsoft.windows").unwrap()).unwrap();
    let registry = Arc::new(Registry::new(vec![windows.clone()]).unwrap());
    Facts::new(&Catalogues::bundled(), registry, "19.0".parse().unwrap()).unwrap()
});
static LAYOUT: LazyLock<Layout> = LazyLock::new(|| Layout::new(FACTS.catalogue(), FACTS.registry()).unwrap());
static TECHNIQUES: LazyLock<Vec<TechniqueId>> = LazyLock::new(|| alone(&FACTS));

/// Forty techniques that Windows can see and that stand alone, so that each has a row of its own.
pub fn alone(facts: &Facts) -> Vec<TechniqueId> {
    let windows = facts.registry().position("microsoft.windows").unwrap();
    let alone = |id: &&TechniqueId| !id.is_sub() && facts.catalogue().subs(**id).next().is_none();
    facts
        .applicability()
        .techniques_of(windows)
        .iter()
        .filter(alone)
        .take(fixture::TECHNIQUES)
        .copied()
        .collect()
}

/// The techniques of a community.
pub fn techniques() -> impl Iterator<Item = TechniqueId> {
    TECHNIQUES.iter().copied()
}

/// Members and their scores, in the order of the techniques.
#[derive(Clone, Default)]
pub struct Community {
    pub members: Vec<Member>,
    pub scores: Vec<Vec<u8>>,
    /// The scale of each member; `percent` where none is said.
    pub scales: Vec<Scale>,
    /// The scores through Windows alone, where they are others.
    pub through: Option<Vec<Vec<u8>>>,
    /// Says that shares of threat groups are published, too.
    pub groups: bool,
}

/// A score as it is published. One who has only such scores changes them exactly if their codes change.
pub fn coded(score: u8) -> u8 {
    ((score + 2) / 5 * 5).clamp(10, 90)
}

/// Of the threat groups that have some of the techniques, the positions of these.
static GROUPS: LazyLock<BTreeMap<GroupId, Vec<usize>>> = LazyLock::new(|| {
    let of = |group: &peerbench::domain::attack::Group| {
        let held = (0..TECHNIQUES.len())
            .filter(|position| group.techniques.iter().any(|id| id.parent() == TECHNIQUES[*position]));
        (group.id, held.collect::<Vec<_>>())
    };
    FACTS.catalogue().groups().iter().map(of).filter(|(_, held)| held.len() >= 3).collect()
});

impl Community {
    pub fn of(scores: Vec<Vec<u8>>) -> Self {
        let mut this = Self::default();
        scores.into_iter().for_each(|scores| this.join(scores));
        this
    }

    /// One more member, its own control group.
    pub fn join(&mut self, scores: Vec<u8>) {
        let number = self.members.len();
        self.join_group(&format!("g{number}"), scores);
    }

    pub fn join_group(&mut self, group: &str, scores: Vec<u8>) {
        let number = self.members.len();
        self.members.push(Member {
            organisation: OrganisationId::new(format!("o{number}")),
            control_group: group.to_owned(),
            dimensions: ByDimension::examples(),
            writers: Vec::new(),
        });
        self.scores.push(scores);
        self.scales.push(Scale::Percent);
    }

    /// Says that a threat group uses a technique.
    pub fn holds(group: GroupId, technique: usize) -> bool {
        GROUPS[&group].contains(&technique)
    }

    fn scale(&self, member: usize) -> Scale {
        self.scales.get(member).copied().unwrap_or(Scale::Percent)
    }

    fn unreleased(&self) -> Unreleased {
        let members = By::new(self.members.clone()).unwrap();
        let position = |member: usize| self.scale(member).position();
        let scales: Vec<u8> = (0..self.members.len()).map(position).collect();
        let mut simple = LAYOUT.simple().filled(members.filled(ABSENT));
        for (group, held) in GROUPS.iter().filter(|_| self.groups) {
            let Some(of) = LAYOUT.simple_of(&Item::Group(*group)) else { continue };
            let share = |scores: &Vec<u8>| {
                let covered = held.iter().filter(|technique| scores[**technique] > 0).count();
                (100 * covered / held.len()) as u8
            };
            simple[of] = By::new(self.scores.iter().map(share).collect()).unwrap();
        }
        let used = By::new(scales.iter().map(|scale| 1 << scale).collect()).unwrap();
        let through = self.through.clone().unwrap_or_else(|| self.scores.clone());
        let alone = Alone { scores: self.scores.clone(), through, scales };
        Unreleased::new(LAYOUT.clone(), members, simple, used, Box::new(alone))
    }
}

/// Scores of techniques that stand alone: each is its own roll-up.
struct Alone {
    scores: Vec<Vec<u8>>,
    /// Through Windows.
    through: Vec<Vec<u8>>,
    scales: Vec<u8>,
}

impl RollUp for Alone {
    fn together(&self) -> Vec<Vec<BlockIx>> {
        vec![LAYOUT.blocks().indices().collect()]
    }

    fn roll_up(&self, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
        let windows = LAYOUT.technology(FACTS.registry().position("microsoft.windows").unwrap()).unwrap();
        if self.scales.windows(2).all(|two| two[0] == two[1]) {
            lists.iter_mut().for_each(BlockLists::set_one_scale);
        }
        for (position, id) in TECHNIQUES.iter().enumerate() {
            let (block, technique) = LAYOUT.place(*id).unwrap();
            let lists = &mut lists[block.position()];
            for (member, scale) in self.scales.iter().enumerate() {
                let columns = [
                    (LAYOUT.any(), &self.scores),
                    (windows.family, &self.scores),
                    (windows.column, &self.through),
                ];
                for (column, scores) in columns {
                    // Members need not assess all of them.
                    if let Some(value) = scores[member].get(position) {
                        lists.push(technique, column, (member as u32, *value, *scale))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn renumber(&mut self, _: &By<Members, Option<MemberIx>>) {
        unreachable!("nobody is left out")
    }
}

pub fn default() -> Parameters {
    Parameters::preset(Preset::Default)
}

pub fn without(off: &[Rule]) -> Parameters {
    Parameters { off: off.to_vec(), ..default() }
}

/// Releases that follow each other.
#[derive(Clone)]
pub struct Chain {
    previous: Option<Previous>,
    pub parts: MemoryParts,
    pub key: ReleaseKey,
    pub dimensions: Dimensions,
}

impl Chain {
    pub fn new(seed: u64) -> Self {
        let mut key = [7; 32];
        key[..8].copy_from_slice(&seed.to_be_bytes());
        Self {
            previous: None,
            parts: MemoryParts::default(),
            key: ReleaseKey::new(key),
            dimensions: Dimensions::default(),
        }
    }

    pub fn try_publish(
        &mut self,
        community: &Community,
        parameters: &Parameters,
    ) -> Result<Publication, ReleaseError> {
        self.try_publish_bases(&[(Basis::Deployed, community)], parameters)
    }

    pub fn try_publish_bases(
        &mut self,
        communities: &[(Basis, &Community)],
        parameters: &Parameters,
    ) -> Result<Publication, ReleaseError> {
        let unreleased: Vec<(Basis, Unreleased)> =
            communities.iter().map(|(basis, community)| (*basis, community.unreleased())).collect();
        let inputs: Vec<Input<'_>> =
            unreleased.iter().map(|(basis, unreleased)| Input { basis: *basis, unreleased }).collect();
        let version = "19.0".parse().unwrap();
        let (previous, parts) = (self.previous.clone(), &self.parts);
        let publication =
            release(version, &inputs, previous, parts, &self.dimensions, parameters, &self.key)?;
        self.previous = Some(self.previous.take().unwrap_or_default().followed_by(publication.clone()));
        Ok(publication)
    }

    #[track_caller]
    pub fn publish(&mut self, community: &Community, parameters: &Parameters) -> Vec<Shown> {
        let publication = self.try_publish(community, parameters).unwrap();
        shown(&publication)
    }
}

/// What `all` sees of each technique.
#[track_caller]
pub fn shown(publication: &Publication) -> Vec<Shown> {
    rows(publication).into_iter().map(|row| row.shown).collect()
}

#[track_caller]
pub fn rows(publication: &Publication) -> Vec<Row> {
    let all = publication.tables.iter().find(|table| table.cohort == Cohort::All).unwrap();
    TECHNIQUES.iter().map(|id| *all.row(&Item::Technique(*id, Column::Any)).unwrap()).collect()
}

/// What a cohort sees of each technique in `any`, of the first basis; nothing where it is not published.
pub fn rows_in(publication: &Publication, cohort: &Cohort) -> Vec<Option<Row>> {
    let table = publication.tables.iter().find(|table| table.cohort == *cohort);
    table.map_or_else(|| vec![None; TECHNIQUES.len()], rows_of)
}

/// A table's row of each technique in `any`.
pub fn rows_of(table: &Table) -> Vec<Option<Row>> {
    TECHNIQUES.iter().map(|id| table.row(&Item::Technique(*id, Column::Any)).copied()).collect()
}

/// What `all` sees of each technique in `any` and through Windows.
pub fn rows_through(publication: &Publication) -> (Vec<Option<Row>>, Vec<Option<Row>>) {
    let all = publication.tables.iter().find(|table| table.cohort == Cohort::All).unwrap();
    let windows = || Column::Technology("microsoft.windows".to_owned());
    let of = |id: &TechniqueId| all.row(&Item::Technique(*id, windows())).copied();
    (rows_of(all), TECHNIQUES.iter().map(of).collect())
}

/// What `all` sees of the threat groups.
pub fn rows_of_groups(publication: &Publication) -> BTreeMap<GroupId, Row> {
    let all = publication.tables.iter().find(|table| table.cohort == Cohort::All).unwrap();
    let row = |group: &GroupId| Some((*group, *all.row(&Item::Group(*group))?));
    GROUPS.keys().filter_map(row).collect()
}

/// The published quartiles; what few cover reads as the low end.
pub fn quartiles(shown: &Shown) -> [i32; 3] {
    match shown {
        Shown::Quantiles(q) => {
            let value =
                |coded: Option<peerbench::domain::release::Coded>| i32::from(coded.unwrap_or(q.p50).value);
            [value(q.p25), value(Some(q.p50)), value(q.p75)]
        }
        _ => [10; 3],
    }
}

/// How likely a score of `high` is above one of `low`, ties counted half: 0.5 tells nothing, 1 everything.
pub fn auc(low: &[f64], high: &[f64]) -> f64 {
    let mut low = low.to_vec();
    low.sort_unstable_by(f64::total_cmp);
    let above = |score: &f64| {
        let below = low.partition_point(|other| other < score);
        let tied = low.partition_point(|other| other <= score) - below;
        below as f64 + tied as f64 / 2.0
    };
    high.iter().map(above).sum::<f64>() / (low.len() * high.len()) as f64
}

#[test]
fn auc_of_nothing_is_a_half() {
    assert!((auc(&[1.0, 2.0], &[1.0, 2.0]) - 0.5).abs() < 1e-9);
    assert!((auc(&[1.0, 2.0], &[3.0]) - 1.0).abs() < 1e-9);
}
