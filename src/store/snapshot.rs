//! Snapshots: each one row, its cells packed in one column.

mod selection;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    dsl::{count_star, max, sql},
    prelude::*,
    sql_types::BigInt,
};

use super::{
    Conn, StoreError,
    connection::on,
    schema::{organisations, snapshots},
    value::{from_json, moment, number, parsed, to_json, unreadable, utc},
};
use crate::domain::{
    calendar::Month,
    organisation::OrganisationId,
    snapshot::{Basis, Header, Producer, Snapshot, SnapshotId, pack, unpack},
};

pub use selection::{
    Contributor, StoredRow, Uploaded, by_ids, contributing, contributing_at, counted_at, for_release,
    history, ids_at, rows_by_ids, uploaded_between, with_snapshots, youngest_version,
};

const WHAT: &str = "a snapshot";

/// A snapshot as it was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub id: SnapshotId,
    pub uploaded_at: DateTime<Utc>,
    /// SHA-256 of what is stored of it, in hexadecimal.
    pub digest: String,
    /// The writer that was declared for the organisation then.
    pub writer: Option<String>,
    pub snapshot: Snapshot,
}

/// An accepted snapshot without its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: SnapshotId,
    pub uploaded_at: DateTime<Utc>,
    /// As of [`Stored`].
    pub digest: String,
    pub header: Header,
    /// Number of cells.
    pub cells: u32,
}

#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = snapshots)]
struct HeaderRow {
    id: String,
    period: String,
    attack_version: String,
    source: String,
    feed: i32,
    adapter: String,
    basis: String,
    window_days: Option<i32>,
    scale: String,
    technologies: String,
    complete: String,
    cell_count: i32,
    digest: String,
    uploaded_at: NaiveDateTime,
}

#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = snapshots)]
struct Row {
    organisation_id: String,
    #[diesel(embed)]
    header: HeaderRow,
    cells: Vec<u8>,
    writer: Option<String>,
}

impl HeaderRow {
    fn read(self) -> Result<Listed, StoreError> {
        let header = Header {
            period: parsed(WHAT, &self.period)?,
            attack: parsed(WHAT, &self.attack_version)?,
            producer: Producer {
                source: parsed(WHAT, &self.source)?,
                feed: number(WHAT, self.feed)?,
                adapter: parsed(WHAT, &self.adapter)?,
            },
            basis: parsed(WHAT, &self.basis)?,
            window_days: self.window_days.map(|days| number(WHAT, days)).transpose()?,
            scale: parsed(WHAT, &self.scale)?,
            technologies: from_json(WHAT, &self.technologies)?,
            complete: from_json(WHAT, &self.complete)?,
        };
        Ok(Listed {
            id: SnapshotId::new(self.id),
            uploaded_at: utc(self.uploaded_at),
            digest: self.digest,
            header,
            cells: number(WHAT, self.cell_count)?,
        })
    }

    fn of(stored: &Stored) -> Result<Self, StoreError> {
        let Snapshot { header, cells } = &stored.snapshot;
        Ok(Self {
            id: stored.id.as_str().to_owned(),
            period: header.period.to_string(),
            attack_version: header.attack.to_string(),
            source: header.producer.source.name().to_owned(),
            feed: i32::from(header.producer.feed),
            adapter: header.producer.adapter.to_string(),
            basis: header.basis.name().to_owned(),
            window_days: header.window_days.map(i32::from),
            scale: header.scale.name().to_owned(),
            technologies: to_json(WHAT, &header.technologies)?,
            complete: to_json(WHAT, &header.complete)?,
            cell_count: number(WHAT, cells.len())?,
            digest: stored.digest.clone(),
            uploaded_at: moment(stored.uploaded_at),
        })
    }
}

impl Row {
    fn read(self) -> Result<Stored, StoreError> {
        let cells = unpack(&self.cells).map_err(|error| unreadable(WHAT, error))?;
        let Listed { id, uploaded_at, digest, header, .. } = self.header.read()?;
        Ok(Stored { id, uploaded_at, digest, writer: self.writer, snapshot: Snapshot { header, cells } })
    }
}

/// Keeps a snapshot with the writer that is declared for the organisation now.
pub fn insert(conn: &mut Conn, organisation: &OrganisationId, stored: &Stored) -> Result<(), StoreError> {
    let writer: Option<Option<String>> = on!(conn, |c| organisations::table
        .find(organisation.as_str())
        .select(organisations::writer)
        .get_result(c)
        .optional())?;
    let row = Row {
        organisation_id: organisation.as_str().to_owned(),
        header: HeaderRow::of(stored)?,
        cells: pack(&stored.snapshot.cells),
        writer: writer.flatten(),
    };
    on!(conn, |c| diesel::insert_into(snapshots::table).values(&row).execute(c))?;
    Ok(())
}

/// Amounts of an organisation's stored snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    pub snapshots: u64,
    /// Bytes of packed cells.
    pub bytes: u64,
    /// Basis, source and feed of each.
    pub feeds: BTreeSet<(String, String, i32)>,
}

/// Counts what an organisation keeps, without reading the cells.
pub fn usage(conn: &mut Conn, organisation: &OrganisationId) -> Result<Usage, StoreError> {
    type Sums = (String, String, i32, i64, i64);
    // Both databases know the length of a value without reading it.
    let bytes = sql::<BigInt>("CAST(sum(length(cells)) AS BIGINT)");
    let by_feed: Vec<Sums> = on!(conn, |c| snapshots::table
        .filter(snapshots::organisation_id.eq(organisation.as_str()))
        .group_by((snapshots::basis, snapshots::source, snapshots::feed))
        .select((snapshots::basis, snapshots::source, snapshots::feed, count_star(), bytes.clone()))
        .load(c))?;
    let mut usage = Usage::default();
    for (basis, source, feed, snapshots, bytes) in by_feed {
        usage.snapshots += number::<_, u64>(WHAT, snapshots)?;
        usage.bytes += number::<_, u64>(WHAT, bytes)?;
        usage.feeds.insert((basis, source, feed));
    }
    Ok(usage)
}

/// The latest period and the latest upload of a feed that an organisation has snapshots of.
pub fn newest_of_feed(
    conn: &mut Conn,
    organisation: &OrganisationId,
    header: &Header,
) -> Result<Option<(Month, DateTime<Utc>)>, StoreError> {
    let newest: (Option<String>, Option<NaiveDateTime>) = on!(conn, |c| snapshots::table
        .filter(snapshots::organisation_id.eq(organisation.as_str()))
        .filter(snapshots::basis.eq(header.basis.name()))
        .filter(snapshots::source.eq(header.producer.source.name()))
        .filter(snapshots::feed.eq(i32::from(header.producer.feed)))
        .select((max(snapshots::period), max(snapshots::uploaded_at)))
        .get_result(c))?;
    let (Some(period), Some(uploaded_at)) = newest else { return Ok(None) };
    Ok(Some((parsed(WHAT, &period)?, utc(uploaded_at))))
}

/// The latest period and the latest upload of each feed that an organisation has snapshots of on a basis.
pub fn newest_of_feeds(
    conn: &mut Conn,
    organisation: &OrganisationId,
    basis: Basis,
) -> Result<Vec<(Month, DateTime<Utc>)>, StoreError> {
    type Newest = (String, i32, Option<String>, Option<NaiveDateTime>);
    let feeds: Vec<Newest> = on!(conn, |c| snapshots::table
        .filter(snapshots::organisation_id.eq(organisation.as_str()))
        .filter(snapshots::basis.eq(basis.name()))
        .group_by((snapshots::source, snapshots::feed))
        .select((snapshots::source, snapshots::feed, max(snapshots::period), max(snapshots::uploaded_at)))
        .load(c))?;
    let newest = feeds.into_iter().filter_map(|(_, _, period, uploaded_at)| period.zip(uploaded_at));
    newest.map(|(period, uploaded_at)| Ok((parsed(WHAT, &period)?, utc(uploaded_at)))).collect()
}

pub fn get(
    conn: &mut Conn,
    organisation: &OrganisationId,
    id: &SnapshotId,
) -> Result<Option<Stored>, StoreError> {
    let row: Option<Row> = on!(conn, |c| snapshots::table
        .find((organisation.as_str(), id.as_str()))
        .select(Row::as_select())
        .get_result(c)
        .optional())?;
    row.map(Row::read).transpose()
}

/// The header of the snapshot of a feed that counts now.
pub fn latest_of_feed(
    conn: &mut Conn,
    organisation: &OrganisationId,
    basis: Basis,
    producer: &Producer,
) -> Result<Option<Listed>, StoreError> {
    let row: Option<HeaderRow> = on!(conn, |c| snapshots::table
        .filter(snapshots::organisation_id.eq(organisation.as_str()))
        .filter(snapshots::basis.eq(basis.name()))
        .filter(snapshots::source.eq(producer.source.name()))
        .filter(snapshots::feed.eq(i32::from(producer.feed)))
        .order((snapshots::period.desc(), snapshots::uploaded_at.desc(), snapshots::id.desc()))
        .select(HeaderRow::as_select())
        .first(c)
        .optional())?;
    row.map(HeaderRow::read).transpose()
}

/// Newest upload first; from the first before `before`, at most `limit`.
pub fn list(
    conn: &mut Conn,
    organisation: &OrganisationId,
    before: Option<&SnapshotId>,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<HeaderRow> = on!(conn, |c| {
        let query = snapshots::table
            .filter(snapshots::organisation_id.eq(organisation.as_str()))
            .order(snapshots::id.desc())
            .limit(i64::from(limit))
            .select(HeaderRow::as_select());
        match before {
            Some(before) => query.filter(snapshots::id.lt(before.as_str())).load(c),
            None => query.load(c),
        }
    })?;
    rows.into_iter().map(HeaderRow::read).collect()
}

/// Erases a snapshot. Whether there was one.
pub fn delete(conn: &mut Conn, organisation: &OrganisationId, id: &SnapshotId) -> Result<bool, StoreError> {
    let deleted = on!(conn, |c| diesel::delete(snapshots::table.find((organisation.as_str(), id.as_str())))
        .execute(c))?;
    Ok(deleted > 0)
}
