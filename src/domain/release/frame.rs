//! What is fixed for one release of one basis before any cell is looked at: who sits in which cohort, what was published
//! before, and which cohorts are published at all.

use super::{
    Item, Key, Lattice, Parameters, Previous, ReleaseError, ReleaseKey, Shelf, Unreleased,
    cell::{Outcome, decide},
    footing::Footed,
    history::{History, Known},
    keyed::Draws,
    scan::{Kept, Scan},
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
    draws: Draws,
    /// Of the members.
    pseudonyms: Vec<u64>,
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
                Some(History::new(
                    (previous, shelf),
                    basis,
                    layout,
                    &lattice,
                    parameters,
                    &seating,
                    &mut numbers,
                )?)
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
            draws: key.draws(),
            pseudonyms: footed.iter().map(|footed| footed.organisation).collect(),
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

    /// Of each on a list, what tells whether the organisation still contributes that value to the cell of the seed.
    pub fn tag(&self, list: &mut [Kept], seed: u64) {
        self.draws.tag(list, seed, |one| (self.pseudonym(one.member), one.value), |one, tag| one.tag = tag);
    }

    /// Of each on a list, what stands for the organisation holding that value.
    pub fn print(&self, list: &mut [(Kept, u128)]) {
        let of = |(one, _): &(Kept, u128)| (self.pseudonym(one.member), one.value);
        self.draws.print(list, of, |(_, slot), print| *slot = print);
    }

    fn pseudonym(&self, member: u32) -> u64 {
        let pseudonym = usize::try_from(member).ok().and_then(|member| self.pseudonyms.get(member));
        pseudonym.copied().unwrap_or_default()
    }
}
