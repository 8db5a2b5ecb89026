//! The release as a whole, on made-up members: each rule with the case that it refuses.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{values::entry::NO_SCALE, *};
use crate::domain::{
    attack::{Catalogues, TechniqueId},
    cohort::Cohort,
    column::Column,
    dimension::{ByDimension, Dimension, Dimensions},
    organisation::OrganisationId,
    scale::Scale,
    snapshot::Basis,
    technology::{self, Family},
};

mod bytes;
mod counts;
mod dimensions;
mod lists;
mod refresh;
mod rules;

static LAYOUT: LazyLock<Layout> =
    LazyLock::new(|| Layout::new(Catalogues::bundled().canonical().unwrap(), technology::bundled()).unwrap());

const T: &str = "T1059.001";

fn technique() -> TechniqueId {
    T.parse().unwrap()
}

/// Members and what they have; everything is said by closures of the member's number.
struct World {
    members: Vec<Member>,
    given: Vec<(Key, Value)>,
}

/// A member's number, value and scale.
type Value = (u32, u8, u8);

/// Values of techniques that are said outright.
struct Given(Vec<(Key, Value)>);

impl RollUp for Given {
    fn together(&self) -> Vec<Vec<BlockIx>> {
        LAYOUT.blocks().indices().map(|block| vec![block]).collect()
    }

    fn roll_up(&self, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
        let mut given = self.0.clone();
        given.sort_by_key(|(key, (member, ..))| (*key, *member));
        for (key, value) in given {
            let Key::Technique(block, technique, column) = key else { continue };
            if let Some(lists) = lists.iter_mut().find(|lists| lists.block() == block) {
                lists.push(technique, column, value)?;
            }
        }
        Ok(())
    }

    fn renumber(&mut self, _: &By<Members, Option<MemberIx>>) {
        unreachable!("nobody is left out of a world")
    }
}

impl World {
    fn new(count: u32, sector: impl Fn(u32) -> &'static str, group: impl Fn(u32) -> String) -> Self {
        let members = (0..count).map(|number| Member {
            organisation: OrganisationId::new(format!("o{number}")),
            control_group: group(number),
            dimensions: ByDimension::examples().with(Dimension::SECTOR, sector(number).to_owned()),
            writers: Vec::new(),
        });
        Self { members: members.collect(), given: Vec::new() }
    }

    /// `count` members of finance, each its own control group.
    fn plain(count: u32) -> Self {
        Self::new(count, |_| "finance", |number| format!("g{number}"))
    }

    fn say(mut self, key: Key, value: impl Fn(u32) -> Option<u8>, scale: Option<Scale>) -> Self {
        for member in 0..u32::try_from(self.members.len()).unwrap() {
            if let Some(value) = value(member) {
                let scale = scale.and_then(|scale| Scale::ALL.iter().position(|known| *known == scale));
                let scale = scale.map_or(NO_SCALE, |scale| u8::try_from(scale).unwrap());
                self.given.push((key, (member, value, scale)));
            }
        }
        self
    }

    fn unreleased(&self) -> Unreleased {
        let members = By::new(self.members.clone()).unwrap();
        let mut simple = LAYOUT.simple().filled(members.filled(ABSENT));
        let mut scales = members.filled(0);
        for (key, (member, value, scale)) in &self.given {
            let member = members.index_of(usize::try_from(*member).unwrap()).unwrap();
            match key {
                Key::Simple(of) => simple[*of][member] = *value,
                Key::Technique(..) => scales[member] |= 1 << scale,
            }
        }
        let techniques = Box::new(Given(self.given.clone()));
        Unreleased::new(LAYOUT.clone(), members, simple, scales, techniques)
    }

    fn technique(self, value: impl Fn(u32) -> Option<u8>) -> Self {
        self.say(any(), value, Some(Scale::RuleCount))
    }

    fn release(&self) -> Result<BTreeMap<(Cohort, Item), Row>, ReleaseError> {
        self.release_with(&Parameters::preset(Preset::Default))
    }

    fn release_with(&self, parameters: &Parameters) -> Result<BTreeMap<(Cohort, Item), Row>, ReleaseError> {
        let publication = self.publish(parameters)?;
        let rows = publication.tables.into_iter().flat_map(|table| {
            let cohort = table.cohort;
            table.rows.into_iter().map(move |(item, row)| ((cohort.clone(), item.as_ref().clone()), row))
        });
        Ok(rows.collect())
    }

    fn publish(&self, parameters: &Parameters) -> Result<Publication, ReleaseError> {
        let unreleased = self.unreleased();
        let input = Input { basis: Basis::Deployed, unreleased: &unreleased };
        let key = ReleaseKey::new([3; 32]);
        let parts = MemoryParts::default();
        release("19.0".parse().unwrap(), &[input], None, &parts, &Dimensions::default(), parameters, &key)
    }
}

fn key(item: &Item) -> Key {
    LAYOUT.key(item).unwrap()
}

fn overall() -> Key {
    key(&Item::Overall)
}

fn any() -> Key {
    key(&in_any())
}

fn in_family(family: Family) -> Key {
    key(&Item::Technique(technique(), Column::Family(family)))
}

fn in_any() -> Item {
    Item::Technique(technique(), Column::Any)
}

fn all(item: Item) -> (Cohort, Item) {
    (Cohort::All, item)
}

fn sector(name: &str, item: Item) -> (Cohort, Item) {
    (format!("sector:{name}").parse().unwrap(), item)
}

fn spread(number: u32) -> Option<u8> {
    u8::try_from(number * 7 % 101).ok()
}

#[test]
fn all_values_are_counted_in_each_cohort() {
    let world = World::plain(40).technique(|n| (n < 30).then_some(40)).say(overall(), spread, None);
    let counted = |pairs_min_n| {
        let parameters = Parameters { pairs_min_n, ..Parameters::preset(Preset::Default) };
        count(&world.unreleased(), &Dimensions::default(), &parameters, &ReleaseKey::new([3; 32])).unwrap()
    };
    // 30 values and 40, in `all` and in one cohort of each dimension; then in one of each pair, too.
    assert_eq!(counted(41), 70 * 4);
    assert_eq!(counted(40), 70 * 7);
}

#[test]
fn every_key_of_the_layout_is_one_item() {
    let simple = LAYOUT.simple().indices().map(Key::Simple);
    let techniques = LAYOUT.blocks().iter().flat_map(|(block, techniques)| {
        let of_block = move |of| LAYOUT.columns().map(move |column| Key::Technique(block, of, column));
        techniques.indices().flat_map(of_block)
    });
    let mut items = std::collections::BTreeSet::new();
    for key in simple.chain(techniques) {
        let item = LAYOUT.item(key);
        assert_eq!(LAYOUT.key(&item), Some(key), "{item}");
        assert!(items.insert(item));
    }
    let id = || "microsoft.windows".to_owned();
    for item in [
        in_any(),
        Item::Technique(technique(), Column::Family(Family::Cloud)),
        Item::Cell(technique(), id()),
        Item::Technique(technique(), Column::Technology(id())),
        Item::Technology(id()),
    ] {
        assert!(items.contains(&item), "{item}");
    }
}

#[test]
fn r9_nothing_is_released_below_k() {
    assert_eq!(
        World::plain(19).technique(spread).release(),
        Err(ReleaseError::TooFewContributors { needed: 20 })
    );
    let released = World::plain(20).technique(spread).release().unwrap();
    assert!(released.contains_key(&all(in_any())));
    // The cohort is large enough, the cell is not.
    let released = World::plain(40).technique(|n| spread(n).filter(|_| n < 19)).release().unwrap();
    assert!(released.is_empty());
}

#[test]
fn r9_counts_control_groups_not_organisations() {
    let sybils = World::new(31, |_| "finance", |n| if n == 0 { "honest".into() } else { "sybil".into() });
    assert!(sybils.technique(spread).release().is_err());
}

#[test]
fn r10_a_sector_with_too_few_outside_it_is_not_released() {
    let world = |outside: u32| {
        let world =
            World::new(30 + outside, move |n| if n < 30 { "finance" } else { "retail" }, |n| format!("g{n}"));
        world.technique(spread).release().unwrap()
    };
    assert!(!world(9).contains_key(&sector("finance", in_any())));
    assert!(world(10).contains_key(&sector("finance", in_any())));
    assert!(world(0).contains_key(&sector("finance", in_any())));
}

#[test]
fn r10_holds_cell_by_cell() {
    // Both sectors are large, but only three of retail have a value here.
    let world = World::new(80, |n| if n < 40 { "finance" } else { "retail" }, |n| format!("g{n}"));
    let released = world.technique(|n| spread(n).filter(|_| n < 43)).release().unwrap();
    assert!(released.contains_key(&all(in_any())));
    assert!(!released.contains_key(&sector("finance", in_any())));
}

#[test]
fn r10_a_column_with_too_few_outside_it_is_not_released() {
    let endpoint = in_family(Family::Endpoint);
    let item = Item::Technique(technique(), Column::Family(Family::Endpoint));
    let world = |owners: u32| {
        let world = World::plain(40).technique(spread);
        let world = world.say(endpoint, |n| spread(n).filter(|_| n < owners), Some(Scale::RuleCount));
        world.release().unwrap().contains_key(&all(item.clone()))
    };
    assert!(!world(31));
    assert!(!world(39));
    assert!(world(30));
    assert!(world(40));
}

/// A sector's family lies within `all`'s `any` even where neither the sector's `any` nor `all`'s family lies between.
#[test]
fn r10_holds_across_cohort_and_column() {
    let endpoint = in_family(Family::Endpoint);
    let family = Item::Technique(technique(), Column::Family(Family::Endpoint));
    // Three of retail have a value in `any` alone: finance's family would differ from `all`'s `any` by these three.
    let world = World::new(60, |n| if n < 40 { "finance" } else { "retail" }, |n| format!("g{n}"));
    let world = world.technique(|n| spread(n).filter(|_| n < 43));
    let released =
        world.say(endpoint, |n| spread(n).filter(|_| n < 40), Some(Scale::RuleCount)).release().unwrap();
    assert!(released.contains_key(&all(in_any())));
    assert!(!released.contains_key(&sector("finance", in_any())));
    assert!(!released.contains_key(&sector("finance", family)));
}

#[test]
fn r11_what_no_released_sector_holds_is_none_or_many() {
    // 25 + 25 + 6: each sector's complement is large, but the two large ones together leave six.
    let name = |n| match n {
        0..25 => "finance",
        25..50 => "retail",
        _ => "health",
    };
    let released = World::new(56, name, |n| format!("g{n}")).technique(spread).release().unwrap();
    let sectors = ["finance", "retail", "health"].map(|name| released.contains_key(&sector(name, in_any())));
    assert_eq!(sectors.iter().filter(|released| **released).count(), 1);
}

#[test]
fn r12_one_control_group_is_at_most_a_quarter() {
    for of_one in [26_u32, 33, 50] {
        let group = move |n: u32| if n < of_one { "mssp".to_owned() } else { format!("g{n}") };
        let world =
            World::new(100, |_| "finance", group).technique(|n| Some(if n < of_one { 100 } else { 40 }));
        let row = world.release().unwrap()[&all(in_any())];
        // 100 - of_one honest ones at 40, and a quarter at most at 100: the upper quartile may move by the jitter only.
        let Shown::Quantiles(quantiles) = row.shown else { panic!("{row:?}") };
        assert_eq!(quantiles.p50.value, 40, "{of_one}");
        assert_eq!(row.members, Band::of(101 - of_one));
    }
}

#[test]
fn r12_holds_within_a_cell() {
    // One group is a small part of the community, but most of those who have this technique at all.
    let group = |n: u32| if n < 24 { "mssp".to_owned() } else { format!("g{n}") };
    let world = World::new(100, |_| "finance", group);
    let row = world.technique(|n| (n < 54).then_some(if n < 24 { 100 } else { 40 })).release().unwrap()
        [&all(in_any())];
    let Shown::Quantiles(quantiles) = row.shown else { panic!("{row:?}") };
    assert_eq!((quantiles.p50.value, quantiles.p25.unwrap().value), (40, 40));
}

#[test]
fn r16_few_says_nothing_else() {
    let released = World::plain(40).technique(|n| Some(if n < 4 { 90 } else { 0 })).release().unwrap();
    assert_eq!(released[&all(in_any())].shown, Shown::Few);
    // Composites keep their numbers.
    let released = World::plain(40).say(overall(), |_| Some(3), None).release().unwrap();
    assert!(matches!(released[&all(Item::Overall)].shown, Shown::Quantiles(_)));
}

#[test]
fn small_communities_show_one_statement_on_techniques() {
    let small = Parameters::preset(Preset::SmallCommunity);
    // More than half of them, by more than the two ranks of jitter.
    let world =
        World::plain(14).technique(|n| Some(if n < 11 { 75 } else { 0 })).say(overall(), spread, None);
    let released = world.release_with(&small).unwrap();
    assert_eq!(released[&all(in_any())].shown, Shown::Half(true));
    let Shown::Quantiles(overall) = released[&all(Item::Overall)].shown else { panic!() };
    assert_eq!((overall.p25, overall.p75), (None, None));
}

#[test]
fn a_cell_holds_one_scale() {
    let world = World::plain(60);
    let counts = |n: u32| (n < 40).then_some(50);
    let percents = |n: u32| (n >= 40).then_some(100);
    let mixed = world.say(any(), counts, Some(Scale::RuleCount)).say(any(), percents, Some(Scale::Percent));
    let publication = mixed.publish(&Parameters::preset(Preset::Default)).unwrap();
    let row = *publication.tables[0].row(&in_any()).unwrap();
    assert_eq!(row.members, Band::of(40));
    assert_eq!(publication.scales, [Scale::RuleCount, Scale::Percent]);
}

#[test]
fn the_order_of_members_does_not_show() {
    let world = World::new(60, |n| if n % 2 == 0 { "finance" } else { "retail" }, |n| format!("g{}", n / 2))
        .technique(spread)
        .say(overall(), spread, None);
    let last = u32::try_from(world.members.len()).unwrap() - 1;
    let reversed = World {
        members: world.members.iter().rev().cloned().collect(),
        given: world
            .given
            .iter()
            .map(|(key, (member, value, scale))| (*key, (last - member, *value, *scale)))
            .collect(),
    };
    let parameters = Parameters::preset(Preset::Default);
    let bytes = |world: &World| -> Vec<Vec<u8>> {
        world.publish(&parameters).unwrap().tables.iter().map(|table| table.to_bytes().unwrap()).collect()
    };
    assert_eq!(bytes(&world), bytes(&reversed));
}

#[test]
fn tables_round_trip() {
    let world = World::plain(120).technique(spread).say(overall(), spread, None);
    let mut items = Items::default();
    for table in world.publish(&Parameters::preset(Preset::Default)).unwrap().tables {
        let read =
            Table::from_bytes(table.basis, table.cohort.clone(), &table.to_bytes().unwrap(), &mut items)
                .unwrap();
        assert_eq!(read, table);
    }
}

/// A15: the same list draws the same jitter in whatever column or cohort it appears.
#[test]
fn the_same_list_shows_the_same_numbers_everywhere() {
    let endpoint = in_family(Family::Endpoint);
    let world = World::plain(40).technique(spread).say(endpoint, spread, Some(Scale::RuleCount));
    let released = world.release().unwrap();
    let rows: Vec<Shown> = released.values().map(|row| row.shown).collect();
    assert!(rows.len() >= 4, "all, sector, size and region, two columns each");
    assert!(rows.iter().all(|shown| *shown == rows[0]));
}
