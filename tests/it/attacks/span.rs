//! A11: sums and differences of all published cohorts, by an elimination of the test's own, over another field than the
//! engine's. On the pure function.

use std::collections::{BTreeMap, BTreeSet};

use peerbench::domain::{
    cohort::Cohort,
    column::Column,
    dimension::{ByDimension, Dimension, Dimensions},
    organisation::OrganisationId,
    release::{Item, Member, Parameters, Rule, Table},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{
    pure::{Chain, Community, techniques, without},
    report::report,
};

/// 2^61 - 1, a prime.
const P: u64 = (1 << 61) - 1;

type Atom = [String; 3];

/// Which share of the members assess a technique.
const ASSESSED: [u32; 4] = [70, 40, 20, 8];

/// Members over 12 sectors, 4 sizes and 6 regions, unevenly.
fn community(members: usize, seed: u64, dimensions: &Dimensions) -> Community {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut rng_of_scores = StdRng::seed_from_u64(seed + 1000);
    let mut draw = |dimension| {
        let values = dimensions.values(dimension);
        // The smaller of two draws: the first values are the common ones.
        let position = rng.random_range(0..values.len()).min(rng.random_range(0..values.len()));
        values[position].clone()
    };
    let mut community = Community::default();
    for number in 0..members {
        community.members.push(Member {
            organisation: OrganisationId::new(format!("o{number}")),
            control_group: format!("g{number}"),
            dimensions: ByDimension::new(&mut draw),
            writers: Vec::new(),
        });
        // Techniques that fewer and fewer assess.
        let draw = rng_of_scores.random_range(0..100);
        community.scores.push(vec![50; ASSESSED.iter().filter(|percent| draw < **percent).count()]);
    }
    community
}

fn cohorts([sector, size, region]: &Atom) -> Vec<String> {
    let (sector, size, region) =
        (format!("sector:{sector}"), format!("size:{size}"), format!("region:{region}"));
    let pairs = [format!("{sector}~{size}"), format!("{sector}~{region}"), format!("{size}~{region}")];
    ["all".to_owned(), sector, size, region].into_iter().chain(pairs).collect()
}

/// Reduced rows, each with the position of its leading 1.
#[derive(Default)]
struct Space(Vec<(usize, Vec<u64>)>);

fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(P)) as u64
}

fn inverse(value: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, value, P - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

impl Space {
    fn rest(&self, mut vector: Vec<u64>) -> Vec<u64> {
        for (pivot, row) in &self.0 {
            let factor = vector[*pivot];
            if factor != 0 {
                for (value, base) in vector.iter_mut().zip(row).filter(|(_, base)| **base != 0) {
                    *value = (*value + P - times(factor, *base)) % P;
                }
            }
        }
        vector
    }

    fn add(&mut self, vector: Vec<u64>) {
        let mut row = self.rest(vector);
        if let Some(pivot) = row.iter().position(|value| *value != 0) {
            let factor = inverse(row[pivot]);
            row.iter_mut().for_each(|value| *value = times(*value, factor));
            self.0.push((pivot, row));
        }
    }

    fn holds(&self, vector: Vec<u64>) -> bool {
        self.rest(vector).iter().all(|value| *value == 0)
    }
}

/// What is published, of the cohorts themselves or of a cell in them, and how many unpublished cohorts and atoms with one to
/// nine control groups there follow from it.
fn follow(published: &BTreeSet<String>, occupied: &BTreeSet<Atom>, groups: &BTreeMap<Atom, u32>) -> usize {
    let mut vectors: BTreeMap<String, (u32, Vec<u64>)> = BTreeMap::new();
    for (position, atom) in occupied.iter().enumerate() {
        for cohort in cohorts(atom) {
            let (size, vector) = vectors.entry(cohort).or_insert_with(|| (0, vec![0; occupied.len()]));
            *size += groups.get(atom).copied().unwrap_or_default();
            vector[position] = 1;
        }
    }
    let mut space = Space::default();
    published.iter().for_each(|cohort| space.add(vectors[cohort].1.clone()));
    let few = |groups: u32| (1..10).contains(&groups);
    let mut hidden: BTreeSet<Vec<u64>> = BTreeSet::new();
    for (cohort, (groups, vector)) in &vectors {
        if !published.contains(cohort) && few(*groups) {
            hidden.insert(vector.clone());
        }
    }
    for (position, atom) in occupied.iter().enumerate() {
        if few(groups.get(atom).copied().unwrap_or_default()) {
            hidden.insert((0..occupied.len()).map(|atom| u64::from(atom == position)).collect());
        }
    }
    hidden.into_iter().filter(|vector| space.holds(vector.clone())).count()
}

/// How much follows, and from how much.
#[derive(Default)]
struct Found {
    cohorts: usize,
    of_cohorts: usize,
    cells: usize,
    of_cells: usize,
}

impl Found {
    fn look(&mut self, members: usize, seed: u64, dimensions: &Dimensions, parameters: &Parameters) {
        let community = community(members, seed, dimensions);
        let mut chain = Chain::new(seed);
        chain.dimensions = dimensions.clone();
        let publication = chain.try_publish(&community, parameters).unwrap();
        let atoms = |least: usize| -> BTreeMap<Atom, u32> {
            let mut atoms = BTreeMap::new();
            let all = community.members.iter().zip(&community.scores);
            for (member, _) in all.filter(|(_, scores)| scores.len() >= least) {
                let atom = Dimension::ALL.map(|dimension| member.dimensions.get(dimension).unwrap().clone());
                *atoms.entry(atom).or_default() += 1;
            }
            atoms
        };
        let occupied: BTreeSet<Atom> = atoms(0).into_keys().collect();
        let cohorts = |shows: &dyn Fn(&Table) -> bool| -> BTreeSet<String> {
            let shown = publication.tables.iter().filter(|table| shows(table));
            shown.map(|table| Cohort::to_string(&table.cohort)).collect()
        };
        let published = cohorts(&|_| true);
        self.cohorts += published.len();
        self.of_cohorts += follow(&published, &occupied, &atoms(0));
        // Cells take long to look through.
        if seed >= 5 {
            return;
        }
        for (number, technique) in techniques().take(ASSESSED.len()).enumerate() {
            let item = Item::Technique(technique, Column::Any);
            let shown = cohorts(&|table| table.row(&item).is_some());
            self.cells += shown.len();
            self.of_cells += follow(&shown, &occupied, &atoms(number + 1));
        }
    }
}

#[test]
fn nothing_small_follows_from_what_is_published() {
    let sectors = (0..12).map(|number| format!("sector-{number}")).collect();
    let dimensions = Dimensions::default().with(Dimension::SECTOR, sectors).unwrap();
    // Pairs are published whatever the size, which is the harder case.
    let with = |off: &[Rule]| Parameters { pairs_min_n: 0, ..without(off) };
    let [mut all, mut without_span, mut without_any] = [(); 3].map(|()| Found::default());
    for members in [100, 300, 1000, 3000] {
        for seed in 0..20 {
            all.look(members, seed, &dimensions, &with(&[]));
            assert_eq!((all.of_cohorts, all.of_cells), (0, 0), "{members} members, seed {seed}");
            without_span.look(members, seed, &dimensions, &with(&[Rule::R11b]));
            without_any.look(members, seed, &dimensions, &with(&[Rule::R10, Rule::R11, Rule::R11b]));
        }
    }
    let Found { cohorts, cells, .. } = all;
    let counter = |found: &Found| format!("{} of cohorts and {} of cells", found.of_cohorts, found.of_cells);
    let (span, any) = (counter(&without_span), counter(&without_any));
    println!("A11: {cohorts} cohorts, {cells} cells; without R11b {span}; without R10, R11 too {any}");
    assert!(without_span.of_cohorts > 0 && without_any.of_cohorts > without_span.of_cohorts);
    assert!(without_span.of_cells > 0 && without_any.of_cells > without_span.of_cells);
    report(
        11,
        "12 sectors, 4 sizes, 6 regions; 20 communities each of 100, 300, 1,000 and 3,000 members; every \
         unpublished cohort and atom of 1 to 9 control groups is looked for among the sums and differences of the \
         published cohorts, and in five of each of the published cells of four techniques, on the pure function",
        "R10, R11, R11b",
        &format!("none follows from the {cohorts} published cohorts and {cells} cells"),
        &format!("without R11b {span}, without R10 and R11 too {any}"),
    );
}
