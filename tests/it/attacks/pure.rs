//! The release as a pure function of a made-up community, for attacks that need hundreds of releases.

use std::sync::{Arc, LazyLock};

use peerbench::domain::{
    attack::{Catalogues, TechniqueId},
    cohort::Cohort,
    column::Column,
    dimension::{ByDimension, Dimensions},
    facts::Facts,
    organisation::OrganisationId,
    release::{
        ABSENT, BlockIx, BlockLists, By, Input, Item, Layout, Member, MemberIx, Members, MemoryParts,
        Parameters, Preset, Previous, Publication, ReleaseError, ReleaseKey, RollUp, RollUpError, Row, Rule,
        Shown, Unreleased, release,
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
}

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
        });
        self.scores.push(scores);
    }

    fn unreleased(&self) -> Unreleased {
        let scale = Scale::Percent.position();
        let members = By::new(self.members.clone()).unwrap();
        let (simple, scales) = (LAYOUT.simple().filled(members.filled(ABSENT)), members.filled(1 << scale));
        let alone = Box::new(Alone { scores: self.scores.clone(), scale });
        Unreleased::new(LAYOUT.clone(), members, simple, scales, alone)
    }
}

/// Scores of techniques that stand alone, through Windows: each is its own roll-up.
struct Alone {
    scores: Vec<Vec<u8>>,
    scale: u8,
}

impl RollUp for Alone {
    fn together(&self) -> Vec<Vec<BlockIx>> {
        vec![LAYOUT.blocks().indices().collect()]
    }

    fn roll_up(&self, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
        let windows = LAYOUT.technology(FACTS.registry().position("microsoft.windows").unwrap()).unwrap();
        lists.iter_mut().for_each(BlockLists::set_one_scale);
        for (position, id) in TECHNIQUES.iter().enumerate() {
            let (block, technique) = LAYOUT.place(*id).unwrap();
            let lists = &mut lists[block.position()];
            // Members need not assess all of them.
            let values =
                (0..).zip(&self.scores).filter_map(|(member, scores)| Some((member, *scores.get(position)?)));
            for (member, value) in values {
                for column in [LAYOUT.any(), windows.family, windows.column] {
                    lists.push(technique, column, (member, value, self.scale))?;
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
        let unreleased = community.unreleased();
        let inputs = [Input { basis: Basis::Deployed, unreleased: &unreleased }];
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
