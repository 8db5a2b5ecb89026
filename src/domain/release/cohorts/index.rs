//! Typed positions. An [`Ix`] of one kind doesn't index a [`By`] of another, and only a [`By`] makes one, so that a rule
//! that asks for the count of a cohort reads that count: never a 0 that stands for "there is no such cohort".

use std::{
    fmt::Debug,
    marker::PhantomData,
    num::{NonZeroU16, NonZeroU32},
    ops::{Index, IndexMut},
};

/// A kind of thing that is numbered.
pub trait Kind: Copy + Ord {
    /// The integer that a position is held in.
    type Raw: Raw;
}

/// An integer that holds positions.
pub trait Raw: Copy + Ord + Debug {
    /// Returns `None` where the position is too large for the integer.
    fn new(position: usize) -> Option<Self>;
    fn position(self) -> usize;
}

/// A position among the things of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ix<K: Kind>(K::Raw, PhantomData<K>);

impl<K: Kind> Ix<K> {
    /// The position as a number, for writing it down.
    pub fn position(self) -> usize {
        self.0.position()
    }
}

impl<K: Kind> From<Ix<K>> for u64 {
    fn from(index: Ix<K>) -> Self {
        Self::try_from(index.position()).unwrap_or(Self::MAX)
    }
}

/// Something for each thing of a kind, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By<K, T>(Vec<T>, PhantomData<K>);

impl<K: Kind, T> By<K, T> {
    /// Numbers the items. Returns `None` where there are more than positions.
    pub fn new(items: Vec<T>) -> Option<Self> {
        match items.len().checked_sub(1) {
            Some(last) if K::Raw::new(last).is_none() => None,
            _ => Some(Self(items, PhantomData)),
        }
    }

    /// Adds an item. Returns `None`, and adds nothing, where there is no position left.
    pub fn push(&mut self, item: T) -> Option<Ix<K>> {
        let index = Ix(K::Raw::new(self.0.len())?, PhantomData);
        self.0.push(item);
        Some(index)
    }

    /// Adds items. Returns `None`, and adds nothing, where there are more than positions left.
    pub fn append(&mut self, items: impl IntoIterator<Item = T>) -> Option<()> {
        let before = self.0.len();
        self.0.extend(items);
        let is_numbered = self.0.len().checked_sub(1).is_none_or(|last| K::Raw::new(last).is_some());
        if !is_numbered {
            self.0.truncate(before);
        }
        is_numbered.then_some(())
    }

    /// The index of a number that was read or that somebody else counted. Returns `None` where nothing has it.
    pub fn index_of(&self, position: usize) -> Option<Ix<K>> {
        let raw = K::Raw::new(position).filter(|_| position < self.0.len())?;
        Some(Ix(raw, PhantomData))
    }

    /// Returns the entry of an index, where this has entries for the first indices only.
    pub fn lookup(&self, index: Ix<K>) -> Option<&T> {
        self.0.get(index.position())
    }

    pub fn indices(&self) -> impl DoubleEndedIterator<Item = Ix<K>> + Clone + use<K, T> {
        (0..self.0.len()).filter_map(|position| Some(Ix(K::Raw::new(position)?, PhantomData)))
    }

    pub fn iter(&self) -> impl Iterator<Item = (Ix<K>, &T)> + Clone {
        self.indices().zip(&self.0)
    }

    pub fn values(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub fn values_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.0.iter_mut()
    }

    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Something else for each of the same things.
    pub fn map<U>(&self, of: impl FnMut(Ix<K>) -> U) -> By<K, U> {
        // The indices do not tell how many they are, and a list that grows is copied again and again.
        let mut items = Vec::with_capacity(self.0.len());
        items.extend(self.indices().map(of));
        By(items, PhantomData)
    }

    /// Makes a collection of the same length, with one value everywhere.
    pub fn filled<U: Clone>(&self, value: U) -> By<K, U> {
        By(vec![value; self.0.len()], PhantomData)
    }

    /// Leaves out the items that are not to `stay`, and says where the others are now.
    pub fn retain(&mut self, stay: &By<K, bool>) -> By<K, Option<Ix<K>>> {
        let mut left = By::<K, ()>::default();
        let mut stays = stay.values();
        self.0.retain(|_| stays.next() == Some(&true));
        // There are no more of them than before.
        stay.map(|index| if stay[index] { left.push(()) } else { None })
    }

    /// The index of an item, where they ascend.
    pub fn search(&self, item: &T) -> Option<Ix<K>>
    where
        T: Ord,
    {
        self.index_of(self.0.binary_search(item).ok()?)
    }
}

impl<K, T> Default for By<K, T> {
    fn default() -> Self {
        Self(Vec::new(), PhantomData)
    }
}

impl<K: Kind, T> Index<Ix<K>> for By<K, T> {
    type Output = T;

    #[expect(
        clippy::indexing_slicing,
        reason = "an index is made by what it indexes, or by what this was mapped from"
    )]
    fn index(&self, index: Ix<K>) -> &T {
        &self.0[index.position()]
    }
}

impl<K: Kind, T> IndexMut<Ix<K>> for By<K, T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "an index is made by what it indexes, or by what this was mapped from"
    )]
    fn index_mut(&mut self, index: Ix<K>) -> &mut T {
        &mut self.0[index.position()]
    }
}

/// A table of one row for each thing of a kind `R`, and in it something for each thing of a kind `C`.
#[derive(Debug)]
pub struct Grid<R, C, T> {
    width: usize,
    items: Vec<T>,
    kinds: PhantomData<(R, C)>,
}

impl<R: Kind, C: Kind, T: Clone> Grid<R, C, T> {
    pub fn filled<U, V>(rows: &By<R, U>, columns: &By<C, V>, value: T) -> Self {
        Self { width: columns.len(), items: vec![value; rows.len() * columns.len()], kinds: PhantomData }
    }

    /// All rows, in order.
    pub fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, T> {
        self.items.chunks_exact_mut(self.width.max(1))
    }
}

impl<R: Kind, C: Kind, T> Index<Ix<R>> for Grid<R, C, T> {
    type Output = [T];

    #[expect(clippy::indexing_slicing, reason = "a row's index is made by what the rows were made for")]
    fn index(&self, row: Ix<R>) -> &[T] {
        &self.items[row.position() * self.width..][..self.width]
    }
}

impl<R: Kind, C: Kind, T> IndexMut<Ix<R>> for Grid<R, C, T> {
    #[expect(clippy::indexing_slicing, reason = "a row's index is made by what the rows were made for")]
    fn index_mut(&mut self, row: Ix<R>) -> &mut [T] {
        &mut self.items[row.position() * self.width..][..self.width]
    }
}

impl<R: Kind, C: Kind, T> Index<(Ix<R>, Ix<C>)> for Grid<R, C, T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "both indices are made by what the grid was made for")]
    fn index(&self, (row, column): (Ix<R>, Ix<C>)) -> &T {
        &self.items[row.position() * self.width + column.position()]
    }
}

impl<R: Kind, C: Kind, T> IndexMut<(Ix<R>, Ix<C>)> for Grid<R, C, T> {
    #[expect(clippy::indexing_slicing, reason = "both indices are made by what the grid was made for")]
    fn index_mut(&mut self, (row, column): (Ix<R>, Ix<C>)) -> &mut T {
        &mut self.items[row.position() * self.width + column.position()]
    }
}

/// Several things for each thing of a kind, close together.
#[derive(Debug)]
pub struct Runs<K, T> {
    items: Vec<T>,
    /// The end of each run, which is the beginning of the next.
    ends: By<K, usize>,
}

impl<K: Kind, T: Copy> Runs<K, T> {
    /// Sorts items by their index among those of `all`. The items of one index keep their order.
    #[expect(clippy::indexing_slicing, reason = "the positions are counted over the same items")]
    pub fn new<U>(all: &By<K, U>, items: impl Iterator<Item = (Ix<K>, T)> + Clone) -> Self {
        let mut ends = all.filled(0_usize);
        for (index, _) in items.clone() {
            ends[index] += 1;
        }
        let mut total = 0;
        for end in ends.values_mut() {
            total += *end;
            *end = total - *end;
        }
        let mut sorted: Vec<T> =
            items.clone().next().map(|(_, first)| vec![first; total]).unwrap_or_default();
        for (index, item) in items {
            sorted[ends[index]] = item;
            ends[index] += 1;
        }
        Self { items: sorted, ends }
    }
}

impl<K: Kind, T> Index<Ix<K>> for Runs<K, T> {
    type Output = [T];

    #[expect(clippy::indexing_slicing, reason = "an index is made by what the runs were made for")]
    fn index(&self, index: Ix<K>) -> &[T] {
        let before = index.position().checked_sub(1);
        &self.items[before.map_or(0, |before| self.ends.0[before])..self.ends[index]]
    }
}

impl<K, T> Default for Runs<K, T> {
    fn default() -> Self {
        Self { items: Vec::new(), ends: By::default() }
    }
}

/// Declares kinds of things: what they are, the name of their indices, and the integer that holds one.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $index:ident, $raw:ty;)+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {}

        impl $crate::domain::release::cohorts::index::Kind for $kind {
            type Raw = $raw;
        }

        pub type $index = $crate::domain::release::cohorts::index::Ix<$kind>;
    )+ };
}

pub(in crate::domain::release) use kinds;

kinds! {
    /// The cohorts of this release's lattice.
    Cohorts, CohortIx, NonZeroU16;
    /// The cohorts of an earlier release.
    EarlierCohorts, EarlierCohortIx, NonZeroU16;
    /// The groups of disjoint cohorts: `all`, one for each dimension, one for each two. A member is in at most one cohort of
    /// each.
    Slots, SlotIx, u8;
    /// These groups in the lattice of an earlier release.
    EarlierSlots, EarlierSlotIx, u8;
    /// The finest cohorts: members of one atom are in the same cohorts.
    Atoms, AtomIx, u16;
    /// The organisations of this release and of those that its numbers stand on.
    Members, MemberIx, u32;
    /// The control groups of these organisations.
    Groups, GroupIx, NonZeroU32;
    /// The organisations of an earlier release alone.
    EarlierMembers, EarlierMemberIx, u32;
    /// The lists that the numbers of the cell under decision stand on, the one of this release first.
    Lists, ListIx, u16;
    /// The lists that the numbers of a coarser column of its technique stand on.
    CoarserLists, CoarserListIx, u16;
    /// The values that occur in a cell's list.
    Values, ValueIx, u8;
    /// The cohorts in which a cell shows new numbers.
    Fresh, FreshIx, u16;
}

impl ListIx {
    /// This list, once its cell is the coarser column that a finer one is judged against.
    pub fn of_coarser(self) -> CoarserListIx {
        Ix(self.0, PhantomData)
    }
}

impl<T> By<Lists, T> {
    /// These items, of the coarser column that a finer one is judged against.
    pub fn of_coarser(self) -> By<CoarserLists, T> {
        By(self.0, PhantomData)
    }
}

/// Something for each cohort of the lattice.
pub type ByCohort<T> = By<Cohorts, T>;

/// Something for each group of disjoint cohorts.
pub type BySlot<T> = By<Slots, T>;

macro_rules! raw {
    ($($integer:ty),+) => { $(
        impl Raw for $integer {
            fn new(position: usize) -> Option<Self> {
                Self::try_from(position).ok()
            }

            fn position(self) -> usize {
                usize::try_from(self).unwrap_or(usize::MAX)
            }
        }
    )+ };
}

raw!(u8, u16, u32);

/// One more than the position, so that an `Option` of an index is no larger than an index.
macro_rules! nonzero_raw {
    ($($nonzero:ty, $integer:ty;)+) => { $(
        impl Raw for $nonzero {
            fn new(position: usize) -> Option<Self> {
                <$integer>::try_from(position).ok()?.checked_add(1).and_then(Self::new)
            }

            fn position(self) -> usize {
                usize::try_from(self.get() - 1).unwrap_or(usize::MAX)
            }
        }
    )+ };
}

nonzero_raw! { NonZeroU16, u16; NonZeroU32, u32; }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_made_by_what_it_indexes() {
        let cohorts = ByCohort::new(vec!["all", "finance"]).unwrap();
        assert_eq!(cohorts.index_of(2), None);
        let finance = cohorts.index_of(1).unwrap();
        let mut counts = cohorts.filled(0);
        counts[finance] += 3;
        assert_eq!((cohorts[finance], finance.position()), ("finance", 1));
        assert_eq!(counts.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(counts.indices().collect::<Vec<_>>(), cohorts.indices().collect::<Vec<_>>());
    }

    #[test]
    fn runs_keep_the_items_of_an_index_together_and_in_order() {
        let cohorts = ByCohort::new(vec![(); 3]).unwrap();
        let [a, b, c] = [0, 1, 2].map(|position| cohorts.index_of(position).unwrap());
        let runs = Runs::new(&cohorts, [(c, 1), (a, 2), (c, 3), (a, 4)].into_iter());
        assert_eq!([&runs[a], &runs[b], &runs[c]], [&[2, 4][..], &[], &[1, 3]]);
    }

    #[test]
    fn what_has_no_position_is_not_numbered() {
        let mut slots: By<Slots, ()> = By::new(vec![(); 255]).unwrap();
        assert_eq!(slots.push(()).map(Ix::position), Some(255));
        assert_eq!(slots.push(()), None);
        assert_eq!(By::<Slots, ()>::new(vec![(); 257]), None);
        assert_eq!(size_of::<Option<CohortIx>>(), 2);
    }
}
