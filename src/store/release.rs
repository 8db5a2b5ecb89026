//! Releases and their tables. What is published never changes; triggers hold that on both databases.

mod ledger;
mod packed;
mod publication;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::max, prelude::*};

use super::{
    Conn, StoreError,
    connection::on,
    schema::{release_tables, releases},
    value::{number, parsed, unreadable, utc},
};
use crate::domain::{attack::AttackVersion, cohort::Cohort, release::Hash, snapshot::Basis};

pub use ledger::{Kept, forget_lists, ledgers, part, put_part};
pub use packed::Packed;
pub use publication::{
    Contents, Open, Stage, Subject, compute, freeze, freeze_again, open, publish, subjects, thaw,
};

const WHAT: &str = "a release";
pub(super) const PUBLISHED: &str = "published";

/// A published release, without its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// 1, 2, 3…
    pub number: u32,
    pub cut_off: DateTime<Utc>,
    /// The version that every contribution was migrated to.
    pub attack: AttackVersion,
    /// The name of the privacy preset.
    pub preset: String,
    /// The privacy parameters in force, as JSON.
    pub parameters: String,
    /// Over everything that was published, in hexadecimal.
    pub digest: String,
    /// The signed manifest, as a compact JWS.
    pub manifest: String,
    pub published_at: DateTime<Utc>,
}

/// One table of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub basis: Basis,
    pub cohort: Cohort,
    pub body: Packed,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = releases)]
struct Row {
    number: i32,
    state: String,
    cut_off: NaiveDateTime,
    attack_version: String,
    preset: String,
    parameters: String,
    digest: String,
    published_at: Option<NaiveDateTime>,
    inputs: String,
    manifest: String,
}

impl Row {
    fn read(self) -> Result<Release, StoreError> {
        let published_at = self.published_at.ok_or_else(|| unreadable(WHAT, "it has no time of publication"));
        Ok(Release {
            number: number(WHAT, self.number)?,
            cut_off: utc(self.cut_off),
            attack: parsed(WHAT, &self.attack_version)?,
            preset: self.preset,
            parameters: self.parameters,
            digest: self.digest,
            manifest: self.manifest,
            published_at: utc(published_at?),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = release_tables)]
struct TableRow {
    basis: String,
    cohort: String,
    body: Vec<u8>,
}

/// The newest published number. Cheap: replicas ask it to notice a publication.
pub fn latest_number(conn: &mut Conn) -> Result<Option<u32>, StoreError> {
    let latest: Option<i32> = on!(conn, |c| releases::table
        .filter(releases::state.eq(PUBLISHED))
        .select(max(releases::number))
        .get_result(c))?;
    latest.map(|latest| number(WHAT, latest)).transpose()
}

pub fn get(conn: &mut Conn, release: u32) -> Result<Option<Release>, StoreError> {
    let Ok(wanted) = i32::try_from(release) else { return Ok(None) };
    let row: Option<Row> = on!(conn, |c| releases::table
        .find(wanted)
        .filter(releases::state.eq(PUBLISHED))
        .select(Row::as_select())
        .get_result(c)
        .optional())?;
    row.map(Row::read).transpose()
}

/// Newest first; from the first below `before`, at most `limit`.
pub fn list(conn: &mut Conn, before: Option<u32>, limit: u32) -> Result<Vec<Release>, StoreError> {
    let before = before.and_then(|before| i32::try_from(before).ok()).unwrap_or(i32::MAX);
    let rows: Vec<Row> = on!(conn, |c| releases::table
        .filter(releases::state.eq(PUBLISHED))
        .filter(releases::number.lt(before))
        .order(releases::number.desc())
        .limit(i64::from(limit))
        .select(Row::as_select())
        .load(c))?;
    rows.into_iter().map(Row::read).collect()
}

impl TableRow {
    fn read(self) -> Result<Table, StoreError> {
        Ok(Table {
            basis: parsed(WHAT, &self.basis)?,
            cohort: parsed(WHAT, &self.cohort)?,
            body: Packed(self.body),
        })
    }
}

/// All tables of a release, by basis and cohort id.
pub fn tables(conn: &mut Conn, release: u32) -> Result<Vec<Table>, StoreError> {
    let Ok(wanted) = i32::try_from(release) else { return Ok(Vec::new()) };
    let rows: Vec<TableRow> = on!(conn, |c| release_tables::table
        .filter(release_tables::release_number.eq(wanted))
        .order((release_tables::basis, release_tables::cohort))
        .select(TableRow::as_select())
        .load(c))?;
    rows.into_iter().map(TableRow::read).collect()
}

/// The tables of some cohorts for one basis, as far as they were published.
pub fn tables_of(
    conn: &mut Conn,
    release: u32,
    basis: Basis,
    cohorts: &[Cohort],
) -> Result<Vec<Table>, StoreError> {
    let Ok(wanted) = i32::try_from(release) else { return Ok(Vec::new()) };
    let cohorts: Vec<String> = cohorts.iter().map(Cohort::to_string).collect();
    let rows: Vec<TableRow> = on!(conn, |c| release_tables::table
        .filter(release_tables::release_number.eq(wanted))
        .filter(release_tables::basis.eq(basis.name()))
        .filter(release_tables::cohort.eq_any(&cohorts))
        .order(release_tables::cohort)
        .select(TableRow::as_select())
        .load(c))?;
    rows.into_iter().map(TableRow::read).collect()
}

/// Reads what stands in a release's seal for each of its tables.
pub fn leaves(conn: &mut Conn, release: u32) -> Result<Vec<(Basis, Cohort, Hash)>, StoreError> {
    let Ok(wanted) = i32::try_from(release) else { return Ok(Vec::new()) };
    let rows: Vec<(String, String, String)> = on!(conn, |c| release_tables::table
        .filter(release_tables::release_number.eq(wanted))
        .select((release_tables::basis, release_tables::cohort, release_tables::leaf))
        .load(c))?;
    let read = |(basis, cohort, leaf): (String, String, String)| {
        Ok((parsed(WHAT, &basis)?, parsed(WHAT, &cohort)?, parsed(WHAT, &leaf)?))
    };
    rows.into_iter().map(read).collect()
}

/// The text of one table of a release, where it was published.
pub fn table(
    conn: &mut Conn,
    release: u32,
    basis: Basis,
    cohort: &Cohort,
) -> Result<Option<Vec<u8>>, StoreError> {
    let Ok(wanted) = i32::try_from(release) else { return Ok(None) };
    let body: Option<Vec<u8>> = on!(conn, |c| release_tables::table
        .find((wanted, basis.name(), cohort.to_string()))
        .select(release_tables::body)
        .get_result(c)
        .optional())?;
    body.map(|body| Packed(body).text()).transpose()
}
