//! The cohorts of a member's profile as CSV.

use crate::report::rows::{Tabled, moment, table, word};
use crate::wire::cohort::{CohortItem, CohortList};

/// A cohort with the list that it is in.
struct Line<'a> {
    list: &'a CohortList,
    item: &'a CohortItem,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("cohort", |line| line.item.cohort.clone()),
    ("status", |line| line.item.status.clone()),
    ("members", |line| word(line.item.members)),
    ("basis", |line| line.list.basis.to_string()),
    ("release", |line| line.list.release.number.to_string()),
    ("cut_off", |line| moment(line.list.release.cut_off)),
    ("attack", |line| line.list.release.attack.to_string()),
];

impl Tabled for CohortList {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        table(COLUMNS, self.items.iter().map(|item| Line { list: self, item }))
    }
}
