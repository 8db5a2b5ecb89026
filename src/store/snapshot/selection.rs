//! The snapshots that count: the latest of each feed, by period and then by upload.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Text, Timestamp},
};
use rayon::prelude::*;

use super::{Row, Stored};
use crate::{
    domain::{
        attack::AttackVersion,
        organisation::OrganisationId,
        snapshot::{Basis, SnapshotId},
    },
    store::{
        Conn, StoreError,
        connection::on,
        release::{self, Subject},
        schema::snapshots,
        value::{moment, parsed, utc},
    },
};

/// An organisation as frozen and what it contributes, before any rule has been applied: standing, age and freshness are
/// the caller's to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contributor {
    pub organisation: Subject,
    /// The latest of each (source, feed), in that order. May be empty.
    pub snapshots: Vec<Stored>,
}

/// A page of all organisations of a frozen release, by id from the first after `after`, with the snapshots of one basis
/// that counted at `cut_off`. The page is at most `batch` long, and the last one is shorter. Memory and statements are
/// bounded by the page, whatever the history.
pub fn for_release(
    conn: &mut Conn,
    release: u32,
    basis: Basis,
    cut_off: DateTime<Utc>,
    after: Option<&OrganisationId>,
    batch: u32,
) -> Result<Vec<Contributor>, StoreError> {
    let page = release::subjects(conn, release, after, batch)?;
    with_snapshots(conn, page, basis, cut_off)
}

/// Reads the snapshots of one basis that count at `cut_off`, of a page of organisations in the order of their ids that
/// leaves none out.
pub fn with_snapshots(
    conn: &mut Conn,
    page: Vec<Subject>,
    basis: Basis,
    cut_off: DateTime<Utc>,
) -> Result<Vec<Contributor>, StoreError> {
    let mut contributors: Vec<Contributor> =
        page.into_iter().map(|organisation| Contributor { organisation, snapshots: Vec::new() }).collect();
    let (Some(first), Some(last)) = (contributors.first(), contributors.last()) else {
        return Ok(contributors);
    };
    let range = (first.organisation.id.clone(), last.organisation.id.clone());
    let mut owners = contributors.iter_mut();
    let mut owner = owners.next();
    let rows: Vec<Row> = latest_rows(conn, basis, moment(cut_off), (&range.0, &range.1))?;
    let read = |row: Row| Ok((OrganisationId::new(row.organisation_id.clone()), row.read()?));
    for (id, stored) in rows.into_par_iter().map(read).collect::<Result<Vec<_>, StoreError>>()? {
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
    of_one(conn, organisation, basis, always())
}

/// Reads those of some snapshots of an organisation that are still there, in the order of their feeds and still packed:
/// unpacking takes longer than reading and needs no connection.
pub fn rows_by_ids(
    conn: &mut Conn,
    organisation: &OrganisationId,
    ids: &[SnapshotId],
) -> Result<Vec<StoredRow>, StoreError> {
    let ids: Vec<&str> = ids.iter().map(SnapshotId::as_str).collect();
    let rows: Vec<Row> = on!(conn, |c| snapshots::table
        .filter(snapshots::organisation_id.eq(organisation.as_str()))
        .filter(snapshots::id.eq_any(&ids))
        .order((snapshots::source, snapshots::feed))
        .select(Row::as_select())
        .load(c))?;
    Ok(rows.into_iter().map(StoredRow).collect())
}

/// A snapshot as it was read.
pub struct StoredRow(Row);

impl StoredRow {
    /// Unpacks it.
    pub fn read(self) -> Result<Stored, StoreError> {
        self.0.read()
    }
}

/// Reads the snapshots that counted at a moment, without those that were withdrawn since.
pub fn contributing_at(
    conn: &mut Conn,
    organisation: &OrganisationId,
    basis: Basis,
    at: DateTime<Utc>,
) -> Result<Vec<Stored>, StoreError> {
    of_one(conn, organisation, basis, moment(at))
}

/// A snapshot as the choice of those that count sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    pub id: SnapshotId,
    /// The source and the number of its feed.
    feed: (String, i32),
    uploaded_at: DateTime<Utc>,
}

/// All snapshots of an organisation and basis: by feed, the one that counts first before those that it replaced.
pub fn history(
    conn: &mut Conn,
    organisation: &OrganisationId,
    basis: Basis,
) -> Result<Vec<Uploaded>, StoreError> {
    let rows: Vec<(String, String, i32, NaiveDateTime)> = on!(conn, |c| snapshots::table
        .filter(snapshots::organisation_id.eq(organisation.as_str()))
        .filter(snapshots::basis.eq(basis.name()))
        .order((
            snapshots::source,
            snapshots::feed,
            snapshots::period.desc(),
            snapshots::uploaded_at.desc(),
            snapshots::id.desc(),
        ))
        .select((snapshots::id, snapshots::source, snapshots::feed, snapshots::uploaded_at))
        .load(c))?;
    let uploaded = |(id, source, feed, at)| Uploaded {
        id: SnapshotId::new(id),
        feed: (source, feed),
        uploaded_at: utc(at),
    };
    Ok(rows.into_iter().map(uploaded).collect())
}

/// Chooses from a history the snapshots that counted at a moment, as [`contributing_at`] reads them.
pub fn counted_at(history: &[Uploaded], at: DateTime<Utc>) -> Vec<&SnapshotId> {
    let mut counted: Vec<&Uploaded> = Vec::new();
    for snapshot in history.iter().filter(|snapshot| snapshot.uploaded_at <= at) {
        if counted.last().is_none_or(|last| last.feed != snapshot.feed) {
            counted.push(snapshot);
        }
    }
    counted.into_iter().map(|snapshot| &snapshot.id).collect()
}

/// Reads some snapshots of an organisation, in the order of their ids.
pub fn by_ids(
    conn: &mut Conn,
    organisation: &OrganisationId,
    ids: &[&SnapshotId],
) -> Result<Vec<Stored>, StoreError> {
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    let rows: Vec<Row> = on!(conn, |c| snapshots::table
        .filter(snapshots::organisation_id.eq(organisation.as_str()))
        .filter(snapshots::id.eq_any(&ids))
        .order(snapshots::id)
        .select(Row::as_select())
        .load(c))?;
    rows.into_iter().map(Row::read).collect()
}

fn of_one(
    conn: &mut Conn,
    organisation: &OrganisationId,
    basis: Basis,
    cut_off: NaiveDateTime,
) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<Row> = latest_rows(conn, basis, cut_off, (organisation, organisation))?;
    rows.into_iter().map(Row::read).collect()
}

/// Returns the organisations that uploaded something after `from`, up to `to`, and has not withdrawn it.
pub fn uploaded_between(
    conn: &mut Conn,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<BTreeSet<OrganisationId>, StoreError> {
    let owners: Vec<String> = on!(conn, |c| snapshots::table
        .filter(snapshots::uploaded_at.gt(moment(from)))
        .filter(snapshots::uploaded_at.le(moment(to)))
        .select(snapshots::organisation_id)
        .distinct()
        .load(c))?;
    Ok(owners.into_iter().map(OrganisationId::new).collect())
}

/// The youngest ATT&CK version, up to `target`, of the snapshots of the benchmarked bases that were there at `cut_off`.
pub fn youngest_version(
    conn: &mut Conn,
    cut_off: DateTime<Utc>,
    target: AttackVersion,
) -> Result<Option<AttackVersion>, StoreError> {
    let bases = Basis::BENCHMARKED.iter().map(|basis| basis.name());
    let versions: Vec<String> = on!(conn, |c| snapshots::table
        .filter(snapshots::basis.eq_any(bases))
        .filter(snapshots::uploaded_at.le(moment(cut_off)))
        .select(snapshots::attack_version)
        .distinct()
        .load(c))?;
    let versions: Vec<AttackVersion> =
        versions.iter().map(|version| parsed("a snapshot", version)).collect::<Result<_, _>>()?;
    Ok(versions.into_iter().filter(|version| *version <= target).max())
}

/// The ids of all snapshots of the benchmarked bases that were there at `cut_off` and have not been withdrawn since; in
/// order from the first after `after`, at most `limit`.
pub fn ids_at(
    conn: &mut Conn,
    cut_off: DateTime<Utc>,
    after: Option<&(OrganisationId, SnapshotId)>,
    limit: u32,
) -> Result<Vec<(OrganisationId, SnapshotId)>, StoreError> {
    let (owner, id) = after.map_or(("", ""), |(owner, id)| (owner.as_str(), id.as_str()));
    let bases = Basis::BENCHMARKED.iter().map(|basis| basis.name());
    let later = snapshots::organisation_id
        .gt(owner)
        .or(snapshots::organisation_id.eq(owner).and(snapshots::id.gt(id)));
    let rows: Vec<(String, String)> = on!(conn, |c| snapshots::table
        .filter(snapshots::basis.eq_any(bases))
        .filter(snapshots::uploaded_at.le(moment(cut_off)))
        .filter(later)
        .order((snapshots::organisation_id, snapshots::id))
        .limit(i64::from(limit))
        .select((snapshots::organisation_id, snapshots::id))
        .load(c))?;
    Ok(rows.into_iter().map(|(owner, id)| (OrganisationId::new(owner), SnapshotId::new(id))).collect())
}

/// SQLite compares moments as text, which the years of four digits allow.
fn always() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX).into()
}

/// By organisation, source and feed. One statement for both databases: SQLite numbers `$1`, `$2`… by where they come first,
/// so each stands once and in order. The index on `snapshots` has this order, and replaced snapshots are left out before they travel.
fn latest_rows(
    conn: &mut Conn,
    basis: Basis,
    cut_off: NaiveDateTime,
    (first, last): (&OrganisationId, &OrganisationId),
) -> Result<Vec<Row>, StoreError> {
    let statement = "SELECT organisation_id, id, period, attack_version, source, feed, adapter, basis, window_days, scale, \
         technologies, complete, cells, cell_count, digest, uploaded_at, writer \
         FROM (SELECT *, row_number() OVER (PARTITION BY organisation_id, source, feed \
         ORDER BY period DESC, uploaded_at DESC, id DESC) AS place FROM snapshots \
         WHERE basis = $1 AND organisation_id BETWEEN $2 AND $3 AND uploaded_at <= $4) AS numbered \
         WHERE place = 1 ORDER BY organisation_id, source, feed";
    Ok(on!(conn, |c| sql_query(statement)
        .bind::<Text, _>(basis.name())
        .bind::<Text, _>(first.as_str())
        .bind::<Text, _>(last.as_str())
        .bind::<Timestamp, _>(cut_off)
        .load(c))?)
}
