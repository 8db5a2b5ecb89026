//! Which snapshots count: the latest of each feed, by period and then by upload.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Row, Stored};
use crate::{
    domain::{
        organisation::{Organisation, OrganisationId},
        snapshot::Basis,
    },
    store::{Conn, StoreError, connection::on, organisation, schema::snapshots, value::moment},
};

/// SQLite takes 32,766 values in a statement.
const IDS: usize = 10_000;

/// An organisation and what it contributes, before any rule has been applied: standing, age and freshness are the
/// caller's to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contributor {
    pub organisation: Organisation,
    /// The latest of each (source, feed), in that order. May be empty.
    pub snapshots: Vec<Stored>,
}

/// A page of all organisations, by id from the first after `after`, with the snapshots of one basis that counted at
/// `cut_off`. The page is at most `batch` long, and the last one is shorter. Memory and statements are bounded by the
/// page, whatever the history.
pub fn for_release(
    conn: &mut Conn,
    basis: Basis,
    cut_off: DateTime<Utc>,
    after: Option<&OrganisationId>,
    batch: u32,
) -> Result<Vec<Contributor>, StoreError> {
    let mut contributors: Vec<Contributor> = organisation::list(conn, after, batch)?
        .into_iter()
        .map(|organisation| Contributor { organisation, snapshots: Vec::new() })
        .collect();
    let (Some(first), Some(last)) = (contributors.first(), contributors.last()) else {
        return Ok(contributors);
    };
    let range = (first.organisation.id.clone(), last.organisation.id.clone());
    let mut owners = contributors.iter_mut();
    let mut owner = owners.next();
    for (id, stored) in latest(conn, basis, Some(cut_off), (&range.0, &range.1))? {
        // Both lists are sorted by organisation, and every snapshot has one.
        while owner.as_ref().is_some_and(|owner| owner.organisation.id < id) {
            owner = owners.next();
        }
        if let Some(owner) = owner.as_mut().filter(|owner| owner.organisation.id == id) {
            owner.snapshots.push(stored);
        }
    }
    Ok(contributors)
}

/// The snapshots of one organisation and basis that count now: the latest of each (source, feed), in that order.
pub fn contributing(
    conn: &mut Conn,
    organisation: &OrganisationId,
    basis: Basis,
) -> Result<Vec<Stored>, StoreError> {
    let latest = latest(conn, basis, None, (organisation, organisation))?;
    Ok(latest.into_iter().map(|(_, stored)| stored).collect())
}

/// By organisation, source and feed. The ids are found in the index alone, so that what a later upload replaced is
/// never read.
fn latest(
    conn: &mut Conn,
    basis: Basis,
    cut_off: Option<DateTime<Utc>>,
    (first, last): (&OrganisationId, &OrganisationId),
) -> Result<Vec<(OrganisationId, Stored)>, StoreError> {
    type Key = (String, String, i32, String);
    let mut keys: Vec<Key> = on!(conn, |c| {
        let query = snapshots::table
            .filter(snapshots::basis.eq(basis.name()))
            .filter(snapshots::organisation_id.between(first.as_str(), last.as_str()))
            .order((
                snapshots::organisation_id,
                snapshots::source,
                snapshots::feed,
                snapshots::period.desc(),
                snapshots::uploaded_at.desc(),
                snapshots::id.desc(),
            ))
            .select((snapshots::organisation_id, snapshots::source, snapshots::feed, snapshots::id));
        match cut_off {
            Some(cut_off) => query.filter(snapshots::uploaded_at.le(moment(cut_off))).load(c),
            None => query.load(c),
        }
    })?;
    keys.dedup_by(|later, kept| (&later.0, &later.1, later.2) == (&kept.0, &kept.1, kept.2));
    let mut found = Vec::with_capacity(keys.len());
    for keys in keys.chunks(IDS) {
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { continue };
        let rows: Vec<Row> = on!(conn, |c| snapshots::table
            .filter(snapshots::organisation_id.between(&first.0, &last.0))
            .filter(snapshots::id.eq_any(keys.iter().map(|key| &key.3)))
            .order((snapshots::organisation_id, snapshots::source, snapshots::feed))
            .select(Row::as_select())
            .load(c))?;
        for row in rows {
            found.push((OrganisationId::new(row.organisation_id.clone()), row.read()?));
        }
    }
    Ok(found)
}
