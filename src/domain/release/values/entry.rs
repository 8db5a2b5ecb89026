//! One value in a list.

use crate::domain::release::cohorts::index::MemberIx;

/// One organisation's value in a key's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::release) struct Entry {
    pub member: MemberIx,
    pub value: u8,
    /// Position in `Scale::ALL`, or [`NO_SCALE`] for composites and counts, which compare across scales.
    pub scale: u8,
}

pub(in crate::domain::release) const NO_SCALE: u8 = u8::MAX;
