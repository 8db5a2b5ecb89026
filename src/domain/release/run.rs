//! What is fixed for one release of one basis before any cell is looked at: who sits in which cohort, what was published
//! before, and which cohorts are published at all.

use super::{
    cohorts::{
        lattice::Lattice,
        membership::{Footed, Numbers, Seating},
    },
    counting::{count::Scan, fingerprint::Fingerprints},
    earlier::{
        parts::Parts,
        previous::{History, Known, Previous},
    },
    error::ReleaseError,
    item::Item,
    parameters::Parameters,
    release_key::ReleaseKey,
    rules::span::Span,
    values::{
        layout::Key,
        unreleased::{Entry, NO_SCALE, Unreleased},
    },
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
    pub fingerprints: Fingerprints,
}

impl<'a> Frame<'a> {
    /// The frame, with every cohort as if it were published, and everybody as the respondents of a cell.
    pub fn new(
        (number, basis): (u32, Basis),
        unreleased: &'a Unreleased,
        lattice: Lattice,
        previous: (Option<&mut Previous>, &'a dyn Parts),
        parameters: &'a Parameters,
        key: &'a ReleaseKey,
    ) -> Result<(Self, Vec<Entry>), ReleaseError> {
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
        let this = Self {
            span,
            published: vec![true; lattice.cohorts().len()],
            fingerprints: Fingerprints::new(key, footed.iter().map(|footed| footed.organisation).collect()),
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
        Ok((this, everybody))
    }

    /// Closes the cohorts that are not published.
    pub fn publish(&mut self, published: Vec<bool>) {
        self.span.publish(&published);
        self.published = published;
    }

    /// What is known of a cell; `None` where it never was anything.
    pub fn known(&self, key: Key) -> Option<&Known> {
        self.history.as_ref().and_then(|history| history.known(key))
    }
}
