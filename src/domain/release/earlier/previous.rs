//! The previous publication, as R17 needs it: its rows, on which release's list each cell stands, and these lists.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZeroU32,
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ledger::{CellState, EarlierLedger, cell_states},
    parts::Parts,
};
use crate::domain::{
    attack::{GroupId, TechniqueId},
    cohort::Cohort,
    release::{
        cohorts::{
            index::{By, ByCohort, CohortIx, EarlierCohortIx, EarlierCohorts, MemberIx, Members, kinds},
            lattice::Lattice,
            membership::{Memberships, Numbering, Pseudonyms, Translation},
        },
        counting::respondent::Respondent,
        error::ReleaseError,
        item::Item,
        parameters::Parameters,
        publication::{Publication, Row, Shown, Table},
        values::layout::{Blocks, ByTechnique, Key, Layout, Simple},
    },
    snapshot::Basis,
};

/// Everything that was published before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Previous {
    pub number: u32,
    pub tables: Vec<Table>,
    /// The latest release's state of each basis.
    pub states: BTreeMap<Basis, Vec<u8>>,
    /// The heads of the ledgers that cells stand on, by basis and release.
    pub heads: BTreeMap<(Basis, u32), Vec<u8>>,
    /// Techniques that a new ATT&CK version only renumbered: the id of now, and the one of then.
    pub renumbered: BTreeMap<TechniqueId, TechniqueId>,
    /// Threat groups of which ATT&CK attributes other techniques now: each is a new item, and what was published under
    /// its name ends.
    pub redefined: BTreeSet<GroupId>,
}

impl Previous {
    /// The publication as the next one needs it, with those heads of before that its cells still stand on.
    #[must_use]
    pub fn followed_by(self, publication: Publication) -> Self {
        let Publication { number, tables, ledgers, .. } = publication;
        let mut next = Self { number, tables, ..Self::default() };
        for ledger in ledgers {
            let basis = ledger.basis;
            let needed = self
                .heads
                .iter()
                .filter(|((of, release), _)| *of == basis && ledger.stands_on.contains(release));
            next.heads.extend(needed.map(|(of, head)| (*of, head.clone())));
            next.heads.insert((basis, number), ledger.head);
            next.states.insert(basis, ledger.state);
        }
        next
    }
}

/// Everything that a release knows of those before.
pub struct Earlier<'a> {
    /// The cells that were anything.
    known: By<KnownCells, KnownCell>,
    /// The cohorts themselves.
    members: KnownCell,
    /// By key of this release's layout.
    simple: By<Simple, Option<KnownIx>>,
    techniques: By<Blocks, ByTechnique<Option<KnownIx>>>,
    /// The cohort's position in the previous release; `None` of a new one.
    positions: ByCohort<Option<EarlierCohortIx>>,
    baselines: BTreeMap<u32, Baseline<'a>>,
    /// The number of the previous release.
    number: u32,
    /// The cohorts that were published.
    published: Vec<Cohort>,
}

kinds! {
    /// The cells that the previous release knew.
    KnownCells, KnownIx, NonZeroU32;
}

/// A row, with its cell.
type Placed = (KnownIx, Row);

/// Tables whose items are looked up together.
const TABLES: usize = 32;
/// Cells whose rows are filled in together.
const CELLS: usize = 256;

/// A cell, as the previous release left it.
#[derive(Default)]
pub struct KnownCell {
    pub state: CellState<EarlierCohorts>,
    /// The rows that it published, ascending by cohort of this release's lattice.
    rows: Vec<(CohortIx, Row)>,
    /// Says that it published something in a cohort that this lattice has not.
    shows_elsewhere: bool,
}

/// One release that cells stand on.
pub struct Baseline<'a> {
    pub ledger: EarlierLedger<'a>,
    then: Translation,
    /// Says that the organisation is in the cohorts and the control group now that it was in then.
    settled: By<Members, bool>,
    /// Says that nobody else is of the organisation's control group, neither then nor now.
    alone: By<Members, bool>,
    /// The parameters of then and now together, where they show less than those of then (R28).
    pub tighter: Option<Parameters>,
}

impl Baseline<'_> {
    /// A cell's list by the first of `seeds` that it is under, ascending by the numbers of now.
    pub fn list(&self, seeds: &[u64]) -> Result<Vec<Respondent>, ReleaseError> {
        let listed = self.ledger.list(seeds)?.into_iter().map(|one| {
            let member = self.then.members[one.member];
            // The lattice may have lost a cohort. R12 is in the list.
            let left = self.then.memberships.get(member).map(|membership| membership.counts_in);
            let counts_in = self.then.slots(one.counts_in).and(left.unwrap_or_default());
            Respondent { member, counts_in, tag: one.tag }
        });
        let mut list: Vec<Respondent> = listed.collect();
        list.sort_unstable_by_key(|one| one.member);
        Ok(list)
    }

    pub fn memberships(&self) -> &Memberships {
        &self.then.memberships
    }

    pub fn is_settled(&self, member: MemberIx) -> bool {
        self.settled.lookup(member) == Some(&true)
    }

    pub fn is_alone(&self, member: MemberIx) -> bool {
        self.alone.lookup(member) == Some(&true)
    }
}

impl<'a> Earlier<'a> {
    /// Fails where what was kept of the basis can't be read (R26). The tables and the state of the basis are taken out of
    /// `previous`, so that they are not held twice.
    pub fn new(
        (previous, parts): (&mut Previous, &'a dyn Parts),
        basis: Basis,
        layout: &Layout,
        lattice: &Lattice,
        parameters: &Parameters,
        now: &Memberships,
        numbering: &mut Numbering,
    ) -> Result<Self, ReleaseError> {
        let number = previous.number;
        let unreadable = || ReleaseError::NoBaseline { number };
        // Every release keeps one of every basis.
        let state = previous.states.remove(&basis).ok_or_else(unreadable)?;
        let mut baselines = BTreeMap::new();
        for ((_, number), head) in previous.heads.iter().filter(|((of, _), _)| *of == basis) {
            let ledger = EarlierLedger::read(basis, *number, head, parts)
                .ok_or(ReleaseError::NoBaseline { number: *number })?;
            if let Some(what) = ledger.parameters.unknown_named() {
                return Err(ReleaseError::LaterVersion { number: *number, what });
            }
            let then = Memberships::earlier(&ledger.membership, lattice, numbering)?;
            let settled = now.map(|member| now.is_settled(&then.memberships, member));
            let strictest = parameters.strictest(&ledger.parameters.known);
            let tighter = (!strictest.shows_like(&ledger.parameters.known)).then_some(strictest);
            let alone = now.alone_with(&then.memberships);
            baselines.insert(*number, Baseline { ledger, then, settled, alone, tighter });
        }
        let cohorts = &baselines.get(&number).ok_or_else(unreadable)?.ledger.membership.cohorts;
        let named: HashMap<&str, EarlierCohortIx> =
            cohorts.iter().map(|(index, name)| (name.as_str(), index)).collect();
        let positions = lattice
            .by_cohort()
            .map(|cohort| named.get(lattice.by_cohort()[cohort].to_string().as_str()).copied());
        let states = cell_states(&state, cohorts).ok_or_else(unreadable)?;
        let tables: Vec<Table> = previous.tables.extract_if(.., |table| table.basis == basis).collect();
        let published = tables.iter().map(|table| table.cohort.clone()).collect();
        let mut this = Self {
            known: By::default(),
            members: KnownCell::default(),
            simple: layout.simple().filled(None),
            techniques: layout.blocks().map(|block| layout.grid(block, None)),
            positions,
            baselines,
            number,
            published,
        };
        let names: BTreeMap<TechniqueId, TechniqueId> =
            previous.renumbered.iter().map(|(now, then)| (*then, *now)).collect();
        let redefined = std::mem::take(&mut previous.redefined);
        let ended = |item: &Item| matches!(item, Item::Group(id) if redefined.contains(id));
        let key_of = |item: &Item| {
            if ended(item) { None } else { layout.key(&called_now(&names, item)) }
        };
        // Every release decides on its cohorts.
        if !states.contains_key(&Item::Members) {
            return Err(unreadable());
        }
        for (item, state) in states {
            let is_there = |number: &u32| *number == 0 || this.baselines.contains_key(number);
            if !state.baselines.values().all(is_there) {
                return Err(unreadable());
            }
            let known = KnownCell { state, ..KnownCell::default() };
            match key_of(&item) {
                Some(key) => this.learn(key, known)?,
                None if item == Item::Members => this.members = known,
                // Nothing of it can be published any more.
                None => {}
            }
        }
        this.publish(tables, key_of, lattice);
        Ok(this)
    }

    fn learn(&mut self, key: Key, known: KnownCell) -> Result<(), ReleaseError> {
        let known = self.known.push(known).ok_or(ReleaseError::TooLarge)?;
        match key {
            Key::Simple(of) => self.simple[of] = Some(known),
            Key::Technique(block, technique, column) => {
                self.techniques[block][(technique, column)] = Some(known);
            }
        }
        Ok(())
    }

    /// Learns what the tables of the previous release published; `key` says which cell of now an item is.
    fn publish(&mut self, tables: Vec<Table>, key: impl Fn(&Item) -> Option<Key> + Sync, lattice: &Lattice) {
        for table in &tables {
            let row = Row { shown: Shown::Few, members: table.members, same_since: 0 };
            self.members.publish(lattice.find(&table.cohort), row);
        }
        self.members.rows.sort_unstable_by_key(|(cohort, _)| *cohort);
        // By cell instead of by item: of each table ascending, and the tables in the order of their cohorts.
        let some = |tables: Vec<Table>| {
            let mut places: HashMap<*const Item, (Arc<Item>, Option<KnownIx>)> = HashMap::new();
            let mut place = |item: Arc<Item>| {
                // Tables share their items, and each is looked up once; kept, so that no other takes its address.
                let known = places.entry(Arc::as_ptr(&item));
                known.or_insert_with(|| (Arc::clone(&item), key(&item).and_then(|key| self.position(key)))).1
            };
            let by_cell = |table: Table| {
                let rows = table.rows.into_iter().filter_map(|(item, row)| Some((place(item)?, row)));
                let mut rows: Vec<Placed> = rows.collect();
                rows.sort_by_key(|(place, _)| *place);
                (lattice.find(&table.cohort), rows)
            };
            tables.into_iter().map(by_cell).collect::<Vec<_>>()
        };
        let mut tables: Vec<(Option<CohortIx>, Vec<Placed>)> =
            tables.into_par_iter().chunks(TABLES).flat_map_iter(some).collect();
        tables.sort_by_key(|(cohort, _)| *cohort);
        // Some cells at a time, so that what is written lies close together.
        self.known.as_mut_slice().par_chunks_mut(CELLS).enumerate().for_each(|(number, cells)| {
            let first = number * CELLS;
            for (cohort, rows) in &tables {
                let from = rows.partition_point(|(place, _)| place.position() < first);
                for (place, row) in rows.iter().skip(from) {
                    let Some(cell) = cells.get_mut(place.position() - first) else { break };
                    cell.publish(*cohort, *row);
                }
            }
        });
    }

    fn position(&self, key: Key) -> Option<KnownIx> {
        match key {
            Key::Simple(of) => self.simple[of],
            Key::Technique(block, technique, column) => self.techniques[block][(technique, column)],
        }
    }

    /// A cell of the previous release; `None` where it never was anything.
    pub fn known(&self, key: Key) -> Option<&KnownCell> {
        Some(&self.known[self.position(key)?])
    }

    /// The cohorts themselves, as a cell in which everybody has a value.
    pub fn members(&self) -> &KnownCell {
        &self.members
    }

    /// Says that a cell shows nothing anywhere and has nothing that may return, in the same cohorts as now.
    pub fn is_refused(&self, known: &KnownCell) -> bool {
        let same = |(now, then): (CohortIx, &Option<EarlierCohortIx>)| {
            then.is_some_and(|then| then.position() == now.position())
        };
        known.rows.is_empty()
            && !known.shows_elsewhere
            && known.state.withdrawn.is_empty()
            && self.positions.iter().all(same)
    }

    /// The release on whose list a cell stands in a cohort; 0 where on none.
    pub fn baseline_of(&self, known: Option<&KnownCell>, cohort: CohortIx) -> u32 {
        let known = known.zip(self.positions[cohort]);
        known.map_or(0, |(known, position)| known.state.baselines[position])
    }

    /// The number that was published, or that was withdrawn and may return.
    pub fn row(&self, known: &KnownCell, cohort: CohortIx) -> Option<Row> {
        let shown = known.rows.binary_search_by_key(&cohort, |(of, _)| *of).ok();
        let shown = shown.and_then(|position| known.rows.get(position)).map(|(_, row)| *row);
        shown.or_else(|| known.state.withdrawn.get(&self.positions[cohort]?).copied())
    }

    /// A release that cells stand on.
    pub fn baseline(&self, number: u32) -> Option<&Baseline<'a>> {
        self.baselines.get(&number)
    }

    /// The organisations, with their control groups, of each cohort that is published.
    pub fn published(&self) -> Result<Vec<BTreeSet<(u64, u64)>>, ReleaseError> {
        let lost = |number: u32| ReleaseError::NoBaseline { number };
        let state = &self.members.state;
        let of = |cohort: &Cohort| {
            let name = cohort.to_string();
            let find = |cohorts: &By<EarlierCohorts, String>| {
                cohorts.iter().find(|(_, known)| **known == name).map(|(index, _)| index)
            };
            let latest = self.baselines.get(&self.number).ok_or(lost(self.number))?;
            let position = find(&latest.ledger.membership.cohorts).ok_or(lost(self.number))?;
            let number = *state.baselines.lookup(position).ok_or(lost(self.number))?;
            let ledger = &self.baselines.get(&number).ok_or(lost(number))?.ledger;
            let membership = &ledger.membership;
            let cohort = find(&membership.cohorts).ok_or(lost(number))?;
            let list = ledger.list(&[state.seed])?;
            let inside = list.iter().filter(|one| {
                let slot = membership.slot_in(one.member, cohort);
                slot.is_some_and(|slot| one.counts_in.bits() >> slot.position() & 1 == 1)
            });
            let pseudonyms = inside.map(|one| membership.members[one.member].pseudonyms);
            Ok(pseudonyms.map(|Pseudonyms { organisation, group }| (organisation, group)).collect())
        };
        self.published.iter().map(of).collect()
    }

    /// Says that a cohort of the lattice did not exist before.
    pub fn is_new(&self, cohort: CohortIx) -> bool {
        self.positions[cohort].is_none()
    }
}

impl KnownCell {
    fn publish(&mut self, cohort: Option<CohortIx>, row: Row) {
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
