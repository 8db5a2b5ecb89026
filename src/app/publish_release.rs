//! Close and publish a release (R6): freeze the community, compute what may leave, publish it. Each step ends with one
//! transaction, so a crash leaves a release frozen or computed, and whoever publishes next goes on from there.

mod compute;
mod review;
mod shelf;

use chrono::{DateTime, TimeDelta, Utc};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    App, KeyReused,
    idempotency::{Request, fingerprint, hex, remember, replay},
    lease::{self, Lease, LeaseError},
    log,
    published::Terms,
};
use crate::{
    analytics::AnalyticsError,
    auth::{TokenError, manifest::sign},
    domain::{
        access::ClientId,
        audit::Action,
        facts::FactsError,
        organisation::Tenant,
        release::{Hash, Manifest, ReleaseError, Seal, Table},
    },
    store::{
        self, StoreError,
        release::{Contents, Open, Packed, Release, Stage},
    },
};
use compute::{Computed, compute, gather, inputs};

/// The first release is not published before the community is this old (R7).
const FIRST_RELEASE_DAYS: i64 = 7;

/// Why nothing was published. Readers see no change then.
#[derive(Debug, Error)]
pub enum PublishError {
    #[error(transparent)]
    Rules(#[from] ReleaseError),
    #[error("nothing has been uploaded yet, so there is nothing to publish")]
    NoUpload,
    #[error("the first release can be published from {0} on, seven days after the first upload")]
    TooEarly(DateTime<Utc>),
    #[error("no ATT&CK version is enabled: `peerbench catalogue enable` enables one")]
    NoVersion,
    #[error(transparent)]
    Busy(#[from] LeaseError),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error(transparent)]
    Signing(#[from] TokenError),
    #[error(transparent)]
    Analytics(#[from] AnalyticsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PublishError {
    /// The rules or the circumstances do not allow a release now: nothing has failed.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Rules(_)
            | Self::NoUpload
            | Self::TooEarly(_)
            | Self::NoVersion
            | Self::Busy(_)
            | Self::KeyReused(_) => true,
            Self::Facts(_) | Self::Signing(_) | Self::Analytics(_) | Self::Store(_) => false,
        }
    }
}

/// What has just been done, for tests that stop there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The community is frozen.
    Frozen,
    /// The release is computed, and of it only the lists for the next one are stored.
    Aggregated,
    /// The release is stored, and nobody reads it.
    Computed,
    /// The release is read by everybody.
    Published,
}

/// Publishes the next release; the cut-off is now, or that of a release that somebody began and did not finish. Blocks
/// and uses several threads for a while: never call it on a server's worker thread.
pub fn publish_release(
    app: &App,
    operator: &ClientId,
    idempotency_key: Option<&str>,
) -> Result<Release, PublishError> {
    let request = Request {
        tenant: Tenant::Platform,
        client: operator,
        key: idempotency_key,
        operation: "publish_release",
        fingerprint: fingerprint(b""),
    };
    let before =
        app.db.write("replay publication", |conn| replay::<u32, PublishError>(conn, app, &request))?;
    let number = match before {
        Some(number) => number,
        None => lease::hold(app, "publication", |lease| Work { app, lease, request: &request }.publish())?,
    };
    let release = app.db.read(|conn| store::release::get(conn, number))?;
    Ok(release.ok_or(StoreError::Unreadable { what: "a release", reason: "it is not there".to_owned() })?)
}

/// The first moment at which a first release can be published.
pub(super) fn first_release(conn: &mut store::Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    let first_upload = store::audit::first(conn, Action::SnapshotUploaded)?;
    Ok(first_upload.map(|first| first + TimeDelta::days(FIRST_RELEASE_DAYS)))
}

/// One process's work on a release.
struct Work<'a> {
    app: &'a App,
    lease: &'a Lease<'a>,
    request: &'a Request<'a>,
}

impl Work<'_> {
    /// The number of the release that is published now.
    fn publish(&self) -> Result<u32, PublishError> {
        let mut open = match self.unfinished()? {
            Some(open) => open,
            None => self.freeze()?,
        };
        loop {
            if open.stage == Stage::Frozen {
                open = self.compute(open)?;
            }
            if self.flip(&open)? {
                self.app.probes.reached(Step::Published);
                return Ok(open.number);
            }
            open.stage = Stage::Frozen;
        }
    }

    /// What somebody began and did not finish, under the parameters that are in force; under others it is taken back.
    fn unfinished(&self) -> Result<Option<Open>, PublishError> {
        self.write("resume release", |conn| {
            let Some(open) = store::release::open(conn)? else { return Ok(None) };
            let terms: Option<Terms> = serde_json::from_str(&open.parameters).ok();
            if terms.is_some_and(|terms| terms.parameters == self.app.parameters) {
                return Ok(Some(open));
            }
            store::release::thaw(conn, open.number)?;
            Ok(None)
        })
    }

    /// open -> frozen.
    fn freeze(&self) -> Result<Open, PublishError> {
        let app = self.app;
        let attack = app.attack().facts.as_ref().map(|facts| facts.catalogue().version());
        let attack = attack.ok_or(PublishError::NoVersion)?;
        let terms = Terms { parameters: app.parameters.clone(), scales: Vec::new() };
        let open = self.write("freeze release", |conn| {
            let now = app.clock.now();
            let latest = store::release::latest_number(conn)?;
            if latest.is_none() {
                let from = first_release(conn)?.ok_or(PublishError::NoUpload)?;
                if now < from {
                    return Err(PublishError::TooEarly(from));
                }
            }
            let open = Open {
                number: latest.unwrap_or(0) + 1,
                stage: Stage::Frozen,
                cut_off: now,
                attack,
                preset: app.parameters.preset.name().to_owned(),
                parameters: serde_json::to_string(&terms).unwrap_or_default(),
                inputs: String::new(),
            };
            store::release::freeze(conn, &open)?;
            Ok(open)
        })?;
        app.probes.reached(Step::Frozen);
        Ok(open)
    }

    /// frozen -> computed; a release that the rules refuse is open again.
    fn compute(&self, open: Open) -> Result<Open, PublishError> {
        let gathered = gather(self.app, &open)?;
        self.write("review release", |conn| {
            // Those of somebody who was at it before and did not come to the end.
            store::release::forget_lists(conn, open.number)?;
            // Kept whatever becomes of the release, so that the operator can look at it (R29).
            Ok(store::quarantine::put(conn, open.number, &gathered.findings, self.app.clock.now())?)
        })?;
        let computed = match compute(self, gathered) {
            Err(PublishError::Rules(refused)) => {
                self.write("thaw release", |conn| Ok(store::release::thaw(conn, open.number)?))?;
                return Err(refused.into());
            }
            computed => computed?,
        };
        self.app.probes.reached(Step::Aggregated);
        let contents = contents(self.app, &open, computed)?;
        self.write("compute release", |conn| Ok(store::release::compute(conn, open.number, &contents)?))?;
        self.app.probes.reached(Step::Computed);
        Ok(Open { stage: Stage::Computed, inputs: contents.inputs, parameters: contents.parameters, ..open })
    }

    /// computed -> published. `false` where a snapshot was withdrawn since, and the release is frozen again (R25).
    fn flip(&self, open: &Open) -> Result<bool, PublishError> {
        let (app, number) = (self.app, open.number);
        self.write("publish release", |conn| {
            if inputs(conn, open.cut_off)? != open.inputs {
                store::release::freeze_again(conn, number)?;
                return Ok(false);
            }
            store::release::publish(conn, number, app.clock.now())?;
            let entry = log::entry(app, self.request.client, Action::ReleasePublished, &number.to_string());
            store::audit::record(conn, Tenant::Platform, &[entry])?;
            remember(conn, app, self.request, &number)?;
            Ok(true)
        })
    }

    /// A transaction that only the holder of the lease can commit.
    fn write<T>(
        &self,
        name: &'static str,
        work: impl Fn(&mut store::Conn) -> Result<T, PublishError>,
    ) -> Result<T, PublishError> {
        self.app.db.write(name, |conn| {
            self.lease.prove::<PublishError>(conn)?;
            work(conn)
        })
    }
}

fn contents(app: &App, open: &Open, computed: Computed) -> Result<Contents, PublishError> {
    let Computed { publication, inputs, catalogue } = computed;
    let terms = Terms { parameters: app.parameters.clone(), scales: publication.scales };
    let keys = app.tokens.keys();
    // One text at a time on each thread: all of them at once would be more than everything else.
    let kept = |table: Table| {
        let text = table.to_bytes().map_err(|_| StoreError::Unreadable {
            what: "a table",
            reason: "it has a row without a form".to_owned(),
        })?;
        let leaf = Seal::leaf(open.number, table.basis, &table.cohort, &text, keys.release());
        let body = Packed::new(&text)?;
        Ok((
            Hash::of(&text),
            (store::release::Table { basis: table.basis, cohort: table.cohort, body }, leaf),
        ))
    };
    let (texts, tables): (Vec<Hash>, Vec<(store::release::Table, Hash)>) =
        publication.tables.into_par_iter().map(kept).collect::<Result<_, StoreError>>()?;
    let leaves = tables.iter().map(|(table, leaf)| (table.basis, table.cohort.clone(), *leaf));
    let manifest = Manifest {
        iss: app.tokens.issuer().to_owned(),
        release: open.number,
        cut_off: open.cut_off,
        attack: open.attack,
        parameters: app.parameters.clone(),
        catalogue,
        tables: Seal::new(open.number, leaves, keys.release()).root(),
    };
    Ok(Contents {
        parameters: serde_json::to_string(&terms).unwrap_or_default(),
        inputs,
        digest: digest(&tables, &texts),
        manifest: sign(keys, &manifest)?,
        ledgers: publication.ledgers,
        tables,
    })
}

/// SHA-256 over everything that is published, in hexadecimal: a line for each table, with the SHA-256 of its text.
fn digest(tables: &[(store::release::Table, Hash)], texts: &[Hash]) -> String {
    let mut digest = Sha256::new();
    for ((table, _), text) in tables.iter().zip(texts) {
        digest.update(format!("{} {} {text}\n", table.basis.name(), table.cohort));
    }
    hex(&digest.finalize())
}
