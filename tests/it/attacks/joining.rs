//! A4: one who joins between two releases. A5: one who leaves, or updates. A6: changes that drip in one by one. A7: a
//! victim among organisations that the attacker controls. R17 and R32 let none of them show before five control groups
//! changed, and let the change of ten show in any case.

use peerbench::domain::{
    organisation::OrganisationId,
    release::{Rule, Shown},
};

use super::{
    fixture::Fixture,
    pure::{Chain, Community, auc, default, quartiles, without},
    report::report,
    world::{Who, World, items, peers, rows},
};
use crate::support::{Store, on_both};

on_both!(
    one_who_joins_does_not_show,
    one_who_leaves_or_updates_does_not_show,
    a_slow_drip_shows_at_the_tenth,
    padding_is_one_change,
);

fn settled(store: Store, members: usize) -> (World, Vec<OrganisationId>) {
    let world = World::new(store);
    let scores = Fixture::new(4).members(members);
    let members = world.settle(scores.into_iter().map(|scores| (Who::default(), scores)));
    world.release();
    (world, members)
}

fn one_who_joins_does_not_show(store: Store) {
    for score in [0, 80] {
        let (mut world, members) = settled(store, 25);
        let reader = world.reader(&members[0]);
        let saved = items(&reader, "all");
        world.settle([(Who::default(), vec![score; 40])]);
        world.release();
        assert_eq!(items(&reader, "all"), saved, "all {score}");
        world.release_without(&[Rule::R17]);
        assert_ne!(items(&reader, "all"), saved, "all {score}");
    }
    report(
        4,
        "a victim with all 0, or all 80, joins 25 members; the table before is compared with the one after",
        "R17",
        "both tables are the one before",
        "both differ from it",
    );
}

/// The counter-test in numbers: from the differences that R17 and R31 withhold, 0 and 80 are told apart.
#[test]
fn without_churn_one_who_joins_is_read() {
    let (mut of_cells, mut of_victims) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let mut exact = [Vec::new(), Vec::new()];
    for seed in 0..30 {
        let community = Community::of(Fixture::new(seed).members(25));
        for (arm, score) in [0, 80].into_iter().enumerate() {
            let mut joined = community.clone();
            joined.join(vec![score; 40]);
            let mut chain = Chain::new(seed);
            let before = chain.publish(&community, &default());
            assert_eq!(chain.clone().publish(&joined, &default()), before);
            let changes = changes(&before, &chain.publish(&joined, &without(&[Rule::R17, Rule::R31])));
            of_victims[arm].push(changes.iter().sum());
            of_cells[arm].extend(changes);
            let off = without(&[Rule::R14, Rule::R15, Rule::R17, Rule::R31]);
            let mut chain = Chain::new(seed);
            let before = chain.publish(&community, &off);
            exact[arm].extend(self::changes(&before, &chain.publish(&joined, &off)));
        }
    }
    let auc = |arms: &[Vec<f64>; 2]| auc(&arms[0], &arms[1]);
    let (of_cells, of_victims, exact) = (auc(&of_cells), auc(&of_victims), auc(&exact));
    println!(
        "A4 without R17 and R31: AUC {of_victims:.3} per victim, {of_cells:.3} per cell; exact {exact:.3} per cell"
    );
    assert!(of_victims >= 0.85 && exact >= 0.85, "{of_victims} {exact}");
    report(
        4,
        "the same in 30 communities on the pure function: is it the victim with all 0 or the one with all 80?",
        "R17, R31, R14, R15",
        "AUC 0.50: no table differs",
        &format!(
            "without R17 and R31 AUC {of_victims:.2} from all cells, {of_cells:.2} from one; without jitter and rounding too, \
             {exact:.2} from one"
        ),
    );
}

/// By technique, the sum of the changes of the quartiles.
pub fn changes(before: &[Shown], after: &[Shown]) -> Vec<f64> {
    let change = |(before, after)| {
        let (before, after): ([i32; 3], [i32; 3]) = (quartiles(before), quartiles(after));
        f64::from(after.iter().sum::<i32>() - before.iter().sum::<i32>())
    };
    before.iter().zip(after).map(change).collect()
}

fn one_who_leaves_or_updates_does_not_show(store: Store) {
    let (mut world, members) = settled(store, 26);
    let (reader, victim) = (world.reader(&members[0]), world.reader(&members[1]));
    let saved = items(&reader, "all");
    // One cell goes from 0 to 60.
    let mut scores = Fixture::new(4).members(26).swap_remove(1);
    let cell = scores.iter().position(|score| *score == 0).unwrap();
    scores[cell] = 60;
    world.scores(&members[1], &scores);
    world.release();
    assert_eq!(items(&reader, "all"), saved, "updated");
    // It withdraws everything.
    for item in victim.get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap() {
        victim.delete(&format!("/v1/snapshots/{}", item["id"].as_str().unwrap())).expect(204);
    }
    world.release();
    assert_eq!(items(&reader, "all"), saved, "left");
    world.release_without(&[Rule::R17]);
    assert_ne!(items(&reader, "all"), saved);
    report(
        5,
        "a victim raises one cell from 0 to 60; then it leaves; the tables before and after are compared",
        "R17",
        "they are the same",
        "they differ",
    );
}

fn a_slow_drip_shows_at_the_tenth(store: Store) {
    let (mut world, members) = settled(store, 25);
    let reader = world.reader(&members[0]);
    let saved = items(&reader, "all");
    // Every score becomes another one: a member that has a cell's new score already would be no change there.
    let before = Fixture::new(4).members(25);
    let change = |number: usize| {
        let scores: Vec<u8> = before[number].iter().map(|score| (score + 50) % 101).collect();
        world.scores(&members[number], &scores);
    };
    (1..5).for_each(change);
    world.release();
    assert_eq!(items(&reader, "all"), saved, "four");
    world.release();
    assert_eq!(items(&reader, "all"), saved, "the same four once more");
    (5..11).for_each(change);
    world.release();
    assert_ne!(items(&reader, "all"), saved, "ten");
    // The techniques' new numbers stand on new lists: one more does not show, but for the rule.
    let refreshed = peers(&rows(&reader, ""));
    change(11);
    world.release();
    assert_eq!(peers(&rows(&reader, "")), refreshed, "the eleventh");
    world.release_without(&[Rule::R17]);
    assert_ne!(peers(&rows(&reader, "")), refreshed);
    report(
        6,
        "four change before release 2, nobody before 3, six more before 4, an eleventh before 5",
        "R17",
        "only release 4 differs from the one before",
        "release 5 differs too",
    );
}

fn padding_is_one_change(store: Store) {
    let world = World::new(store);
    let one_hand = |number| (26..30).contains(&number).then(|| "one hand".to_owned());
    let scores = Fixture::new(7).members(30);
    let of = |(number, scores)| (Who { control_group: one_hand(number), ..Who::default() }, scores);
    let members = world.settle(scores.into_iter().enumerate().map(of));
    let mut world = world;
    world.release();
    let reader = world.reader(&members[0]);
    let saved = items(&reader, "all");
    members[25..].iter().for_each(|member| world.scores(member, &[100; 40]));
    world.release();
    assert_eq!(items(&reader, "all"), saved);
    world.release_without(&[Rule::R17]);
    assert_ne!(items(&reader, "all"), saved);
    report(
        7,
        "a victim and four organisations of one control group change every cell",
        "R17",
        "the table stays",
        "it differs",
    );
}
