//! A31: one member flips a cell's scale. A35: threat groups that hold one technique. A36: equal rows. A38: what appears or goes
//! because of one. A39: a member that is missing in one basis. A40: one writer for many members. A42: parameters are tightened.
//! Nothing of it may tell that one member did something. On the pure function.

use std::collections::BTreeSet;

use peerbench::domain::{
    cohort::Cohort,
    release::{Parameters, Preset, Row, Rule},
    scale::Scale,
    snapshot::Basis,
};

use super::{
    colluders::{SECOND, parameters},
    fixture::{Fixture, TECHNIQUES},
    pure::{Chain, Community, auc, default, rows_in, rows_of_groups, rows_through, without},
    report::report,
};

fn rows(chain: &mut Chain, community: &Community, parameters: &Parameters) -> Vec<Option<Row>> {
    rows_in(&chain.try_publish(community, parameters).unwrap(), &Cohort::All)
}

/// How many rows differ.
fn differ<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

/// Members of two scales; a provider's come first.
fn of_two_scales(fixture: &mut Fixture, counts: usize, percents: usize, provider: usize) -> Community {
    let mut community = Community::default();
    for (number, scores) in fixture.members(counts + percents).into_iter().enumerate() {
        let group = if number < provider { "provider".to_owned() } else { format!("g{number}") };
        community.join_group(&group, scores);
        community.scales[number] = if number < counts { Scale::RuleCount } else { Scale::Percent };
    }
    community
}

/// The first flips its scale, another changes its cells, and the first flips back. Returns in how many rows each release
/// differs from the one without the change; and how many change at the flip alone.
fn flip(counts: usize, percents: usize, provider: usize, off: &[Rule]) -> (usize, usize) {
    let parameters = without(off);
    let (mut shown, mut flipped) = (0, 0);
    for seed in 0..2 {
        let mut fixture = Fixture::new(3100 + seed);
        let community = of_two_scales(&mut fixture, counts, percents, provider);
        let mut chain = Chain::new(seed);
        let first = rows(&mut chain, &community, &parameters);
        let mut without = chain.clone();
        let mut other_scale = community.clone();
        // Of a provider's all.
        (0..provider.max(1)).for_each(|member| other_scale.scales[member] = Scale::Percent);
        let second = rows(&mut chain, &other_scale, &parameters);
        flipped += differ(&first, &second);
        let unchanged = rows(&mut without, &other_scale, &parameters);
        assert_eq!(second, unchanged);
        let change = |community: &Community| {
            let mut community = community.clone();
            let last = community.scores.len() - 1;
            community.scores[last].iter_mut().for_each(|score| *score = (*score + 50) % 101);
            community.scores[counts - 1].iter_mut().for_each(|score| *score = (*score + 50) % 101);
            community
        };
        let back = rows(&mut chain, &change(&community), &parameters);
        let back_without = rows(&mut without, &community, &parameters);
        shown += differ(&back, &back_without);
    }
    (flipped, shown)
}

#[test]
fn one_who_flips_the_scale_learns_nothing() {
    for (counts, percents, provider) in [(21, 20, 0), (20, 20, 0), (27, 21, 8)] {
        assert_eq!(flip(counts, percents, provider, &[]), (0, 0), "{counts} {percents} {provider}");
    }
    let (flipped, shown) = flip(21, 20, 0, &SECOND);
    assert!(flipped >= 60 && shown >= 20, "{flipped} {shown}");
    report(
        31,
        "of 21 and 20 members on two scales one flips, one of each scale changes its cells, the first flips back; the same with \
         20 and 20, and with a provider of 8 at 27 and 21; two communities of 40 techniques",
        "R33, R32",
        "no row changes at the flip, and none differs from those without the change",
        &format!(
            "under the earlier rules {flipped} of 80 rows change at the flip, and {shown} differ with the change after flipping back"
        ),
    );
}

/// One member closes a gap under `few`, four colluders have changed something of every group: which technique was it? Says
/// in how many of so many runs its groups are the first.
fn group_that_moves(runs: u64, pivoting: bool, off: &[Rule]) -> usize {
    let parameters = without(off);
    let mut found = 0;
    for seed in 0..runs {
        let mut fixture = Fixture::new(3500 + seed);
        // One technique that hardly anybody covers.
        let gap = (seed as usize * 7) % TECHNIQUES;
        let mut members = fixture.members(40);
        members
            .iter_mut()
            .enumerate()
            .for_each(|(number, scores)| scores[gap] = if number < 4 { 50 } else { 0 });
        let hand = |end: usize| -> Vec<Vec<u8>> {
            let of = |which: usize| match (pivoting, end) {
                (true, 0) => vec![100; TECHNIQUES],
                (true, _) => vec![0; TECHNIQUES],
                (false, end) => (0..TECHNIQUES)
                    .map(|t| if (t + which + end).is_multiple_of(3) { 0 } else { 60 })
                    .collect(),
            };
            (0..4).map(of).collect()
        };
        let world = |end: usize, closed: bool| {
            let mut honest = members.clone();
            honest[20][gap] = if closed { 60 } else { 0 };
            let mut community = Community::of(honest.into_iter().chain(hand(end)).collect());
            community.groups = true;
            community
        };
        let mut chain = Chain::new(seed);
        chain.try_publish(&world(0, false), &parameters).unwrap();
        let before = rows_of_groups(&chain.try_publish(&world(1, false), &parameters).unwrap());
        let after = rows_of_groups(&chain.try_publish(&world(1, true), &parameters).unwrap());
        let moved: BTreeSet<_> = before
            .iter()
            .filter(|(group, row)| after.get(*group) != Some(*row))
            .map(|(group, _)| *group)
            .collect();
        // By technique, how well "its groups move and the others don't" fits.
        let score = |technique: usize| {
            let fits =
                before.keys().filter(|group| Community::holds(**group, technique) == moved.contains(*group));
            if moved.is_empty() { 0 } else { fits.count() }
        };
        let best = (0..TECHNIQUES).map(score).max().unwrap();
        let first = (0..TECHNIQUES).filter(|technique| score(*technique) == best).collect::<Vec<_>>();
        found += usize::from(best > 0 && first == [gap]);
    }
    found
}

#[test]
fn groups_that_move_do_not_name_the_technique() {
    let realistic = group_that_moves(20, false, &[]);
    let pivoting = group_that_moves(20, true, &[]);
    let first = group_that_moves(20, true, &SECOND);
    println!("A35: {realistic} {pivoting} {first}");
    assert!(realistic <= 2 && pivoting <= 5, "{realistic} {pivoting}");
    assert!(first > pivoting, "{first}");
    report(
        35,
        "four colluders beside 40 have changed the shares of all threat groups; one member closes a gap of a technique that \
         says `few`; is it the only technique whose groups move? 20 communities",
        "R32, R31",
        &format!("in {realistic} of 20 by plausible changes, in {pivoting} pivoting"),
        &format!("in {first} under the earlier rules, pivoting"),
    );
}

#[test]
fn equal_rows_do_not_tell_who_differs() {
    let equal = |off: &[Rule]| {
        let parameters = without(off);
        let mut arms = [Vec::new(), Vec::new()];
        let mut equal = 0;
        for seed in 0..5_u64 {
            let mut fixture = Fixture::new(3600 + seed);
            let members = fixture.members(24);
            // Five own a technology that is not released; through it they are better at every second technique.
            let better = |(number, scores): (usize, &Vec<u8>)| -> Vec<u8> {
                let of = |(technique, score): (usize, &u8)| {
                    if number < 5 && technique % 2 == 0 { (*score).max(90) } else { *score }
                };
                scores.iter().enumerate().map(of).collect()
            };
            let mut community = Community::of(members.iter().enumerate().map(better).collect());
            community.through = Some(members.clone());
            let (any, windows) =
                rows_through(&Chain::new(seed).try_publish(&community, &parameters).unwrap());
            for technique in 0..TECHNIQUES {
                let same = any[technique] == windows[technique];
                equal += usize::from(same);
                arms[technique % 2].push(f64::from(u8::from(same)));
            }
        }
        (auc(&arms[0], &arms[1]), equal)
    };
    let (with, _) = equal(&[]);
    let (without, same) = equal(&SECOND);
    assert!(with <= 0.52, "{with}");
    assert!(without >= 0.6, "{without}");
    report(
        36,
        "five of 24 own a technology that is not released, and are better through it at every second technique; the rows of \
         `any` and of another technology are compared: is it one of these techniques? Five communities",
        "R35",
        &format!("AUC {with:.2}: the rows are equal everywhere"),
        &format!("AUC {without:.2}; {same} of 200 pairs of rows are equal"),
    );
}

#[test]
fn nothing_appears_or_goes_because_of_one() {
    let members = Fixture::new(38).members(60);
    // So many assess the techniques; everybody is a member.
    let of = |assess: usize| {
        let scores = members
            .iter()
            .enumerate()
            .map(|(number, scores)| if number < assess { scores.clone() } else { Vec::new() });
        Community::of(scores.collect())
    };
    let published = |sizes: &[usize], off: &[Rule]| {
        let mut chain = Chain::new(38);
        let publish = |size: &usize| rows(&mut chain, &of(*size), &without(off));
        sizes.iter().map(publish).collect::<Vec<_>>()
    };
    // n = k; one leaves and comes back; then more and more leave.
    let tables = published(&[20, 19, 20, 18, 15, 11, 10, 11, 19, 20], &[]);
    let shown = |rows: &Vec<Option<Row>>| rows.iter().flatten().count();
    assert!(tables[..6].iter().all(|rows| *rows == tables[0]), "fewer than ten left");
    assert_eq!(
        tables[6..].iter().map(shown).collect::<Vec<_>>(),
        [0, 0, 0, TECHNIQUES],
        "ten left, and ten came back"
    );
    // One too few; one comes, nine come, ten.
    let tables = published(&[19, 20, 28, 29], &[]);
    assert_eq!(tables.iter().map(shown).collect::<Vec<_>>(), [0, 0, 0, TECHNIQUES]);
    // All members are nearly the ones who assess: the difference to the cohort is d, and one buys.
    let tables = published(&[20, 19], &SECOND);
    assert_eq!(tables.iter().map(shown).collect::<Vec<_>>(), [TECHNIQUES, 0]);
    report(
        38,
        "20 of 60 assess the techniques; one stops and comes back, more and more stop until nine have, then ten, and they come \
         back; 19 assess them, then 20, 28 and 29",
        "R34",
        "nothing goes before ten stopped, and nothing appears before ten came",
        "one who stops makes everything go",
    );
}

/// Both bases' rows of `all`, the victim missing in the second; all of its scores are this one.
fn bases(score: u8, seed: u64, missing: usize, off: &[Rule]) -> [Vec<Option<Row>>; 2] {
    let mut fixture = Fixture::new(3900 + seed);
    let mut members = fixture.members(24);
    members.push(vec![score; TECHNIQUES]);
    let deployed = Community::of(members);
    let mut validated = deployed.clone();
    validated.members.drain(25 - missing..);
    validated.scores.drain(25 - missing..);
    validated.scales.drain(25 - missing..);
    let inputs = [(Basis::Deployed, &deployed), (Basis::Validated, &validated)];
    let publication = Chain::new(seed).try_publish_bases(&inputs, &without(off)).unwrap();
    [Basis::Deployed, Basis::Validated].map(|basis| {
        let table =
            publication.tables.iter().find(|table| table.basis == basis && table.cohort == Cohort::All);
        table.map(super::pure::rows_of).unwrap_or_else(|| vec![None; TECHNIQUES])
    })
}

#[test]
fn one_who_is_missing_in_a_basis_is_not_read() {
    let shown = |rows: &[Option<Row>]| rows.iter().flatten().count();
    let [deployed, validated] = bases(80, 0, 1, &[]);
    assert_eq!((shown(&deployed), shown(&validated)), (TECHNIQUES, 0));
    let [_, same] = bases(80, 0, 0, &[]);
    assert_eq!(shown(&same), TECHNIQUES, "the same in both");
    // The sums of the differences tell low from high.
    let sum = |score: u8| -> Vec<f64> {
        let of = |seed| {
            let [deployed, validated] = bases(score, seed, 1, &SECOND);
            let sum = |rows: &[Option<Row>]| -> i32 {
                rows.iter().flatten().map(|row| super::pure::quartiles(&row.shown).iter().sum::<i32>()).sum()
            };
            f64::from(sum(&deployed) - sum(&validated))
        };
        (0..4).map(of).collect()
    };
    let without = auc(&sum(0), &sum(80));
    assert!(without >= 0.9, "{without}");
    report(
        39,
        "one of 25 members is missing in the second basis, with all 0 or all 80: which is it, by the sums of the rows of both?",
        "R35",
        "the second basis shows no row that the first shows",
        &format!("AUC {without:.2}"),
    );
}

#[test]
fn one_writer_is_one_change() {
    let mut fixture = Fixture::new(40);
    let members = fixture.members(30);
    let world = |score: Option<u8>, written: bool| {
        let mut community = Community::of(members.clone());
        for member in 0..10 {
            if let Some(score) = score {
                community.scores[member] = vec![score; TECHNIQUES];
            }
            if written {
                community.members[member].writers = vec!["writer".to_owned()];
            }
        }
        community
    };
    let published = |written, off: &[Rule]| {
        let mut chain = Chain::new(40);
        let scores = [None, Some(100), Some(0), Some(100)];
        scores.map(|score| rows(&mut chain, &world(score, written), &without(off)))
    };
    let tables = published(true, &[]);
    assert!(tables.iter().all(|rows| *rows == tables[0]));
    let free = published(false, &[]);
    let moved = differ(&free[0], &free[1]);
    assert!(moved > TECHNIQUES / 2, "{moved}");
    report(
        40,
        "ten members whose snapshots one declared writer uploads move between 100 and 0 beside 20 others",
        "R32",
        "no row ever changes; `readiness` names the writer",
        &format!("undeclared, they are ten changes: {moved} of {TECHNIQUES} rows change"),
    );
}

#[test]
fn tightening_tells_nothing() {
    let members = Fixture::new(42).members(110);
    let mut changed = members.clone();
    // Ten cells of one member, by what is shown as another value.
    (0..10).for_each(|technique| changed[3][technique] = (changed[3][technique] + 7) % 101);
    let default = default();
    let tighter: Vec<Parameters> = vec![
        Parameters { round_step: 10, ..default.clone() },
        Parameters { code_low: 25, ..default.clone() },
        Parameters { code_high: 70, ..default.clone() },
        Parameters { tails_min_n: 200, ..default.clone() },
        Parameters { jitter_below_500: 4, ..default.clone() },
        Parameters { tail_min: 8, ..default.clone() },
        Parameters { max_cg_share: 10, ..default.clone() },
        Parameters { k: 40, d: 20, m: 10, ..default.clone() },
    ];
    let after = |next: &[Vec<u8>], parameters: &Parameters| {
        let mut chain = Chain::new(42);
        let before = rows(&mut chain, &Community::of(members.clone()), &default);
        (before, rows(&mut chain, &Community::of(next.to_vec()), parameters))
    };
    let mut recoded = 0;
    for parameters in &tighter {
        let (before, without) = after(&members, parameters);
        let (_, with) = after(&changed, parameters);
        assert_eq!(with, without, "{parameters:?}");
        recoded += usize::from(before != without);
    }
    assert_eq!(recoded, 4, "step, both ends and the tails");
    report(
        42,
        "ten cells of one member change, and a parameter is tightened at the same release: each of step, ends, tails, jitter, \
         ranks, share, k, d and m",
        "R28, R32",
        "the rows are those without the change; step, ends and tails code every published number again",
        "the earlier rules withheld each cell that changed",
    );
}

#[test]
fn presets_hold_their_promise_to_one() {
    // One member changes everything: no preset shows it.
    for preset in Preset::ALL {
        let members = Fixture::new(1).members(60);
        let parameters = parameters(preset, &[]);
        let mut chain = Chain::new(1);
        let before = rows(&mut chain, &Community::of(members.clone()), &parameters);
        let mut changed = members;
        changed[0].iter_mut().for_each(|score| *score = (*score + 50) % 101);
        assert_eq!(rows(&mut chain, &Community::of(changed), &parameters), before, "{preset}");
    }
}
