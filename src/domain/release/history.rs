//! The previous publication, as R17 needs it: its rows, on which release's list each cell stands, and these lists.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    Item, Key, Lattice, Layout, Parameters, ReleaseError, Row, Shelf, Shown, Table,
    footing::{Footing, Standing, standings},
    lattice::SLOTS,
    scan::Kept,
    seating::{Numbers, Seating},
};
use crate::domain::{attack::TechniqueId, cohort::Cohort, snapshot::Basis};

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

pub(super) struct History<'a> {
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

/// A cell, as the previous release left it.
#[derive(Default)]
pub(super) struct Known {
    pub standing: Standing,
    /// What it published, by position of the cohort in this release's lattice, ascending.
    rows: Vec<(usize, Row)>,
    /// Whether it published something in a cohort that this lattice has not.
    shows_elsewhere: bool,
}

/// One release that cells stand on.
pub(super) struct Past<'a> {
    pub footing: Footing<'a>,
    pub seating: Seating,
    /// The numbers of its members.
    ids: Vec<u32>,
    /// By number, whether the organisation sits and is grouped now as it was then.
    settled: Vec<bool>,
    /// The parameters of then and now together, where they show less than those of then (R28).
    pub tighter: Option<Parameters>,
}

impl Past<'_> {
    /// A cell's list by the first of `seeds` that it is under, ascending by the numbers of now; R12 is in the masks.
    pub fn list(&self, seeds: &[u64]) -> Option<Vec<Kept>> {
        let mut list = seeds.iter().find_map(|seed| self.footing.list(*seed))?;
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
}

impl<'a> History<'a> {
    /// `None` where the basis was not published before; an error where what was kept of it cannot be read (R26). What
    /// `previous` has of the basis is taken out, so that it is not held twice.
    pub fn new(
        (previous, shelf): (&mut Previous, &'a dyn Shelf),
        basis: Basis,
        layout: &Layout,
        lattice: &Lattice,
        parameters: &Parameters,
        now: &Seating,
        numbers: &mut Numbers,
    ) -> Result<Option<Self>, ReleaseError> {
        let Some(state) = previous.states.remove(&basis) else { return Ok(None) };
        let unreadable = ReleaseError::NoFooting { number: previous.number };
        let mut pasts = BTreeMap::new();
        let mut positions = vec![None; lattice.cohorts().len()];
        for ((_, number), head) in previous.heads.iter().filter(|((of, _), _)| *of == basis) {
            let footing = Footing::read(basis, *number, head, shelf).ok_or_else(|| unreadable.clone())?;
            if *number == previous.number {
                for (position, cohort) in footing.head.cohorts.iter().enumerate() {
                    let now = lattice.position(cohort).and_then(|now| positions.get_mut(usize::from(now)));
                    now.into_iter().for_each(|slot| *slot = Some(position));
                }
            }
            let (seating, ids) = Seating::past(&footing.head, lattice, numbers);
            let settled = (0_u32..).take(now.len()).map(|member| now.is_settled(&seating, member)).collect();
            let strictest = parameters.strictest(&footing.head.parameters);
            let tighter = (!strictest.shows_like(&footing.head.parameters)).then_some(strictest);
            pasts.insert(*number, Past { footing, seating, ids, settled, tighter });
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
        for (item, standing) in standings(&state).ok_or(unreadable)? {
            let known = Known { standing, ..Known::default() };
            match layout.key(&called_now(&names, &item)) {
                Some(key) => this.learn(key, known),
                None if item == Item::Members => this.members = known,
                // Nothing of it can be published any more.
                None => {}
            }
        }
        // Tables share their items, and each is looked up once; kept, so that no other takes its address.
        let mut places: HashMap<*const Item, (Arc<Item>, Option<usize>)> = HashMap::new();
        for table in tables {
            let cohort = lattice.position(&table.cohort).map(usize::from);
            let row = Row { shown: Shown::Few, members: table.members, same_since: 0 };
            this.members.publish(cohort, row);
            for (item, row) in table.rows {
                let (_, place) = places.entry(Arc::as_ptr(&item)).or_insert_with(|| {
                    let place = layout.key(&called_now(&names, &item));
                    let place = place.and_then(|key| this.position(key));
                    (item, place)
                });
                let known = place.and_then(|place| this.known.get_mut(place));
                known.into_iter().for_each(|known| known.publish(cohort, row));
            }
        }
        let all = this.known.iter_mut().chain([&mut this.members]);
        all.for_each(|known| known.rows.sort_unstable_by_key(|(cohort, _)| *cohort));
        Ok(Some(this))
    }

    fn learn(&mut self, key: Key, known: Known) {
        let position = u32::try_from(self.known.len()).unwrap_or(UNKNOWN);
        let slot = usize::try_from(key).ok().and_then(|key| self.by_key.get_mut(key));
        slot.into_iter().for_each(|slot| *slot = position);
        self.known.push(known);
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
        let shown = known.rows.binary_search_by_key(&cohort, |(of, _)| *of).ok();
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
        lost.map_or(Ok(()), |(number, _)| Err(ReleaseError::NoFooting { number: *number }))
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
            let members = past.footing.list(standing.seed)?;
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
    fn publish(&mut self, cohort: Option<usize>, row: Row) {
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
