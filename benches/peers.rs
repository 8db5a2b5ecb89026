//! The same quartiles over the same rows as DuckDB and PostgreSQL work them out: run by `benches/peers/run`, which installs
//! and times those. Without a folder as its argument it does nothing.
//!
//! Into the folder go `rows.csv` (organisation, sector, size, region, cell, score), `quartiles.csv` (cell and its three
//! quartiles over all organisations), and `seconds` (what each step took).
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

use std::{
    collections::HashMap,
    fs::{self, File},
    hint::black_box,
    io::{BufWriter, Write as _},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use peerbench::{
    analytics::{Aggregation, Contributor},
    domain::{
        attack::{Catalogues, PlatformSet, TechniqueId},
        cohort::Cohort,
        coverage::{Contribution, ContributionCell},
        facts::Facts,
        organisation::{Dimension, Dimensions, OrganisationId},
        release::{Input, Item, Member, Parameters, Preset, ReleaseKey, Rule, Shown, Unreleased, release},
        scale::Scale,
        snapshot::Basis,
        technology::{self, TechnologyRef},
    },
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

const CELLS: usize = 600;
const BATCH: usize = 4096;
const TURNS: usize = 5;

type Cell = (TechnologyRef, TechniqueId);

/// Members whose technologies are drawn from the registry so that popular ones are common.
fn community(organisations: usize, facts: &Facts) -> Vec<Contributor> {
    let mut rng = StdRng::seed_from_u64(7);
    let dimensions = Dimensions::default();
    let sighted: Vec<u16> = (0..u16::try_from(facts.registry().technologies().len()).unwrap())
        .filter(|technology| facts.applicability().techniques_of(*technology).len() >= 100)
        .collect();
    let member = |number: usize, rng: &mut StdRng| {
        let mut pick = |dimension| {
            let values = dimensions.values(dimension);
            values[rng.random_range(0..values.len())].clone()
        };
        let [sector, size, region] = [Dimension::Sector, Dimension::Size, Dimension::Region].map(&mut pick);
        let organisation = OrganisationId::new(format!("organisation-{number}"));
        Member { organisation, control_group: format!("group-{number}"), sector, size, region }
    };
    let contribution = |rng: &mut StdRng| {
        let mut cells: Vec<ContributionCell> = Vec::new();
        let mut technologies: Vec<u16> = Vec::new();
        while cells.len() < CELLS {
            // The square of a uniform draw favours the front of the list.
            let draw: f64 = rng.random();
            let technology = sighted[(draw * draw * sighted.len() as f64) as usize];
            if technologies.contains(&technology) {
                continue;
            }
            technologies.push(technology);
            for technique in facts.applicability().techniques_of(technology).iter().take(CELLS - cells.len())
            {
                let rules = if rng.random_bool(0.4) { rng.random_range(1..=20) } else { 0 };
                cells.push(ContributionCell {
                    technology: TechnologyRef::Known(technology),
                    technique: *technique,
                    score: Scale::RuleCount.score(rules).unwrap(),
                    scale: Scale::RuleCount,
                });
            }
        }
        cells.sort_by_key(|cell| (cell.technology, cell.technique));
        technologies.sort_unstable();
        Contribution { technologies: technologies.into_iter().map(TechnologyRef::Known).collect(), cells }
    };
    (0..organisations)
        .map(|number| {
            let member = member(number, &mut rng);
            Contributor { member, platforms: PlatformSet::EMPTY, contribution: contribution(&mut rng) }
        })
        .collect()
}

/// Counts every cell's scores densely and reads three ranks of type 1 from each, as the release does for one cohort.
fn quartiles(cells: &[u32], scores: &[u8], kinds: usize) -> Vec<[u8; 3]> {
    let mut counts = vec![[0_u32; 101]; kinds];
    for (cell, score) in cells.iter().zip(scores) {
        counts[*cell as usize][usize::from(*score)] += 1;
    }
    let of = |bins: &[u32; 101]| {
        let n: u32 = bins.iter().sum();
        [25, 50, 75].map(|percentile| {
            let rank = (percentile * n).div_ceil(100).max(1);
            let mut cumulative = 0;
            let at = bins.iter().position(|count| {
                cumulative += count;
                cumulative >= rank
            });
            u8::try_from(at.unwrap_or(0)).unwrap()
        })
    };
    counts.iter().map(of).collect()
}

fn aggregate(community: &[Contributor], facts: &Facts) -> Unreleased {
    let mut aggregation = Aggregation::new(facts).unwrap();
    for batch in community.chunks(BATCH) {
        aggregation.add(batch.to_vec()).unwrap();
    }
    aggregation.finish()
}

fn best<T>(turns: usize, mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut best = None;
    for _ in 0..turns {
        let began = Instant::now();
        let value = black_box(work());
        let taken = began.elapsed();
        if best.as_ref().is_none_or(|(before, _)| taken < *before) {
            best = Some((taken, value));
        }
    }
    best.unwrap()
}

fn measure(folder: &Path, organisations: usize) {
    let catalogues = Catalogues::bundled();
    let version = catalogues.canonical().unwrap().version();
    let facts = Facts::new(&catalogues, Arc::new(technology::bundled().clone()), version).unwrap();
    let community = community(organisations, &facts);
    let mut numbers: HashMap<Cell, u32> = HashMap::new();
    let (mut cells, mut scores) = (Vec::new(), Vec::new());
    let mut rows = BufWriter::new(File::create(folder.join("rows.csv")).unwrap());
    writeln!(rows, "organisation,sector,size,region,cell,score").unwrap();
    for (number, Contributor { member, contribution, .. }) in community.iter().enumerate() {
        for cell in &contribution.cells {
            let next = numbers.len() as u32;
            let kind = *numbers.entry((cell.technology, cell.technique)).or_insert(next);
            let score = cell.score.get();
            writeln!(rows, "{number},{},{},{},{kind},{score}", member.sector, member.size, member.region)
                .unwrap();
            cells.push(kind);
            scores.push(score);
        }
    }
    rows.into_inner().unwrap().sync_all().unwrap();

    let (counting, quartiles) = best(TURNS, || quartiles(&cells, &scores, numbers.len()));
    let text = quartiles.iter().enumerate().map(|(cell, [a, b, c])| format!("{cell},{a},{b},{c}\n"));
    fs::write(folder.join("quartiles.csv"), text.collect::<String>()).unwrap();

    let unreleased = aggregate(&community, &facts);
    let inputs = [Input { basis: Basis::Deployed, unreleased: &unreleased }];
    let key = ReleaseKey::new([5; 32]);
    let dimensions = Dimensions::default();
    let parameters = Parameters::preset(Preset::Default);
    let publish =
        |parameters: &Parameters| release(version, &inputs, None, &dimensions, parameters, &key).unwrap();
    let (whole, _) = best(2, || publish(&parameters));
    // What hides numbers on purpose is off, so that each can be compared; from 500 organisations on nothing moves them.
    let open = Parameters { off: vec![Rule::R14, Rule::R15, Rule::R16], ..parameters.clone() };
    let published = publish(&open);
    let all = published.tables.iter().find(|table| table.cohort == Cohort::All).unwrap();
    let mut compared = 0;
    for (item, row) in &all.rows {
        let (Item::Cell(technique, technology), Shown::Quantiles(shown)) = (item, row.shown) else {
            continue;
        };
        let known = TechnologyRef::Known(facts.registry().position(technology).unwrap());
        let (Some(p25), Some(p75)) = (shown.p25, shown.p75) else { continue };
        let released = [p25, shown.p50, p75].map(|coded| coded.value);
        assert_eq!(released, quartiles[numbers[&(known, *technique)] as usize], "{item:?}");
        compared += 1;
    }
    assert!(compared > 0, "no cell was released");
    println!(
        "{} rows, {} cells; {compared} released cells have the same quartiles",
        cells.len(),
        numbers.len()
    );
    let seconds = format!("{} {}\n", counting.as_secs_f64(), whole.as_secs_f64());
    fs::write(folder.join("seconds"), seconds).unwrap();
}

fn main() {
    let mut asked = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    if let Some(folder) = asked.next() {
        let organisations = asked.next().map_or(10_000, |number| number.parse().unwrap());
        measure(Path::new(&folder), organisations);
    }
}
