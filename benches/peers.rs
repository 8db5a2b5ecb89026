//! The same quartiles over the same rows as DuckDB and PostgreSQL work them out: run by `benches/peers/run`, which installs
//! and times those. Without a folder as its argument it does nothing.
//!
//! Into the folder go `rows.csv` (organisation, sector, size, region, cell, score), `quartiles.csv` (cell and its three
//! quartiles over all organisations), and `seconds` (what each step took).
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

#[path = "release/community.rs"]
mod community;
#[path = "release/dense.rs"]
mod dense;

use std::{
    collections::HashMap,
    fs::{self, File},
    hint::black_box,
    io::{BufWriter, Write as _},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use community::Community;
use peerbench::{
    analytics::{Aggregation, Contributor},
    domain::{
        attack::{Catalogues, TechniqueId},
        cohort::Cohort,
        dimension::{Dimension, Dimensions},
        facts::Facts,
        release::{
            Input, Item, MemoryParts, Parameters, Preset, ReleaseKey, Rule, Shown, Unreleased, release,
        },
        snapshot::Basis,
        technology::{self, TechnologyRef},
    },
};

const BATCH: usize = 4096;
const TURNS: usize = 5;

type Cell = (TechnologyRef, TechniqueId);

/// Counts every cell's scores densely and reads three ranks of type 1 from each, as the release does for one cohort.
fn quartiles(cells: &[u32], scores: &[u8], kinds: usize) -> Vec<[u8; 3]> {
    let mut counts = vec![[0_u32; 101]; kinds];
    for (cell, score) in cells.iter().zip(scores) {
        counts[*cell as usize][usize::from(*score)] += 1;
    }
    counts.iter().map(dense::quartiles).collect()
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
    let community = Community::new(&facts);
    let community: Vec<Contributor> = (0..organisations).map(|number| community.member(number, 0)).collect();
    let mut numbers: HashMap<Cell, u32> = HashMap::new();
    let (mut cells, mut scores) = (Vec::new(), Vec::new());
    let mut rows = BufWriter::new(File::create(folder.join("rows.csv")).unwrap());
    writeln!(rows, "organisation,{},cell,score", Dimension::ALL.map(Dimension::name).join(",")).unwrap();
    for (number, Contributor { member, contribution, .. }) in community.iter().enumerate() {
        let values: Vec<&str> = member.dimensions.values().map(String::as_str).collect();
        let values = values.join(",");
        for cell in &contribution.cells {
            let next = numbers.len() as u32;
            let kind = *numbers.entry((cell.technology, cell.technique)).or_insert(next);
            let score = cell.score.get();
            writeln!(rows, "{number},{values},{kind},{score}").unwrap();
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
    let publish = |parameters: &Parameters| {
        let parts = MemoryParts::default();
        release(version, &inputs, None, &parts, &dimensions, parameters, &key).unwrap()
    };
    let (whole, _) = best(2, || publish(&parameters));
    // What hides numbers on purpose is off, so that each can be compared; from 500 organisations on nothing moves them.
    let open = Parameters { off: vec![Rule::R14, Rule::R15, Rule::R16], ..parameters.clone() };
    let published = publish(&open);
    let all = published.tables.iter().find(|table| table.cohort == Cohort::All).unwrap();
    let mut compared = 0;
    for (item, row) in &all.rows {
        let (Item::Cell(technique, technology), Shown::Quantiles(shown)) = (item.as_ref(), row.shown) else {
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
