//! From a frozen release to what may leave: everybody's contributions in batches, aggregated, and the rules on them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    candidates::{Candidates, Read},
    error::PublishError,
    review::{Examiner, set_aside},
    stored_parts::with_stored_parts,
    work::Work,
};
use crate::{
    analytics::{Aggregation, Contributor},
    app::{
        App,
        published::{TablesError, Terms, read_tables},
    },
    domain::{
        attack::{AttackVersion, compact},
        facts::Facts,
        organisation::OrganisationId,
        quarantine::{Finding, Look, Review},
        release::{
            Hash, Input, Preset, Previous, Publication, ReleaseError, TableError, Unreleased, release,
        },
        snapshot::Basis,
    },
    store::{self, StoreError, release::Open},
};

/// Organisations of a page. Two pages are held at once.
const BATCH: u32 = if cfg!(test) { 7 } else { 2048 };
/// Snapshot ids that are held at once.
const IDS: u32 = 10_000;

/// Everything that a release is made of, as of one state of the database.
pub(super) struct Gathered {
    facts: Arc<Facts>,
    /// The version in [`Terms`].
    named_in: Option<AttackVersion>,
    previous: Option<Previous>,
    /// Digest of [`inputs`].
    inputs: String,
    unreleased: Vec<(Basis, Unreleased)>,
    /// Findings of the review (R29): organisations that it sets aside are not in `unreleased`.
    pub findings: Vec<Finding>,
}

/// A publication and what it was made of.
pub(super) struct Computed {
    pub publication: Publication,
    /// Digest of [`inputs`].
    pub inputs: String,
    /// Digest of the facts that it was computed with.
    pub catalogue: Hash,
    /// The version in [`Terms`].
    pub named_in: Option<AttackVersion>,
}

/// Reads what a frozen release is made of: its organisations as they were frozen, and those of their snapshots at its
/// cut-off that have not been withdrawn.
pub(super) fn gather(app: &App, open: &Open) -> Result<Gathered, PublishError> {
    let facts = app.facts_for(open.attack)?;
    app.db.read_together(|conn| {
        let youngest = store::snapshot::youngest_version(conn, open.cut_off, open.attack)?;
        let as_named = youngest.and_then(|youngest| facts.as_named_in(youngest));
        let named_in = youngest.filter(|_| as_named.is_some());
        let facts = as_named.map_or_else(|| Arc::clone(&facts), Arc::new);
        let previous = previous(conn, open, &facts)?;
        let inputs = inputs(conn, open.cut_off)?;
        let examiner = Examiner::new(conn, app, &facts, (open.number, open.cut_off))?;
        let trusted = store::writer::trusted(conn)?;
        let (mut unreleased, mut findings) = (Vec::new(), Vec::new());
        for basis in Basis::BENCHMARKED {
            let (cut_off, examiner, trusted) = (open.cut_off, &examiner, &trusted);
            let candidates = Candidates { app, facts: &facts, cut_off, basis, examiner, trusted };
            let source = Source { candidates, open };
            let mut review = examiner.review(basis);
            let everybody = source.aggregate(conn, &mut review)?;
            let found = examiner.findings(review);
            unreleased.push((basis, everybody.without(&set_aside(&found))));
            findings.extend(found);
        }
        Ok(Gathered { facts, named_in, previous, inputs, unreleased, findings })
    })
}

/// The publication: a function of what was gathered, and of the lists that are stored.
pub(super) fn compute(work: &Work<'_>, gathered: Gathered) -> Result<Computed, PublishError> {
    let Gathered { facts, named_in, previous, inputs, unreleased, .. } = gathered;
    let unreleased: Vec<Input<'_>> =
        unreleased.iter().map(|(basis, unreleased)| Input { basis: *basis, unreleased }).collect();
    let app = work.app;
    let publication = with_stored_parts(work, |parts| {
        let (version, key) = (facts.catalogue().version(), app.tokens.keys().release());
        release(version, &unreleased, previous, parts, &app.dimensions, &app.parameters, key)
    })?;
    // A release that shows nothing would take the place of a useful one: it is refused like a first one.
    if publication.tables.is_empty() {
        return Err(ReleaseError::TooFewContributors { needed: app.parameters.k }.into());
    }
    Ok(Computed { publication, inputs, catalogue: catalogue(&facts), named_in })
}

/// Reads what the previous release published and kept.
fn previous(conn: &mut store::Conn, open: &Open, facts: &Facts) -> Result<Option<Previous>, PublishError> {
    let Some(number) = open.number.checked_sub(1).filter(|number| *number > 0) else { return Ok(None) };
    let unreadable = |reason: &str| {
        PublishError::Store(StoreError::Unreadable {
            what: "a release",
            reason: format!("number {number}: {reason}"),
        })
    };
    let release = store::release::get(conn, number)?.ok_or_else(|| unreadable("it is not there"))?;
    let later = |what: String| PublishError::from(ReleaseError::LaterVersion { number, what });
    if release.preset.parse::<Preset>().is_err() {
        return Err(later(format!("the preset `{}`", release.preset)));
    }
    let terms: Terms =
        serde_json::from_str(&release.parameters).map_err(|error| unreadable(&error.to_string()))?;
    if let Some(what) = terms.parameters.unknown_named() {
        return Err(later(what));
    }
    let tables = store::release::tables(conn, number)?;
    let mut previous = Previous {
        number,
        scales: terms.scales,
        tables: read_tables(&tables).map_err(|error| match error {
            TablesError::Table(TableError::UnknownBand(band)) => later(format!("the band `{band}`")),
            TablesError::Table(error) => unreadable(&error.to_string()),
            TablesError::Store(error) => error.into(),
        })?,
        renumbered: facts.renumbered_since(release.attack),
        redefined: facts.redefined_since(release.attack),
        ..Previous::default()
    };
    for kept in store::release::ledgers(conn)? {
        if kept.release == number {
            previous.states.insert(kept.basis, kept.state);
        }
        previous.heads.insert((kept.basis, kept.release), kept.head);
    }
    Ok(Some(previous))
}

/// The contributions of one basis, page by page.
struct Source<'a> {
    candidates: Candidates<'a>,
    open: &'a Open,
}

impl Source<'_> {
    /// Aggregates the contributors (R7) page by page, and looks at each (R29).
    fn aggregate(&self, conn: &mut store::Conn, review: &mut Review<'_>) -> Result<Unreleased, PublishError> {
        let mut aggregation = Aggregation::new(self.candidates.facts)?;
        let mut page = self.page(conn, None)?;
        while let Some(last) = page.last() {
            let last = last.found.organisation.id.clone();
            let work = || {
                let candidates =
                    page.into_par_iter().filter_map(|read| self.candidates.candidate(read, review));
                let candidates: Vec<(Contributor, Option<Look>)> = candidates.collect();
                for (Contributor { member, .. }, look) in &candidates {
                    look.iter()
                        .for_each(|look| review.add(&member.organisation, &member.control_group, *look));
                }
                aggregation.add(candidates.into_iter().map(|(contributor, _)| contributor).collect())
            };
            // The next page is read meanwhile.
            let (next, added) = rayon::join(|| self.page(conn, Some(&last)), work);
            added?;
            page = next?;
        }
        Ok(aggregation.finish())
    }

    fn page(&self, conn: &mut store::Conn, after: Option<&OrganisationId>) -> Result<Vec<Read>, StoreError> {
        let Self { candidates, open } = self;
        let page =
            store::snapshot::for_release(conn, open.number, candidates.basis, open.cut_off, after, BATCH)?;
        candidates.read(conn, page)
    }
}

/// SHA-256 over what was taken as given: the ATT&CK version and the technologies.
fn catalogue(facts: &Facts) -> Hash {
    let attack = compact::to_json(facts.catalogue()).unwrap_or_default();
    let technologies = serde_json::to_string(facts.registry().technologies()).unwrap_or_default();
    Hash::of((attack + &technologies).as_bytes())
}

/// SHA-256 over the ids of all snapshots that count at a cut-off, in hexadecimal: it changes when one is withdrawn.
pub(super) fn inputs(conn: &mut store::Conn, cut_off: DateTime<Utc>) -> Result<String, StoreError> {
    let mut digest = Sha256::new();
    let mut after = None;
    loop {
        let page = store::snapshot::ids_at(conn, cut_off, after.as_ref(), IDS)?;
        for (organisation, snapshot) in &page {
            digest.update(format!("{organisation} {snapshot}\n"));
        }
        after = page.into_iter().next_back();
        if after.is_none() {
            let digest: [u8; 32] = digest.finalize().into();
            return Ok(Hash::from(digest).to_string());
        }
    }
}
