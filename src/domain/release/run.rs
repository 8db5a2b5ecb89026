//! Everything that is fixed for one release of one basis before any cell is decided.

use super::{
    cohorts::{
        index::{By, ByCohort, Members},
        lattice::Lattice,
        membership::{Memberships, Numbering, Pseudonyms},
    },
    counting::{count::Counted, fingerprint::Fingerprints},
    earlier::{
        parts::Parts,
        previous::{Earlier, KnownCell, Previous},
    },
    error::ReleaseError,
    item::Item,
    parameters::{Parameters, Rule},
    release_key::ReleaseKey,
    rules::{
        code::{Coding, Unit},
        reason::{Reasons, Verdict},
        resolution::tightened,
        span::Span,
    },
    values::{
        entry::{Entry, NO_SCALE},
        layout::Key,
        unreleased::Unreleased,
    },
};
use crate::domain::{attack::AttackVersion, snapshot::Basis};

/// The run of one basis.
pub struct Run<'a> {
    pub terms: Terms<'a>,
    pub basis: Basis,
    pub unreleased: &'a Unreleased,
    pub lattice: Lattice,
    pub memberships: Memberships,
    /// The names under which the members are kept.
    pub pseudonyms: By<Members, Pseudonyms>,
    pub earlier: Option<Earlier<'a>>,
    /// The basis that this release has published already (R35).
    pub other: Option<Earlier<'a>>,
    /// The combinations of cohorts (R11b).
    pub span: Span,
    /// The cohorts that are published, by what their members alone decide.
    pub cohorts: ByCohort<Verdict>,
    pub fingerprints: Fingerprints,
    /// The coding of points and of counts.
    codings: [Coding; 2],
    /// The parameters under which what the release before published is coded again.
    pub tighter: Option<Parameters>,
}

/// The terms that all bases of a release have in common.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    pub number: u32,
    pub attack: AttackVersion,
    pub parameters: &'a Parameters,
    pub key: &'a ReleaseKey,
    pub parts: &'a dyn Parts,
    /// The record of reasons, for tests and for the operator's readiness.
    pub reasons: Option<&'a Reasons>,
}

impl<'a> Run<'a> {
    /// A run in which every cohort is published so far.
    pub fn new(
        terms: Terms<'a>,
        (basis, unreleased): (Basis, &'a Unreleased),
        lattice: Lattice,
        (previous, other): (Option<&mut Previous>, Option<(Basis, Previous)>),
    ) -> Result<Self, ReleaseError> {
        let Terms { parameters, key, parts, .. } = terms;
        let mut numbering = Numbering::default();
        let (memberships, pseudonyms) =
            Memberships::now(unreleased, &lattice, parameters, key, &mut numbering)?;
        let layout = &unreleased.layout;
        let earlier = previous
            .map(|previous| {
                let from = (previous, parts);
                Earlier::new(from, basis, layout, &lattice, parameters, &memberships, &mut numbering)
            })
            .transpose()?;
        let other = other.map(|(basis, mut published)| {
            let from = (&mut published, parts);
            Earlier::new(from, basis, layout, &lattice, parameters, &memberships, &mut numbering)
        });
        let other = other.transpose()?;
        let all = Counted::new(&memberships, &lattice, (&everybody(&memberships), NO_SCALE), parameters)?;
        Ok(Self {
            span: Span::new(&lattice, &all)?,
            cohorts: lattice.by_cohort().filled(Ok(())),
            fingerprints: Fingerprints::new(key, numbering.organisations()),
            codings: [Unit::Points, Unit::Count].map(|unit| match parameters.holds(Rule::R32) {
                true => Coding::new(unit, parameters),
                false => Coding::raw(),
            }),
            tighter: earlier.as_ref().and_then(|earlier| tightened(parameters, &earlier.parameters)),
            terms,
            basis,
            unreleased,
            lattice,
            memberships,
            pseudonyms,
            earlier,
            other,
        })
    }

    /// The list of a cell in which everybody has a value.
    pub fn everybody(&self) -> Vec<Entry> {
        everybody(&self.memberships)
    }

    /// Returns the coding of an item's values.
    pub fn coding(&self, item: &Item) -> &Coding {
        let [points, counts] = &self.codings;
        match item.unit() {
            Unit::Points => points,
            Unit::Count => counts,
        }
    }

    /// Closes the cohorts that are not published.
    pub fn close(&mut self, cohorts: ByCohort<Verdict>) {
        self.span.publish(&cohorts);
        self.cohorts = cohorts;
    }

    /// A cell of the basis that this release has published already.
    pub fn other(&self, key: Key) -> Option<&KnownCell> {
        self.other.as_ref().and_then(|other| other.known(key))
    }

    /// A cell of the previous release; `None` where it never was anything.
    pub fn known(&self, key: Key) -> Option<&KnownCell> {
        self.earlier.as_ref().and_then(|earlier| earlier.known(key))
    }
}

fn everybody(memberships: &Memberships) -> Vec<Entry> {
    memberships.indices().map(|member| Entry { member, value: 0, scale: NO_SCALE }).collect()
}
