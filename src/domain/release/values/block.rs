//! The roll-up of one block (a parent technique and its sub-techniques) over all members: from assessed cells to the
//! list of every technique in every column. The definitions stand in `domain::coverage`; this is the same in one pass
//! over columns of small integers, because it runs over every cell of every organisation.

use super::{
    layout::{Key, Layout},
    unreleased::{Assessed, Entry, Unreleased},
};

/// The lists of one block's keys, each ascending by member.
pub(in crate::domain::release) struct Lists {
    /// First keys of the techniques, by slot.
    first: Vec<Key>,
    columns: usize,
    lists: Vec<Vec<Entry>>,
    /// Whether all its cells are on one scale: then a finer column's list is part of the coarser one's.
    pub one_scale: bool,
}

/// Sub-techniques of one parent, and the parent itself, at most.
const SLOTS: usize = 32;
const FAMILIES: usize = 8;

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

impl Lists {
    pub fn new(unreleased: &Unreleased, number: u32, families: &[u32]) -> Self {
        let layout = &unreleased.layout;
        let first: Vec<Key> = layout.block_keys(number).collect();
        let columns = usize::try_from(layout.columns()).unwrap_or_default();
        let lists = vec![Vec::new(); first.len() * columns];
        let mut this = Self { first, columns, lists, one_scale: true };
        let mut scale = None;
        for cells in unreleased.cells(number) {
            for of_member in cells.chunk_by(|a, b| a.member() == b.member()) {
                this.roll_up(of_member, layout, families);
                let first = *scale.get_or_insert(of_member.first().map_or(0, |cell| cell.scale()));
                this.one_scale &= of_member.iter().all(|cell| cell.scale() == first);
            }
        }
        #[cfg(test)]
        this.give(unreleased);
        this
    }

    /// One member's cells of the block, ascending by technology.
    fn roll_up(&mut self, cells: &[Assessed], layout: &Layout, families: &[u32]) {
        let Some(member) = cells.first().map(|cell| cell.member()) else { return };
        let mut any = Column::EMPTY;
        let mut by_family = [const { None }; FAMILIES + 1];
        for of_technology in cells.chunk_by(|a, b| a.technology() == b.technology()) {
            let technology = of_technology.first().map_or(0, |cell| cell.technology());
            let family =
                families.get(usize::from(technology)).and_then(|offset| usize::try_from(*offset).ok());
            let mut own = Column::EMPTY;
            for cell in of_technology {
                let value = Rolled { score: cell.score(), low: cell.scale(), high: cell.scale() };
                if cell.applies() {
                    own.raise(cell.slot(), value);
                    let entry = Entry { member, value: cell.score(), scale: cell.scale() };
                    self.push(cell.slot(), layout.cell_offset(technology), entry);
                }
                // Positive cells count in `any` even where they do not apply.
                if cell.applies() || cell.score() > 0 {
                    any.raise(cell.slot(), value);
                }
            }
            if let Some(family) = family.and_then(|family| by_family.get_mut(family)) {
                let family = family.get_or_insert(Column::EMPTY);
                own.slots().for_each(|(slot, rolled)| family.raise(slot, rolled));
            }
            self.emit(member, layout.technology_offset(technology), &own);
        }
        for (family, offset) in by_family.iter().zip(0_u32..) {
            family.iter().for_each(|column| self.emit(member, offset, column));
        }
        self.emit(member, 0, &any);
    }

    fn emit(&mut self, member: u32, offset: u32, column: &Column) {
        if column.seen == 0 {
            return;
        }
        let subs = column.slots().filter(|(slot, _)| *slot > 0);
        for (slot, rolled) in
            subs.chain([(0, column.parent())]).filter(|(_, rolled)| rolled.low == rolled.high)
        {
            self.push(slot, offset, Entry { member, value: rolled.score, scale: rolled.low });
        }
    }

    fn push(&mut self, slot: usize, offset: u32, entry: Entry) {
        let index = usize::try_from(offset).ok().map(|offset| slot * self.columns + offset);
        index.and_then(|index| self.lists.get_mut(index)).into_iter().for_each(|list| list.push(entry));
    }

    /// The first key of each technique, with its slot.
    pub fn techniques(&self) -> impl Iterator<Item = (usize, Key)> {
        self.first.iter().copied().enumerate()
    }

    /// Nothing rolls up into a sub-technique, nor into a parent without any: its cell and its column are one list.
    pub fn is_one(&self, slot: usize) -> bool {
        slot > 0 || self.first.len() == 1
    }

    pub fn list(&self, slot: usize, offset: u32) -> &[Entry] {
        let list =
            usize::try_from(offset).ok().and_then(|offset| self.lists.get(slot * self.columns + offset));
        list.map(Vec::as_slice).unwrap_or_default()
    }

    #[cfg(test)]
    fn give(&mut self, unreleased: &Unreleased) {
        for (slot, first) in self.first.clone().into_iter().enumerate() {
            let width = u32::try_from(self.columns).unwrap_or_default();
            for (key, entry) in
                unreleased.given.iter().filter(|(key, _)| (first..first + width).contains(key))
            {
                self.push(slot, key - first, *entry);
                self.one_scale = false;
            }
        }
        self.lists.iter_mut().for_each(|list| list.sort_by_key(|entry| entry.member));
    }
}
