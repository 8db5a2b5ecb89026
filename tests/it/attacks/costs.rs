//! What the rules of the second edition reach and what they cost, each alone and all together: longer statistics than a test
//! run may take. `cargo test --test it costs -- --ignored` writes the table into `docs/privacy-tests.md`.

use std::{fmt::Write as _, fs};

use peerbench::domain::{
    cohort::Cohort,
    comparison::word,
    release::{Parameters, Preset, Row, Rule},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{
    colluders::{SECOND, averaging, restoration, trap, trap_in_four_cohorts},
    fixture::{Fixture, TECHNIQUES},
    pure::{Chain, Community, coded, quartiles, rows_in, rows_through},
    report::{COSTS, path},
};

const SIZES: [usize; 5] = [20, 34, 50, 100, 400];
/// Releases after the first; in each every cell changes with this chance.
const MONTHS: usize = 8;
const MONTHLY: f64 = 0.02;

/// What a community loses.
#[derive(Default)]
struct Cost {
    error: f64,
    quartiles: usize,
    words: usize,
    cells: usize,
    refreshed: usize,
}

/// Compares what is shown after some months with what the values of then would show exactly.
fn cost(members: usize, preset: Preset, (off, only_codes): (&[Rule], bool), worlds: u64) -> Cost {
    let parameters = Parameters { off: off.to_vec(), ..Parameters::preset(preset) };
    let exact = Parameters { off: vec![Rule::R14, Rule::R17, Rule::R31], ..Parameters::preset(preset) };
    let mut cost = Cost::default();
    for seed in 0..worlds {
        let mut fixture = Fixture::new(6000 + seed);
        let mut rng = StdRng::seed_from_u64(seed);
        let mut scores = fixture.members(members);
        let mut chain = Chain::new(seed);
        let mut before: Option<Vec<Option<Row>>> = None;
        for month in 0..=MONTHS {
            let code = |score: u8| if only_codes { coded(score) } else { score };
            let counted = |scores: &Vec<u8>| scores.iter().copied().map(code).collect();
            let community = Community::of(scores.iter().map(counted).collect());
            let rows = rows_in(&chain.try_publish(&community, &parameters).unwrap(), &Cohort::All);
            if let Some(before) = before.replace(rows.clone()) {
                cost.refreshed += before.iter().zip(&rows).filter(|(a, b)| a != b).count();
            }
            if month == MONTHS {
                let now = rows_in(&Chain::new(seed).try_publish(&community, &exact).unwrap(), &Cohort::All);
                for (row, now) in rows.iter().zip(&now) {
                    let (Some(row), Some(now)) = (row, now) else { continue };
                    let off = quartiles(&row.shown).into_iter().zip(quartiles(&now.shown));
                    cost.error += off.map(|(a, b)| f64::from((a - b).abs())).sum::<f64>();
                    cost.quartiles += 3;
                    cost.words += usize::from(word(&row.shown) != word(&now.shown));
                    cost.cells += 1;
                }
            }
            for member in &mut scores {
                let fresh = fixture.member();
                for (score, fresh) in member.iter_mut().zip(fresh) {
                    if rng.random_bool(MONTHLY) {
                        *score = fresh;
                    }
                }
            }
        }
    }
    cost
}

/// The share of rows through a technology that are shown from `any` instead (R35), where five of 34 members are better through
/// another one at every second technique.
fn from_any(preset: Preset, off: &[Rule], worlds: u64) -> f64 {
    let parameters = |off: Vec<Rule>| Parameters { off, ..Parameters::preset(preset) };
    let alone = [off, &[Rule::R35]].concat();
    let (mut replaced, mut all) = (0, 0);
    for seed in 0..worlds {
        let members = Fixture::new(6500 + seed).members(34);
        let better = |(number, scores): (usize, &Vec<u8>)| -> Vec<u8> {
            let of = |(technique, score): (usize, &u8)| {
                if number < 5 && technique % 2 == 0 { (*score).max(90) } else { *score }
            };
            scores.iter().enumerate().map(of).collect()
        };
        let mut community = Community::of(members.iter().enumerate().map(better).collect());
        community.through = Some(members.clone());
        let rows = |parameters: Parameters| {
            rows_through(&Chain::new(seed).try_publish(&community, &parameters).unwrap()).1
        };
        let (with, without) = (rows(parameters(off.to_vec())), rows(parameters(alone.clone())));
        all += without.iter().flatten().count();
        replaced += with.iter().zip(&without).filter(|(with, without)| with != without).count();
    }
    replaced as f64 / all.max(1) as f64
}

/// The share of rows whose band is another one than at the release before, while six members come and go around its end.
fn swings(preset: Preset, off: &[Rule], worlds: u64) -> f64 {
    let parameters = Parameters { off: off.to_vec(), ..Parameters::preset(preset) };
    let (mut swung, mut all) = (0_usize, 0_usize);
    for seed in 0..worlds {
        let members = Fixture::new(6600 + seed).members(33);
        let mut chain = Chain::new(seed);
        let mut before: Option<Vec<Option<Row>>> = None;
        for size in [33, 27].into_iter().cycle().take(MONTHS + 1) {
            let community = Community::of(members[..size].to_vec());
            let rows = rows_in(&chain.try_publish(&community, &parameters).unwrap(), &Cohort::All);
            for (then, now) in before.replace(rows.clone()).iter().flatten().zip(&rows) {
                if let (Some(then), Some(now)) = (then, now) {
                    all += 1;
                    swung += usize::from(then.members != now.members);
                }
            }
        }
    }
    swung as f64 / all.max(1) as f64
}

fn without(rules: &[Rule]) -> Vec<Rule> {
    SECOND.into_iter().filter(|rule| !rules.contains(rule)).collect()
}

#[test]
#[ignore = "takes minutes: writes a part of docs/privacy-tests.md"]
fn what_the_rules_reach_and_cost() {
    // Where everybody has coded scores, R32's count of changes holds without its draw.
    let variants: [(&str, Vec<Rule>, bool); 9] = [
        ("earlier rules", without(&[]), false),
        ("R31 alone", without(&[Rule::R31]), false),
        ("coded changes of R32 alone", without(&[]), true),
        ("R31 and coded changes", without(&[Rule::R31]), true),
        ("R32 alone", without(&[Rule::R32]), false),
        ("R31 and R32", without(&[Rule::R31, Rule::R32]), false),
        ("R34 alone", without(&[Rule::R34]), false),
        ("R35 alone", without(&[Rule::R35]), false),
        ("all", Vec::new(), false),
    ];
    let mut text = COSTS.to_owned();
    writeln!(
        text,
        "\nWritten by `cargo test --test it costs -- --ignored`.\n\n\
         - *Trap*, *restoration*: of the cells that one member changed, the share that m-1 and m pivoting colluders tell beside\n  \
         20 others.\n\
         - *Averaging*, *sweeping*: AUC of low against high scores of a member that joins 20, for m colluders who move within a\n  \
         code, and who sweep from 0 to 100.\n\
         - *Error*: points by which a published quartile is off what the values of then give without jitter, {MONTHS} releases after\n  \
         the first, of cells of which {:.0}% change each month. *Words*: the share of words that differ from it. *Change*: the share\n  \
         of rows that change from one release to the next.\n\
         - *Swings*: the share of rows whose band changes from one release to the next, while six of 33 members come and go.\n\
         - *From `any`*: the share of rows through a technology that show the row of `any`, at 34 members; five of them differ at\n  \
         every second technique. If they were withheld instead, that share would be missing.\n\
         - *Coded changes of R32 alone*: everybody has coded scores, so that a change is a change of a code, and nothing is drawn.\n",
        MONTHLY * 100.0
    )
    .unwrap();
    for (preset, m) in [(Preset::Default, 5), (Preset::SmallCommunity, 3)] {
        writeln!(text, "### `{preset}`\n").unwrap();
        let sizes = SIZES.map(|size| format!("error at {size}")).join(" | ");
        writeln!(
            text,
            "| rules | trap | restoration | averaging | sweeping | {sizes} | words at 34 | change at 34 | swings | from `any` |\n\
             |---|---|---|---|---|{}---|---|---|---|",
            "---|".repeat(SIZES.len())
        )
        .unwrap();
        for (name, off, only_codes) in &variants {
            let of = (off.as_slice(), *only_codes);
            let told = [trap(m, preset, of), restoration(m, preset, of)];
            let averaged = averaging(m, preset, of);
            write!(
                text,
                "| {name} | {:.2} | {:.2} | {:.2} | {:.2} ",
                told[0], told[1], averaged[0], averaged[1]
            )
            .unwrap();
            let mut of_34 = String::new();
            for size in SIZES {
                let worlds = if size >= 100 { 3 } else { 8 };
                let cost = cost(size, preset, of, worlds);
                write!(text, "| {:.1} ", cost.error / cost.quartiles.max(1) as f64).unwrap();
                if size == 34 {
                    let rows = worlds as usize * MONTHS * TECHNIQUES;
                    of_34 = format!(
                        "| {:.2} | {:.3} |",
                        cost.words as f64 / cost.cells.max(1) as f64,
                        cost.refreshed as f64 / rows as f64
                    );
                }
            }
            let (swings, from_any) = (swings(preset, off, 8), from_any(preset, off, 8));
            writeln!(text, "{of_34} {swings:.3} | {from_any:.2} |").unwrap();
        }
        let [as_it_is, apart] = trap_in_four_cohorts(m, preset);
        writeln!(
            text,
            "\nR32 draws once for all cells of a technique. Beside 100 others, of the techniques that one member changed, the trap \
             tells {as_it_is:.2} by any of four cohorts; with a draw for each cell it would tell {apart:.2}.\n"
        )
        .unwrap();
    }
    let page = fs::read_to_string(path()).unwrap();
    let kept = page.find(COSTS).map_or(page.as_str(), |at| &page[..at]);
    fs::write(path(), format!("{kept}{}\n", text.trim_end())).unwrap();
}
