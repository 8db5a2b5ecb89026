//! One assessed cell as the row of a data frame: what there is to say of it stands in the bits of one integer, so that rows
//! sort by block, member, column, technique, scale and score as plain numbers do, and what belongs together is a run.

use polars::{
    prelude::{Expr, col, lit},
    series::IsSorted,
};

/// The column's name.
pub(super) const ROW: &str = "row";

/// A part of a row: its lowest bit, and the first above it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits {
    from: u32,
    to: u32,
}

pub(super) const fn bits(from: u32, count: u32) -> Bits {
    Bits { from, to: from + count }
}

/// 0..=100.
pub(super) const SCORE: Bits = bits(0, 7);
/// Position in `Scale::ALL`.
pub(super) const SCALE: Bits = bits(SCORE.to, 3);
/// The technique's slot in its block, the parent's being 0.
pub(super) const SLOT: Bits = bits(SCALE.to, 5);
/// Position in the registry, counted from 1; 0 in the columns of families and in `any`.
pub(super) const TECHNOLOGY: Bits = bits(SLOT.to, 9);
/// Offset of the family's column; 0 in `any`.
pub(super) const FAMILY: Bits = bits(TECHNOLOGY.to, 4);
/// Number of the member.
pub(super) const MEMBER: Bits = bits(FAMILY.to, 26);
/// Number of the parent technique, with its sub-techniques.
pub(super) const BLOCK: Bits = bits(MEMBER.to, 9);
/// The family and the technology; 0 in `any`.
pub(super) const COLUMN: Bits = TECHNOLOGY.and(FAMILY);
/// All parts; the sign's bit stays free, because literals of expressions are signed.
const ALL: Bits = SCORE.and(BLOCK);

impl Bits {
    /// This part and another above it, with what is between them.
    pub const fn and(self, above: Self) -> Self {
        Self { from: self.from, to: above.to }
    }

    pub const fn mask(self) -> u64 {
        (1 << self.to) - (1 << self.from)
    }

    /// A value as this part of a row; `None` where it needs more bits.
    pub fn of(self, value: impl Into<u64>) -> Option<u64> {
        let value = value.into();
        (value < 1 << (self.to - self.from)).then_some(value << self.from)
    }

    /// A row with other bits in this part.
    pub const fn replaced(self, row: u64, bits: u64) -> u64 {
        row & !self.mask() | bits
    }

    /// The part's value in a row.
    pub const fn get(self, row: u64) -> u64 {
        (row & self.mask()) >> self.from
    }

    /// The part's value.
    pub fn value(self) -> Expr {
        self.value_of(col(ROW))
    }

    /// The part's value in another integer of parts.
    pub fn value_of(self, all: Expr) -> Expr {
        all.and(lit(self.mask())) / lit(1_u64 << self.from)
    }

    /// Tells if the part is 0.
    pub fn is_zero(self) -> Expr {
        col(ROW).and(lit(self.mask())).eq(lit(0_u64))
    }

    /// The row with 0 in the part.
    #[cfg(test)]
    pub fn cleared(self) -> Expr {
        col(ROW).and(lit(ALL.mask() & !self.mask()))
    }

    /// Tells if the row before differs in the part or above it.
    #[cfg(test)]
    pub fn is_first(self) -> Expr {
        beside(1).gt_eq(lit(1_u64 << self.from))
    }

    /// Tells if the next row differs in the part or above it.
    pub fn is_last(self) -> Expr {
        beside(-1).gt_eq(lit(1_u64 << self.from))
    }

    /// Tells if the row before differs in the part.
    #[cfg(test)]
    pub fn changes(self) -> Expr {
        beside(1).and(lit(self.mask())).neq(lit(0_u64))
    }

    /// A value of the part where it stands.
    #[cfg(test)]
    pub fn placed(self, value: Expr) -> Expr {
        value * lit(1_u64 << self.from)
    }
}

/// The bits in which a row differs from the one before or after it; all where there is none.
fn beside(by: i32) -> Expr {
    col(ROW).xor(col(ROW).shift_and_fill(lit(by), lit(ALL.mask())))
}

/// Marks values as ascending: groups of them are runs, and nothing is hashed.
pub(super) fn ascending(values: Expr) -> Expr {
    values.map(
        |mut column| {
            column.set_sorted_flag(IsSorted::Ascending);
            Ok(column)
        },
        |_, field| Ok(field.clone()),
    )
}
