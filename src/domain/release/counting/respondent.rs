//! The organisations that count in a cell.

use crate::domain::release::cohorts::{index::MemberIx, lattice::SlotSet};

/// An organisation that counts in a cell, in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Respondent {
    pub member: MemberIx,
    /// The slots of the cohorts in which it counts.
    pub counts_in: SlotSet,
    /// A keyed digest of the value; 0 until it is worked out.
    pub tag: u16,
}

impl Respondent {
    /// One who is on the list and counts in no cohort.
    pub fn nowhere(member: MemberIx) -> Self {
        Self { member, counts_in: SlotSet::default(), tag: 0 }
    }
}
