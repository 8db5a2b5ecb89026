//! The previous publication, as R17 needs it: its rows, on which release's list each cell stands, and these lists.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Item, Lattice, ReleaseError, Row, Shown, Table,
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
    /// The footings that cells stand on, by basis and release.
    pub footings: BTreeMap<(Basis, u32), Vec<u8>>,
    /// Techniques that a new ATT&CK version only renumbered: the id of now, and the one of then.
    pub renumbered: BTreeMap<TechniqueId, TechniqueId>,
}

pub(super) struct History<'a> {
    tables: BTreeMap<&'a Cohort, &'a Table>,
    standings: BTreeMap<Item, Standing>,
    /// By cohort of this lattice, its position in the previous release's.
    positions: Vec<Option<usize>>,
    pasts: BTreeMap<u32, Past>,
    renumbered: &'a BTreeMap<TechniqueId, TechniqueId>,
}

/// One release that cells stand on.
pub(super) struct Past {
    pub footing: Footing,
    pub seating: Seating,
    /// The numbers of its members.
    ids: Vec<u32>,
}

impl Past {
    /// A cell's list by the first of `seeds` that it is under.
    pub fn list(&self, seeds: &[u64]) -> Option<Vec<Kept>> {
        let list = seeds.iter().find_map(|seed| self.footing.list(*seed))?;
        let numbered = |one: Kept| {
            let member = *self.ids.get(usize::try_from(one.member).ok()?)?;
            Some(Kept { member, ..one })
        };
        list.into_iter().map(numbered).collect()
    }
}

impl<'a> History<'a> {
    /// `None` where the basis was not published before; an error where what was kept of it cannot be read (R26).
    pub fn new(
        previous: &'a Previous,
        basis: Basis,
        lattice: &Lattice,
        numbers: &mut Numbers,
    ) -> Result<Option<Self>, ReleaseError> {
        let Some(state) = previous.states.get(&basis) else { return Ok(None) };
        let unreadable = ReleaseError::NoFooting { number: previous.number };
        let standings = standings(state).ok_or_else(|| unreadable.clone())?;
        let mut pasts = BTreeMap::new();
        let mut positions = vec![None; lattice.cohorts().len()];
        for ((_, number), bytes) in previous.footings.iter().filter(|((of, _), _)| *of == basis) {
            let footing = Footing::read(bytes.clone()).ok_or_else(|| unreadable.clone())?;
            if *number == previous.number {
                for (position, cohort) in footing.head.cohorts.iter().enumerate() {
                    let now = lattice.position(cohort).and_then(|now| positions.get_mut(usize::from(now)));
                    now.into_iter().for_each(|slot| *slot = Some(position));
                }
            }
            let (seating, ids) = Seating::past(&footing.head, lattice, numbers);
            pasts.insert(*number, Past { footing, seating, ids });
        }
        if !pasts.contains_key(&previous.number) {
            return Err(unreadable);
        }
        let tables = previous.tables.iter().filter(|table| table.basis == basis);
        let tables = tables.map(|table| (&table.cohort, table)).collect();
        Ok(Some(Self { tables, standings, positions, pasts, renumbered: &previous.renumbered }))
    }

    /// What a cell was called in the previous release.
    fn then(&self, item: &Item) -> Item {
        let then = |id: &TechniqueId| self.renumbered.get(id).copied().unwrap_or(*id);
        match item {
            Item::Technique(id, column) => Item::Technique(then(id), column.clone()),
            Item::Cell(id, technology) => Item::Cell(then(id), technology.clone()),
            other => other.clone(),
        }
    }

    pub fn standing(&self, item: &Item) -> Option<&Standing> {
        self.standings.get(&self.then(item))
    }

    /// Whether a cell shows nothing anywhere and has nothing that may return, in the same cohorts as now.
    pub fn is_refused(&self, item: &Item, lattice: &Lattice) -> bool {
        let then = self.then(item);
        let same_lattice =
            (0..lattice.cohorts().len()).all(|cohort| self.positions.get(cohort) == Some(&Some(cohort)));
        let shows = || self.tables.values().any(|table| table.rows.contains_key(&then));
        let may_return = || self.standings.get(&then).is_none_or(|standing| !standing.withdrawn.is_empty());
        same_lattice && !shows() && !may_return()
    }

    /// On which release's list a cell stands in a cohort; 0 where on none.
    pub fn footing(&self, standing: Option<&Standing>, cohort: usize) -> u32 {
        let position = || self.positions.get(cohort).copied().flatten();
        standing.zip(position()).and_then(|(standing, at)| standing.footing.get(at).copied()).unwrap_or(0)
    }

    /// The number that was published, or that was withdrawn and may return.
    pub fn row(&self, item: &Item, cohort: &Cohort, position: usize) -> Option<Row> {
        let item = self.then(item);
        let table = self.tables.get(cohort);
        let shown = match item {
            Item::Members => {
                table.map(|table| Row { shown: Shown::Few, members: table.members, same_since: 0 })
            }
            _ => table.and_then(|table| table.rows.get(&item).copied()),
        };
        let withdrawn = || {
            let at = self.positions.get(position).copied().flatten()?;
            self.standings.get(&item)?.withdrawn.get(&at).copied()
        };
        shown.or_else(withdrawn)
    }

    pub fn past(&self, number: u32) -> Option<&Past> {
        self.pasts.get(&number)
    }

    /// The organisations, with their control groups, of each cohort that is published.
    pub fn published(&self) -> Vec<BTreeSet<(u64, u64)>> {
        let Some(standing) = self.standings.get(&Item::Members) else { return Vec::new() };
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
        self.tables.keys().filter_map(|cohort| of(cohort)).collect()
    }

    /// Whether a cohort of the lattice did not exist before.
    pub fn is_new(&self, cohort: usize) -> bool {
        self.positions.get(cohort).copied().flatten().is_none()
    }
}
