//! Attacks beyond the table of the design, as somebody would try them who has the published rules and a membership: with the
//! draws, with what a row says besides its numbers, and with what members may do at any time. On the pure function.

use peerbench::domain::{
    cohort::Cohort,
    release::{Parameters, Row, Rule, Shown},
};

use super::{
    colluders::SECOND,
    fixture::{Fixture, TECHNIQUES},
    pure::{Chain, Community, default, rows_in, rows_through, without},
    report::report,
};

/// What `all` shows after each of these communities.
fn published(key: u64, worlds: &[Community], parameters: &Parameters) -> Vec<Vec<Option<Row>>> {
    let mut chain = Chain::new(key);
    let publish = |world: &Community| rows_in(&chain.try_publish(world, parameters).unwrap(), &Cohort::All);
    worlds.iter().map(publish).collect()
}

/// `members` with the first of them all at a score.
fn moved(members: &[Vec<u8>], first: usize, score: u8) -> Community {
    let mut members = members.to_vec();
    members[..first].iter_mut().for_each(|scores| scores.fill(score));
    Community::of(members)
}

/// In how many rows two tables differ.
fn differ(a: &[Option<Row>], b: &[Option<Row>]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

/// Of how many techniques it is known after how many changes they refresh, and of how many the next draw is the same.
#[test]
fn a_draw_tells_nothing_of_the_next() {
    let (mut known, mut same) = (0, 0);
    for seed in 0..3 {
        let members = Fixture::new(4300 + seed).members(40);
        let mut chain = Chain::new(seed);
        let mut publish =
            |world: &Community| rows_in(&chain.try_publish(world, &default()).unwrap(), &Cohort::All);
        // One more colluder goes from 0 to 100 with each release, and then one more back.
        let mut before = publish(&moved(&members, 20, 0));
        let mut seen: Vec<[Option<usize>; 2]> = vec![[None; 2]; TECHNIQUES];
        for round in 0..20 {
            let (phase, step) = (round / 10, round % 10 + 1);
            let mut world = moved(&members, 20, 0);
            let at_the_top = if phase == 0 { step } else { 10 };
            world.scores[..at_the_top].iter_mut().for_each(|scores| scores.fill(100));
            if phase == 1 {
                world.scores[10..10 + step].iter_mut().for_each(|scores| scores.fill(100));
            }
            let after = publish(&world);
            for technique in 0..TECHNIQUES {
                if after[technique] != before[technique] && seen[technique][phase].is_none() {
                    seen[technique][phase] = Some(step);
                }
            }
            before = after;
        }
        for [first, second] in seen {
            if let (Some(first), Some(second)) = (first, second) {
                known += 1;
                same += usize::from(first == second);
            }
        }
    }
    let share = same as f64 / known as f64;
    assert!(known >= 40 && share <= 0.4, "{same} of {known}");
    report(
        43,
        "ten of 20 colluders beside 20 change one after the other, to read how many changes a technique needs; ten more do the \
         same again: is the number the same?",
        "R32",
        &format!("for {same} of {known} techniques of which both are seen"),
        "by a draw per technique alone it would be the same for all",
    );
}

#[test]
fn columns_of_a_technique_refresh_together() {
    let columns = |off: &[Rule]| {
        let (mut apart, mut together) = (0, 0);
        for seed in 0..3 {
            let members = Fixture::new(4400 + seed).members(40);
            let parameters = without(off);
            let mut chain = Chain::new(seed);
            let mut before = None;
            for step in 0..=10 {
                let mut world = moved(&members, step, 100);
                // Windows alone sees less of ten others, so that the two lists are different.
                let mut through = world.scores.clone();
                through[20..32].iter_mut().for_each(|scores| scores.fill(0));
                world.through = Some(through);
                let now = rows_through(&chain.try_publish(&world, &parameters).unwrap());
                if let Some((any, windows)) = before.replace(now.clone()) {
                    for technique in 0..TECHNIQUES {
                        let changes =
                            [any[technique] != now.0[technique], windows[technique] != now.1[technique]];
                        match changes {
                            [true, true] => together += 1,
                            [true, false] | [false, true] => apart += 1,
                            [false, false] => {}
                        }
                    }
                }
            }
        }
        (apart, together)
    };
    let (apart, together) = columns(&[]);
    assert!(together > 20, "{apart} {together}");
    report(
        44,
        "colluders change one after the other; two columns of a technique with different lists are watched, to learn from one \
         that refreshes what the other hides",
        "R32",
        &format!(
            "{together} times both show new numbers in the same release; {apart} times one of them shows a change, \
             because the other's numbers came out the same"
        ),
        "by a draw of its own each column would be one more chance",
    );
}

#[test]
fn erasing_and_uploading_the_same_is_no_change() {
    let members = Fixture::new(45).members(30);
    let erased = |count: usize| {
        let scores = members.iter().enumerate();
        Community::of(
            scores.map(|(number, scores)| if number < count { Vec::new() } else { scores.clone() }).collect(),
        )
    };
    let worlds: Vec<Community> = [0, 4, 0, 4, 0, 4, 0].map(erased).into();
    let tables = published(45, &worlds, &default());
    assert!(tables.iter().all(|rows| *rows == tables[0]));
    let first = published(45, &worlds, &without(&[SECOND.as_slice(), &[Rule::R17]].concat()));
    let moved: usize = first.windows(2).map(|two| differ(&two[0], &two[1])).sum();
    assert!(moved > 50, "{moved}");
    report(
        45,
        "four colluders of 30 erase their snapshots and upload the same again, three times, to add up changes",
        "R17, R32",
        "no row ever changes: changes are counted from the list that a number stands on",
        &format!("without R17 {moved} rows change over the six releases"),
    );
}

#[test]
fn since_when_tells_only_what_is_seen() {
    let (mut told, mut refreshed) = (0, 0);
    for seed in 0..4 {
        let members = Fixture::new(4600 + seed).members(60);
        let worlds: Vec<Community> =
            (0..4).map(|round| moved(&members, 10, [100, 85, 75, 100][round])).collect();
        let tables = published(seed, &worlds, &default());
        for two in tables.windows(2) {
            for (before, after) in two[0].iter().zip(&two[1]) {
                let (Some(before), Some(after)) = (before, after) else { continue };
                let same = (before.shown, before.members) == (after.shown, after.members);
                told += usize::from(same && before.same_since != after.same_since);
                refreshed += usize::from(same);
            }
        }
    }
    assert_eq!(told, 0);
    report(
        46,
        "ten colluders beside 50 move where it is not seen; does a row say by the release since which it is the same that it was \
         computed anew?",
        "R31",
        &format!("none of {refreshed} rows that show the same"),
        "the earlier rules named the release of the computation where a band had changed",
    );
}

#[test]
fn a_band_does_not_swing() {
    let members = Fixture::new(47).members(34);
    let of = |count: usize| Community::of(members[..count].to_vec());
    let worlds: Vec<Community> = [29, 30, 29, 31, 29, 33, 28].map(of).into();
    let bands = |parameters: &Parameters| {
        let tables = published(47, &worlds, parameters);
        let band = |rows: &Vec<Option<Row>>| rows.iter().flatten().find_map(|row| row.members);
        tables.iter().map(band).collect::<Vec<_>>()
    };
    let carried = bands(&default());
    assert!(carried.iter().all(|band| *band == carried[0]));
    let followed = bands(&without(&[SECOND.as_slice(), &[Rule::R17]].concat()));
    assert!(followed.windows(2).filter(|two| two[0] != two[1]).count() >= 4);
    report(
        47,
        "up to four colluders come and go beside 28 and 29 members, around the end of a band",
        "R18, R34",
        "the band is the same in all seven releases",
        "it follows them",
    );
}

#[test]
fn who_swaps_values_redraws_little() {
    let swapped = |off: &[Rule]| {
        let mut changed = 0;
        for seed in 0..4 {
            let members = Fixture::new(4800 + seed).members(40);
            // Ten colluders hand their scores around: the values of every cell stay what they are.
            let rotated = |by: usize| {
                let mut members = members.clone();
                members[..10].rotate_left(by);
                Community::of(members)
            };
            let tables = published(seed, &[rotated(0), rotated(1), rotated(2), rotated(3)], &without(off));
            changed += tables.windows(2).map(|two| differ(&two[0], &two[1])).sum::<usize>();
        }
        changed
    };
    let (with, first) = (swapped(&[]), swapped(&SECOND));
    assert_eq!(with, 0);
    assert!(first >= 100, "{first}");
    report(
        48,
        "ten colluders of 40 hand their scores around three times, which draws jitter anew and leaves every cell's values as \
         they are; four communities",
        "R31",
        "none of 480 rows changes",
        &format!("{first} of 480 under the earlier rules"),
    );
}

#[test]
fn the_lowest_draw_is_not_chosen() {
    // m colluders know at once of which techniques five changes are enough, and use these at the next baseline.
    let (mut chosen, mut told) = (0, 0);
    for seed in 0..8 {
        let members = Fixture::new(4900 + seed).members(30);
        let mut chain = Chain::new(seed);
        let mut publish =
            |world: &Community| rows_in(&chain.try_publish(world, &default()).unwrap(), &Cohort::All);
        let first = publish(&moved(&members, 5, 0));
        let second = publish(&moved(&members, 5, 100));
        let lowest: Vec<usize> =
            (0..TECHNIQUES).filter(|technique| first[*technique] != second[*technique]).collect();
        // Four go back, and wait for somebody else.
        let mut trap = moved(&members, 5, 100);
        trap.scores[..4].iter_mut().for_each(|scores| scores.fill(0));
        let waiting = publish(&trap);
        trap.scores[10].iter_mut().for_each(|score| *score = (*score + 50) % 101);
        let sprung = publish(&trap);
        chosen += lowest.len();
        told += lowest.iter().filter(|technique| waiting[**technique] != sprung[**technique]).count();
    }
    let share = told as f64 / chosen as f64;
    assert!(chosen >= 20 && share <= 1.0 / 6.0 + 0.1, "{told} of {chosen}");
    report(
        49,
        "five colluders beside 25 find the techniques of which five changes are enough, and set a trap there at the next list",
        "R32",
        &format!(
            "the trap tells of {told} of {chosen} such techniques: the draw is another one for each list"
        ),
        "by a draw per technique alone it would tell of all of them",
    );
}

#[test]
fn many_small_hands_do_not_read_a_half() {
    // `small-community`: 14 members, where only "at least half cover it" is said. Two colluders swing it.
    let parameters = super::colluders::parameters(peerbench::domain::release::Preset::SmallCommunity, &[]);
    let swings = |off: &[Rule]| {
        let parameters = Parameters { off: off.to_vec(), ..parameters.clone() };
        let mut moved_rows = 0;
        for seed in 0..4 {
            let members = Fixture::new(5000 + seed).members(14);
            let worlds: Vec<Community> = [0, 100, 0, 100].map(|score| moved(&members, 2, score)).into();
            let tables = published(seed, &worlds, &parameters);
            assert!(tables[0].iter().flatten().any(|row| matches!(row.shown, Shown::Half(_))));
            moved_rows += tables.windows(2).map(|two| differ(&two[0], &two[1])).sum::<usize>();
        }
        moved_rows
    };
    let (with, without) = (swings(&[]), swings(&[SECOND.as_slice(), &[Rule::R17]].concat()));
    assert_eq!(with, 0);
    assert!(without > 20, "{without}");
    report(
        50,
        "in `small-community` two colluders of 14 swing between 0 and 100, to learn from the word `half` how the others stand",
        "R17, R31, R32",
        "no word changes",
        &format!("{without} words change without R17 and memory"),
    );
}
