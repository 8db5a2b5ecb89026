//! Keeps a snapshot: the row, its entry in the log and the idempotency key in one transaction.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    App, KeyReused, Member, QuotaExceeded, Quotas,
    check_snapshot::{CheckSnapshotError, Preview, check_snapshot},
    clock_check::{ClockDoubt, check_upload},
    idempotency::{Outcome, Request, fingerprint, once},
    log,
};
use crate::{
    domain::{
        audit::Action,
        release::Hash,
        snapshot::{Loss, Snapshot, SnapshotId, assessed, is_suspicious, loss, pack},
    },
    store::{
        Conn, StoreError, audit,
        snapshot::{self, Stored},
    },
};

/// An accepted snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    pub stored: Stored,
    pub preview: Preview,
    /// The request was a repetition: this was accepted before.
    pub replayed: bool,
}

/// The reason why nothing was kept.
#[derive(Debug, Error)]
pub enum UploadSnapshotError {
    #[error(transparent)]
    Refused(#[from] CheckSnapshotError),
    #[error("{0}")]
    WouldLose(Loss),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    #[error("the snapshot could not be prepared for storage")]
    Canonical(#[from] serde_json::Error),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// The part of a first answer that is remembered: nothing of the snapshot itself, which its owner may withdraw.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct First {
    id: SnapshotId,
    uploaded_at: DateTime<Utc>,
}

/// Accepts a snapshot, or refuses it with every error in it. A snapshot by which its feed would lose much is refused unless
/// it is meant to `replace` the present one. Organisations that are not verified may upload, and do
/// not count. When this returns, the snapshot is on disk.
pub fn upload_snapshot(
    app: &App,
    member: &Member,
    text: &[u8],
    idempotency_key: Option<&str>,
    replace: bool,
) -> Result<Uploaded, UploadSnapshotError> {
    let checked = check_snapshot(app, text)?;
    let mut stored = Stored {
        id: SnapshotId::new(app.new_id()),
        uploaded_at: app.clock.now(),
        digest: digest(&checked.snapshot)?,
        // Whoever is declared when it is stored.
        writer: None,
        snapshot: checked.snapshot,
    };
    let (now, header) = (stored.uploaded_at, stored.snapshot.header.clone());
    let feed = (
        header.basis.name().to_owned(),
        header.producer.source.name().to_owned(),
        i32::from(header.producer.feed),
    );
    let bytes = pack(&stored.snapshot.cells).len();
    let request = Request {
        tenant: member.tenant(),
        client: &member.client,
        key: idempotency_key,
        operation: "upload_snapshot",
        fingerprint: idempotency_key.map(|_| fingerprint(text)).unwrap_or_default(),
    };
    let mut superseded = false;
    let outcome: Outcome<First> = app.db.write_together("upload_snapshot", |conn| {
        once(conn, app, &request, |conn| {
            if !replace && let Some(loss) = loss_by(conn, member, &stored.snapshot)? {
                return Err(UploadSnapshotError::WouldLose(loss));
            }
            if app.quotas != Quotas::default() {
                let usage = snapshot::usage(conn, &member.organisation)?;
                app.quotas.admit(&usage, bytes, !usage.feeds.contains(&feed))?;
            }
            let newest = snapshot::newest_of_feed(conn, &member.organisation, &header)?;
            let latest = newest.map(|(_, uploaded_at)| uploaded_at);
            if let Some(doubt) = check_upload(app, conn, now, latest)? {
                return Err(UploadSnapshotError::Clock(doubt));
            }
            superseded = newest.is_some_and(|(period, _)| period > header.period);
            // Another thread or replica may have stored a slightly later time: this upload still comes after it.
            let after = |latest: DateTime<Utc>| latest + TimeDelta::microseconds(1);
            stored.uploaded_at = latest.filter(|latest| *latest > now).map_or(now, after);
            snapshot::insert(conn, &member.organisation, &stored)?;
            let entry = log::entry(app, &member.client, Action::SnapshotUploaded, stored.id.as_str());
            audit::record(conn, member.tenant(), &[entry])?;
            Ok::<_, UploadSnapshotError>(First { id: stored.id.clone(), uploaded_at: stored.uploaded_at })
        })
    })?;
    // Of a repetition the body is the same, so everything but these two follows from it again.
    stored.id = outcome.value.id;
    stored.uploaded_at = outcome.value.uploaded_at;
    let preview = Preview { superseded, ..checked.preview };
    Ok(Uploaded { stored, preview, replayed: outcome.replayed })
}

/// Returns the loss of the member's feed by a snapshot, if that is much.
pub fn loss_of(app: &App, member: &Member, next: &Snapshot) -> Result<Option<Loss>, StoreError> {
    app.db.read(|conn| loss_by(conn, member, next))
}

fn loss_by(conn: &mut Conn, member: &Member, next: &Snapshot) -> Result<Option<Loss>, StoreError> {
    let header = &next.header;
    let present = snapshot::latest_of_feed(conn, &member.organisation, header.basis, &header.producer)?;
    // A snapshot of an earlier period takes nobody's place.
    let present = present.filter(|present| present.header.period <= header.period);
    let before = present.as_ref().map_or(0, |present| usize::try_from(present.cells).unwrap_or(usize::MAX));
    if !is_suspicious(assessed(next), before) {
        return Ok(None);
    }
    let present = match present {
        Some(present) => snapshot::get(conn, &member.organisation, &present.id)?,
        None => None,
    };
    Ok(loss(present.as_ref().map(|present| &present.snapshot), next))
}

/// SHA-256 of what is stored of a snapshot, in hexadecimal.
fn digest(snapshot: &Snapshot) -> Result<String, serde_json::Error> {
    let header = Snapshot { header: snapshot.header.clone(), cells: Vec::new() };
    let mut said = serde_json::to_vec(&header)?;
    said.extend(pack(&snapshot.cells));
    Ok(Hash::of(&said).to_string())
}
