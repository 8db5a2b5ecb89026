//! From a frozen release to what may leave: everybody's contributions in batches, aggregated, and the rules on them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::PublishError;
use crate::{
    analytics::{Aggregation, Contributor},
    app::{
        App,
        idempotency::hex,
        own::{contribution_of, fresh},
    },
    domain::{
        attack::compact,
        facts::Facts,
        organisation::OrganisationId,
        release::{
            Candidate, Hash, Input, Member, Previous, Publication, Table, Unreleased, contributes, release,
        },
        snapshot::Basis,
    },
    store::{self, StoreError, release::Open},
};

/// Organisations that are held at once.
pub(super) const BATCH: u32 = 4096;
/// Snapshot ids that are held at once.
const IDS: u32 = 10_000;

/// A publication and what it was made of.
pub(super) struct Computed {
    pub publication: Publication,
    /// Of [`inputs`], as of the same state of the database.
    pub inputs: String,
    /// Of the facts that it was computed with.
    pub catalogue: Hash,
}

/// The publication of a frozen release: a function of its cut-off, of the organisations as they were frozen, and of their
/// snapshots that have not been withdrawn, without those of `aside`.
pub(super) fn compute(
    app: &App,
    open: &Open,
    aside: &BTreeSet<OrganisationId>,
) -> Result<Computed, PublishError> {
    let facts = app.facts_for(open.attack)?;
    let (previous, inputs, unreleased) = app.db.read_together(|conn| {
        let previous = previous(conn, open, &facts)?;
        let inputs = inputs(conn, open.cut_off)?;
        let aggregate = |basis: &Basis| Ok((*basis, aggregate(conn, app, &facts, *basis, open, aside)?));
        let unreleased = Basis::BENCHMARKED.iter().map(aggregate);
        Ok::<_, PublishError>((
            previous,
            inputs,
            unreleased.collect::<Result<Vec<(Basis, Unreleased)>, PublishError>>()?,
        ))
    })?;
    let unreleased: Vec<Input<'_>> =
        unreleased.iter().map(|(basis, unreleased)| Input { basis: *basis, unreleased }).collect();
    let publication = release(
        facts.catalogue().version(),
        &unreleased,
        previous.as_ref(),
        &app.dimensions,
        &app.parameters,
        app.tokens.keys().release(),
    )?;
    Ok(Computed { publication, inputs, catalogue: catalogue(&facts) })
}

/// What the release before published, and what it kept.
fn previous(conn: &mut store::Conn, open: &Open, facts: &Facts) -> Result<Option<Previous>, PublishError> {
    let Some(number) = open.number.checked_sub(1).filter(|number| *number > 0) else { return Ok(None) };
    let unreadable = |reason: &str| {
        PublishError::Store(StoreError::Unreadable {
            what: "a release",
            reason: format!("number {number}: {reason}"),
        })
    };
    let release = store::release::get(conn, number)?.ok_or_else(|| unreadable("it is not there"))?;
    let tables = store::release::tables(conn, number)?;
    let table = |stored: store::release::Table| Table::from_bytes(stored.basis, stored.cohort, &stored.body);
    let tables = tables.into_iter().map(table).collect::<Result<_, _>>();
    let mut previous = Previous {
        number,
        tables: tables.map_err(|error| unreadable(&error.to_string()))?,
        renumbered: facts.renumbered_since(release.attack),
        ..Previous::default()
    };
    for kept in store::release::ledgers(conn)? {
        if kept.release == number {
            previous.states.insert(kept.basis, kept.state);
        }
        previous.footings.insert((kept.basis, kept.release), kept.footing);
    }
    Ok(Some(previous))
}

fn aggregate(
    conn: &mut store::Conn,
    app: &App,
    facts: &Facts,
    basis: Basis,
    open: &Open,
    aside: &BTreeSet<OrganisationId>,
) -> Result<Unreleased, PublishError> {
    let mut aggregation = Aggregation::new(facts)?;
    let mut after: Option<OrganisationId> = None;
    while let Some(mut page) = page(conn, app, facts, basis, open, after.as_ref())? {
        page.contributors.retain(|contributor| !aside.contains(&contributor.member.organisation));
        aggregation.add(page.contributors)?;
        after = Some(page.last);
    }
    Ok(aggregation.finish())
}

/// A page of the frozen organisations.
pub(super) struct Page {
    /// Those that contribute (R7).
    pub contributors: Vec<Contributor>,
    /// The last organisation of the page, whether it contributes or not.
    pub last: OrganisationId,
}

/// The page after an organisation; `None` where there is none.
pub(super) fn page(
    conn: &mut store::Conn,
    app: &App,
    facts: &Facts,
    basis: Basis,
    open: &Open,
    after: Option<&OrganisationId>,
) -> Result<Option<Page>, StoreError> {
    let page = store::snapshot::for_release(conn, open.number, basis, open.cut_off, after, BATCH)?;
    let Some(last) = page.last().map(|last| last.organisation.id.clone()) else { return Ok(None) };
    let contributors = page.into_iter().filter_map(|candidate| {
        let organisation = candidate.organisation;
        let candidacy = Candidate { standing: organisation.standing, created_at: organisation.created_at };
        let snapshots = fresh(candidate.snapshots, open.cut_off, facts, &app.parameters);
        if snapshots.is_empty() || !contributes(candidacy, open.cut_off, &app.parameters) {
            return None;
        }
        let member = Member {
            organisation: organisation.id,
            control_group: organisation.profile.control_group,
            sector: organisation.profile.sector,
            size: organisation.profile.size,
            region: organisation.profile.region,
        };
        let contribution = contribution_of(snapshots, facts).ok()?;
        Some(Contributor { member, platforms: organisation.profile.platforms, contribution })
    });
    Ok(Some(Page { contributors: contributors.collect(), last }))
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
            return Ok(hex(&digest.finalize()));
        }
    }
}
