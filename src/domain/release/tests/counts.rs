//! Counts by atom, added up to cohorts, against counting one by one.

use proptest::prelude::*;

use super::lists::seating;
use crate::domain::{
    dimension::{Dimension, Dimensions},
    release::{
        Lattice, Parameters, Preset,
        counting::count::Scan,
        values::unreleased::{Entry, NO_SCALE},
    },
};

proptest! {
    /// Of lists on both sides of the length from which atoms are counted, with control groups of one and of several.
    #[test]
    fn atoms_add_up_to_what_is_counted_one_by_one(
        members in proptest::collection::vec(
            ([0_u8..2, 0_u8..2, 0_u8..2, 0_u8..250], proptest::option::of(0_u8..=100)),
            1..150,
        ),
    ) {
        let dimensions = Dimensions::default().with(Dimension::SECTOR, vec!["a".to_owned(), "b".to_owned()]).unwrap();
        let lattice = Lattice::new(&dimensions, true);
        let attributes: Vec<[u8; 4]> = members.iter().map(|(attributes, _)| *attributes).collect();
        let seating = seating(&lattice, &attributes);
        let present = (0_u32..).zip(&members).filter_map(|(member, (_, value))| Some((member, (*value)?)));
        let entries: Vec<Entry> =
            present.map(|(member, value)| Entry { member, value, scale: NO_SCALE }).collect();
        let cohorts = lattice.cohorts().len();
        let scan = Scan::now(&seating, cohorts, &entries, &Parameters::preset(Preset::Default));
        let chosen = |cohort: usize| cohort % 3 != 2;
        let counted = scan.values((0..cohorts).map(chosen));
        for cohort in 0..cohorts {
            let here: Vec<_> = scan.kept.iter().filter(|one| scan.cohorts_of(one).any(|of| of == cohort)).collect();
            let mut groups: Vec<u32> = here.iter().map(|one| seating.group(one.member)).collect();
            groups.sort_unstable();
            groups.dedup();
            prop_assert_eq!(usize::try_from(scan.groups(cohort)).unwrap(), groups.len());
            let Some(histogram) = counted.of(cohort) else {
                prop_assert!(!chosen(cohort) || entries.is_empty());
                continue;
            };
            prop_assert!(chosen(cohort));
            prop_assert_eq!(usize::try_from(histogram.n()).unwrap(), here.len());
            for value in scan.kept.iter().map(|one| one.value) {
                let up_to = histogram.up_to[histogram.values.number(value)];
                let expected = here.iter().filter(|one| one.value <= value).count();
                prop_assert_eq!(usize::try_from(up_to).unwrap(), expected);
            }
        }
    }
}
