//! A14: the outermost members of a cell, read off its quantiles. On the pure function, where ranks can be told: all
//! values of a cell are different, and rounding is off.

use peerbench::domain::release::{Parameters, Rule, Shown};
use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};

use super::{
    fixture::TECHNIQUES,
    pure::{Chain, Community, without},
    report::report,
};

/// Members whose values of each technique are spread over 0 to 100 without a tie, in an order of the technique's own.
fn spread(members: usize, seed: u64) -> Community {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut scores = vec![vec![0; TECHNIQUES]; members];
    for technique in 0..TECHNIQUES {
        let mut values: Vec<usize> = (0..members).map(|rank| rank * 100 / (members - 1)).collect();
        values.shuffle(&mut rng);
        scores.iter_mut().zip(values).for_each(|(scores, value)| scores[technique] = value as u8);
    }
    Community::of(scores)
}

/// By percentile, the ranks that quantiles were taken at, from 1 to the number of members.
fn ranks(community: &Community, seed: u64, parameters: &Parameters) -> Vec<(usize, usize)> {
    let shown = Chain::new(seed).publish(community, parameters);
    let mut ranks = Vec::new();
    for (technique, shown) in shown.iter().enumerate() {
        let Shown::Quantiles(q) = shown else { panic!("{shown:?}") };
        let mut values: Vec<u8> = community.scores.iter().map(|scores| scores[technique]).collect();
        values.sort_unstable();
        for (percentile, quantile) in [(10, q.p10), (25, q.p25), (50, Some(q.p50)), (75, q.p75), (90, q.p90)]
        {
            let rank = |value| values.iter().position(|other| *other == value).unwrap() + 1;
            ranks.extend(quantile.map(|quantile| (percentile, rank(quantile.value))));
        }
    }
    ranks
}

#[test]
fn the_two_outermost_are_never_shown() {
    let off = without(&[Rule::R15, Rule::R16]);
    let mut read = 0;
    for members in [20, 21, 33, 60, 100] {
        for seed in 0..10 {
            let jitter = if members < 100 { 2 } else { 1 };
            for (percentile, rank) in ranks(&spread(members, seed), seed, &off) {
                assert!((3..=members - 2).contains(&rank), "{members}: p{percentile} at rank {rank}");
                let exact = (percentile * members).div_ceil(100);
                assert!(rank.abs_diff(exact) <= jitter, "{members}: p{percentile} at rank {rank}");
                read += 1;
            }
        }
    }
    // The lowest two may be anything below, the highest two anything above. Jitter, which the list decides, is off.
    let still = without(&[Rule::R14, Rule::R15, Rule::R16]);
    let community = spread(20, 1);
    let mut moved = community.clone();
    for technique in 0..TECHNIQUES {
        let mut order: Vec<usize> = (0..20).collect();
        order.sort_by_key(|member| community.scores[*member][technique]);
        order[..2].iter().for_each(|member| moved.scores[*member][technique] = 0);
        order[18..].iter().for_each(|member| moved.scores[*member][technique] = 100);
    }
    assert_eq!(Chain::new(1).publish(&moved, &still), Chain::new(1).publish(&community, &still));
    // Without protected ranks and with more jitter than is allowed, they are read.
    let loose = Parameters { tail_min: 1, jitter_below_100: 10, ..off };
    let ends =
        ranks(&spread(20, 1), 1, &loose).into_iter().filter(|(_, rank)| !(3..=18).contains(rank)).count();
    assert!(ends > 0);
    report(
        14,
        "quantiles of cells of 20 to 100 members with different values, 40 cells and ten seeds each, on the pure \
         function: at which rank were they taken? And the lowest two go to 0, the highest two to 100",
        "R14",
        &format!(
            "none of {read} quantiles is at one of the two outermost ranks at either end; nothing changes"
        ),
        &format!("with `tail_min` 1 and a jitter of 10 ranks {ends} of 120 are"),
    );
}
