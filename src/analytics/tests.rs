//! The aggregation equals the scalar definitions of `domain::coverage`, organisation by organisation.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use polars::prelude::{NamedFrom as _, QuantileMethod, Series};
use proptest::prelude::*;

use super::*;
mod joins;

use crate::domain::{
    attack::{Catalogues, Platform, PlatformSet, TechniqueId},
    column::Column,
    coverage::{self, Contribution, ContributionCell, Coverage, Set},
    dimension::ByDimension,
    facts::Facts,
    organisation::OrganisationId,
    release::{BlockIx, BlockLists, Item, Key, MemberIx, RollUp, RollUpError, plain},
    scale::{Scale, Score},
    technology::{self, Family, TechnologyRef},
};

static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    let registry = Arc::new(technology::bundled().clone());
    Facts::new(&Catalogues::bundled(), registry, "19.0".parse().unwrap()).unwrap()
});

fn contributor(number: usize, platforms: PlatformSet, contribution: Contribution) -> Contributor {
    let member = Member {
        organisation: OrganisationId::new(format!("member-{number}")),
        control_group: format!("group-{number}"),
        dimensions: ByDimension::examples(),
        writers: Vec::new(),
    };
    Contributor { member, platforms, contribution }
}

/// Values and scales by key.
type Observed = BTreeMap<Key, (u8, Option<Scale>)>;

/// Every observation of one member, from the scalar definitions.
fn reference(contributor: &Contributor, layout: &Layout) -> Observed {
    let facts = &*FACTS;
    let contribution = &contributor.contribution;
    let mut all = BTreeMap::new();
    let mut observe = |item: Item, value: (u8, Option<Scale>)| {
        // A sub-technique without an active parent is in no statistic.
        let key = layout.key(&item);
        key.into_iter().for_each(|key| assert_eq!(all.insert(key, value), None, "{item}"));
    };
    for cell in coverage::cells(contribution, facts) {
        let TechnologyRef::Known(known) = cell.technology else { unreachable!() };
        let id = facts.registry().get(known).unwrap().id.clone();
        observe(Item::Cell(cell.technique, id), (cell.score.get(), Some(cell.scale)));
    }
    let mut columns = vec![Column::Any];
    columns.extend(Family::ALL.map(Column::Family));
    for (position, technology) in (0..).zip(facts.registry().technologies()) {
        columns.push(Column::Technology(technology.id.clone()));
        if let Some(count) = coverage::technology_count(contribution, position, facts) {
            observe(Item::Technology(technology.id.clone()), (u8::try_from(count).unwrap(), None));
        }
    }
    let own = Coverage::new(contribution.clone(), contributor.platforms, facts);
    for column in columns {
        for (id, rolled) in own.techniques(&column, facts).iter() {
            if let Some(scale) = rolled.scale {
                observe(Item::Technique(*id, column.clone()), (rolled.score.get(), Some(scale)));
            }
        }
    }
    let mut composite = |item, set| {
        if let Some(composite) = own.composite(set, facts) {
            observe(item, (composite.share.get(), None));
        }
    };
    composite(Item::Overall, Set::Overall);
    for (tactic, of) in (0..).zip(facts.catalogue().tactics()) {
        composite(Item::Tactic(of.short_name.clone()), Set::Tactic(tactic));
    }
    Family::ALL.into_iter().for_each(|family| composite(Item::Family(family), Set::Family(family)));
    facts.groups().iter().for_each(|(id, _)| composite(Item::Group(*id), Set::Group(*id)));
    all
}

/// Returns the input of the rules without those who are set `aside`; `roll_up` makes what rolls up of everybody's cells.
fn observed(
    contributors: Vec<Contributor>,
    aside: &BTreeSet<OrganisationId>,
    roll_up: impl Fn(Cells) -> Box<dyn RollUp>,
) -> Vec<Observed> {
    let mut all = vec![BTreeMap::new(); contributors.len() - aside.len()];
    let mut aggregation = Aggregation::new(&FACTS).unwrap();
    // In batches of two, so that batches are seen to add up.
    for batch in contributors.chunks(2) {
        aggregation.add(batch.to_vec()).unwrap();
    }
    let Aggregation { layout, members, simple, scales, batches, .. } = aggregation;
    let roll_up = roll_up(Cells::new(layout.clone(), batches));
    let unreleased = Unreleased::new(layout, members, simple, scales, roll_up);
    for (key, member, value, scale) in unreleased.without(aside).observations() {
        let before = all[member.position()].insert(key, (value, scale));
        assert_eq!(before, None, "one value per member and key");
    }
    all
}

/// The roll-up in expressions.
struct InExpressions(Cells);

impl RollUp for InExpressions {
    fn together(&self) -> Vec<Vec<BlockIx>> {
        self.0.together()
    }

    fn roll_up(&self, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
        self.0.compare_scales(lists);
        lists::fill(&self.0.layout, self.0.ascending(lists), lists)
    }

    fn renumber(&mut self, numbers: &By<Members, Option<MemberIx>>) {
        self.0.renumber(numbers);
    }
}

prop_compose! {
    /// A contribution that concentrates on few techniques and technologies, so that parents meet their sub-techniques
    /// and technologies meet each other.
    fn contributions()(
        cells in proptest::collection::vec((0_usize..90, 0_usize..7, 0_u8..=100, 0_usize..3), 0..120),
        other in any::<bool>(),
        platforms in proptest::sample::subsequence(Platform::ALL.to_vec(), 0..=4),
    ) -> (PlatformSet, Contribution) {
        let facts = &*FACTS;
        let known = |id: &str| facts.registry().reference(id).unwrap();
        let technologies = [
            known("microsoft.windows"), known("aws.cloudtrail"), known("okta.identity"), known("crowdstrike.falcon"),
            known("zeek.network"), known("other.endpoint"), known("other.unknown"),
        ];
        let techniques: Vec<TechniqueId> = facts.catalogue().active().map(|technique| technique.id).skip(60).collect();
        let mut unique = BTreeMap::new();
        for (technique, technology, score, scale) in cells {
            if technology >= 5 && !other {
                continue;
            }
            // A third of the scores are 0, as in real contributions.
            let score = Score::new(if score < 34 { 0 } else { score }).unwrap();
            let scale = [Scale::RuleCount, Scale::RuleCount, Scale::Percent][scale];
            let (technology, technique) = (technologies[technology], techniques[technique]);
            unique.insert((technology, technique), ContributionCell { technology, technique, score, scale });
        }
        let mut declared: Vec<TechnologyRef> = unique.keys().map(|(technology, _)| *technology).collect();
        declared.dedup();
        (platforms.into_iter().collect(), Contribution { technologies: declared, cells: unique.into_values().collect() })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn it_equals_the_scalar_definitions(
        members in proptest::collection::vec((contributions(), any::<bool>()), 1..7),
        some in any::<bool>(),
    ) {
        let layout = Layout::new(FACTS.catalogue(), FACTS.registry()).unwrap();
        let (mut contributors, mut aside, mut expected) = (Vec::new(), BTreeSet::new(), Vec::new());
        for (number, ((platforms, contribution), is_aside)) in members.into_iter().enumerate() {
            let contributor = contributor(number, platforms, contribution);
            if some && is_aside {
                aside.insert(contributor.member.organisation.clone());
            } else {
                expected.push(reference(&contributor, &layout));
            }
            contributors.push(contributor);
        }
        let scanned = |cells| -> Box<dyn RollUp> { Box::new(cells) };
        let in_expressions = |cells| -> Box<dyn RollUp> { Box::new(InExpressions(cells)) };
        prop_assert_eq!(&observed(contributors.clone(), &aside, scanned), &expected);
        prop_assert_eq!(&observed(contributors.clone(), &aside, in_expressions), &expected);
        contributors.reverse();
        expected.reverse();
        prop_assert_eq!(&observed(contributors.clone(), &aside, scanned), &expected, "in another order");
        prop_assert_eq!(&observed(contributors, &aside, in_expressions), &expected, "in another order");
    }

    /// R14's quantile is the one that polars calls equiprobable; its default is another.
    #[test]
    fn quantiles_are_those_of_polars(values in proptest::collection::vec(0_u8..=100, 2..400)) {
        let percentiles = [10, 25, 50, 75, 90];
        let list: Vec<u32> = values.iter().map(|value| u32::from(*value)).collect();
        let list = Series::new("value".into(), list);
        let expected: Vec<u8> = percentiles
            .iter()
            .map(|percentile| {
                let share = f64::from(*percentile) / 100.0;
                let value = list.quantile_reduce(share, QuantileMethod::Equiprobable).unwrap();
                value.value().try_extract::<u8>().unwrap()
            })
            .collect();
        prop_assert_eq!(plain(&values, &percentiles), expected);
    }
}
