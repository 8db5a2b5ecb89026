//! The previous publication, as R17 needs it: its rows, on which release's list each cell stands, and these lists.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZeroU32,
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ledger::{CellState, EarlierLedger, List, Retired, cell_states},
    parts::Parts,
};
use crate::domain::{
    attack::{GroupId, TechniqueId},
    cohort::Cohort,
    release::{
        cohorts::{
            index::{
                By, ByCohort, CohortIx, Cohorts, EarlierCohortIx, EarlierCohorts, MemberIx, Members, kinds,
            },
            lattice::Lattice,
            membership::{Memberships, Numbering, Pseudonyms, Translation, Units},
        },
        counting::respondent::Respondent,
        error::ReleaseError,
        item::Item,
        parameters::{Parameters, Rule},
        publication::{Publication, Row, Table},
        rules::code::{Coding, Unit},
        values::layout::{Blocks, ByTechnique, Key, Layout, Simple},
    },
    scale::Scale,
    snapshot::Basis,
};

/// Everything that was published before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Previous {
    pub number: u32,
    pub tables: Vec<Table>,
    /// The scales that it named.
    pub scales: Vec<Scale>,
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
        let Publication { number, tables, scales, ledgers, .. } = publication;
        let mut next = Self { number, tables, scales, ..Self::default() };
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
    /// The users of each scale.
    users: BTreeMap<Scale, KnownCell>,
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
    /// The scales that were named.
    scales: Vec<Scale>,
    /// The parameters of the previous release.
    pub parameters: Parameters,
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
    /// The units in which changes since then are counted.
    pub units: Units,
    /// The coding of points and of counts.
    codings: [Coding; 2],
}

/// A cell, as the previous release left it, by cohort of this release's lattice.
#[derive(Debug, Clone)]
pub struct Past {
    /// The release on whose list it stands; 0 where on none.
    pub baselines: ByCohort<u32>,
    /// The rows that it shows.
    pub shown: ByCohort<Option<Row>>,
    /// The rows that it showed last where it shows none.
    pub withdrawn: ByCohort<Option<Row>>,
}

impl Past {
    /// The state before a first release: no cell was published.
    pub fn nothing(cohorts: &ByCohort<Cohort>) -> Self {
        Self { baselines: cohorts.filled(0), shown: cohorts.filled(None), withdrawn: cohorts.filled(None) }
    }

    /// Returns the row that a cell shows in a cohort, or showed last.
    pub fn last(&self, cohort: CohortIx) -> Option<Row> {
        self.shown[cohort].or(self.withdrawn[cohort])
    }
}

impl Baseline<'_> {
    /// Returns the coding of values.
    pub fn coding(&self, unit: Unit) -> &Coding {
        let [points, counts] = &self.codings;
        match unit {
            Unit::Points => points,
            Unit::Count => counts,
        }
    }

    /// A cell's list by the first of `seeds` that it is under, ascending by the numbers of now.
    pub fn list(&self, seeds: &[u64]) -> Result<List<Respondent>, ReleaseError> {
        let List { tag_seed, comparable, respondents } = self.ledger.list(seeds)?;
        let listed = respondents.into_iter().map(|one| {
            let member = self.then.members[one.member];
            // The lattice may have lost a cohort. R12 is in the list.
            let left = self.then.memberships.get(member).map(|membership| membership.counts_in);
            let counts_in = self.then.slots(one.counts_in).and(left.unwrap_or_default());
            Respondent { member, counts_in, tag: one.tag }
        });
        let mut respondents: Vec<Respondent> = listed.collect();
        respondents.sort_unstable_by_key(|one| one.member);
        Ok(List { tag_seed, comparable, respondents })
    }

    pub fn memberships(&self) -> &Memberships {
        &self.then.memberships
    }

    pub fn is_settled(&self, member: MemberIx) -> bool {
        self.settled.lookup(member) == Some(&true)
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
            let units = now.units_with(&then.memberships, parameters.holds(Rule::R32));
            let then_under = &ledger.parameters.known;
            let codings = [Unit::Points, Unit::Count].map(|unit| Coding::new(unit, then_under));
            baselines.insert(*number, Baseline { ledger, then, settled, units, codings });
        }
        let latest = &baselines.get(&number).ok_or_else(unreadable)?.ledger;
        let (edition, parameters) = (latest.edition(), latest.parameters.known.clone());
        let cohorts = &latest.membership.cohorts;
        let named: HashMap<&str, EarlierCohortIx> =
            cohorts.iter().map(|(index, name)| (name.as_str(), index)).collect();
        let positions = lattice
            .by_cohort()
            .map(|cohort| named.get(lattice.by_cohort()[cohort].to_string().as_str()).copied());
        let states = cell_states(&state, edition, cohorts).ok_or_else(unreadable)?;
        let tables: Vec<Table> = previous.tables.extract_if(.., |table| table.basis == basis).collect();
        let published = tables.iter().map(|table| table.cohort.clone()).collect();
        let mut this = Self {
            known: By::default(),
            members: KnownCell::default(),
            users: BTreeMap::new(),
            simple: layout.simple().filled(None),
            techniques: layout.blocks().map(|block| layout.grid(block, None)),
            positions,
            baselines,
            number,
            published,
            scales: previous.scales.clone(),
            parameters,
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
            let retired = state.retired.values().flat_map(|retired| retired.baselines.values());
            if !state.baselines.values().chain(retired).chain([&state.scale_since]).all(is_there) {
                return Err(unreadable());
            }
            let known = KnownCell { state, ..KnownCell::default() };
            if let Item::Scale(scale) = item {
                this.learn_scale(scale, known);
                continue;
            }
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

    /// A scale that was named shows a row in `all`, which comes first.
    fn learn_scale(&mut self, scale: Scale, mut known: KnownCell) {
        let all = self.positions.indices().next().filter(|_| self.named(scale));
        known.rows.extend(all.map(|all| (all, Row::NOTHING)));
        self.users.insert(scale, known);
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
            let row = Row { members: Some(table.members), ..Row::NOTHING };
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

    /// Returns the users of a scale as a cell, or `None` if no release recorded them.
    pub fn scale(&self, scale: Scale) -> Option<&KnownCell> {
        self.users.get(&scale)
    }

    /// Says that answers named the scale.
    pub fn named(&self, scale: Scale) -> bool {
        self.scales.contains(&scale)
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

    /// A cell on the scale that it has; `None` stands for a cell that never was anything.
    pub fn past(&self, known: Option<&KnownCell>) -> Past {
        let shown = self.positions.map(|cohort| {
            let rows = &known?.rows;
            let position = rows.binary_search_by_key(&cohort, |(of, _)| *of).ok()?;
            rows.get(position).map(|(_, row)| *row)
        });
        let withdrawn = self.positions.map(|cohort| {
            known?.state.withdrawn.get(&self.positions[cohort]?).filter(|_| shown[cohort].is_none()).copied()
        });
        let baselines = self.positions.map(|cohort| self.baseline_of(known, cohort));
        Past { baselines, shown, withdrawn }
    }

    /// A cell on another scale, which it may have had before.
    pub fn past_on(&self, known: &KnownCell, scale: u8) -> Past {
        let retired = known.state.retired.get(&scale);
        let of = |cohort| retired.zip(self.positions[cohort]);
        Past {
            baselines: self
                .positions
                .map(|cohort| of(cohort).map_or(0, |(retired, position)| retired.baselines[position])),
            shown: self.positions.map(|cohort| {
                let (retired, position) = of(cohort)?;
                retired.rows.get(&position).copied()
            }),
            withdrawn: self.positions.map(|_| None),
        }
    }

    /// Returns the earlier states of a cell on other scales, in today's cohorts.
    pub fn retired(&self, known: &KnownCell) -> BTreeMap<u8, Retired<Cohorts>> {
        let of = |retired: &Retired<EarlierCohorts>| Retired {
            baselines: self
                .positions
                .map(|cohort| self.positions[cohort].map_or(0, |position| retired.baselines[position])),
            rows: self
                .positions
                .iter()
                .filter_map(|(cohort, position)| Some((cohort, *retired.rows.get(position.as_ref()?)?)))
                .collect(),
        };
        known.state.retired.iter().map(|(scale, retired)| (*scale, of(retired))).collect()
    }

    /// The latest release on whose list the cell stands somewhere; 0 where on none.
    pub fn latest_baseline(&self, known: &KnownCell) -> u32 {
        known.state.baselines.values().copied().max().unwrap_or_default()
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
            let list = ledger.list(&[state.seed])?.respondents;
            let inside = list.iter().filter(|one| {
                let slot = membership.slot_in(one.member, cohort);
                slot.is_some_and(|slot| one.counts_in.bits() >> slot.position() & 1 == 1)
            });
            let pseudonyms = inside.map(|one| &membership.members[one.member].pseudonyms);
            Ok(pseudonyms.map(|Pseudonyms { organisation, group, .. }| (*organisation, *group)).collect())
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

/// Returns today's name of a cell of the previous release.
fn called_now<'i>(names: &BTreeMap<TechniqueId, TechniqueId>, item: &'i Item) -> Cow<'i, Item> {
    let renumbered = |id: &TechniqueId| names.get(id).copied();
    match item {
        Item::Technique(id, column) => renumbered(id).map(|id| Item::Technique(id, column.clone())),
        Item::Cell(id, technology) => renumbered(id).map(|id| Item::Cell(id, technology.clone())),
        _ => None,
    }
    .map_or(Cow::Borrowed(item), Cow::Owned)
}
