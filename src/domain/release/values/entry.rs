//! One value in a list.

/// One organisation's value in a key's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::release) struct Entry {
    /// Position in the list of members.
    pub member: u32,
    pub value: u8,
    /// Position in `Scale::ALL`, or [`NO_SCALE`] for composites and counts, which compare across scales.
    pub scale: u8,
}

pub(in crate::domain::release) const NO_SCALE: u8 = u8::MAX;
