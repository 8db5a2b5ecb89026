//! The ledger of published numbers (R17): for every cell that a release computed anew, which control groups it was
//! computed from and a keyed digest of what each contributed. No value can be read from it, only whether one has
//! changed; so it outlives what it was made of (R25). A ledger says which edition of the rules wrote it: the first kept
//! digests of values and no scales, the second keeps digests of coded values.

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
            index::{
                AtomIx, By, ByCohort, Cohorts, EarlierCohortIx, EarlierCohorts, EarlierMemberIx, Ix, Kind,
                Members,
            },
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
    /// The number of groups of disjoint cohorts.
    pub slots: usize,
}

/// An earlier release's ledger; lists are fetched when they are asked for.
pub struct EarlierLedger<'a> {
    pub parameters: Recorded<Parameters>,
    pub membership: EarlierMembership,
    /// Bytes of a set of its slots.
    set_bytes: usize,
    edition: u8,
    parts: &'a dyn Parts,
    basis: Basis,
    release: u32,
    /// By the seed of the cell.
    lists: HashMap<u64, Spot>,
}

/// The list of a cell.
pub struct List<T> {
    /// The key of its tags.
    pub tag_seed: u64,
    /// Says that its tags are of coded values, as those of every list of the second edition.
    pub comparable: bool,
    pub respondents: Vec<T>,
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

/// The beginning of a ledger of the first edition that says how many groups of disjoint cohorts it has: no ATT&CK version is
/// empty.
const FORM: [u8; 2] = [0, 2];

/// The beginning of a ledger of the second edition, which says that always.
const SECOND_EDITION: [u8; 2] = [0, 3];

/// Written in place of a cohort where a member has none.
const NO_COHORT: u16 = u16::MAX;

/// The state of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellState<K: Kind> {
    /// The number that its digests are keyed with besides the organisation and the value; a renumbered technique keeps it.
    pub seed: u64,
    /// The release on whose list it stands; 0 where it never had one.
    pub baselines: By<K, u32>,
    /// The rows that are not shown any more, as they were last.
    pub withdrawn: BTreeMap<Ix<K>, Row>,
    /// The scale of its list (R33), as a position in `Scale::ALL`; `None` where the first edition did not say it.
    pub scale: Option<u8>,
    /// The release since which its list has been on this scale while others were in use; 0 where none were.
    pub scale_since: u32,
    /// Its earlier states on other scales.
    pub retired: BTreeMap<u8, Retired<K>>,
}

/// A cell on a scale that it has no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired<K: Kind> {
    pub baselines: By<K, u32>,
    /// The rows that it showed last.
    pub rows: BTreeMap<Ix<K>, Row>,
}

impl<K: Kind> Default for CellState<K> {
    fn default() -> Self {
        Self {
            seed: 0,
            baselines: By::default(),
            withdrawn: BTreeMap::new(),
            scale: None,
            scale_since: 0,
            retired: BTreeMap::new(),
        }
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
pub fn listed(tag_seed: u64, respondents: &[Respondent], slots: usize) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.fixed(&tag_seed.to_le_bytes());
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
    /// An error if one of the parts so far could not be kept.
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
        // One byte, and no scale is as large.
        state.fixed(&[cell.scale.unwrap_or(u8::MAX)]);
        state.number(cell.scale_since);
        self.stands_on.insert(cell.scale_since);
        self.rows_on(&cell.baselines, &cell.withdrawn);
        self.state.count(cell.retired.len());
        for (scale, Retired { baselines, rows }) in &cell.retired {
            self.state.fixed(&[*scale]);
            self.rows_on(baselines, rows);
        }
    }

    /// The releases that cohorts stand on, in runs, and rows that are not shown.
    fn rows_on(&mut self, baselines: &ByCohort<u32>, rows: &BTreeMap<Ix<Cohorts>, Row>) {
        let runs = || baselines.values().as_slice().chunk_by(|a, b| a == b);
        self.state.count(runs().count());
        for run in runs() {
            let number = run.first().copied().unwrap_or_default();
            self.state.count(run.len());
            self.state.number(number);
            self.stands_on.insert(number);
        }
        self.state.count(rows.len());
        for (cohort, row) in rows {
            self.state.count(cohort.position());
            self.state.bytes(&serde_json::to_vec(row).unwrap_or_default());
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
        writer.fixed(&SECOND_EDITION);
        writer.count(head.slots);
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
            writer.count(of.writers.len());
            of.writers.iter().for_each(|writer_of| writer.fixed(&writer_of.to_le_bytes()));
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
        let (mut slots, mut edition) = (SLOTS_OF_OLD, 1);
        let second = head.strip_prefix(&SECOND_EDITION);
        if let Some(rest) = head.strip_prefix(&FORM).or(second) {
            edition = if second.is_some() { 2 } else { 1 };
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
            let mut writers = Vec::new();
            for _ in 0..if edition > 1 { reader.number()? } else { 0 } {
                writers.push(u64::from_le_bytes(reader.fixed()?));
            }
            let pseudonyms = Pseudonyms { organisation, group, writers };
            membership.members.push(EarlierMember { pseudonyms, atom })?;
        }
        let mut lists = HashMap::new();
        for _ in 0..reader.number()? {
            let seed = u64::from_le_bytes(reader.fixed()?);
            lists.insert(seed, Spot { part: reader.small()?, start: reader.small()? });
        }
        let set_bytes = set_bytes(slots);
        Some(Self { parameters, membership, set_bytes, edition, parts, basis, release, lists })
    }

    /// The edition of the rules that wrote it.
    pub fn edition(&self) -> u8 {
        self.edition
    }

    /// The list of a cell that has one here, ascending by position among the members, under the first of `seeds` that there
    /// is. Fails where it can't be read (R26).
    pub fn list(&self, seeds: &[u64]) -> Result<List<Listed>, ReleaseError> {
        let found = seeds.iter().find_map(|seed| Some((*seed, self.lists.get(seed)?)));
        found
            .and_then(|(seed, spot)| self.fetch(seed, *spot))
            .ok_or(ReleaseError::NoBaseline { number: self.release })
    }

    fn fetch(&self, seed: u64, Spot { part, start }: Spot) -> Option<List<Listed>> {
        let part = self.parts.fetch(PartId { basis: self.basis, release: self.release, part }).ok()?;
        let mut reader = Reader(Reader(part.get(start..)?).bytes()?);
        // The first edition keyed them with the seed of the cell.
        let tag_seed = if self.edition > 1 { u64::from_le_bytes(reader.fixed()?) } else { seed };
        let mut respondents = Vec::new();
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
            respondents.push(Listed { member, counts_in, tag: u16::from_le_bytes(reader.fixed()?) });
        }
        Some(List { tag_seed, comparable: self.edition > 1, respondents })
    }
}

/// Reads the state of all cells; the inverse of what [`LedgerWriter::enter`] writes. Returns `None` where the bytes are none,
/// or say nothing of one of the `cohorts` of the release that wrote them, under an edition of the rules.
pub fn cell_states(
    bytes: &[u8],
    edition: u8,
    cohorts: &By<EarlierCohorts, String>,
) -> Option<BTreeMap<Item, CellState<EarlierCohorts>>> {
    let mut reader = Reader(bytes);
    let mut states = BTreeMap::new();
    while !reader.0.is_empty() {
        let item: Item = serde_json::from_slice(reader.bytes()?).ok()?;
        let seed = u64::from_le_bytes(reader.fixed()?);
        let (mut scale, mut scale_since) = (None, 0);
        if edition > 1 {
            let [of] = reader.fixed()?;
            (scale, scale_since) = (Some(of).filter(|scale| *scale < u8::MAX), reader.small()?);
        }
        let (baselines, withdrawn) = rows_on(&mut reader, cohorts)?;
        let mut retired = BTreeMap::new();
        for _ in 0..if edition > 1 { reader.number()? } else { 0 } {
            let [scale] = reader.fixed()?;
            let (baselines, rows) = rows_on(&mut reader, cohorts)?;
            retired.insert(scale, Retired { baselines, rows });
        }
        states.insert(item, CellState { seed, baselines, withdrawn, scale, scale_since, retired });
    }
    Some(states)
}

/// The releases that cohorts stand on, and the rows that were not shown.
type RowsOn = (By<EarlierCohorts, u32>, BTreeMap<EarlierCohortIx, Row>);

fn rows_on(reader: &mut Reader<'_>, cohorts: &By<EarlierCohorts, String>) -> Option<RowsOn> {
    let mut baselines = Vec::with_capacity(cohorts.len());
    for _ in 0..reader.number()? {
        let run: usize = reader.small()?;
        let number: u32 = reader.small()?;
        // A cell that was refused may have kept its state from a release with pairs, which have gone.
        let left = cohorts.len() - baselines.len();
        baselines.extend(std::iter::repeat_n(number, run.min(left)));
    }
    let baselines = By::new(baselines).filter(|baselines| baselines.len() == cohorts.len())?;
    let mut rows = BTreeMap::new();
    for _ in 0..reader.number()? {
        let cohort = cohorts.index_of(reader.small()?)?;
        rows.insert(cohort, serde_json::from_slice(reader.bytes()?).ok()?);
    }
    Some((baselines, rows))
}
