//! Counts by atom, added up to cohorts, against counting one by one.

use proptest::prelude::*;

use super::lists::memberships;
use crate::domain::{
    dimension::{Dimension, Dimensions},
    release::{
        Lattice, Parameters, Preset,
        cohorts::index::CohortIx,
        counting::count::Counted,
        values::entry::{Entry, NO_SCALE},
    },
};

proptest! {
    /// Lists on both sides of the length from which atoms are counted, with control groups of one and of several.
    #[test]
    fn atoms_add_up_to_what_is_counted_one_by_one(
        members in proptest::collection::vec(
            ([0_u8..2, 0_u8..2, 0_u8..2, 0_u8..250], proptest::option::of(0_u8..=100)),
            1..150,
        ),
    ) {
        let dimensions = Dimensions::default().with(Dimension::SECTOR, vec!["a".to_owned(), "b".to_owned()]).unwrap();
        let lattice = Lattice::new(&dimensions, true).unwrap();
        let attributes: Vec<[u8; 4]> = members.iter().map(|(attributes, _)| *attributes).collect();
        let memberships = memberships(&lattice, &attributes);
        let present = memberships.indices().zip(&members);
        let present = present.filter_map(|(member, (_, value))| Some((member, (*value)?)));
        let entries: Vec<Entry> =
            present.map(|(member, value)| Entry { member, value, scale: NO_SCALE }).collect();
        let parameters = Parameters::preset(Preset::Default);
        let counted = Counted::new(&memberships, &lattice, (&entries, NO_SCALE), &parameters).unwrap();
        let chosen = |cohort: CohortIx| cohort.position() % 3 != 2;
        let histograms = counted.values(chosen);
        for cohort in lattice.by_cohort().indices() {
            let here = counted.respondents.iter().zip(&entries);
            let here: Vec<_> =
                here.filter(|(one, _)| counted.cohorts_of(one).any(|of| of == cohort)).collect();
            let mut groups: Vec<_> = here.iter().map(|(one, _)| memberships.group(one.member).unwrap()).collect();
            groups.sort_unstable();
            groups.dedup();
            prop_assert_eq!(usize::try_from(counted.groups(cohort)).unwrap(), groups.len());
            let Some(histogram) = histograms.of(cohort) else {
                prop_assert!(!chosen(cohort) || entries.is_empty());
                continue;
            };
            prop_assert!(chosen(cohort));
            prop_assert_eq!(usize::try_from(histogram.n()).unwrap(), here.len());
            for entry in &entries {
                let up_to = histogram.up_to[histogram.values.find(entry.value).unwrap().position()];
                let expected = here.iter().filter(|(_, one)| one.value <= entry.value).count();
                prop_assert_eq!(usize::try_from(up_to).unwrap(), expected);
            }
        }
    }
}
