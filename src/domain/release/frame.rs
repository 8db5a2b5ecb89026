//! What is fixed for one release of one basis before any cell is looked at: who sits in which cohort, what was published
//! before, and which cohorts are published at all.

use super::{
    Item, Key, Lattice, Parameters, Previous, ReleaseError, ReleaseKey, Shelf, Unreleased,
    cell::{Outcome, decide},
    footing::Footed,
    history::{History, Known},
    keyed::MemberKey,
    scan::Scan,
    seating::{Numbers, Seating},
    span::Span,
    unreleased::{Entry, NO_SCALE},
};
use crate::domain::snapshot::Basis;

/// What is decided together: items that have the same list (a technology's column and its cell, of a technique that
/// nothing rolls up into), with what was known of each.
pub(super) type Subjects<'f> = [(Item, Option<&'f Known>)];

pub(super) struct Frame<'a> {
    pub number: u32,
    pub unreleased: &'a Unreleased,
    pub parameters: &'a Parameters,
    pub key: &'a ReleaseKey,
    pub lattice: Lattice,
    pub seating: Seating,
    /// What to keep of the members.
    pub footed: Vec<Footed>,
    pub history: Option<History<'a>>,
    /// What follows from what (R11b).
    pub span: Span,
    /// Whether the cohort is published at all, by what its members alone decide.
    pub published: Vec<bool>,
    /// The column of each technology's family.
    pub families: Vec<u32>,
    member_keys: Vec<MemberKey>,
}

impl<'a> Frame<'a> {
    /// The frame, and what becomes of the cohorts themselves: their members are a cell in which everybody has a value.
    pub fn new(
        (number, basis): (u32, Basis),
        unreleased: &'a Unreleased,
        lattice: Lattice,
        previous: (Option<&mut Previous>, &'a dyn Shelf),
        parameters: &'a Parameters,
        key: &'a ReleaseKey,
    ) -> Result<(Self, Outcome), ReleaseError> {
        let mut numbers = Numbers::default();
        let (seating, footed) = Seating::now(unreleased, &lattice, parameters, key, &mut numbers);
        let history = match previous {
            (Some(previous), shelf) => {
                let layout = &unreleased.layout;
                History::new((previous, shelf), basis, layout, &lattice, parameters, &seating, &mut numbers)?
            }
            (None, _) => None,
        };
        let everybody = (0_u32..).take(seating.len());
        let everybody: Vec<Entry> =
            everybody.map(|member| Entry { member, value: 0, scale: NO_SCALE }).collect();
        let span = Span::new(&Scan::now(&seating, lattice.cohorts().len(), &everybody, parameters));
        let mut this = Self {
            span,
            published: vec![true; lattice.cohorts().len()],
            member_keys: unreleased.members.iter().map(|m| key.member(m.organisation.as_str())).collect(),
            families: unreleased.layout.technology_families().collect(),
            number,
            unreleased,
            parameters,
            key,
            lattice,
            seating,
            footed,
            history,
        };
        let (published, outcome) = {
            let known = this.history.as_ref().map(History::members);
            let (decided, outcome) = decide(&this, &[(Item::Members, known)], &everybody, &[], true);
            (decided.map_or_else(Vec::new, |decided| decided.released), outcome)
        };
        this.span.publish(&published);
        this.published = published;
        Ok((this, outcome))
    }

    /// What is known of a cell; `None` where it never was anything.
    pub fn known(&self, key: Key) -> Option<&Known> {
        self.history.as_ref().and_then(|history| history.known(key))
    }

    fn member_key(&self, member: u32) -> Option<&MemberKey> {
        usize::try_from(member).ok().and_then(|member| self.member_keys.get(member))
    }

    pub fn fingerprint(&self, member: u32, value: u8) -> Option<u128> {
        self.member_key(member).map(|key| key.fingerprint(value))
    }

    pub fn tag(&self, member: u32, seed: u64, value: u8) -> u16 {
        self.member_key(member).map_or(0, |key| key.tag(seed, value))
    }
}
