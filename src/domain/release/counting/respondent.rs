//! The organisations that count in a cell.

/// An organisation that counts in the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub member: u32,
    /// Of an earlier release it is not known.
    pub value: u8,
    /// Slots of the cohorts in which it counts.
    pub mask: u8,
    /// A keyed digest of the value; 0 until it is worked out.
    pub tag: u16,
}
