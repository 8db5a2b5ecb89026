//! A20: attackers who move to and fro over several releases, to read the others' order statistics. A27: attackers who
//! pull the numbers up. What m - 1 of them do does not show; what more do is bounded by their share.

use peerbench::domain::{attack::TechniqueId, release::Rule};
use serde_json::Value;

use super::{
    fixture::{Fixture, TECHNIQUES},
    report::report,
    world::{Who, World, items, rows},
};
use crate::support::{Store, client::Client, on_both};

on_both!(four_pivots_move_nothing, ten_pivots_are_bounded, poisoning_is_bounded);

/// By technique, its published quartiles; what few cover is at the low end.
fn quartiles(world: &World, reader: &Client) -> Vec<[u8; 3]> {
    let rows = rows(reader, "");
    let of = |id: &TechniqueId| {
        let row: &Value = rows.iter().find(|row| row["technique"] == id.to_string()).unwrap();
        ["p25", "p50", "p75"].map(|name| row["peers"][name].as_u64().map_or(10, |value| value as u8))
    };
    world.techniques().iter().map(of).collect()
}

fn coded(value: u8) -> u8 {
    ((value + 2) / 5 * 5).clamp(10, 90)
}

/// How many quartiles are outside what attackers of a share can do: with `attackers` of n organisations at the ends, the
/// value at rank r is an honest one of rank r - attackers to r, or at the end; `jitter` ranks more either way.
fn outside(published: &[[u8; 3]], honest: &[Vec<u8>], attackers: usize, jitter: usize) -> usize {
    let n = honest.len() + attackers;
    let of = |technique: usize| {
        let mut values: Vec<u8> = honest.iter().map(|scores| scores[technique]).collect();
        values.sort_unstable();
        let at = |rank: usize| match rank {
            0 => 0,
            rank if rank > values.len() => 100,
            rank => values[rank - 1],
        };
        let is_outside = |(p, value): (usize, &u8)| {
            let rank = (p * n).div_ceil(100);
            let (low, high) = (at(rank.saturating_sub(jitter + attackers)), at(rank + jitter));
            !(coded(low)..=coded(high)).contains(value)
        };
        [25, 50, 75].into_iter().zip(&published[technique]).filter(|quartile| is_outside(*quartile)).count()
    };
    (0..TECHNIQUES).map(of).sum()
}

/// 20 honest members and so many attackers, all 0 at the first release.
fn pivots(store: Store, attackers: usize) -> (World, Vec<Vec<u8>>, Client, impl Fn(&World, u8)) {
    let world = World::new(store);
    let honest = Fixture::new(20).members(20);
    let members = world.settle(honest.iter().map(|scores| (Who::default(), scores.clone())));
    let settled = world.settle((0..attackers).map(|_| (Who::default(), vec![0; TECHNIQUES])));
    world.release();
    let reader = world.reader(&members[0]);
    let moves = move |world: &World, to: u8| {
        settled.iter().for_each(|attacker| world.scores(attacker, &[to; TECHNIQUES]));
    };
    (world, honest, reader, moves)
}

fn four_pivots_move_nothing(store: Store) {
    let (mut world, _, reader, moves) = pivots(store, 4);
    let saved = items(&reader, "all");
    for to in [100, 0, 100, 0, 100] {
        moves(&world, to);
        world.release();
        assert_eq!(items(&reader, "all"), saved, "to {to}");
    }
    world.release_without(&[Rule::R17]);
    assert_ne!(items(&reader, "all"), saved);
    report(
        20,
        "four attackers beside 20 honest members move between 0 and 100 over six releases",
        "R17",
        "all six tables are the same",
        "the table follows them",
    );
}

fn ten_pivots_are_bounded(store: Store) {
    let (mut world, honest, reader, moves) = pivots(store, 10);
    let mut tables = std::collections::BTreeSet::new();
    for to in [100, 0, 100, 0, 100] {
        moves(&world, to);
        world.release();
        let published = quartiles(&world, &reader);
        assert_eq!(outside(&published, &honest, 10, 2), 0, "to {to}: {published:?}");
        tables.insert(published);
    }
    assert!(tables.len() > 1, "ten changed, so the numbers may");
    // Without rounding, jitter and tails the two states' numbers are the honest ones' very order statistics.
    world.release_without(&[Rule::R14, Rule::R15, Rule::R16, Rule::R17]);
    let published = quartiles(&world, &reader);
    let exact = |technique: usize| {
        let mut values: Vec<u8> = honest.iter().map(|scores| scores[technique]).collect();
        values.sort_unstable();
        // Of 30, the ten highest being theirs: ranks 8, 15 and 23.
        published[technique] == [values[7], values[14], 100]
    };
    assert!((0..TECHNIQUES).all(exact));
    report(
        20,
        "ten attackers beside 20 honest members move between 0 and 100 over six releases",
        "R14, R15",
        "every quartile q of every release is within the honest ones' [(q-f)/(1-f), q/(1-f)], two ranks of jitter and \
         rounding added; f is the attackers' share",
        "each of the lower two quartiles is an honest member's very score",
    );
}

fn poisoning_is_bounded(store: Store) {
    let mut world = World::new(store);
    let honest = Fixture::new(27).members(100);
    let members = world.settle(honest.iter().map(|scores| (Who::default(), scores.clone())));
    world.settle((0..5).map(|_| (Who::default(), vec![100; TECHNIQUES])));
    world.release();
    let reader = world.reader(&members[0]);
    assert_eq!(outside(&quartiles(&world, &reader), &honest, 5, 1), 0);
    // Sixty of one hand would be beyond any such bound, but for R12.
    let hand = Who { control_group: Some("one hand".to_owned()), ..Who::default() };
    world.settle((0..60).map(|_| (hand.clone(), vec![100; TECHNIQUES])));
    world.release_without(&[Rule::R12, Rule::R17]);
    let broken = outside(&quartiles(&world, &reader), &honest, 5, 1);
    assert!(broken > TECHNIQUES, "{broken}");
    report(
        27,
        "five attackers, all 100, beside 100 honest members",
        "R12, R17",
        "every quartile is within the honest ones' range of A20's bound, one rank of jitter and rounding added",
        "60 more organisations of one control group move most quartiles out of it",
    );
}
