//! Findings of a cut-off (R29), and those that the operator cleared.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::max, prelude::*};

use super::{
    Conn, StoreError,
    connection::on,
    release,
    schema::{organisations, quarantine},
    value::{moment, number, parsed, utc},
};
use crate::domain::{
    organisation::OrganisationId,
    quarantine::{Finding, Reason},
};

const WHAT: &str = "a finding of the review";
const BATCH: usize = 1000;

/// A finding that nobody has cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub finding: Finding,
    pub organisation_name: String,
    /// The release that was about to be published.
    pub release: u32,
    pub at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = quarantine)]
struct Row {
    organisation_id: String,
    release_number: i32,
    basis: String,
    reason: String,
    vector: String,
    found_at: NaiveDateTime,
    cleared_at: Option<NaiveDateTime>,
}

impl Row {
    fn finding(&self) -> Result<Finding, StoreError> {
        Ok(Finding {
            organisation: OrganisationId::new(self.organisation_id.clone()),
            basis: parsed(WHAT, &self.basis)?,
            reason: parsed(WHAT, &self.reason)?,
            vector: parsed(WHAT, &self.vector)?,
        })
    }
}

/// Every finding that the operator has cleared, of whatever release.
pub fn cleared(conn: &mut Conn) -> Result<Vec<Finding>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| quarantine::table
        .filter(quarantine::cleared_at.is_not_null())
        .select(Row::as_select())
        .load(c))?;
    rows.iter().map(Row::finding).collect()
}

/// Keeps the findings of a release in the place of those of an earlier try.
pub fn put(conn: &mut Conn, release: u32, findings: &[Finding], at: DateTime<Utc>) -> Result<(), StoreError> {
    let release_number: i32 = number(WHAT, release)?;
    on!(conn, |c| diesel::delete(
        quarantine::table
            .filter(quarantine::release_number.eq(release_number))
            .filter(quarantine::cleared_at.is_null())
    )
    .execute(c))?;
    let rows: Vec<Row> = findings
        .iter()
        .map(|finding| Row {
            organisation_id: finding.organisation.as_str().to_owned(),
            release_number,
            basis: finding.basis.name().to_owned(),
            reason: finding.reason.name().to_owned(),
            vector: finding.vector.to_string(),
            found_at: moment(at),
            cleared_at: None,
        })
        .collect();
    for batch in rows.chunks(BATCH) {
        on!(conn, |c| diesel::insert_into(quarantine::table).values(batch).execute(c))?;
    }
    Ok(())
}

/// Lists the findings of the last cut-off that are not cleared, by organisation.
pub fn list(conn: &mut Conn) -> Result<Vec<Found>, StoreError> {
    let latest: Option<i32> =
        on!(conn, |c| quarantine::table.select(max(quarantine::release_number)).get_result(c))?;
    let Some(latest) = latest else { return Ok(Vec::new()) };
    let rows: Vec<(Row, String)> = on!(conn, |c| quarantine::table
        .inner_join(organisations::table)
        .filter(quarantine::release_number.eq(latest))
        .filter(quarantine::cleared_at.is_null())
        .order((quarantine::organisation_id, quarantine::basis, quarantine::reason))
        .select((Row::as_select(), organisations::name))
        .load(c))?;
    rows.into_iter()
        .map(|(row, organisation_name)| {
            Ok(Found {
                finding: row.finding()?,
                organisation_name,
                release: number(WHAT, row.release_number)?,
                at: utc(row.found_at),
            })
        })
        .collect()
}

/// Clears everything that was found of an organisation. Whether there was anything.
pub fn clear(conn: &mut Conn, organisation: &OrganisationId, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let changed = on!(conn, |c| diesel::update(
        quarantine::table
            .filter(quarantine::organisation_id.eq(organisation.as_str()))
            .filter(quarantine::cleared_at.is_null())
    )
    .set(quarantine::cleared_at.eq(moment(at)))
    .execute(c))?;
    Ok(changed > 0)
}

/// Returns whether an organisation was set aside in the latest published release and not cleared since. Findings
/// for a release that is not published does not show.
pub fn is_under_review(conn: &mut Conn, organisation: &OrganisationId) -> Result<bool, StoreError> {
    let Some(latest) = release::latest_number(conn)? else { return Ok(false) };
    let latest: i32 = number(WHAT, latest)?;
    let reasons: Vec<String> = on!(conn, |c| quarantine::table
        .filter(quarantine::organisation_id.eq(organisation.as_str()))
        .filter(quarantine::release_number.eq(latest))
        .filter(quarantine::cleared_at.is_null())
        .select(quarantine::reason)
        .load(c))?;
    let reasons: Vec<Reason> =
        reasons.iter().map(|reason| parsed(WHAT, reason)).collect::<Result<_, StoreError>>()?;
    Ok(reasons.into_iter().any(Reason::sets_aside))
}
