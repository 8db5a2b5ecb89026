//! Reads gaps, and the organisation's own book of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    App, Member,
    compare::{
        Entry, Envelope, Query,
        gaps::{Book, GapQuery, Gaps, gaps, lines, own_envelope},
    },
    own_history::OwnHistory,
    read_comparison::{Ground, ReadComparisonError, ground},
};
use crate::{
    domain::{
        attack::TechniqueId,
        calendar::Month,
        column::Column,
        comparison::{BookEntry, BookStep, GapState, is_reached, state},
        facts::Facts,
        scale::Score,
        snapshot::Basis,
    },
    store::{self, StoreError, gap_book},
};

/// Uploads since a decision that are looked at, the latest ones.
const MOST_UPLOADS: u32 = 100;

/// A line of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub entry: BookEntry,
    /// The technique's line in `any`; `None` where the release's ATT&CK version doesn't have it.
    pub line: Option<Entry>,
    pub state: GapState,
}

/// The book as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnBook {
    pub envelope: Envelope,
    /// By technique.
    pub items: Vec<Decided>,
}

/// A page of gaps; `release` is the latest where `None`.
pub fn read_gaps(
    app: &App,
    member: &Member,
    query: &GapQuery,
    release: Option<u32>,
) -> Result<Gaps, ReadComparisonError> {
    gaps_on(app, &ground(app, member, query.base.basis, release)?, query)
}

/// A page of gaps on a ground that was read.
pub(super) fn gaps_on(app: &App, ground: &Ground, query: &GapQuery) -> Result<Gaps, ReadComparisonError> {
    let decided = decided(app, ground, &query.base)?;
    let book: Book = decided
        .into_iter()
        .filter_map(|decided| Some((decided.line.as_ref()?.technique()?, decided.state)))
        .collect();
    Ok(gaps(&ground.published, &ground.reader(), query, &book)?)
}

/// The organisation's own book. What is closed is judged by the cohort of the query, in `any`.
pub fn read_gap_book(app: &App, member: &Member, query: &Query) -> Result<OwnBook, ReadComparisonError> {
    let ground = ground(app, member, query.basis, None)?;
    let envelope = own_envelope(&ground.published, &ground.reader(), query)?;
    Ok(OwnBook { envelope, items: decided(app, &ground, query)? })
}

/// Works out the state of everything that was decided.
fn decided(app: &App, ground: &Ground, query: &Query) -> Result<Vec<Decided>, ReadComparisonError> {
    let organisation = &ground.organisation.id;
    let entries = app.db.read(|conn| gap_book::list(conn, organisation))?;
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    // Only a clock outside this millennium has no month.
    let Some(now) = Month::of(app.clock.now()) else { return Ok(Vec::new()) };
    let facts = &ground.published.facts;
    let ids: Vec<Option<TechniqueId>> = entries.iter().map(|entry| carried(entry, facts)).collect();
    let since = entries.iter().map(|entry| entry.decided_at).min().unwrap_or_default();
    let wanted: BTreeSet<TechniqueId> = ids.iter().flatten().copied().collect();
    let history = history(app, ground, query.basis, since, &wanted)?;
    let lines = lines(&ground.published, &ground.reader(), query, ids.iter().flatten().copied())?;
    let mut found = Vec::with_capacity(entries.len());
    for (entry, id) in entries.into_iter().zip(ids) {
        let line = id.and_then(|id| lines.get(&id)).cloned();
        let side = line.as_ref().map(Entry::effective);
        let shown = side.and_then(|side| side.peers.as_ref()).map(|peers| peers.row.shown);
        let reached = |score: Option<u8>| {
            score.and_then(Score::new).is_some_and(|score| is_reached(score, shown.as_ref()))
        };
        let steps: Vec<BookStep> = history
            .iter()
            .filter(|(at, _)| *at > entry.decided_at)
            .map(|(at, scores)| BookStep {
                at: *at,
                reached: reached(id.and_then(|id| scores.get(&id).copied())),
            })
            .collect();
        let is_reached = reached(side.and_then(|side| side.own.value()));
        found.push(Decided { entry, line, state: state(entry.decision, is_reached, &steps, now) });
    }
    Ok(found)
}

/// The technique that an entry is about in the version of `facts`.
fn carried(entry: &BookEntry, facts: &Facts) -> Option<TechniqueId> {
    let is_active = |id: &TechniqueId| facts.catalogue().get(*id).is_some_and(|known| known.is_active());
    match facts.origin(entry.attack) {
        Ok(origin) => origin.migration.target(entry.technique).filter(is_active),
        // An earlier release is looked at.
        Err(_) => Some(entry.technique).filter(is_active),
    }
}

type Scores = BTreeMap<TechniqueId, u8>;

/// The organisation's scores after each of its uploads since a moment, in order, as far as the snapshots are still there.
fn history(
    app: &App,
    ground: &Ground,
    basis: Basis,
    since: DateTime<Utc>,
    wanted: &BTreeSet<TechniqueId>,
) -> Result<Vec<(DateTime<Utc>, Scores)>, StoreError> {
    let (organisation, facts) = (&ground.organisation.id, &ground.published.facts);
    app.db.read_together(|conn| {
        let uploads = store::snapshot::list(conn, organisation, None, MOST_UPLOADS)?;
        let uploads = uploads.into_iter().filter(|upload| upload.header.basis == basis);
        let mut moments: Vec<DateTime<Utc>> =
            uploads.map(|upload| upload.uploaded_at).filter(|at| *at > since).collect();
        moments.sort_unstable();
        let mut own = OwnHistory::read(conn, &ground.organisation, basis, moments.iter().copied())?;
        let mut history = Vec::with_capacity(moments.len());
        for at in moments {
            let scores = own.at(at, facts, &app.parameters).techniques(&Column::Any, facts);
            let scores = scores.iter().filter(|(id, _)| wanted.contains(id));
            history.push((at, scores.map(|(id, rolled)| (*id, rolled.score.get())).collect()));
        }
        Ok(history)
    })
}
