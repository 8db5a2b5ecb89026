//! A release of 10,000 organisations with 600 cells each, against the least that any program must do with the same cells:
//! fill a dense `u32[cell][101]` array once and read three quantiles of each cell. All in one run, on the same data.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use peerbench::{
    analytics::{Aggregation, Contributor},
    domain::{
        attack::{Catalogues, PlatformSet, TechniqueId},
        coverage::{Contribution, ContributionCell},
        facts::Facts,
        organisation::{Dimensions, OrganisationId},
        release::{Input, Member, Parameters, Preset, ReleaseKey, release},
        scale::{Scale, Score},
        snapshot::Basis,
        technology::{self, TechnologyRef},
    },
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

const CELLS: usize = 600;
const BATCH: usize = 512;

fn facts() -> Facts {
    let catalogues = Catalogues::bundled();
    let version = catalogues.canonical().unwrap().version();
    Facts::new(&catalogues, Arc::new(technology::bundled().clone()), version).unwrap()
}

/// Members whose technologies are drawn from the registry so that popular ones are common, with 600 cells each.
fn community(organisations: usize, facts: &Facts) -> Vec<Contributor> {
    let mut rng = StdRng::seed_from_u64(7);
    let dimensions = Dimensions::default();
    let registry = facts.registry();
    let sighted: Vec<u16> = (0..u16::try_from(registry.technologies().len()).unwrap())
        .filter(|technology| facts.applicability().techniques_of(*technology).len() >= 100)
        .collect();
    let pick = |values: &[String], rng: &mut StdRng| values[rng.random_range(0..values.len())].clone();
    (0..organisations)
        .map(|number| {
            let mut technologies: Vec<u16> = Vec::new();
            let mut cells = Vec::new();
            while cells.len() < CELLS {
                // The square of a uniform draw favours the front of the list.
                let draw: f64 = rng.random();
                let technology = sighted[(draw * draw * sighted.len() as f64) as usize];
                if technologies.contains(&technology) {
                    continue;
                }
                technologies.push(technology);
                for technique in
                    facts.applicability().techniques_of(technology).iter().take(CELLS - cells.len())
                {
                    let rules = if rng.random_bool(0.2) { rng.random_range(1..=20) } else { 0 };
                    cells.push(cell(technology, *technique, Scale::RuleCount.score(rules).unwrap()));
                }
            }
            cells.sort_by_key(|cell| (cell.technology, cell.technique));
            technologies.sort_unstable();
            let member = Member {
                organisation: OrganisationId::new(format!("organisation-{number}")),
                control_group: format!("group-{number}"),
                sector: pick(dimensions.values(peerbench::domain::organisation::Dimension::Sector), &mut rng),
                size: pick(dimensions.values(peerbench::domain::organisation::Dimension::Size), &mut rng),
                region: pick(dimensions.values(peerbench::domain::organisation::Dimension::Region), &mut rng),
            };
            let technologies = technologies.into_iter().map(TechnologyRef::Known).collect();
            Contributor {
                member,
                platforms: PlatformSet::EMPTY,
                contribution: Contribution { technologies, cells },
            }
        })
        .collect()
}

fn cell(technology: u16, technique: TechniqueId, score: Score) -> ContributionCell {
    ContributionCell {
        technology: TechnologyRef::Known(technology),
        technique,
        score,
        scale: Scale::RuleCount,
    }
}

/// The floor: dense counts of every cell, and its three quantiles.
fn dense(cells: &[(u32, u8)], kinds: usize) -> u64 {
    let mut counts = vec![[0_u32; 101]; kinds];
    for (cell, score) in cells {
        counts[*cell as usize][usize::from(*score)] += 1;
    }
    let mut sum = 0;
    for bins in &counts {
        let n: u32 = bins.iter().sum();
        for percentile in [25, 50, 75] {
            let rank = (percentile * n).div_ceil(100).max(1);
            let mut cumulative = 0;
            let at = bins.iter().position(|count| {
                cumulative += count;
                cumulative >= rank
            });
            sum += at.unwrap_or(0) as u64;
        }
    }
    sum
}

fn bench(c: &mut Criterion) {
    let facts = facts();
    let parameters = Parameters::preset(Preset::Default);
    let key = ReleaseKey::new([5; 32]);
    let dimensions = Dimensions::default();
    let organisations =
        std::env::var("BENCH_ORGANISATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let community = community(organisations, &facts);

    let mut numbers = std::collections::HashMap::new();
    let mut flat: Vec<(u32, u8)> = Vec::new();
    for cell in community.iter().flat_map(|contributor| &contributor.contribution.cells) {
        let next = numbers.len() as u32;
        let number = *numbers.entry((cell.technology, cell.technique)).or_insert(next);
        flat.push((number, cell.score.get()));
    }

    let mut group = c.benchmark_group(format!("release/{organisations}x{CELLS}"));
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    group.bench_function("reference: dense counts and quartiles of the cells", |b| {
        b.iter(|| dense(black_box(&flat), numbers.len()));
    });
    let aggregate = |community: Vec<Contributor>| {
        let mut aggregation = Aggregation::new(&facts).unwrap();
        let mut members = community.into_iter();
        loop {
            let batch: Vec<Contributor> = members.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break aggregation.finish();
            }
            aggregation.add(batch).unwrap();
        }
    };
    group.bench_function("aggregation: roll-ups and composites of every column", |b| {
        b.iter_batched(|| community.clone(), aggregate, BatchSize::PerIteration);
    });
    let unreleased = aggregate(community.clone());
    group.bench_function("rules: counts, differences and quantiles of every cohort", |b| {
        b.iter(|| {
            let inputs = [Input { basis: Basis::Deployed, unreleased: &unreleased }];
            release(1, facts.catalogue().version(), &inputs, &dimensions, &parameters, &key).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
