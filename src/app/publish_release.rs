//! Close and publish a release: load everybody's contributions in batches, aggregate, apply the rules, and store what
//! may leave in one transaction.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    App, log,
    own::{contribution_of, fresh},
    published::{Published, Terms},
};
use crate::{
    analytics::{Aggregation, AnalyticsError, Contributor},
    domain::{
        access::ClientId,
        audit::Action,
        facts::Facts,
        organisation::{OrganisationId, Tenant},
        release::{
            Candidate, Input, Member, Parameters, Publication, ReleaseError, Unreleased, contributes, release,
        },
        snapshot::Basis,
    },
    store::{self, StoreError},
};

/// Organisations that are held at once.
const BATCH: u32 = 512;

/// The first release is not published before the community is this old (R7).
const FIRST_RELEASE_DAYS: i64 = 7;

/// Why nothing was published. Nothing has changed then.
#[derive(Debug, Error)]
pub enum PublishError {
    #[error(transparent)]
    Rules(#[from] ReleaseError),
    #[error("nothing has been uploaded yet, so there is nothing to publish")]
    NoUpload,
    #[error("the first release can be published from {0} on, seven days after the first upload")]
    TooEarly(DateTime<Utc>),
    #[error("no ATT&CK version is enabled: enable one with `peerbench catalogue import`")]
    NoVersion,
    #[error("release {0} was published by somebody else in the meantime")]
    Overtaken(u32),
    #[error(transparent)]
    Analytics(#[from] AnalyticsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Publishes the next release; the cut-off is now. Blocks and uses
/// several threads for a while: never call it on a server's worker thread.
pub fn publish_release(app: &App, operator: &ClientId) -> Result<store::release::Release, PublishError> {
    let now = app.clock.now();
    let (latest, first_upload) = app.db.read(|conn| -> Result<_, StoreError> {
        Ok((store::release::latest_number(conn)?, store::audit::first(conn, Action::SnapshotUploaded)?))
    })?;
    // Refused before anything is computed; `release` holds the rule itself.
    if latest.is_some() {
        return Err(ReleaseError::SecondRelease.into());
    }
    let from = first_upload.ok_or(PublishError::NoUpload)? + TimeDelta::days(FIRST_RELEASE_DAYS);
    if now < from {
        return Err(PublishError::TooEarly(from));
    }
    let number = latest.unwrap_or(0) + 1;
    let facts = app.attack().facts.clone().ok_or(PublishError::NoVersion)?;
    let unreleased = app.db.read_together(|conn| {
        let aggregate = |basis: &Basis| Ok((*basis, aggregate(conn, app, &facts, *basis, now)?));
        Basis::BENCHMARKED.iter().map(aggregate).collect::<Result<Vec<(Basis, Unreleased)>, PublishError>>()
    })?;
    let inputs: Vec<Input<'_>> =
        unreleased.iter().map(|(basis, unreleased)| Input { basis: *basis, unreleased }).collect();
    let publication = release(
        number,
        facts.catalogue().version(),
        &inputs,
        &app.dimensions,
        &app.parameters,
        app.tokens.keys().release(),
    )?;
    let stored = stored(&publication, &app.parameters, now);
    let tables = Published::tables_of(&publication);
    app.db.write("publish release", |conn| {
        if store::release::latest_number(conn)? != latest {
            return Err(PublishError::Overtaken(number));
        }
        store::release::publish(conn, &stored, &tables)?;
        let entry = log::entry(app, operator, Action::ReleasePublished, &number.to_string());
        store::audit::record(conn, Tenant::Platform, &[entry])?;
        Ok(())
    })?;
    Ok(stored)
}

fn aggregate(
    conn: &mut store::Conn,
    app: &App,
    facts: &Facts,
    basis: Basis,
    cut_off: DateTime<Utc>,
) -> Result<Unreleased, PublishError> {
    let parameters = &app.parameters;
    let mut aggregation = Aggregation::new(facts)?;
    let mut after: Option<OrganisationId> = None;
    loop {
        let page = store::snapshot::for_release(conn, basis, cut_off, after.as_ref(), BATCH)?;
        let Some(last) = page.last() else { break };
        after = Some(last.organisation.id.clone());
        let contributors = page.into_iter().filter_map(|candidate| {
            let organisation = candidate.organisation;
            let candidacy =
                Candidate { standing: organisation.standing, created_at: organisation.created_at };
            let snapshots = fresh(candidate.snapshots, cut_off, facts, parameters);
            if snapshots.is_empty() || !contributes(candidacy, cut_off, parameters) {
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
        aggregation.add(contributors.collect())?;
    }
    Ok(aggregation.finish())
}

fn stored(publication: &Publication, parameters: &Parameters, now: DateTime<Utc>) -> store::release::Release {
    let terms = Terms { parameters: parameters.clone(), scales: publication.scales.clone() };
    let mut digest = Sha256::new();
    for table in Published::tables_of(publication) {
        for part in [table.basis.name().as_bytes(), table.cohort.to_string().as_bytes(), &table.body] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
    }
    store::release::Release {
        number: publication.number,
        cut_off: now,
        attack: publication.attack,
        preset: parameters.preset.name().to_owned(),
        parameters: serde_json::to_string(&terms).unwrap_or_default(),
        digest: digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        published_at: now,
    }
}
