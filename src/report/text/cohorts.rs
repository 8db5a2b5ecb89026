//! The cohorts of a member's profile as text.

use std::fmt;

use super::fitted;
use crate::{
    report::table::{Align, Table},
    wire::cohort::{CohortItem, CohortList},
};

impl fmt::Display for CohortList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&[("cohort", Align::Whole), ("members", Align::Right), ("", Align::Left)]);
        for CohortItem { cohort, members, .. } in &self.items {
            let (members, told) = match members {
                Some(band) => (band.name(), ""),
                None => ("-", "not released: comparisons fall back on a larger group"),
            };
            table.row(vec![cohort.clone(), members.to_owned(), told.to_owned()]);
        }
        writeln!(f, "Your peer groups in release {}, for --cohort\n", self.release.number)?;
        write!(f, "{}", fitted(&table, f))
    }
}
