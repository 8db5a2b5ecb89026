//! The previous publication, as R17 needs it: its rows, on which release's list each cell stands, and these lists.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ledger::{Footing, Standing, standings},
    parts::Parts,
};
use crate::domain::{
    attack::TechniqueId,
    cohort::Cohort,
    release::{
        cohorts::{
            lattice::{Lattice, SLOTS},
            membership::{Numbers, Seating},
        },
        counting::respondent::Kept,
        error::ReleaseError,
        item::Item,
        parameters::Parameters,
        publication::{Row, Shown, Table},
        values::layout::{Key, Layout},
    },
    snapshot::Basis,
};

/// What was published before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Previous {
    pub number: u32,
    pub tables: Vec<Table>,
    /// The latest release's state of each basis.
    pub states: BTreeMap<Basis, Vec<u8>>,
    /// The heads of the footings that cells stand on, by basis and release.
    pub heads: BTreeMap<(Basis, u32), Vec<u8>>,
    /// Techniques that a new ATT&CK version only renumbered: the id of now, and the one of then.
    pub renumbered: BTreeMap<TechniqueId, TechniqueId>,
}

pub struct History<'a> {
    /// What was known of each cell.
    known: Vec<Known>,
    /// What was known of the cohorts themselves.
    members: Known,
    /// By key of this release's layout, the position in `known`, or [`UNKNOWN`].
    by_key: Vec<u32>,
    /// By cohort of this lattice, its position in the previous release's.
    positions: Vec<Option<usize>>,
    pasts: BTreeMap<u32, Past<'a>>,
    /// The cohorts that were published.
    cohorts: Vec<Cohort>,
}

const UNKNOWN: u32 = u32::MAX;

/// A row, with its cell's position in `known`.
type Placed = (usize, Row);

/// Tables whose items are looked up together.
const TABLES: usize = 32;
/// Cells whose rows are filled in together.
const CELLS: usize = 256;

/// A cell, as the previous release left it.
#[derive(Default)]
pub struct Known {
    pub standing: Standing,
    /// What it published, by position of the cohort in this release's lattice, ascending.
    rows: Vec<(u16, Row)>,
    /// Whether it published something in a cohort that this lattice has not.
    shows_elsewhere: bool,
}

/// One release that cells stand on.
pub struct Past<'a> {
    pub footing: Footing<'a>,
    pub seating: Seating,
    /// The numbers of its members.
    ids: Vec<u32>,
    /// By number, whether the organisation sits and is grouped now as it was then.
    settled: Vec<bool>,
    /// By number, whether nobody else is of the organisation's control group, neither then nor now.
    alone: Vec<bool>,
    /// The parameters of then and now together, where they show less than those of then (R28).
    pub tighter: Option<Parameters>,
}

impl Past<'_> {
    /// A cell's list by the first of `seeds` that it is under, ascending by the numbers of now; R12 is in the masks.
    pub fn list(&self, seeds: &[u64]) -> Option<Vec<Kept>> {
        let mut list = self.footing.list(seeds)?;
        for one in &mut list {
            one.member = *self.ids.get(usize::try_from(one.member).ok()?)?;
            // The lattice may have lost a cohort.
            one.mask &= self.seating.seat(one.member).map_or(0, |seat| seat.mask);
        }
        list.sort_unstable_by_key(|one| one.member);
        Some(list)
    }

    pub fn is_settled(&self, member: u32) -> bool {
        usize::try_from(member).ok().and_then(|member| self.settled.get(member)) == Some(&true)
    }

    pub fn is_alone(&self, member: u32) -> bool {
        usize::try_from(member).ok().and_then(|member| self.alone.get(member)) == Some(&true)
    }
}

impl<'a> History<'a> {
    /// An error where what was kept of the basis cannot be read (R26). The tables and the state of the basis are taken out
    /// of `previous`, so that they are not held twice.
    pub fn new(
        (previous, shelf): (&mut Previous, &'a dyn Parts),
        basis: Basis,
        layout: &Layout,
        lattice: &Lattice,
        parameters: &Parameters,
        now: &Seating,
        numbers: &mut Numbers,
    ) -> Result<Self, ReleaseError> {
        let unreadable = ReleaseError::NoBaseline { number: previous.number };
        // Every release keeps one of every basis.
        let state = previous.states.remove(&basis).ok_or_else(|| unreadable.clone())?;
        let mut pasts = BTreeMap::new();
        let mut positions = vec![None; lattice.cohorts().len()];
        for ((_, number), head) in previous.heads.iter().filter(|((of, _), _)| *of == basis) {
            let footing = Footing::read(basis, *number, head, shelf)
                .ok_or(ReleaseError::NoBaseline { number: *number })?;
            if !footing.head.parameters.unknown.is_empty() {
                let what = footing.head.parameters.unknown_named();
                return Err(ReleaseError::LaterVersion { number: *number, what });
            }
            if *number == previous.number {
                for (position, cohort) in footing.head.cohorts.iter().enumerate() {
                    let now = lattice.position(cohort).and_then(|now| positions.get_mut(usize::from(now)));
                    now.into_iter().for_each(|slot| *slot = Some(position));
                }
            }
            let (seating, ids) =
                Seating::past(&footing.head.cohorts, &footing.head.members, lattice, numbers);
            let settled = (0_u32..).take(now.len()).map(|member| now.is_settled(&seating, member)).collect();
            let strictest = parameters.strictest(&footing.head.parameters.known);
            let tighter = (!strictest.shows_like(&footing.head.parameters.known)).then_some(strictest);
            let alone = now.alone_with(&seating);
            pasts.insert(*number, Past { footing, seating, ids, settled, alone, tighter });
        }
        if !pasts.contains_key(&previous.number) {
            return Err(unreadable);
        }
        let by_key = vec![UNKNOWN; usize::try_from(layout.len()).unwrap_or_default()];
        let tables: Vec<Table> = previous.tables.extract_if(.., |table| table.basis == basis).collect();
        let cohorts = tables.iter().map(|table| table.cohort.clone()).collect();
        let mut this =
            Self { known: Vec::new(), members: Known::default(), by_key, positions, pasts, cohorts };
        let names: BTreeMap<TechniqueId, TechniqueId> =
            previous.renumbered.iter().map(|(now, then)| (*then, *now)).collect();
        for (item, standing) in standings(&state).ok_or_else(|| unreadable.clone())? {
            if standing.footing.iter().any(|number| *number > 0 && !this.pasts.contains_key(number)) {
                return Err(unreadable);
            }
            let known = Known { standing, ..Known::default() };
            match layout.key(&called_now(&names, &item)) {
                Some(key) => this.learn(key, known),
                None if item == Item::Members => this.members = known,
                // Nothing of it can be published any more.
                None => {}
            }
        }
        this.publish(tables, |item| layout.key(&called_now(&names, item)), lattice);
        Ok(this)
    }

    fn learn(&mut self, key: Key, known: Known) {
        let position = u32::try_from(self.known.len()).unwrap_or(UNKNOWN);
        let slot = usize::try_from(key).ok().and_then(|key| self.by_key.get_mut(key));
        slot.into_iter().for_each(|slot| *slot = position);
        self.known.push(known);
    }

    /// Learns what the tables of the previous release published; `key` says which cell of now an item is.
    fn publish(&mut self, tables: Vec<Table>, key: impl Fn(&Item) -> Option<Key> + Sync, lattice: &Lattice) {
        let members = tables.iter().map(|table| {
            (
                lattice.position(&table.cohort),
                Row { shown: Shown::Few, members: table.members, same_since: 0 },
            )
        });
        members.for_each(|(cohort, row)| self.members.publish(cohort, row));
        self.members.rows.sort_unstable_by_key(|(cohort, _)| *cohort);
        // By cell instead of by item: of each table ascending, and the tables in the order of their cohorts.
        let some = |tables: Vec<Table>| {
            let mut places: HashMap<*const Item, (Arc<Item>, Option<usize>)> = HashMap::new();
            let mut place = |item: Arc<Item>| {
                // Tables share their items, and each is looked up once; kept, so that no other takes its address.
                let known = places.entry(Arc::as_ptr(&item));
                known.or_insert_with(|| (Arc::clone(&item), key(&item).and_then(|key| self.position(key)))).1
            };
            let by_cell = |table: Table| {
                let rows = table.rows.into_iter().filter_map(|(item, row)| Some((place(item)?, row)));
                let mut rows: Vec<Placed> = rows.collect();
                rows.sort_by_key(|(place, _)| *place);
                (lattice.position(&table.cohort), rows)
            };
            tables.into_iter().map(by_cell).collect::<Vec<_>>()
        };
        let mut tables: Vec<(Option<u16>, Vec<Placed>)> =
            tables.into_par_iter().chunks(TABLES).flat_map_iter(some).collect();
        tables.sort_by_key(|(cohort, _)| *cohort);
        // Some cells at a time, so that what is written lies close together.
        self.known.par_chunks_mut(CELLS).enumerate().for_each(|(number, cells)| {
            let first = number * CELLS;
            for (cohort, rows) in &tables {
                let from = rows.partition_point(|(place, _)| *place < first);
                for (place, row) in rows.iter().skip(from) {
                    let Some(cell) = cells.get_mut(place - first) else { break };
                    cell.publish(*cohort, *row);
                }
            }
        });
    }

    fn position(&self, key: Key) -> Option<usize> {
        let position = usize::try_from(key).ok().and_then(|key| self.by_key.get(key))?;
        usize::try_from(*position).ok().filter(|_| *position != UNKNOWN)
    }

    /// What was known of a cell; `None` where it never was anything.
    pub fn known(&self, key: Key) -> Option<&Known> {
        self.known.get(self.position(key)?)
    }

    /// What was known of the cohorts themselves.
    pub fn members(&self) -> &Known {
        &self.members
    }

    /// Whether a cell shows nothing anywhere and has nothing that may return, in the same cohorts as now.
    pub fn is_refused(&self, known: &Known) -> bool {
        let same_lattice = || self.positions.iter().enumerate().all(|(now, then)| *then == Some(now));
        known.rows.is_empty()
            && !known.shows_elsewhere
            && known.standing.withdrawn.is_empty()
            && same_lattice()
    }

    /// On which release's list a cell stands in a cohort; 0 where on none.
    pub fn footing(&self, known: Option<&Known>, cohort: usize) -> u32 {
        let position = || self.positions.get(cohort).copied().flatten();
        known.zip(position()).and_then(|(known, at)| known.standing.footing.get(at).copied()).unwrap_or(0)
    }

    /// The number that was published, or that was withdrawn and may return.
    pub fn row(&self, known: &Known, cohort: usize) -> Option<Row> {
        let shown = known.rows.binary_search_by_key(&cohort, |(of, _)| usize::from(*of)).ok();
        let shown = shown.and_then(|position| known.rows.get(position)).map(|(_, row)| *row);
        let withdrawn = || {
            let at = self.positions.get(cohort).copied().flatten()?;
            known.standing.withdrawn.get(&at).copied()
        };
        shown.or_else(withdrawn)
    }

    pub fn past(&self, number: u32) -> Option<&Past<'a>> {
        self.pasts.get(&number)
    }

    /// An error where a list could not be read that was asked for (R26).
    pub fn check(&self) -> Result<(), ReleaseError> {
        let lost = self.pasts.iter().find(|(_, past)| past.footing.is_lost());
        lost.map_or(Ok(()), |(number, _)| Err(ReleaseError::NoBaseline { number: *number }))
    }

    /// The organisations, with their control groups, of each cohort that is published.
    pub fn published(&self) -> Vec<BTreeSet<(u64, u64)>> {
        let standing = &self.members.standing;
        let of = |cohort: &Cohort| -> Option<BTreeSet<(u64, u64)>> {
            let latest = self.pasts.values().next_back()?;
            let position = latest.footing.head.cohorts.iter().position(|known| known == cohort)?;
            let past = self.pasts.get(standing.footing.get(position)?)?;
            let head = &past.footing.head;
            let seat = u16::try_from(head.cohorts.iter().position(|known| known == cohort)?).ok()?;
            let members = past.footing.list(&[standing.seed])?;
            let footed = |one: &Kept| {
                let footed = head.members.get(usize::try_from(one.member).ok()?)?;
                let inside =
                    (0..SLOTS).zip(footed.seats).any(|(slot, own)| own == seat && one.mask & 1 << slot != 0);
                inside.then_some((footed.organisation, footed.group))
            };
            Some(members.iter().filter_map(footed).collect())
        };
        self.cohorts.iter().filter_map(of).collect()
    }

    /// Whether a cohort of the lattice did not exist before.
    pub fn is_new(&self, cohort: usize) -> bool {
        self.positions.get(cohort).copied().flatten().is_none()
    }
}

impl Known {
    fn publish(&mut self, cohort: Option<u16>, row: Row) {
        match cohort {
            Some(cohort) => self.rows.push((cohort, row)),
            None => self.shows_elsewhere = true,
        }
    }
}

/// What a cell of the previous release is called now.
fn called_now<'i>(names: &BTreeMap<TechniqueId, TechniqueId>, item: &'i Item) -> Cow<'i, Item> {
    let renumbered = |id: &TechniqueId| names.get(id).copied();
    match item {
        Item::Technique(id, column) => renumbered(id).map(|id| Item::Technique(id, column.clone())),
        Item::Cell(id, technology) => renumbered(id).map(|id| Item::Cell(id, technology.clone())),
        _ => None,
    }
    .map_or(Cow::Borrowed(item), Cow::Owned)
}
