//! A11: sums and differences of all published cohorts, by an elimination of the test's own, over another field than the
//! engine's. On the pure function.

use std::collections::{BTreeMap, BTreeSet};

use peerbench::domain::{
    cohort::Cohort,
    organisation::{Dimensions, OrganisationId},
    release::{Member, Parameters, Rule},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{
    pure::{Chain, Community, without},
    report::report,
};

/// 2^61 - 1, a prime.
const P: u64 = (1 << 61) - 1;

type Atom = [String; 3];

/// Members over 12 sectors, 4 sizes and 6 regions, unevenly.
fn community(members: usize, seed: u64, dimensions: &Dimensions) -> Community {
    use peerbench::domain::organisation::Dimension;
    let mut rng = StdRng::seed_from_u64(seed);
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
            sector: draw(Dimension::Sector),
            size: draw(Dimension::Size),
            region: draw(Dimension::Region),
        });
        community.scores.push(Vec::new());
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

/// How many cohorts are published, and how many unpublished cohorts and atoms with one to nine control groups follow
/// from them.
fn derivable(members: usize, seed: u64, dimensions: &Dimensions, parameters: &Parameters) -> (usize, usize) {
    let community = community(members, seed, dimensions);
    let mut chain = Chain::new(seed);
    chain.dimensions = dimensions.clone();
    let publication = chain.try_publish(&community, parameters).unwrap();
    let published: BTreeSet<String> =
        publication.tables.iter().map(|table: &_| Cohort::to_string(&table.cohort)).collect();
    let mut atoms: BTreeMap<Atom, u32> = BTreeMap::new();
    for member in &community.members {
        *atoms.entry([member.sector.clone(), member.size.clone(), member.region.clone()]).or_default() += 1;
    }
    let mut vectors: BTreeMap<String, (u32, Vec<u64>)> = BTreeMap::new();
    for (position, (atom, groups)) in atoms.iter().enumerate() {
        for cohort in cohorts(atom) {
            let (size, vector) = vectors.entry(cohort).or_insert_with(|| (0, vec![0; atoms.len()]));
            *size += groups;
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
    for (position, _) in atoms.values().enumerate().filter(|(_, groups)| few(**groups)) {
        hidden.insert((0..atoms.len()).map(|atom| u64::from(atom == position)).collect());
    }
    (published.len(), hidden.into_iter().filter(|vector| space.holds(vector.clone())).count())
}

#[test]
fn nothing_small_follows_from_what_is_published() {
    let sectors = (0..12).map(|number| format!("sector-{number}")).collect();
    let dimensions = Dimensions::with_sectors(sectors).unwrap();
    // Pairs are published whatever the size, which is the harder case.
    let with = |off: &[Rule]| Parameters { pairs_min_n: 0, ..without(off) };
    let (mut cohorts, mut without_span, mut without_all) = (0, 0, 0);
    let mut worlds = 0;
    for members in [100, 300, 1000, 3000] {
        for seed in 0..20 {
            let (published, derived) = derivable(members, seed, &dimensions, &with(&[]));
            assert_eq!(derived, 0, "{members} members, seed {seed}");
            cohorts += published;
            without_span += derivable(members, seed, &dimensions, &with(&[Rule::R11b])).1;
            without_all +=
                derivable(members, seed, &dimensions, &with(&[Rule::R10, Rule::R11, Rule::R11b])).1;
            worlds += 1;
        }
    }
    println!(
        "A11: {cohorts} cohorts of {worlds} worlds; without R11b {without_span}, without R10, R11 too {without_all}"
    );
    assert!(without_span > 0 && without_all > without_span);
    report(
        11,
        "12 sectors, 4 sizes, 6 regions; 20 communities each of 100, 300, 1,000 and 3,000 members; every \
         unpublished cohort and atom of 1 to 9 control groups is looked for among the sums and differences of the \
         published cohorts, on the pure function",
        "R10, R11, R11b",
        &format!("none follows from the {cohorts} published cohorts"),
        &format!("{without_span} without R11b, {without_all} without R10 and R11 too"),
    );
}
