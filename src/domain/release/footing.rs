//! The footing of published numbers (R17): for every cell that a release computed anew, which control groups it was
//! computed from and a keyed digest of what each contributed. No value can be read from it, only whether one has
//! changed; so it outlives what it was made of (R25).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Item, Parameters, Row,
    bytes::{Reader, Writer},
    lattice::{SLOTS, Seats},
    scan::Kept,
};
use crate::domain::{attack::AttackVersion, cohort::Cohort, snapshot::Basis};

/// What one release keeps of one basis, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub basis: Basis,
    /// Who contributed and the lists of the cells that this release computed, in parts of a few megabytes; needed for as
    /// long as a cell stands on one of them.
    pub footing: Vec<Vec<u8>>,
    /// On which release's list each cell stands; needed by the next release only.
    pub state: Vec<u8>,
    /// The earlier releases on whose lists cells still stand.
    pub stands_on: Vec<u32>,
}

/// An organisation of an earlier release, by pseudonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Footed {
    pub organisation: u64,
    pub group: u64,
    /// Positions in that release's cohorts.
    pub seats: Seats,
}

/// Who contributed to a release, and under what it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub attack: AttackVersion,
    pub parameters: Parameters,
    pub cohorts: Vec<Cohort>,
    pub members: Vec<Footed>,
}

/// An earlier release's footing; lists are read when they are asked for.
pub(super) struct Footing<'a> {
    pub head: Head,
    /// By the seed of the cell.
    lists: HashMap<u64, &'a [u8]>,
}

/// A part of a footing takes no further list when it is longer than this. In tests nearly every list is a part.
const PART: usize = if cfg!(test) { 64 } else { 4 << 20 };

/// Where a cell stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Standing {
    /// What its digests are keyed with besides the organisation and the value; a renumbered technique keeps it.
    pub seed: u64,
    /// By cohort, the release on whose list it stands; 0 where it never had one.
    pub footing: Vec<u32>,
    /// By cohort, the number that was withdrawn and may return.
    pub withdrawn: BTreeMap<usize, Row>,
}

/// What a release writes down of one cell.
pub(super) struct Entered {
    pub item: Item,
    pub standing: Standing,
    /// Its list and the seed it is found under, where some cohort was computed anew.
    pub list: Option<(u64, Vec<u8>)>,
}

/// A list for [`Footing::list`]: ascending by member. Nearly all masks are the same, so one is written only where it is
/// another than the one before.
pub(super) fn listed(kept: &[Kept]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.count(kept.len());
    let (mut member, mut mask) = (0, 0);
    for one in kept {
        let distance = u64::from(one.member.wrapping_sub(member));
        let turns = one.mask != mask;
        writer.number(distance << 1 | u64::from(turns));
        if turns {
            writer.fixed(&[one.mask]);
        }
        writer.fixed(&one.tag.to_le_bytes());
        (member, mask) = (one.member, one.mask);
    }
    writer.0
}

/// A ledger while it is written, cell by cell: its lists are the larger part of what a release holds at all.
pub(super) struct LedgerWriter {
    basis: Basis,
    number: u32,
    /// The parts that are full.
    footing: Vec<Vec<u8>>,
    /// The part that is being written.
    part: Writer,
    state: Writer,
    stands_on: BTreeSet<u32>,
}

impl LedgerWriter {
    pub fn new(basis: Basis, number: u32, head: &Head) -> Self {
        let mut part = Writer::default();
        part.bytes(head.attack.to_string().as_bytes());
        part.bytes(&serde_json::to_vec(&head.parameters).unwrap_or_default());
        part.count(head.cohorts.len());
        head.cohorts.iter().for_each(|cohort| part.bytes(cohort.to_string().as_bytes()));
        part.count(head.members.len());
        for member in &head.members {
            part.fixed(&member.organisation.to_le_bytes());
            part.fixed(&member.group.to_le_bytes());
            member.seats.iter().for_each(|seat| part.fixed(&seat.to_le_bytes()));
        }
        Self {
            basis,
            number,
            footing: Vec::new(),
            part,
            state: Writer::default(),
            stands_on: BTreeSet::new(),
        }
    }

    pub fn enter(&mut self, Entered { item, standing, list }: Entered) {
        if let Some((seed, list)) = list {
            if self.part.0.len() > PART {
                self.footing.push(std::mem::take(&mut self.part.0));
            }
            self.part.fixed(&seed.to_le_bytes());
            self.part.bytes(&list);
        }
        let state = &mut self.state;
        state.bytes(&serde_json::to_vec(&item).unwrap_or_default());
        state.fixed(&standing.seed.to_le_bytes());
        let runs = || standing.footing.chunk_by(|a, b| a == b);
        state.count(runs().count());
        for run in runs() {
            let number = run.first().copied().unwrap_or_default();
            state.count(run.len());
            state.number(number);
            self.stands_on.insert(number);
        }
        state.count(standing.withdrawn.len());
        for (cohort, row) in standing.withdrawn {
            state.count(cohort);
            state.bytes(&serde_json::to_vec(&row).unwrap_or_default());
        }
    }

    pub fn finish(self) -> Ledger {
        let Self { basis, number, mut footing, part, state, stands_on } = self;
        footing.push(part.0);
        let stands_on = stands_on.into_iter().filter(|earlier| (1..number).contains(earlier));
        Ledger { basis, footing, state: state.0, stands_on: stands_on.collect() }
    }
}

impl<'a> Footing<'a> {
    /// `None` where the bytes are not a footing.
    pub fn read(parts: &'a [Vec<u8>]) -> Option<Self> {
        let (first, more) = parts.split_first()?;
        let mut reader = Reader(first);
        let attack = std::str::from_utf8(reader.bytes()?).ok()?.parse().ok()?;
        let parameters = serde_json::from_slice(reader.bytes()?).ok()?;
        let mut cohorts = Vec::new();
        for _ in 0..reader.number()? {
            cohorts.push(std::str::from_utf8(reader.bytes()?).ok()?.parse().ok()?);
        }
        let mut members = Vec::new();
        for _ in 0..reader.number()? {
            let organisation = u64::from_le_bytes(reader.fixed()?);
            let group = u64::from_le_bytes(reader.fixed()?);
            let mut seats = [0; SLOTS];
            for seat in &mut seats {
                *seat = u16::from_le_bytes(reader.fixed()?);
            }
            members.push(Footed { organisation, group, seats });
        }
        let mut lists = HashMap::new();
        for mut reader in std::iter::once(reader).chain(more.iter().map(|part| Reader(part))) {
            while !reader.0.is_empty() {
                lists.insert(u64::from_le_bytes(reader.fixed()?), reader.bytes()?);
            }
        }
        Some(Self { head: Head { attack, parameters, cohorts, members }, lists })
    }

    /// A cell's list, ascending by position among the members; `None` where it has none here.
    pub fn list(&self, seed: u64) -> Option<Vec<Kept>> {
        let mut reader = Reader(self.lists.get(&seed)?);
        let mut kept = Vec::new();
        let (mut member, mut mask) = (0_u32, 0);
        for _ in 0..reader.number()? {
            let step = reader.number()?;
            member = member.checked_add(u32::try_from(step >> 1).ok()?)?;
            if step & 1 == 1 {
                [mask] = reader.fixed()?;
            }
            kept.push(Kept { member, value: 0, mask, tag: u16::from_le_bytes(reader.fixed()?) });
        }
        Some(kept)
    }
}

/// The inverse of a ledger's `state`.
pub(super) fn standings(bytes: &[u8]) -> Option<BTreeMap<Item, Standing>> {
    let mut reader = Reader(bytes);
    let mut standings = BTreeMap::new();
    while !reader.0.is_empty() {
        let item: Item = serde_json::from_slice(reader.bytes()?).ok()?;
        let mut standing = Standing { seed: u64::from_le_bytes(reader.fixed()?), ..Standing::default() };
        for _ in 0..reader.number()? {
            let run: usize = reader.small()?;
            let number: u32 = reader.small()?;
            // No lattice is larger; a broken length must not take the memory.
            if run > usize::from(u16::MAX) {
                return None;
            }
            standing.footing.extend(std::iter::repeat_n(number, run));
        }
        for _ in 0..reader.number()? {
            let cohort = reader.small()?;
            standing.withdrawn.insert(cohort, serde_json::from_slice(reader.bytes()?).ok()?);
        }
        standings.insert(item, standing);
    }
    Some(standings)
}
