//! The ledger of published numbers (R17): for every cell that a release computed anew, which control groups it was
//! computed from and a keyed digest of what each contributed. No value can be read from it, only whether one has
//! changed; so it outlives what it was made of (R25).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    bytes::{Reader, Writer},
    parts::{PartError, PartId, Parts},
};
use crate::domain::{
    attack::AttackVersion,
    cohort::Cohort,
    release::{
        cohorts::{
            index::{AtomIx, By, ByCohort, Cohorts, EarlierCohorts, EarlierMemberIx, Ix, Kind, Members},
            lattice::SlotSet,
            membership::{EarlierMember, EarlierMemberCohorts, EarlierMembership, Memberships, Pseudonyms},
        },
        counting::respondent::Respondent,
        error::ReleaseError,
        item::Item,
        parameters::{Parameters, Recorded},
        publication::{Ledger, Row},
    },
    snapshot::Basis,
};

/// The head of a ledger: who contributed to a release, and under what it was published.
pub struct Head<'a> {
    pub attack: AttackVersion,
    pub parameters: &'a Parameters,
    pub cohorts: &'a ByCohort<Cohort>,
    pub members: &'a By<Members, Pseudonyms>,
    pub memberships: &'a Memberships,
    /// How many groups of disjoint cohorts there are.
    pub slots: usize,
}

/// An earlier release's ledger; lists are fetched when they are asked for.
pub struct EarlierLedger<'a> {
    pub parameters: Recorded<Parameters>,
    pub membership: EarlierMembership,
    /// Bytes of a set of its slots.
    set_bytes: usize,
    parts: &'a dyn Parts,
    basis: Basis,
    release: u32,
    /// By the seed of the cell.
    lists: HashMap<u64, Spot>,
}

/// An organisation on an earlier release's list.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    pub member: EarlierMemberIx,
    /// The slots, of that release's lattice, of the cohorts in which it counted.
    pub counts_in: SlotSet,
    pub tag: u16,
}

/// The place of a list: the number of its part, and where it begins there.
#[derive(Debug, Clone, Copy)]
struct Spot {
    part: u32,
    start: usize,
}

/// A part takes no further list when it is longer than this. In tests nearly every list is a part.
const PART: usize = if cfg!(test) { 64 } else { 1 << 20 };

/// Groups of disjoint cohorts that three dimensions make. A ledger that has as many begins with its ATT&CK version; one that
/// has more or fewer, with [`FORM`] and how many they are.
const SLOTS_OF_OLD: usize = 7;

/// The beginning of a ledger that says how many groups of disjoint cohorts it has: no ATT&CK version is empty.
const FORM: [u8; 2] = [0, 2];

/// Written in place of a cohort where a member has none.
const NO_COHORT: u16 = u16::MAX;

/// The state of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellState<K: Kind> {
    /// The number that its digests are keyed with besides the organisation and the value; a renumbered technique keeps it.
    pub seed: u64,
    /// The release on whose list it stands; 0 where it never had one.
    pub baselines: By<K, u32>,
    /// The rows that were withdrawn and may return.
    pub withdrawn: BTreeMap<Ix<K>, Row>,
}

impl<K: Kind> Default for CellState<K> {
    fn default() -> Self {
        Self { seed: 0, baselines: By::default(), withdrawn: BTreeMap::new() }
    }
}

/// The entry of one cell in the ledger.
pub struct LedgerEntry {
    pub item: Item,
    pub state: CellState<Cohorts>,
    /// Its list and the seed it is found under, where some cohort was computed anew.
    pub list: Option<(u64, Vec<u8>)>,
}

/// Bytes of a set of so many slots.
fn set_bytes(slots: usize) -> usize {
    slots.div_ceil(8)
}

/// Writes a list for [`EarlierLedger::list`]: ascending by member. Nearly all sets of slots are the same, so one is written
/// only where it is another than the one before.
pub fn listed(respondents: &[Respondent], slots: usize) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.count(respondents.len());
    let (mut member, mut counts_in) = (0_u32, SlotSet::default());
    for one in respondents {
        // Members are numbered with 32 bits.
        let number = u32::try_from(one.member.position()).unwrap_or(u32::MAX);
        let distance = u64::from(number.wrapping_sub(member));
        let turns = one.counts_in != counts_in;
        writer.number(distance << 1 | u64::from(turns));
        if turns {
            let bytes = one.counts_in.bits().to_le_bytes();
            writer.fixed(bytes.get(..set_bytes(slots)).unwrap_or(&bytes));
        }
        writer.fixed(&one.tag.to_le_bytes());
        (member, counts_in) = (number, one.counts_in);
    }
    writer.0
}

/// A ledger while it is written, cell by cell.
pub struct LedgerWriter<'a> {
    parts: &'a dyn Parts,
    /// The part that is being written.
    part_id: PartId,
    part: Writer,
    /// By seed.
    lists: Vec<(u64, Spot)>,
    /// Whether all parts so far were kept.
    kept: Result<(), PartError>,
    state: Writer,
    stands_on: BTreeSet<u32>,
}

impl<'a> LedgerWriter<'a> {
    pub fn new(basis: Basis, release: u32, parts: &'a dyn Parts) -> Self {
        Self {
            parts,
            part_id: PartId { basis, release, part: 0 },
            part: Writer::default(),
            lists: Vec::new(),
            kept: Ok(()),
            state: Writer::default(),
            stands_on: BTreeSet::new(),
        }
    }

    /// Puts the part away, and begins the next.
    fn put(&mut self) {
        let part = std::mem::take(&mut self.part.0);
        self.kept = self.kept.and_then(|()| self.parts.put(self.part_id, part));
        self.part_id.part += 1;
    }

    pub fn enter(&mut self, LedgerEntry { item, state: cell, list }: LedgerEntry) {
        if let Some((seed, list)) = list {
            if self.part.0.len() > PART {
                self.put();
            }
            self.lists.push((seed, Spot { part: self.part_id.part, start: self.part.0.len() }));
            self.part.bytes(&list);
        }
        let state = &mut self.state;
        state.bytes(&serde_json::to_vec(&item).unwrap_or_default());
        state.fixed(&cell.seed.to_le_bytes());
        let runs = || cell.baselines.values().as_slice().chunk_by(|a, b| a == b);
        state.count(runs().count());
        for run in runs() {
            let number = run.first().copied().unwrap_or_default();
            state.count(run.len());
            state.number(number);
            self.stands_on.insert(number);
        }
        state.count(cell.withdrawn.len());
        for (cohort, row) in cell.withdrawn {
            state.count(cohort.position());
            state.bytes(&serde_json::to_vec(&row).unwrap_or_default());
        }
    }

    /// An error where a part could not be kept.
    pub fn check(&self) -> Result<(), ReleaseError> {
        self.kept.map_err(|PartError| ReleaseError::NotKept)
    }

    pub fn finish(mut self, head: &Head<'_>) -> Result<Ledger, ReleaseError> {
        if !self.part.0.is_empty() {
            self.put();
        }
        self.check()?;
        let Self { part_id, lists, state, stands_on, .. } = self;
        let mut writer = Writer::default();
        if head.slots != SLOTS_OF_OLD {
            writer.fixed(&FORM);
            writer.count(head.slots);
        }
        writer.bytes(head.attack.to_string().as_bytes());
        writer.bytes(&serde_json::to_vec(head.parameters).unwrap_or_default());
        writer.count(head.cohorts.len());
        head.cohorts.values().for_each(|cohort| writer.bytes(cohort.to_string().as_bytes()));
        writer.count(head.members.len());
        for (member, of) in head.members.iter() {
            writer.fixed(&of.organisation.to_le_bytes());
            writer.fixed(&of.group.to_le_bytes());
            let membership = head.memberships.get(member).ok_or(ReleaseError::Inconsistent)?;
            for cohort in head.memberships.cohorts(membership).values() {
                let position = cohort.and_then(|cohort| u16::try_from(cohort.position()).ok());
                writer.fixed(&position.unwrap_or(NO_COHORT).to_le_bytes());
            }
        }
        writer.count(lists.len());
        for (seed, Spot { part, start }) in lists {
            writer.fixed(&seed.to_le_bytes());
            writer.number(part);
            writer.count(start);
        }
        let stands_on = stands_on.into_iter().filter(|earlier| (1..part_id.release).contains(earlier));
        Ok(Ledger { basis: part_id.basis, head: writer.0, state: state.0, stands_on: stands_on.collect() })
    }
}

impl<'a> EarlierLedger<'a> {
    /// Reads the head of a ledger. Returns `None` where the bytes are none.
    pub fn read(basis: Basis, release: u32, head: &[u8], parts: &'a dyn Parts) -> Option<Self> {
        let mut reader = Reader(head);
        let mut slots = SLOTS_OF_OLD;
        if let Some(rest) = head.strip_prefix(&FORM) {
            reader = Reader(rest);
            slots = reader.small().filter(|slots| (1..=SlotSet::MOST).contains(slots))?;
        }
        std::str::from_utf8(reader.bytes()?).ok()?.parse::<AttackVersion>().ok()?;
        let parameters = serde_json::from_slice(reader.bytes()?).ok()?;
        let mut membership = EarlierMembership::default();
        for _ in 0..reader.number()? {
            membership.cohorts.push(std::str::from_utf8(reader.bytes()?).ok()?.to_owned())?;
        }
        let mut known: HashMap<Vec<u16>, AtomIx> = HashMap::new();
        for _ in 0..reader.number()? {
            let organisation = u64::from_le_bytes(reader.fixed()?);
            let group = u64::from_le_bytes(reader.fixed()?);
            let mut positions = Vec::with_capacity(slots);
            for _ in 0..slots {
                positions.push(u16::from_le_bytes(reader.fixed()?));
            }
            let atom = match known.get(&positions) {
                Some(atom) => *atom,
                None => {
                    let mut cohorts = EarlierMemberCohorts::default();
                    for position in &positions {
                        let cohort = match *position {
                            NO_COHORT => None,
                            position => Some(membership.cohorts.index_of(position.into())?),
                        };
                        cohorts.push(cohort)?;
                    }
                    let atom = membership.atoms.push(cohorts)?;
                    known.insert(positions, atom);
                    atom
                }
            };
            membership
                .members
                .push(EarlierMember { pseudonyms: Pseudonyms { organisation, group }, atom })?;
        }
        let mut lists = HashMap::new();
        for _ in 0..reader.number()? {
            let seed = u64::from_le_bytes(reader.fixed()?);
            lists.insert(seed, Spot { part: reader.small()?, start: reader.small()? });
        }
        let set_bytes = set_bytes(slots);
        Some(Self { parameters, membership, set_bytes, parts, basis, release, lists })
    }

    /// The list of a cell that has one here, ascending by position among the members, under the first of `seeds` that there
    /// is. Fails where it can't be read (R26).
    pub fn list(&self, seeds: &[u64]) -> Result<Vec<Listed>, ReleaseError> {
        let spot = seeds.iter().find_map(|seed| self.lists.get(seed));
        spot.and_then(|spot| self.fetch(*spot)).ok_or(ReleaseError::NoBaseline { number: self.release })
    }

    fn fetch(&self, Spot { part, start }: Spot) -> Option<Vec<Listed>> {
        let part = self.parts.fetch(PartId { basis: self.basis, release: self.release, part }).ok()?;
        let mut reader = Reader(Reader(part.get(start..)?).bytes()?);
        let mut list = Vec::new();
        let (mut position, mut counts_in) = (0_u32, SlotSet::default());
        for _ in 0..reader.number()? {
            let step = reader.number()?;
            position = position.checked_add(u32::try_from(step >> 1).ok()?)?;
            if step & 1 == 1 {
                let [low] = reader.fixed()?;
                let [high] = if self.set_bytes > 1 { reader.fixed()? } else { [0] };
                counts_in = SlotSet::from_bits(u16::from_le_bytes([low, high]));
            }
            let member = self.membership.members.index_of(usize::try_from(position).ok()?)?;
            list.push(Listed { member, counts_in, tag: u16::from_le_bytes(reader.fixed()?) });
        }
        Some(list)
    }
}

/// Reads the state of all cells; the inverse of what [`LedgerWriter::enter`] writes. Returns `None` where the bytes are none,
/// or say nothing of one of the `cohorts` of the release that wrote them.
pub fn cell_states(
    bytes: &[u8],
    cohorts: &By<EarlierCohorts, String>,
) -> Option<BTreeMap<Item, CellState<EarlierCohorts>>> {
    let mut reader = Reader(bytes);
    let mut states = BTreeMap::new();
    while !reader.0.is_empty() {
        let item: Item = serde_json::from_slice(reader.bytes()?).ok()?;
        let seed = u64::from_le_bytes(reader.fixed()?);
        let mut baselines = Vec::with_capacity(cohorts.len());
        for _ in 0..reader.number()? {
            let run: usize = reader.small()?;
            let number: u32 = reader.small()?;
            // A cell that was refused may have kept its state from a release with pairs, which have gone.
            let left = cohorts.len() - baselines.len();
            baselines.extend(std::iter::repeat_n(number, run.min(left)));
        }
        let baselines = By::new(baselines).filter(|baselines| baselines.len() == cohorts.len())?;
        let mut withdrawn = BTreeMap::new();
        for _ in 0..reader.number()? {
            let cohort = cohorts.index_of(reader.small()?)?;
            withdrawn.insert(cohort, serde_json::from_slice(reader.bytes()?).ok()?);
        }
        states.insert(item, CellState { seed, baselines, withdrawn });
    }
    Some(states)
}
