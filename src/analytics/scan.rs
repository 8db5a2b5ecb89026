//! Techniques in columns, as `domain::coverage` defines them, in one pass over everybody's cells. The same in expressions
//! over data frames stands in `columns.rs`, and a property test holds the two equal.
//!
//! A release of 10,000 members uses the scan, because the expressions take longer. Rolling up and counting takes 0.84 s of
//! processor time with the scan, and 1.77 s with expressions over groups of 131,072 rows. Smaller groups take longer, about
//! 0.5 s more for 32,768 rows, because each group is a plan of its own; larger ones leave the processor's cache. The
//! expressions compare neighbours to find runs, and add parents up as differences of running sums. Grouping and adding up
//! lists took longer.

use super::{
    row::{BLOCK, COLUMN, FAMILY, MEMBER, SCALE, SCORE, SLOT},
    typed::{number, of_block, technique, technology, unknown},
};
use crate::domain::release::{BlockLists, ColumnIx, Layout, RollUpError};

/// Sub-techniques of one parent, and the parent itself, at most.
const SLOTS: usize = 32;

/// A technique's value in a column: the best score, and the least and greatest scale behind it. Where they differ the
/// value mixes scales and is left out.
#[derive(Clone, Copy)]
struct Rolled {
    score: u8,
    low: u8,
    high: u8,
}

impl Rolled {
    fn raise(&mut self, other: Self) {
        self.score = self.score.max(other.score);
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }
}

/// One member's techniques of the block in one column.
struct Column {
    /// Bits of the slots that have a value.
    seen: u32,
    rolled: [Rolled; SLOTS],
}

impl Column {
    const EMPTY: Self = Self { seen: 0, rolled: [Rolled { score: 0, low: u8::MAX, high: 0 }; SLOTS] };

    fn raise(&mut self, slot: usize, value: Rolled) {
        let Some(rolled) = self.rolled.get_mut(slot) else { return };
        if self.seen & 1 << slot == 0 {
            self.seen |= 1 << slot;
            *rolled = value;
        } else {
            rolled.raise(value);
        }
    }

    /// A parent is max(own, mean of its sub-techniques, 1 if any of them is above 0).
    fn parent(&self) -> Rolled {
        let own = self.rolled.first().copied().filter(|_| self.seen & 1 != 0);
        let (mut sum, mut count) = (0_u32, 0_u32);
        let mut best = Rolled { score: 0, low: u8::MAX, high: 0 };
        for sub in self.slots().filter(|(slot, _)| *slot > 0).map(|(_, rolled)| rolled) {
            sum += u32::from(sub.score);
            count += 1;
            best.raise(sub);
        }
        let mean = (2 * sum + count).checked_div(2 * count).unwrap_or_default();
        best.score = u8::try_from(mean).unwrap_or(u8::MAX).max(best.score.min(1));
        if let Some(own) = own {
            best.raise(own);
        }
        best
    }

    /// The techniques that have a value.
    fn slots(&self) -> impl Iterator<Item = (usize, Rolled)> {
        let mut seen = self.seen;
        std::iter::from_fn(move || {
            let slot = usize::try_from(seen.trailing_zeros()).ok()?;
            let rolled = *self.rolled.get(slot)?;
            seen &= seen - 1;
            Some((slot, rolled))
        })
    }
}

/// Adds what rows roll up into to the lists of their blocks. The rows of one member and block follow each other, ascending
/// by column, and those that count in `any` alone at the end.
pub(super) fn fill(layout: &Layout, rows: &[u64], lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
    for own in rows.chunk_by(|a, b| of(*a) == of(*b)) {
        let block = own.first().map_or(0, |row| BLOCK.get(*row));
        roll_up(layout, own, of_block(lists, block)?)?;
    }
    Ok(())
}

fn of(row: u64) -> (u64, u64) {
    (BLOCK.get(row), MEMBER.get(row))
}

/// One member's cells of a block.
fn roll_up(layout: &Layout, rows: &[u64], lists: &mut BlockLists<'_>) -> Result<(), RollUpError> {
    let member = rows.first().map_or(0, |row| number(MEMBER.get(*row)));
    let emit = |lists: &mut BlockLists<'_>, to: ColumnIx, column: &Column| {
        let subs = column.slots().filter(|(slot, _)| *slot > 0);
        let parent = (column.seen > 0).then(|| (0, column.parent()));
        for (slot, rolled) in subs.chain(parent).filter(|(_, rolled)| rolled.low == rolled.high) {
            lists.push(technique(lists, slot)?, to, (member, rolled.score, rolled.low))?;
        }
        Ok(())
    };
    let mut any = Column::EMPTY;
    for of_family in rows.chunk_by(|a, b| FAMILY.get(*a) == FAMILY.get(*b)) {
        let mut family = Column::EMPTY;
        for of_technology in of_family.chunk_by(|a, b| COLUMN.get(*a) == COLUMN.get(*b)) {
            let mut own = Column::EMPTY;
            let technology = of_technology.first().map(|row| technology(layout, *row)).transpose()?.flatten();
            for row in of_technology {
                let (score, scale) = (number(SCORE.get(*row)), number(SCALE.get(*row)));
                let slot = number(SLOT.get(*row));
                let value = Rolled { score, low: scale, high: scale };
                any.raise(slot, value);
                if let Some(technology) = technology {
                    own.raise(slot, value);
                    let technique = technique(lists, slot)?;
                    if !lists.is_one(technique) {
                        lists.push(technique, technology.cell, (member, score, scale))?;
                    }
                }
            }
            if let Some(technology) = technology {
                own.slots().for_each(|(slot, rolled)| family.raise(slot, rolled));
                emit(lists, technology.column, &own)?;
            }
        }
        if let Some(column) = of_family.first().map(|row| FAMILY.get(*row)).filter(|column| *column > 0) {
            emit(lists, layout.column(number(column)).ok_or_else(unknown)?, &family)?;
        }
    }
    emit(lists, layout.any(), &any)
}
