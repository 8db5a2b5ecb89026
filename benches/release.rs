//! Releases of growing communities with 600 cells a member, against the least that any program must do with the same
//! cells: fill a dense `u32[cell][101]` array once and read three quantiles of each cell. All in one run, on the same data:
//! first step by step from members in memory, then whole releases from a database to it.
//!
//! `cargo bench --bench release` prints a table. `BENCH_ORGANISATIONS` is a list of sizes instead of 1000,10000,100000; with
//! `PEERBENCH_WRITE_DOCS=1` the plot of `docs/performance.md` is drawn again.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout
)]

#[path = "release/community.rs"]
mod community;
#[path = "release/database.rs"]
mod database;
#[path = "release/dense.rs"]
mod dense;
#[path = "support/embedded.rs"]
mod embedded;

use std::{
    collections::HashMap,
    fs,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use community::{CELLS, Community};
use database::{Whole, whole};
use peerbench::{
    analytics::{Aggregation, Contributor},
    domain::{
        attack::Catalogues,
        dimension::Dimensions,
        facts::Facts,
        release::{
            Input, Ledger, MemoryParts, Parameters, Preset, Previous, Publication, ReleaseKey, Unreleased,
            count, release,
        },
        snapshot::Basis,
        technology::{self},
    },
};

const BATCH: usize = 4096;
/// One member in so many has other rules at the second release.
const CHANGED: usize = 100;

/// The floor: dense counts of every cell, and its three quantiles.
#[derive(Default)]
struct Dense {
    numbers: HashMap<u64, u32>,
    counts: Vec<[u32; 101]>,
    taken: Duration,
}

impl Dense {
    /// Only the counting takes time: the cells are numbered before.
    fn add(&mut self, batch: &[Contributor]) {
        let mut cells: Vec<(u32, u8)> = Vec::with_capacity(batch.len() * CELLS);
        for cell in batch.iter().flat_map(|contributor| &contributor.contribution.cells) {
            let peerbench::domain::technology::TechnologyRef::Known(technology) = cell.technology else {
                continue;
            };
            let next = self.numbers.len() as u32;
            let place = u64::from(cell.technique.number()) << 16 | u64::from(technology);
            cells.push((*self.numbers.entry(place).or_insert(next), cell.score.get()));
        }
        self.counts.resize(self.numbers.len(), [0; 101]);
        let began = Instant::now();
        for (cell, score) in black_box(&cells) {
            self.counts[*cell as usize][usize::from(*score)] += 1;
        }
        self.taken += began.elapsed();
    }

    fn finish(mut self) -> Duration {
        let began = Instant::now();
        for bins in &self.counts {
            black_box(dense::quartiles(bins));
        }
        self.taken += began.elapsed();
        self.taken
    }
}

struct Figures {
    organisations: usize,
    floor: Duration,
    aggregation: Duration,
    /// Roll-ups and counts in every cohort.
    counting: Duration,
    first: Duration,
    second: Duration,
    rows: usize,
    tables: usize,
    kept: usize,
    /// Of the first release, aggregation included.
    memory: u64,
    whole: Whole,
}

/// Aggregates the members batch by batch; making them takes no time of it.
fn aggregate(
    facts: &Facts,
    organisations: usize,
    member: impl Fn(usize) -> Contributor,
    mut see: impl FnMut(&[Contributor]),
) -> (Unreleased, Duration) {
    let mut taken = Duration::ZERO;
    let began = Instant::now();
    let mut aggregation = Aggregation::new(facts).unwrap();
    taken += began.elapsed();
    for from in (0..organisations).step_by(BATCH) {
        let batch: Vec<Contributor> = (from..organisations.min(from + BATCH)).map(&member).collect();
        see(&batch);
        let began = Instant::now();
        aggregation.add(batch).unwrap();
        taken += began.elapsed();
    }
    let began = Instant::now();
    let unreleased = aggregation.finish();
    (unreleased, taken + began.elapsed())
}

fn measure(facts: &Facts, organisations: usize) -> Figures {
    let parameters = Parameters::preset(Preset::Default);
    let key = ReleaseKey::new([5; 32]);
    let dimensions = Dimensions::default();
    let community = Community::new(facts);
    let parts = MemoryParts::default();
    let publish = |unreleased: &Unreleased, previous: Option<Previous>| -> (Publication, Duration) {
        let inputs = [Input { basis: Basis::Deployed, unreleased }];
        let version = facts.catalogue().version();
        let began = Instant::now();
        let publication = release(version, &inputs, previous, &parts, &dimensions, &parameters, &key);
        let taken = began.elapsed();
        (publication.unwrap(), taken)
    };
    reset_peak();
    let mut dense = Dense::default();
    let (unreleased, aggregation) =
        aggregate(facts, organisations, |number| community.member(number, 0), |batch| dense.add(batch));
    let floor = dense.finish();
    let began = Instant::now();
    black_box(count(&unreleased, &dimensions, &parameters, &key).unwrap());
    let counting = began.elapsed();
    let (publication, first) = publish(&unreleased, None);
    let memory = peak();
    drop(unreleased);
    let rows = publication.tables.iter().map(|table| table.rows.len()).sum();
    let tables = publication.tables.len();
    let of_ledger = |ledger: &Ledger| ledger.head.len() + ledger.state.len();
    let kept = publication.ledgers.iter().map(of_ledger).sum::<usize>()
        + parts.parts().iter().map(|part| part.len()).sum::<usize>();
    let previous = Previous::default().followed_by(publication);
    let changed = |number: usize| community.member(number, u64::from(number.is_multiple_of(CHANGED)));
    let (unreleased, _) = aggregate(facts, organisations, changed, |_| {});
    let (_, second) = publish(&unreleased, Some(previous));
    drop((unreleased, parts));
    let whole = Whole::apart(organisations);
    Figures { organisations, floor, aggregation, counting, first, second, rows, tables, kept, memory, whole }
}

/// The most memory that was ever resident since the last [`reset_peak`], in bytes; 0 where the system does not say.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Seconds of a release by members, both in powers of ten.
fn plot(all: &[Figures]) -> String {
    let at = |organisations: usize, seconds: f64| {
        let x = 60.0 + ((organisations as f64).log10() - 2.5) * 140.0;
        (x, 250.0 - (seconds.log10() + 2.0) * 55.0)
    };
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 480 300\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"480\" height=\"300\" fill=\"#fff\"/>\n",
    );
    for (seconds, label) in [(0.01, "10 ms"), (0.1, "100 ms"), (1.0, "1 s"), (10.0, "10 s"), (100.0, "100 s")]
    {
        let (_, y) = at(1000, seconds);
        svg += &format!(
            "<path d=\"M60 {y:.0}H440\" stroke=\"#ddd\"/><text x=\"54\" y=\"{:.0}\" text-anchor=\"end\">{label}</text>\n",
            y + 4.0
        );
    }
    for (number, (name, colour, seconds)) in [
        ("aggregation", "#2a6f97", (|f: &Figures| f.aggregation) as fn(&Figures) -> Duration),
        ("first release", "#c44536", |f| f.first),
        ("second release", "#e09f3e", |f| f.second),
        ("dense floor", "#777", |f| f.floor),
    ]
    .into_iter()
    .enumerate()
    {
        let points: Vec<(f64, f64)> =
            all.iter().map(|figures| at(figures.organisations, seconds(figures).as_secs_f64())).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.0},{y:.0}")).collect();
        svg += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n",
            path.join(" ")
        );
        svg += &format!("<text x=\"{}\" y=\"16\" fill=\"{colour}\">{name}</text>\n", 70 + 100 * number);
    }
    for figures in all {
        let (x, _) = at(figures.organisations, 1.0);
        svg += &format!(
            "<text x=\"{x:.0}\" y=\"270\" text-anchor=\"middle\">{}</text>\n",
            figures.organisations
        );
    }
    svg + "<text x=\"250\" y=\"290\" text-anchor=\"middle\">members, 600 cells each</text>\n</svg>\n"
}

fn main() {
    let catalogues = Catalogues::bundled();
    let version = catalogues.canonical().unwrap().version();
    let facts = Facts::new(&catalogues, Arc::new(technology::bundled().clone()), version).unwrap();
    if let Ok(organisations) = std::env::var(database::ALONE) {
        return whole(&facts, organisations.parse().unwrap()).print();
    }
    let sizes = std::env::var("BENCH_ORGANISATIONS").unwrap_or_else(|_| "1000,10000,100000".to_owned());
    println!(
        "| members | floor | aggregation | counting | first release | second release | tables | rows | kept | memory | \
         whole first | whole second | its memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let all: Vec<Figures> = sizes
        .split(',')
        .map(|size| {
            let figures = measure(&facts, size.trim().parse().unwrap());
            let floor = figures.floor.as_secs_f64();
            let against = |taken: Duration| {
                format!("{:.2} s ({:.0} x)", taken.as_secs_f64(), taken.as_secs_f64() / floor)
            };
            println!(
                "| {} | {:.1} ms | {} | {} | {} | {} | {} | {} | {} MB | {} MB | {} | {} | {} MB, {} MB |",
                figures.organisations,
                floor * 1000.0,
                against(figures.aggregation),
                against(figures.counting),
                against(figures.first),
                against(figures.second),
                figures.tables,
                figures.rows,
                figures.kept / 1_000_000,
                figures.memory / 1_000_000,
                against(figures.whole.first),
                against(figures.whole.second),
                figures.whole.memory[0] / 1_000_000,
                figures.whole.memory[1] / 1_000_000,
            );
            figures
        })
        .collect();
    if std::env::var_os("PEERBENCH_WRITE_DOCS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/release-growth.svg");
        fs::write(path, plot(&all)).unwrap();
    }
}
