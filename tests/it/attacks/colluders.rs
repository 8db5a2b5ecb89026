//! A32 to A34: colluders, which are separate verified members whose values one hand chooses, against the moment at which a
//! number changes. A trap: they change nearly enough and wait. A restoration: they go back to where they were. Averaging:
//! they move again and again, so that jitter is drawn anew. On the pure function: each needs hundreds of releases.

use peerbench::domain::{
    cohort::Cohort,
    dimension::Dimension,
    release::{Parameters, Preset, Row, Rule},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{
    fixture::{Fixture, TECHNIQUES},
    pure::{Chain, Community, auc, coded, quartiles, rows_in},
    report::report,
};

/// The rules of the second edition, without which a release follows the first.
pub const SECOND: [Rule; 5] = [Rule::R31, Rule::R32, Rule::R33, Rule::R34, Rule::R35];

/// The same without R31.
const ALL_BUT_HYSTERESIS: [Rule; 4] = [Rule::R32, Rule::R33, Rule::R34, Rule::R35];

/// What colluders move between.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Moves {
    /// From all 100 to all 85, which leaves the lower ranks alone.
    OneSided,
    /// From what members have to what members have.
    Realistic,
    /// From all 100 to all 0.
    Pivoting,
}

impl Moves {
    fn ends(self, fixture: &mut Fixture) -> [Vec<u8>; 2] {
        match self {
            Self::OneSided => [vec![100; TECHNIQUES], vec![85; TECHNIQUES]],
            Self::Realistic => [fixture.member(), fixture.member()],
            Self::Pivoting => [vec![100; TECHNIQUES], vec![0; TECHNIQUES]],
        }
    }
}

/// An attack by colluders on one member that changes its cells.
struct Attack<'a> {
    others: usize,
    colluders: usize,
    moves: Moves,
    preset: Preset,
    off: &'a [Rule],
    /// All members have coded scores, so that only changes of codes are changes, whatever the rules.
    coded: bool,
    /// They go back to where they were, as the member changes.
    restore: bool,
}

/// What came of it.
#[derive(Default)]
struct Told {
    changed: usize,
    told: usize,
    alarms: usize,
}

impl Told {
    /// Of the changed cells, those whose row tells.
    fn share(&self) -> f64 {
        self.told as f64 / self.changed as f64
    }

    /// Of the same cells, those whose row would tell although nobody changed them.
    fn false_alarms(&self) -> f64 {
        self.alarms as f64 / self.changed as f64
    }
}

pub fn parameters(preset: Preset, off: &[Rule]) -> Parameters {
    Parameters { off: off.to_vec(), ..Parameters::preset(preset) }
}

impl Attack<'_> {
    fn in_worlds(&self, worlds: u64) -> Told {
        let parameters = parameters(self.preset, self.off);
        let mut all = Told::default();
        for seed in 0..worlds {
            let mut fixture = Fixture::new(3200 + seed);
            let others = fixture.members(self.others);
            let ends: Vec<[Vec<u8>; 2]> =
                (0..self.colluders).map(|_| self.moves.ends(&mut fixture)).collect();
            let world = |end: usize, victim: &[u8]| {
                let honest = std::iter::once(victim.to_vec()).chain(others[1..].iter().cloned());
                let scores = honest.chain(ends.iter().map(|ends| ends[end].clone()));
                Community::of(scores.map(|scores| as_counted(scores, self.coded)).collect())
            };
            let mut chain = Chain::new(seed);
            let publish = |chain: &mut Chain, end: usize, victim: &[u8]| {
                rows_in(&chain.try_publish(&world(end, victim), &parameters).unwrap(), &Cohort::All)
            };
            let first = publish(&mut chain, 0, &others[0]);
            let second = publish(&mut chain, 1, &others[0]);
            let next: Vec<u8> = match self.moves {
                Moves::Realistic => fixture.member(),
                _ => others[0].iter().map(|score| (score + 50) % 101).collect(),
            };
            let (end, before) = if self.restore { (0, first) } else { (1, second) };
            let control = publish(&mut chain.clone(), end, &others[0]);
            let changed = publish(&mut chain, end, &next);
            for technique in 0..TECHNIQUES {
                if coded(others[0][technique]) == coded(next[technique]) {
                    continue;
                }
                // Who goes back looks at the numbers: that a row was another one in between is no news.
                let differs = |rows: &[Option<Row>]| match self.restore {
                    true => rows[technique].map(|row| row.shown) != before[technique].map(|row| row.shown),
                    false => rows[technique] != before[technique],
                };
                all.changed += 1;
                all.told += usize::from(differs(&changed));
                all.alarms += usize::from(differs(&control));
            }
        }
        all
    }
}

fn as_counted(scores: Vec<u8>, only_codes: bool) -> Vec<u8> {
    if only_codes { scores.into_iter().map(coded).collect() } else { scores }
}

/// Of the cells that one member changed, the share that a pivoting trap tells.
pub fn trap(m: usize, preset: Preset, (off, coded): (&[Rule], bool)) -> f64 {
    let colluders = m - 1;
    Attack { others: 20, colluders, moves: Moves::Pivoting, preset, off, coded, restore: false }
        .in_worlds(12)
        .share()
}

/// The same of going back, more than without the change.
pub fn restoration(m: usize, preset: Preset, (off, coded): (&[Rule], bool)) -> f64 {
    let moves = Moves::Pivoting;
    let told = Attack { others: 20, colluders: m, moves, preset, off, coded, restore: true }.in_worlds(12);
    told.share() - told.false_alarms()
}

/// How well a joining member's low scores are told from high ones, by colluders who move within a code, and who sweep.
pub fn averaging(m: usize, preset: Preset, (off, coded): (&[Rule], bool)) -> [f64; 2] {
    let parameters = parameters(preset, off);
    let score = [within_a_code as Score, sweeping];
    score.map(|score| averaged((20, m), (score, coded), &["all"], (&parameters, 1), 6)[0])
}

/// Cohorts that one member may be in, each with a cell of the same technique.
pub const FOUR: [&str; 4] = ["all", "sector:finance", "size:small", "region:europe"];

/// Of the techniques whose cells one member changed, the shares that a pivoting trap tells by any of four cohorts: as it is,
/// with one draw for all cells of a technique, and as it would be with a draw for each cell. For the latter, four techniques
/// that everybody covers alike stand for the four cells, because each technique has a draw of its own.
pub fn trap_in_four_cohorts(m: usize, preset: Preset) -> [f64; 2] {
    let (others, colluders, parameters) = (100, m - 1, parameters(preset, &[]));
    let cohorts = FOUR.map(|cohort| cohort.parse::<Cohort>().unwrap());
    let (mut changed, mut told) = (0_usize, [0_usize; 2]);
    for seed in 0..12 {
        let mut fixture = Fixture::new(3300 + seed);
        let alike = |scores: Vec<u8>| (0..TECHNIQUES).map(|at| scores[at / 4 * 4]).collect::<Vec<u8>>();
        let honest: Vec<Vec<u8>> = fixture.members(others).into_iter().map(alike).collect();
        let next: Vec<u8> = honest[0].iter().map(|score| (score + 50) % 101).collect();
        let mut chain = Chain::new(seed);
        let mut publish = |hand: u8, victim: &[u8]| {
            let scores = std::iter::repeat_n(vec![hand; TECHNIQUES], colluders)
                .chain([victim.to_vec()])
                .chain(honest[1..].iter().cloned());
            let mut community = Community::of(scores.collect());
            share_cohorts(&mut community, |number| number <= colluders);
            let publication = chain.try_publish(&community, &parameters).unwrap();
            cohorts.clone().map(|cohort| rows_in(&publication, &cohort))
        };
        publish(100, &honest[0]);
        let (before, after) = (publish(0, &honest[0]), publish(0, &next));
        for technique in (0..TECHNIQUES).step_by(4) {
            if coded(honest[0][technique]) == coded(next[technique]) {
                continue;
            }
            let differs =
                |cohort: usize, technique: usize| before[cohort][technique] != after[cohort][technique];
            changed += 1;
            told[0] += usize::from((0..4).any(|cohort| differs(cohort, technique)));
            told[1] += usize::from((0..4).any(|cohort| differs(cohort, technique + cohort)));
        }
    }
    told.map(|told| told as f64 / changed as f64)
}

/// Spreads members over cohorts; the chosen ones are in the same.
fn share_cohorts(community: &mut Community, chosen: impl Fn(usize) -> bool) {
    for (number, member) in community.members.iter_mut().enumerate() {
        let place = if chosen(number) { 0 } else { number };
        let pick = |shift: usize, names: [&str; 2]| names[place >> shift & 1].to_owned();
        member.dimensions.set(Dimension::SECTOR, pick(0, ["finance", "retail"]));
        member.dimensions.set(Dimension::SIZE, pick(1, ["small", "large"]));
        member.dimensions.set(Dimension::REGION, pick(2, ["europe", "africa"]));
    }
}

const SIZES: [usize; 3] = [20, 40, 100];

#[test]
fn a_trap_tells_of_one_technique_in_m_plus_one() {
    let mut said = Vec::new();
    let mut without = Vec::new();
    for (preset, m) in [(Preset::Default, 5_usize), (Preset::SmallCommunity, 3)] {
        let attack = |moves, others, off| Attack {
            others,
            colluders: m - 1,
            moves,
            preset,
            off,
            coded: false,
            restore: false,
        };
        let chance = 1.0 / (m + 1) as f64;
        for (moves, limit, worlds) in
            [(Moves::OneSided, 0.05, 2), (Moves::Realistic, 0.05, 2), (Moves::Pivoting, chance + 0.03, 6)]
        {
            let told: Vec<Told> = SIZES.map(|others| attack(moves, others, &[]).in_worlds(worlds)).into();
            for (told, others) in told.iter().zip(SIZES) {
                assert!(told.false_alarms() <= 0.05, "{others}: {}", told.false_alarms());
                println!("A32 {preset} {others} {:.3}", told.share());
            }
            let changed: usize = told.iter().map(|told| told.changed).sum();
            let all = told.iter().map(|told| told.told).sum::<usize>() as f64 / changed as f64;
            assert!(all <= limit, "{preset}: {all}");
            said.push(format!("{all:.2}"));
        }
        let first = attack(Moves::Pivoting, 20, &SECOND).in_worlds(3).share();
        let drawn = attack(Moves::Pivoting, 20, &ALL_BUT_HYSTERESIS).in_worlds(3).share();
        assert!(
            first >= 0.8 && drawn >= if preset == Preset::Default { 0.7 } else { 0.4 },
            "{first} {drawn}"
        );
        without.push(format!("{first:.2} pivoting under the earlier rules, {drawn:.2} with R31 alone"));
    }
    let [a, b, c, d, e, f] = said.as_slice() else { panic!() };
    report(
        32,
        "m-1 colluders beside 20, 40 and 100 others change every cell and wait; one member changes cells; which of these \
         show? On the pure function",
        "R32, R31",
        &format!(
            "by default {a} of the changed cells one-sided (100 to 85), {b} realistic, {c} pivoting (100 to 0); {d}, {e}, \
             {f} in `small-community`; no false alarm"
        ),
        &format!("at 20: {}", without.join("; in `small-community` ")),
    );
}

#[test]
fn going_back_proves_little() {
    let (m, preset) = (5_usize, Preset::Default);
    let told = |moves, others, colluders, off, worlds| {
        let told =
            Attack { others, colluders, moves, preset, off, coded: false, restore: true }.in_worlds(worlds);
        println!("A33 {others}+{colluders}: {:.3} {:.3}", told.share(), told.false_alarms());
        told.share() - told.false_alarms()
    };
    let mean = |moves, colluders, worlds| {
        [20, 40].map(|others| told(moves, others, colluders, &[], worlds)).iter().sum::<f64>() / 2.0
    };
    let one_sided = mean(Moves::OneSided, m, 4);
    let pivoting = mean(Moves::Pivoting, m, 8);
    let many = mean(Moves::Pivoting, 2 * m, 3);
    let first = told(Moves::Pivoting, 20, m, &SECOND, 3);
    assert!(one_sided <= 0.05, "{one_sided}");
    assert!(pivoting <= 1.0 / (m + 1) as f64 + 0.03, "{pivoting}");
    assert!(first >= 0.8, "{first}");
    report(
        33,
        "m colluders beside 20 and 40 others change every cell, and go back to where they were as one member changes: which \
         of its cells differ from what they were, more than without the change? On the pure function",
        "R14, R31, R32",
        &format!("{one_sided:.2} one-sided, {pivoting:.2} pivoting; {many:.2} for 2m colluders pivoting"),
        &format!("{first:.2} pivoting under the earlier rules, beside 20"),
    );
}

/// How often colluders move before the victim joins, and afterwards.
const ROUNDS: usize = 12;

/// A colluder's score, by round and by which one of how many it is.
type Score = fn(usize, usize, usize) -> u8;

/// Moves that are shown as the same, to another list each time.
fn within_a_code(round: usize, which: usize, _: usize) -> u8 {
    88 + (round * (which + 1) % 13) as u8
}

fn on_one_side(round: usize, _: usize, _: usize) -> u8 {
    [100, 85, 80, 75][round % 4]
}

/// None at 100, then one more each round, and back.
fn sweeping(round: usize, which: usize, of: usize) -> u8 {
    let at_the_top = round % (2 * of);
    if which < at_the_top.min(2 * of - at_the_top) { 100 } else { 0 }
}

/// A victim, with low scores or with high ones, joins others while colluders move and so many percent of the others' cells
/// change each round. Returns how well the two are told apart by all tables, and by one before and one after.
fn averaged(
    (others, colluders): (usize, usize),
    (score, only_codes): (Score, bool),
    cohorts: &[&str],
    (parameters, background): (&Parameters, u32),
    worlds: u64,
) -> [f64; 2] {
    let cohorts: Vec<Cohort> = cohorts.iter().map(|cohort| cohort.parse().unwrap()).collect();
    let mut arms = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
    for seed in 0..2 * worlds {
        let arm = (seed % 2) as usize;
        let mut fixture = Fixture::new(3400 + seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let mut honest = fixture.members(others);
        let victim = fixture.member_where(|score| if arm == 0 { score <= 10 } else { score >= 40 });
        let mut chain = Chain::new(seed);
        let mut tables = Vec::new();
        for round in 0..2 * ROUNDS {
            for member in &mut honest {
                let fresh = fixture.member();
                for (score, fresh) in member.iter_mut().zip(fresh) {
                    if rng.random_range(0..100) < background {
                        *score = fresh;
                    }
                }
            }
            let hand = (0..colluders).map(|which| vec![score(round, which, colluders); TECHNIQUES]);
            let late = std::iter::once(victim.clone()).filter(|_| round >= ROUNDS);
            let scores = hand.chain(honest.iter().cloned()).chain(late);
            let mut community = Community::of(scores.map(|scores| as_counted(scores, only_codes)).collect());
            // The victim is in the same cohorts as the colluders.
            share_cohorts(&mut community, |number| number < colluders || number == colluders + others);
            let publication = chain.try_publish(&community, parameters).unwrap();
            tables.push(cohorts.iter().map(|cohort| rows_in(&publication, cohort)).collect::<Vec<_>>());
        }
        for technique in 0..TECHNIQUES {
            let sum = |tables: &[Vec<Vec<Option<Row>>>]| -> f64 {
                let rows = tables.iter().flatten().filter_map(|rows| rows[technique]);
                rows.map(|row| f64::from(quartiles(&row.shown).iter().sum::<i32>())).sum()
            };
            let (before, after) = tables.split_at(ROUNDS);
            arms[0][arm].push(sum(after) - sum(before));
            arms[1][arm].push(sum(&after[ROUNDS - 1..]) - sum(&before[ROUNDS - 1..]));
        }
    }
    arms.map(|arm: [Vec<f64>; 2]| auc(&arm[0], &arm[1]))
}

#[test]
fn moving_again_and_again_averages_little() {
    const ONE: [&str; 1] = ["all"];
    let m = 5;
    let (second, first) = (parameters(Preset::Default, &[]), parameters(Preset::Default, &SECOND));
    let [toggling, single] = averaged((20, m), (on_one_side, false), &ONE, (&second, 1), 4);
    let [pivoting, _] = averaged((20, m), (sweeping, false), &ONE, (&second, 1), 4);
    let [many, _] = averaged((20, 2 * m), (sweeping, false), &ONE, (&second, 1), 3);
    let [four, single_of_four] = averaged((45, m), (on_one_side, false), &FOUR, (&second, 1), 2);
    let [four_pivoting, _] = averaged((45, m), (sweeping, false), &FOUR, (&second, 1), 2);
    let [first, first_single] = averaged((20, m), (within_a_code, false), &ONE, (&first, 0), 4);
    let [still, _] = averaged((20, m), (within_a_code, false), &ONE, (&second, 0), 2);
    println!(
        "A34: toggling {toggling:.3} ({single:.3} single), pivoting {pivoting:.3}, 2m {many:.3}; four cohorts {four:.3} \
         ({single_of_four:.3}), pivoting {four_pivoting:.3}; first edition {first:.3} ({first_single:.3}), second {still:.3}"
    );
    assert!(toggling <= single + 0.05, "{toggling} {single}");
    assert!(four <= single_of_four + 0.05, "{four} {single_of_four}");
    assert!(pivoting <= 0.80 && four_pivoting <= 0.80, "{pivoting} {four_pivoting}");
    assert!(first >= still + 0.1, "{first} {still}");
    report(
        34,
        "a victim with low or with high scores joins 20 others and m colluders who move 12 times before and 12 times after, \
         while one in a hundred cells of the others changes each time; which was it? In `all`, and in four cohorts of 45 at \
         once. On the pure function",
        "R31, R14, R32",
        &format!(
            "AUC {toggling:.2} moving on one side ({single:.2} from one table before and one after), {four:.2} in four \
             cohorts ({single_of_four:.2}); {pivoting:.2} sweeping from 0 to 100, {four_pivoting:.2} in four cohorts; \
             {many:.2} for 2m colluders"
        ),
        &format!(
            "{first:.2} moving between 88 and 100 while nobody else changes, under the earlier rules (0.94 was expected of it); \
             {still:.2} under the present rules"
        ),
    );
}
