//! R17 and its neighbours over several releases: what changes, what does not, and what comes back.

use super::*;
use crate::domain::attack::GroupId;
use crate::domain::release::earlier::bytes::{Reader, Writer};

/// Releases that follow each other.
#[derive(Default)]
pub(super) struct Chain {
    pub previous: Option<Previous>,
    pub parts: MemoryParts,
}

impl Chain {
    fn publish(&mut self, world: &World) -> Publication {
        self.publish_with(world, &Parameters::preset(Preset::Default))
    }

    fn publish_with(&mut self, world: &World, parameters: &Parameters) -> Publication {
        self.publish_of(&world.unreleased(), parameters)
    }

    pub fn publish_of(&mut self, unreleased: &Unreleased, parameters: &Parameters) -> Publication {
        let input = Input { basis: Basis::Deployed, unreleased };
        let key = ReleaseKey::new([3; 32]);
        let version = "19.0".parse().unwrap();
        let dimensions = Dimensions::default();
        let previous = self.previous.clone();
        let publication =
            release(version, &[input], previous, &self.parts, &dimensions, parameters, &key).unwrap();
        self.follow(&publication);
        publication
    }

    /// Makes a publication the previous one.
    pub fn follow(&mut self, publication: &Publication) {
        self.previous = Some(self.previous.take().unwrap_or_default().followed_by(publication.clone()));
    }
}

pub(super) fn bytes(publication: &Publication) -> Vec<(Cohort, Vec<u8>)> {
    publication.tables.iter().map(|table| (table.cohort.clone(), table.to_bytes().unwrap())).collect()
}

fn row(publication: &Publication) -> Option<Row> {
    publication.tables.first()?.row(&in_any()).copied()
}

/// `count` members of finance; `changed` of them, the last ones, have another value.
fn world(count: u32, changed: u32) -> World {
    let world = World::plain(count);
    world.technique(|n| Some(if n >= count - changed { 100 } else { 40 })).say(overall(), spread, None)
}

#[test]
fn a16_without_a_change_nothing_changes() {
    let mut chain = Chain::default();
    let first = bytes(&chain.publish(&world(30, 0)));
    for _ in 0..5 {
        assert_eq!(bytes(&chain.publish(&world(30, 0))), first);
    }
}

#[test]
fn a4_four_who_join_do_not_show_and_ten_do() {
    for joining in [1, 2, 3, 4, 10] {
        let mut chain = Chain::default();
        let first = bytes(&chain.publish(&world(25, 0)));
        let second = bytes(&chain.publish(
            &World::plain(25 + joining).technique(|n| Some(if n < 25 { 40 } else { 0 })).say(
                overall(),
                spread,
                None,
            ),
        ));
        assert_eq!(first == second, joining < 10, "{joining} joined");
    }
}

#[test]
fn a5_a_member_that_leaves_does_not_show() {
    let mut chain = Chain::default();
    let first = bytes(&chain.publish(&world(25, 0)));
    assert_eq!(bytes(&chain.publish(&world(24, 0))), first);
}

#[test]
fn a6_changes_add_up_against_the_footing() {
    let mut chain = Chain::default();
    let first = chain.publish(&world(30, 0));
    assert_eq!(bytes(&chain.publish(&world(30, 4))), bytes(&first));
    let third = chain.publish(&world(30, 20));
    assert_ne!(row(&third), row(&first));
    assert_eq!(row(&third).unwrap().same_since, Some(3));
    // The baseline is the third release now.
    assert_eq!(bytes(&chain.publish(&world(30, 16))), bytes(&third));
}

#[test]
fn a7_organisations_of_one_control_group_are_one_change() {
    let group = |n: u32| if n >= 26 { "one".to_owned() } else { format!("g{n}") };
    let of = |value: u8| {
        World::new(30, |_| "finance", group).technique(move |n| Some(if n >= 25 { value } else { 40 }))
    };
    let mut chain = Chain::default();
    let first = bytes(&chain.publish(&of(40)));
    assert_eq!(bytes(&chain.publish(&of(90))), first);
}

#[test]
fn an_organisation_in_the_place_of_another_of_its_control_group_is_one_change() {
    let parameters = Parameters { m: 10, ..Parameters::preset(Preset::Default) };
    for changed in [9, 20] {
        let mut chain = Chain::default();
        let first = bytes(&chain.publish_with(&world(25, 0), &parameters));
        let mut next = world(25, changed);
        next.members[24].organisation = OrganisationId::new("another");
        assert_eq!(bytes(&chain.publish_with(&next, &parameters)) == first, changed < 20, "{changed}");
    }
}

#[test]
fn a_cell_below_k_goes_when_twice_m_changed_and_comes_back_when_as_many_did() {
    let mut chain = Chain::default();
    let members = |with_value: u32| World::plain(40).technique(move |n| spread(n).filter(|_| n < with_value));
    let first = row(&chain.publish(&members(21)));
    assert!(first.is_some());
    assert_eq!(row(&chain.publish(&members(19))), first);
    assert_eq!(row(&chain.publish(&members(12))), first);
    assert_eq!(row(&chain.publish(&members(11))), None);
    assert_eq!(row(&chain.publish(&members(20))), None);
    assert!(row(&chain.publish(&members(21))).is_some());
}

#[test]
fn r9_a_refused_cell_appears_when_enough_changed() {
    let mut chain = Chain::default();
    let members = |with_value: u32| World::plain(40).technique(move |n| spread(n).filter(|_| n < with_value));
    assert_eq!(row(&chain.publish(&members(19))), None);
    assert_eq!(row(&chain.publish(&members(28))), None);
    assert!(row(&chain.publish(&members(29))).is_some());
}

#[test]
fn r18_the_band_is_carried_with_the_cell() {
    let mut chain = Chain::default();
    let band = |publication: &Publication| (publication.tables[0].members, row(publication).unwrap().members);
    let first = band(&chain.publish(&world(29, 0)));
    assert_eq!(band(&chain.publish(&world(30, 0))), first);
    assert_eq!(band(&chain.publish(&world(33, 0))), first);
    assert_ne!(band(&chain.publish(&world(39, 0))), first);
}

#[test]
fn r28_looser_waits_and_tighter_acts_at_once() {
    let default = || Parameters::preset(Preset::Default);
    let looser = Parameters { code_low: 5, code_high: 95, ..default() };
    let tighter = Parameters { code_low: 20, code_high: 80, ..default() };
    let low = |count: u32| World::plain(count).say(overall(), |n| Some(u8::try_from(n % 8).unwrap()), None);
    let shown = |publication: &Publication| {
        let Shown::Quantiles(quantiles) = publication.tables[0].row(&Item::Overall).unwrap().shown else {
            panic!()
        };
        quantiles.p50.value
    };
    let mut chain = Chain::default();
    assert_eq!(shown(&chain.publish(&low(30))), 10);
    assert_eq!(shown(&chain.publish_with(&low(30), &looser)), 10);
    assert_eq!(shown(&chain.publish_with(&low(30), &tighter)), 20);
    // Back to the first parameters: looser than what is shown now, so it waits for a new number.
    assert_eq!(shown(&chain.publish(&low(34))), 20);
    assert_eq!(shown(&chain.publish(&low(40))), 10);
}

#[test]
fn r28_a_tighter_k_withdraws_at_once_and_a_looser_one_waits() {
    let k = |k| Parameters { k, ..Parameters::preset(Preset::Default) };
    let members = |with_value: u32| World::plain(60).technique(move |n| spread(n).filter(|_| n < with_value));
    let mut chain = Chain::default();
    assert!(row(&chain.publish(&members(25))).is_some());
    assert_eq!(row(&chain.publish_with(&members(25), &k(30))), None);
    let mut chain = Chain::default();
    assert_eq!(row(&chain.publish(&members(15))), None);
    assert_eq!(row(&chain.publish_with(&members(15), &k(10))), None);
    assert_eq!(row(&chain.publish_with(&members(24), &k(10))), None);
    assert!(row(&chain.publish_with(&members(25), &k(10))).is_some());
}

#[test]
fn a24_a_renumbered_technique_keeps_its_footing() {
    let other: TechniqueId = "T1059.003".parse().unwrap();
    let key = key(&Item::Technique(other, Column::Any));
    let mut chain = Chain::default();
    let first = row(&chain.publish(&world(30, 0))).unwrap();
    chain.previous.as_mut().unwrap().renumbered.insert(other, technique());
    let moved = World::plain(30).say(key, |n| Some(if n == 3 { 90 } else { 40 }), Some(Scale::RuleCount));
    let second = chain.publish(&moved);
    assert_eq!(second.tables[0].row(&Item::Technique(other, Column::Any)), Some(&first));
}

#[test]
fn a_group_of_other_techniques_is_a_new_item() {
    let group: GroupId = "G0016".parse().unwrap();
    let item = Item::Group(group);
    let of = |changed: u32| {
        let world = World::plain(30);
        world.say(key(&item), |n| Some(if n >= 30 - changed { 100 } else { 40 }), None)
    };
    for redefined in [false, true] {
        let mut chain = Chain::default();
        let shown = |publication: &Publication| publication.tables[0].row(&item).copied();
        let first = shown(&chain.publish(&of(0))).unwrap();
        if redefined {
            chain.previous.as_mut().unwrap().redefined.insert(group);
        }
        // The change of one does not show in what was there before; a new item has nothing to hide it behind.
        let second = shown(&chain.publish(&of(1))).unwrap();
        assert_eq!(second.same_since == first.same_since, !redefined);
    }
}

#[test]
fn r13_a_cohort_that_is_new_differs_enough_from_those_that_were() {
    // Sector `retail` was all of those with a value below; a region is published for the first time by 24 of its 30.
    let mut chain = Chain::default();
    chain.publish(
        &World::new(60, |n| if n < 30 { "finance" } else { "retail" }, |n| format!("g{n}")).technique(spread),
    );
    let dimensions = Dimensions::default()
        .with(Dimension::SECTOR, ["finance", "retail-north", "retail-south"].map(str::to_owned).to_vec());
    let split = |n: u32, odd: u32| match n {
        0..30 => "finance",
        _ if n < 30 + odd => "retail-south",
        _ => "retail-north",
    };
    for (odd, published) in [(4, false), (10, true)] {
        let world = World::new(60, |n| split(n, odd), |n| format!("g{n}")).technique(spread);
        let unreleased = world.unreleased();
        let input = Input { basis: Basis::Deployed, unreleased: &unreleased };
        let parameters = Parameters { k: 10, ..Parameters::preset(Preset::Default) };
        let next = release(
            "19.0".parse().unwrap(),
            &[input],
            chain.previous.clone(),
            &chain.parts,
            dimensions.as_ref().unwrap(),
            &parameters,
            &ReleaseKey::new([3; 32]),
        );
        let cohort: Cohort = "sector:retail-north".parse().unwrap();
        assert_eq!(next.unwrap().tables.iter().any(|table| table.cohort == cohort), published, "{odd}");
    }
}

#[test]
fn r26_without_its_ledger_nothing_is_published() {
    let world = world(30, 0);
    let unreleased = world.unreleased();
    let publish = |previous: Previous, parts: &MemoryParts| {
        release(
            "19.0".parse().unwrap(),
            &[Input { basis: Basis::Deployed, unreleased: &unreleased }],
            Some(previous),
            parts,
            &Dimensions::default(),
            &Parameters::preset(Preset::Default),
            &ReleaseKey::new([3; 32]),
        )
    };
    let mut chain = Chain::default();
    chain.publish(&world);
    let previous = chain.previous.unwrap();
    assert!(publish(previous.clone(), &chain.parts).is_ok());
    let mut broken = previous.clone();
    broken.heads.values_mut().for_each(|head| head.truncate(20));
    assert_eq!(publish(broken, &chain.parts), Err(ReleaseError::NoBaseline { number: 1 }));
    // Each part alone: lost, or cut off.
    let whole = chain.parts.parts();
    assert!(whole.len() > 1);
    for lost in 0..whole.len() {
        for left in [None, Some(1)] {
            let parts = MemoryParts::default();
            for ((number, part), body) in (0_u32..).zip(0_usize..).zip(&whole) {
                let left = if part == lost { left } else { Some(body.len()) };
                let place = PartId { basis: Basis::Deployed, release: 1, part: number };
                left.into_iter().for_each(|left| parts.put(place, body[..left].to_vec()).unwrap());
            }
            assert_eq!(
                publish(previous.clone(), &parts),
                Err(ReleaseError::NoBaseline { number: 1 }),
                "{lost}"
            );
        }
    }
}

#[test]
fn what_cannot_be_kept_is_not_published() {
    struct Full;
    impl Parts for Full {
        fn put(&self, _: PartId, _: Vec<u8>) -> Result<(), PartError> {
            Err(PartError)
        }

        fn fetch(&self, _: PartId) -> Result<std::sync::Arc<Vec<u8>>, PartError> {
            Err(PartError)
        }
    }
    let unreleased = world(30, 0).unreleased();
    let inputs = [Input { basis: Basis::Deployed, unreleased: &unreleased }];
    let (parameters, key) = (Parameters::preset(Preset::Default), ReleaseKey::new([3; 32]));
    let version = "19.0".parse().unwrap();
    let published = release(version, &inputs, None, &Full, &Dimensions::default(), &parameters, &key);
    assert_eq!(published, Err(ReleaseError::NotKept));
}

/// Records of a later version, with a parameter more, may change by rules that this version doesn't have.
#[test]
fn a_parameter_of_a_later_version_stops_the_release() {
    let mut chain = Chain::default();
    chain.publish(&world(30, 0));
    let mut previous = chain.previous.clone().unwrap();
    for head in previous.heads.values_mut() {
        let mut reader = Reader(head);
        let (form, slots): ([u8; 2], u64) = (reader.fixed().unwrap(), reader.number().unwrap());
        let (attack, parameters) = (reader.bytes().unwrap(), reader.bytes().unwrap());
        let parameters = std::str::from_utf8(parameters).unwrap().replacen('{', r#"{"breadth":3,"#, 1);
        let mut later = Writer::default();
        later.fixed(&form);
        later.number(slots);
        later.bytes(attack);
        later.bytes(parameters.as_bytes());
        later.fixed(reader.0);
        *head = later.0;
    }
    let unreleased = world(30, 0).unreleased();
    let inputs = [Input { basis: Basis::Deployed, unreleased: &unreleased }];
    let (parameters, key) = (Parameters::preset(Preset::Default), ReleaseKey::new([3; 32]));
    let (version, dimensions) = ("19.0".parse().unwrap(), Dimensions::default());
    let published = release(version, &inputs, Some(previous), &chain.parts, &dimensions, &parameters, &key);
    let what = "the privacy parameter `breadth`".to_owned();
    assert_eq!(published, Err(ReleaseError::LaterVersion { number: 1, what }));
}

#[test]
fn threads_do_not_show() {
    let mut world =
        World::new(120, |n| if n % 2 == 0 { "finance" } else { "retail" }, |n| format!("g{}", n / 2))
            .technique(spread)
            .say(overall(), spread, None);
    // In blocks that are decided together and in others.
    for techniques in LAYOUT.blocks().values().step_by(7) {
        let parent = Item::Technique(*techniques.values().next().unwrap(), Column::Any);
        world = world.say(key(&parent), spread, Some(Scale::RuleCount));
    }
    let published = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut chain = Chain::default();
        let published = pool.install(|| [chain.publish(&world), chain.publish(&world)]);
        (published, chain.parts.parts())
    };
    assert_eq!(published(1), published(5));
}
