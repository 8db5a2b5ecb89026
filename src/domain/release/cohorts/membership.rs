//! The organisations of a release in its cohorts, now or earlier, and those that R12 leaves out of a cohort.

use std::collections::{BTreeMap, HashMap};

use super::{
    index::{
        AtomIx, Atoms, By, CohortIx, EarlierCohortIx, EarlierCohorts, EarlierMemberIx, EarlierMembers,
        EarlierSlotIx, EarlierSlots, GroupIx, Groups, MemberIx, Members,
    },
    lattice::{Lattice, MemberCohorts, SlotSet},
};
use crate::domain::release::{
    error::ReleaseError,
    parameters::{Parameters, Rule},
    release_key::ReleaseKey,
    rules::dominance::stay,
    values::unreleased::Unreleased,
};

/// One organisation as the counting sees it, in six bytes: nearly everything that a release does goes through all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub atom: AtomIx,
    /// The slots of the cohorts in which it counts; R12 takes some away.
    pub counts_in: SlotSet,
    /// Says that its control group has several organisations here.
    pub shared: bool,
}

/// The memberships of one release, by the numbers of [`Numbering`].
#[derive(Debug, Default)]
pub struct Memberships {
    all: By<Members, Option<Membership>>,
    groups: By<Members, Option<GroupIx>>,
    /// Each one's place in the order in which organisations of its control group stay.
    ranks: By<Members, u32>,
    /// The cohorts of each atom.
    atoms: By<Atoms, MemberCohorts>,
    numbers: HashMap<Vec<Option<CohortIx>>, AtomIx>,
    /// The declared writers of the few organisations that have some.
    writers: BTreeMap<MemberIx, Vec<u64>>,
}

/// The units in which changes are counted (R32), over two releases: a control group, or several that one writer writes for.
#[derive(Debug)]
pub struct Units {
    /// Control groups that are no unit of their own, each with another of theirs.
    joined: HashMap<GroupIx, GroupIx>,
    /// Says that nobody else is of the organisation's unit, in neither release.
    alone: By<Members, bool>,
}

impl Units {
    /// The unit of a control group, named by one of its control groups.
    pub fn of(&self, group: GroupIx) -> GroupIx {
        self.joined.get(&group).map_or(group, |other| self.of(*other))
    }

    /// Makes one unit of two control groups'.
    fn join(&mut self, one: GroupIx, other: GroupIx) {
        let (one, other) = (self.of(one), self.of(other));
        if one != other {
            self.joined.insert(one.max(other), one.min(other));
        }
    }

    pub fn is_alone(&self, member: MemberIx) -> bool {
        self.alone.lookup(member) == Some(&true)
    }
}

/// The names under which an organisation and its control group are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudonyms {
    pub organisation: u64,
    pub group: u64,
    /// Those of its declared writers.
    pub writers: Vec<u64>,
}

/// Numbers for organisations and control groups that hold across releases: members of this release have their position,
/// those that left follow.
#[derive(Debug, Default)]
pub struct Numbering {
    organisations: HashMap<u64, MemberIx>,
    groups: HashMap<u64, GroupIx>,
    /// Their pseudonyms.
    members: By<Members, u64>,
    control_groups: By<Groups, ()>,
}

impl Numbering {
    /// The pseudonym of each organisation.
    pub fn organisations(self) -> By<Members, u64> {
        self.members
    }

    /// Numbers an organisation and its control group; both keep the number that they have.
    fn number(&mut self, of: &Pseudonyms) -> Result<(MemberIx, GroupIx), ReleaseError> {
        let member = match self.organisations.get(&of.organisation) {
            Some(member) => *member,
            None => {
                let member = self.members.push(of.organisation).ok_or(ReleaseError::TooLarge)?;
                self.organisations.insert(of.organisation, member);
                member
            }
        };
        let group = match self.groups.get(&of.group) {
            Some(group) => *group,
            None => {
                let group = self.control_groups.push(()).ok_or(ReleaseError::TooLarge)?;
                self.groups.insert(of.group, group);
                group
            }
        };
        Ok((member, group))
    }
}

/// The members of an earlier release, as it kept them.
#[derive(Debug, Default)]
pub struct EarlierMembership {
    /// The names of that release's cohorts.
    pub cohorts: By<EarlierCohorts, String>,
    pub members: By<EarlierMembers, EarlierMember>,
    /// Its atoms, each as the cohorts that it is in.
    pub atoms: By<Atoms, EarlierMemberCohorts>,
}

/// The cohorts that a member of an earlier release was in, by that release's slots.
pub type EarlierMemberCohorts = By<EarlierSlots, Option<EarlierCohortIx>>;

/// A member of an earlier release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierMember {
    pub pseudonyms: Pseudonyms,
    pub atom: AtomIx,
}

impl EarlierMembership {
    /// The slot in which a member was in a cohort.
    pub fn slot_in(&self, member: EarlierMemberIx, cohort: EarlierCohortIx) -> Option<EarlierSlotIx> {
        let mut slots = self.atoms[self.members[member].atom].iter();
        slots.find(|(_, own)| **own == Some(cohort)).map(|(slot, _)| slot)
    }
}

/// The members of an earlier release among those of this one.
pub struct Translation {
    pub memberships: Memberships,
    /// The number of each.
    pub members: By<EarlierMembers, MemberIx>,
    /// This lattice's slot for each of that release's; `None` of cohorts that are all gone.
    slots: Vec<(u16, Option<u16>)>,
}

impl Translation {
    /// The slots of now for slots of then.
    pub fn slots(&self, then: SlotSet) -> SlotSet {
        if self.slots.is_empty() {
            return then;
        }
        let now = self.slots.iter().filter(|(bit, _)| then.bits() & bit != 0).filter_map(|(_, now)| *now);
        SlotSet::from_bits(now.fold(0, |bits, bit| bits | bit))
    }
}

impl Memberships {
    /// The members of this release, and the names under which they are kept.
    pub fn now(
        unreleased: &Unreleased,
        lattice: &Lattice,
        parameters: &Parameters,
        key: &ReleaseKey,
        numbering: &mut Numbering,
    ) -> Result<(Self, By<Members, Pseudonyms>), ReleaseError> {
        let mut by_group: BTreeMap<&str, Vec<MemberIx>> = BTreeMap::new();
        let mut this = Self::default();
        let mut pseudonyms = By::default();
        for (position, member) in unreleased.members.iter() {
            let of = Pseudonyms {
                organisation: key.pseudonym("organisation/1", member.organisation.as_str()),
                group: key.pseudonym("control-group/1", &member.control_group),
                writers: member.writers.iter().map(|writer| key.pseudonym("writer/1", writer)).collect(),
            };
            let (number, group) = numbering.number(&of)?;
            this.push(lattice.of_member(member), group, false)?;
            // An organisation that is there twice has the first one's number.
            if number != position {
                return Err(ReleaseError::Inconsistent);
            }
            by_group.entry(&member.control_group).or_default().push(number);
            this.write_for(number, &of.writers);
            pseudonyms.push(of).ok_or(ReleaseError::TooLarge)?;
        }
        this.dominate(unreleased, by_group, lattice, parameters, key);
        Ok((this, pseudonyms))
    }

    /// The next organisation.
    pub fn push(
        &mut self,
        cohorts: MemberCohorts,
        group: GroupIx,
        shared: bool,
    ) -> Result<MemberIx, ReleaseError> {
        let counts_in = SlotSet::of(&cohorts);
        let atom = self.atom(cohorts)?;
        self.groups.push(Some(group)).ok_or(ReleaseError::TooLarge)?;
        self.ranks.push(0).ok_or(ReleaseError::TooLarge)?;
        self.all.push(Some(Membership { atom, counts_in, shared })).ok_or(ReleaseError::TooLarge)
    }

    fn write_for(&mut self, member: MemberIx, writers: &[u64]) {
        if !writers.is_empty() {
            self.writers.insert(member, writers.to_vec());
        }
    }

    fn atom(&mut self, cohorts: MemberCohorts) -> Result<AtomIx, ReleaseError> {
        let key: Vec<Option<CohortIx>> = cohorts.values().copied().collect();
        if let Some(atom) = self.numbers.get(&key) {
            return Ok(*atom);
        }
        let atom = self.atoms.push(cohorts).ok_or(ReleaseError::TooLarge)?;
        self.numbers.insert(key, atom);
        Ok(atom)
    }

    /// Leaves out organisations (R12): in every cohort only so many organisations of one control group stay, in the key's order.
    fn dominate(
        &mut self,
        unreleased: &Unreleased,
        by_group: BTreeMap<&str, Vec<MemberIx>>,
        lattice: &Lattice,
        parameters: &Parameters,
        key: &ReleaseKey,
    ) {
        let mut sizes = lattice.by_cohort().filled(0_u32);
        for membership in self.all.values().flatten() {
            membership
                .counts_in
                .select(&self.atoms[membership.atom])
                .for_each(|(_, cohort)| sizes[cohort] += 1);
        }
        for (group, mut members) in by_group.into_iter().filter(|(_, members)| members.len() > 1) {
            members.sort_by_cached_key(|member| {
                (key.order(group, unreleased.members[*member].organisation.as_str()), *member)
            });
            let mut own: BTreeMap<CohortIx, u32> = BTreeMap::new();
            for membership in members.iter().filter_map(|member| self.all[*member]) {
                let cohorts = membership.counts_in.select(&self.atoms[membership.atom]);
                cohorts.for_each(|(_, cohort)| *own.entry(cohort).or_default() += 1);
            }
            let mut kept: BTreeMap<CohortIx, u32> = BTreeMap::new();
            for (member, rank) in members.into_iter().zip(0_u32..) {
                self.ranks[member] = rank;
                let Some(membership) = &mut self.all[member] else { continue };
                membership.shared = true;
                for (slot, cohort) in membership.counts_in.select(&self.atoms[membership.atom]) {
                    let own = own.get(&cohort).copied().unwrap_or_default();
                    let kept = kept.entry(cohort).or_default();
                    if *kept < stay(own, sizes[cohort] - own, parameters.max_cg_share)
                        || !parameters.holds(Rule::R12)
                    {
                        *kept += 1;
                    } else {
                        membership.counts_in.remove(slot);
                    }
                }
            }
        }
    }

    /// The members of an earlier release in the cohorts of this one's lattice.
    pub fn earlier(
        then: &EarlierMembership,
        lattice: &Lattice,
        numbering: &mut Numbering,
    ) -> Result<Translation, ReleaseError> {
        let named: HashMap<String, CohortIx> =
            lattice.by_cohort().iter().map(|(index, cohort)| (cohort.to_string(), index)).collect();
        let now = then.cohorts.map(|cohort| named.get(&then.cohorts[cohort]).copied());
        let mut this = Self::default();
        let mut slots: BTreeMap<EarlierSlotIx, Option<u16>> = BTreeMap::new();
        let mut atoms = Vec::with_capacity(then.atoms.len());
        for cohorts in then.atoms.values() {
            let mut own = lattice.slots().filled(None);
            for (slot, cohort) in cohorts.iter() {
                let now = cohort.and_then(|cohort| now[cohort]);
                let to = slots.entry(slot).or_default();
                if let Some(now) = now {
                    let mut bit = SlotSet::default();
                    bit.insert(lattice.slot(now));
                    *to = Some(bit.bits());
                    own[lattice.slot(now)] = Some(now);
                }
            }
            atoms.push(this.atom(own)?);
        }
        let atoms: By<Atoms, AtomIx> = By::new(atoms).ok_or(ReleaseError::TooLarge)?;
        let bits = slots.into_iter().map(|(slot, now)| {
            (1_u16.checked_shl(u32::try_from(slot.position()).unwrap_or(u32::MAX)).unwrap_or_default(), now)
        });
        // Nearly always the dimensions are the same; a slot without cohorts is in no set of slots.
        let slots: Vec<(u16, Option<u16>)> = bits.collect();
        let slots = if slots.iter().all(|(then, now)| now.is_none_or(|now| now == *then)) {
            Vec::new()
        } else {
            slots
        };
        let mut sizes: HashMap<u64, u32> = HashMap::new();
        then.members.values().for_each(|member| *sizes.entry(member.pseudonyms.group).or_default() += 1);
        let mut numbers = Vec::with_capacity(then.members.len());
        for member in then.members.values() {
            numbers.push(numbering.number(&member.pseudonyms)?);
        }
        this.all = numbering.members.filled(None);
        this.groups = numbering.members.filled(None);
        this.ranks = numbering.members.filled(0);
        for (member, (number, group)) in then.members.values().zip(&numbers) {
            let atom = atoms[member.atom];
            let shared = sizes.get(&member.pseudonyms.group).is_some_and(|size| *size > 1);
            this.all[*number] = Some(Membership { atom, counts_in: SlotSet::of(&this.atoms[atom]), shared });
            this.groups[*number] = Some(*group);
            this.write_for(*number, &member.pseudonyms.writers);
        }
        let members = By::new(numbers.into_iter().map(|(member, _)| member).collect());
        Ok(Translation { memberships: this, members: members.ok_or(ReleaseError::TooLarge)?, slots })
    }

    /// `None` where the organisation was no member.
    pub fn get(&self, member: MemberIx) -> Option<Membership> {
        self.all.lookup(member).copied().flatten()
    }

    /// An organisation's control group; `None` where it was no member.
    pub fn group(&self, member: MemberIx) -> Option<GroupIx> {
        self.groups.lookup(member).copied().flatten()
    }

    pub fn rank(&self, member: MemberIx) -> u32 {
        self.ranks[member]
    }

    /// The cohorts of each atom.
    pub fn atoms(&self) -> &By<Atoms, MemberCohorts> {
        &self.atoms
    }

    /// All cohorts that an organisation is in.
    pub fn cohorts(&self, membership: Membership) -> &MemberCohorts {
        &self.atoms[membership.atom]
    }

    /// Says that an organisation is in the same cohorts and in the same control group as it was, alone there or not.
    pub fn is_settled(&self, then: &Self, member: MemberIx) -> bool {
        self.get(member).zip(then.get(member)).is_some_and(|(a, b)| {
            a.shared == b.shared
                && self.group(member) == then.group(member)
                && self.cohorts(a) == then.cohorts(b)
        })
    }

    /// The units of the members of these memberships and of earlier ones, which number as many or more. Whoever is a member now
    /// has the writers of now.
    pub fn units_with(&self, other: &Self, writers: bool) -> Units {
        let everybody = || {
            let both = [self, other].into_iter().flat_map(|memberships| memberships.groups.iter());
            both.filter_map(|(member, group)| Some((member, (*group)?)))
        };
        let mut units = Units { joined: HashMap::new(), alone: other.groups.filled(true) };
        let mut of_writer: BTreeMap<u64, GroupIx> = BTreeMap::new();
        let left = other.writers.iter().filter(|(member, _)| self.get(**member).is_none());
        let of_all = self.writers.iter().map(|of| (self, of)).chain(left.map(|of| (other, of)));
        for (memberships, (member, of_member)) in of_all.filter(|_| writers) {
            let Some(group) = memberships.group(*member) else { continue };
            of_member.iter().for_each(|writer| units.join(group, *of_writer.entry(*writer).or_insert(group)));
        }
        // `None` stands for several.
        let mut owners: HashMap<GroupIx, Option<MemberIx>> = HashMap::new();
        for (member, group) in everybody() {
            let owner = owners.entry(units.of(group)).or_insert(Some(member));
            *owner = owner.filter(|owner| *owner == member);
        }
        for (member, group) in everybody() {
            // Who is no member of either has no control group there.
            let alone = owners.get(&units.of(group)) == Some(&Some(member));
            units.alone[member] &= alone;
        }
        units
    }

    /// Maps each organisation of these memberships.
    pub fn map<T>(&self, of: impl FnMut(MemberIx) -> T) -> By<Members, T> {
        self.all.map(of)
    }

    pub fn indices(&self) -> impl Iterator<Item = MemberIx> {
        self.all.indices()
    }
}
