//! The footing of published numbers (R17): for every cell that a release computed anew, which control groups it was
//! computed from and a keyed digest of what each contributed. No value can be read from it, only whether one has
//! changed; so it outlives what it was made of (R25).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    bytes::{Reader, Writer},
    parts::{PartError, PartId, Parts},
};
use crate::domain::{
    attack::AttackVersion,
    cohort::Cohort,
    release::{
        cohorts::{lattice::SLOTS, membership::Footed},
        counting::respondent::Kept,
        error::ReleaseError,
        item::Item,
        parameters::{Parameters, Recorded},
        publication::{Ledger, Row},
    },
    snapshot::Basis,
};

/// Who contributed to a release, and under what it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub attack: AttackVersion,
    pub parameters: Recorded<Parameters>,
    pub cohorts: Vec<Cohort>,
    pub members: Vec<Footed>,
}

/// An earlier release's footing; lists are fetched when they are asked for.
pub struct Footing<'a> {
    pub head: Head,
    shelf: &'a dyn Parts,
    basis: Basis,
    release: u32,
    /// By the seed of the cell.
    lists: HashMap<u64, Spot>,
    /// Whether a list that should be there could not be read.
    lost: AtomicBool,
}

/// Where a list is: the number of its part, and where it begins there.
#[derive(Debug, Clone, Copy)]
struct Spot {
    part: u32,
    start: usize,
}

/// A part takes no further list when it is longer than this. In tests nearly every list is a part.
const PART: usize = if cfg!(test) { 64 } else { 1 << 20 };

/// Where a cell stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// What its digests are keyed with besides the organisation and the value; a renumbered technique keeps it.
    pub seed: u64,
    /// By cohort, the release on whose list it stands; 0 where it never had one.
    pub footing: Vec<u32>,
    /// By cohort, the number that was withdrawn and may return.
    pub withdrawn: BTreeMap<usize, Row>,
}

/// What a release writes down of one cell.
pub struct Entered {
    pub item: Item,
    pub standing: Standing,
    /// Its list and the seed it is found under, where some cohort was computed anew.
    pub list: Option<(u64, Vec<u8>)>,
}

/// A list for [`Footing::list`]: ascending by member. Nearly all masks are the same, so one is written only where it is
/// another than the one before.
pub fn listed(kept: &[Kept]) -> Vec<u8> {
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

/// A ledger while it is written, cell by cell.
pub struct LedgerWriter<'a> {
    shelf: &'a dyn Parts,
    /// The part that is being written.
    place: PartId,
    part: Writer,
    /// By seed.
    lists: Vec<(u64, Spot)>,
    /// Whether all parts so far were kept.
    kept: Result<(), PartError>,
    state: Writer,
    stands_on: BTreeSet<u32>,
}

impl<'a> LedgerWriter<'a> {
    pub fn new(basis: Basis, release: u32, shelf: &'a dyn Parts) -> Self {
        Self {
            shelf,
            place: PartId { basis, release, part: 0 },
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
        self.kept = self.kept.and_then(|()| self.shelf.put(self.place, part));
        self.place.part += 1;
    }

    pub fn enter(&mut self, Entered { item, standing, list }: Entered) {
        if let Some((seed, list)) = list {
            if self.part.0.len() > PART {
                self.put();
            }
            self.lists.push((seed, Spot { part: self.place.part, start: self.part.0.len() }));
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

    /// An error where a part could not be kept.
    pub fn check(&self) -> Result<(), ReleaseError> {
        self.kept.map_err(|PartError| ReleaseError::NotKept)
    }

    pub fn finish(mut self, head: &Head) -> Result<Ledger, ReleaseError> {
        if !self.part.0.is_empty() {
            self.put();
        }
        self.check()?;
        let Self { place, lists, state, stands_on, .. } = self;
        let mut writer = Writer::default();
        writer.bytes(head.attack.to_string().as_bytes());
        writer.bytes(&serde_json::to_vec(&head.parameters).unwrap_or_default());
        writer.count(head.cohorts.len());
        head.cohorts.iter().for_each(|cohort| writer.bytes(cohort.to_string().as_bytes()));
        writer.count(head.members.len());
        for member in &head.members {
            writer.fixed(&member.organisation.to_le_bytes());
            writer.fixed(&member.group.to_le_bytes());
            member.seats.iter().for_each(|seat| writer.fixed(&seat.to_le_bytes()));
        }
        writer.count(lists.len());
        for (seed, Spot { part, start }) in lists {
            writer.fixed(&seed.to_le_bytes());
            writer.number(part);
            writer.count(start);
        }
        let stands_on = stands_on.into_iter().filter(|earlier| (1..place.release).contains(earlier));
        Ok(Ledger { basis: place.basis, head: writer.0, state: state.0, stands_on: stands_on.collect() })
    }
}

impl<'a> Footing<'a> {
    /// `None` where the bytes are not the head of a footing.
    pub fn read(basis: Basis, release: u32, head: &[u8], shelf: &'a dyn Parts) -> Option<Self> {
        let mut reader = Reader(head);
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
        for _ in 0..reader.number()? {
            let seed = u64::from_le_bytes(reader.fixed()?);
            lists.insert(seed, Spot { part: reader.small()?, start: reader.small()? });
        }
        let head = Head { attack, parameters, cohorts, members };
        Some(Self { head, shelf, basis, release, lists, lost: AtomicBool::new(false) })
    }

    /// The list of a cell that has one here, ascending by position among the members, under the first of `seeds` that there
    /// is; `None` where it [is lost](Self::is_lost).
    pub fn list(&self, seeds: &[u64]) -> Option<Vec<Kept>> {
        let spot = seeds.iter().find_map(|seed| self.lists.get(seed));
        let list = spot.and_then(|spot| self.fetch(*spot));
        let members = u32::try_from(self.head.members.len()).unwrap_or(u32::MAX);
        let list = list.filter(|list| list.iter().all(|one| one.member < members));
        if list.is_none() {
            self.lost.store(true, Ordering::Relaxed);
        }
        list
    }

    /// Whether a list was asked for and could not be read. Then nothing may be published (R26).
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    fn fetch(&self, Spot { part, start }: Spot) -> Option<Vec<Kept>> {
        let part = self.shelf.fetch(PartId { basis: self.basis, release: self.release, part }).ok()?;
        let mut reader = Reader(Reader(part.get(start..)?).bytes()?);
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
pub fn standings(bytes: &[u8]) -> Option<BTreeMap<Item, Standing>> {
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
