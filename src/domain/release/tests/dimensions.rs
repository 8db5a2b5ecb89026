//! A fourth dimension: cohorts, ledgers and the seal follow from the list of dimensions. A list that is too long is
//! refused.

use super::{refresh::Chain, *};
use crate::domain::dimension::Definition;

static MODEL: Definition =
    Definition { position: 3, name: "model", help: "", values: &["b2b", "b2c"], example: "b2b" };
static FIFTH: Definition =
    Definition { position: 4, name: "fifth", help: "", values: &["a", "b"], example: "a" };
static SIXTH: Definition =
    Definition { position: 5, name: "sixth", help: "", values: &["a", "b"], example: "a" };

fn with(definitions: &[&'static Definition]) -> Dimensions {
    let two = |definition: &&'static Definition| definition.values.iter().map(|value| (*value).to_owned());
    definitions.iter().fold(Dimensions::default(), |dimensions, definition| {
        dimensions.with(Dimension::new(definition), two(definition).collect()).unwrap()
    })
}

/// A world of 80 members; every other one sells to consumers.
fn world() -> World {
    let mut world = World::new(80, |n| if n % 4 < 2 { "finance" } else { "retail" }, |n| format!("g{n}"));
    for (member, number) in world.members.iter_mut().zip(0_u32..) {
        let model = if number % 2 == 0 { "b2b" } else { "b2c" };
        member.dimensions.set(Dimension::new(&MODEL), model.to_owned());
    }
    world.technique(spread)
}

fn publish(chain: &mut Chain, dimensions: &Dimensions) -> Vec<(String, Vec<u8>)> {
    let unreleased = world().unreleased();
    let input = Input { basis: Basis::Deployed, unreleased: &unreleased };
    let parameters = Parameters { pairs_min_n: 50, ..Parameters::preset(Preset::Default) };
    let (attack, key) = ("19.0".parse().unwrap(), ReleaseKey::new([3; 32]));
    let previous = chain.previous.clone();
    let publication =
        release(attack, &[input], previous, &chain.parts, dimensions, &parameters, &key).unwrap();
    chain.follow(&publication);
    let table = |(cohort, bytes): (Cohort, Vec<u8>)| (cohort.to_string(), bytes);
    refresh::bytes(&publication).into_iter().map(table).collect()
}

#[test]
fn a_fourth_dimension_makes_cohorts_and_pairs() {
    let tables = publish(&mut Chain::default(), &with(&[&MODEL]));
    for cohort in ["model:b2b", "model:b2c", "sector:finance~model:b2b", "region:europe~model:b2c"] {
        assert!(tables.iter().any(|(name, _)| name == cohort), "{cohort}");
    }
}

#[test]
fn a_ledger_of_four_dimensions_is_read_again() {
    let (mut chain, dimensions) = (Chain::default(), with(&[&MODEL]));
    let first = publish(&mut chain, &dimensions);
    assert_eq!(publish(&mut chain, &dimensions), first);
    let heads = chain.previous.unwrap().heads;
    assert!(heads.values().all(|head| head.starts_with(&[0, 3, 11])));
}

#[test]
fn a_ledger_of_three_dimensions_stays_readable() {
    let mut chain = Chain::default();
    let first = publish(&mut chain, &Dimensions::default());
    let second = publish(&mut chain, &with(&[&MODEL]));
    // What was published is published again; the cohorts that are new differ by enough, and appear.
    assert!(first.iter().all(|table| second.contains(table)));
    assert!(second.iter().any(|(cohort, _)| cohort == "model:b2b"));
    // And the other way round: a dimension goes, and with it its cohorts alone.
    assert_eq!(publish(&mut chain, &Dimensions::default()), first);
}

#[test]
fn six_dimensions_are_refused() {
    assert!(Lattice::new(&with(&[&MODEL, &FIFTH]), true).is_ok());
    assert_eq!(Lattice::new(&with(&[&MODEL, &FIFTH, &SIXTH]), true), Err(TooManyCohorts));
}
