//! The books of gaps: what each organisation decided, for itself alone.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    connection::on,
    schema::gap_book,
    value::{moment, parsed, unreadable, utc},
};
use crate::domain::{
    attack::TechniqueId,
    calendar::Month,
    comparison::{BookEntry, Decision, GapStatus},
    organisation::OrganisationId,
};

const WHAT: &str = "an entry of the book of gaps";

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = gap_book)]
#[diesel(treat_none_as_null = true)]
struct Row {
    organisation_id: String,
    technique: String,
    attack_version: String,
    decision: String,
    month: Option<String>,
    reason: Option<String>,
    decided_at: NaiveDateTime,
}

impl Row {
    fn of(organisation: &OrganisationId, entry: &BookEntry) -> Self {
        let (month, reason) = match entry.decision {
            Decision::Open => (None, None),
            Decision::Planned { month } => (Some(month), None),
            Decision::Accepted { reason, until } => (Some(until), Some(reason)),
        };
        Self {
            organisation_id: organisation.as_str().to_owned(),
            technique: entry.technique.to_string(),
            attack_version: entry.attack.to_string(),
            decision: entry.decision.status().name().to_owned(),
            month: month.map(|month| month.to_string()),
            reason: reason.map(|reason| reason.name().to_owned()),
            decided_at: moment(entry.decided_at),
        }
    }

    fn read(self) -> Result<BookEntry, StoreError> {
        let month = self.month.map(|month| parsed::<Month>(WHAT, &month)).transpose()?;
        let status: GapStatus = parsed(WHAT, &self.decision)?;
        let decision = match (status, month, self.reason) {
            (GapStatus::Open, None, None) => Decision::Open,
            (GapStatus::Planned, Some(month), None) => Decision::Planned { month },
            (GapStatus::Accepted, Some(until), Some(reason)) => {
                Decision::Accepted { reason: parsed(WHAT, &reason)?, until }
            }
            _ => return Err(unreadable(WHAT, "a decision and its month don't fit")),
        };
        Ok(BookEntry {
            technique: parsed(WHAT, &self.technique)?,
            attack: parsed(WHAT, &self.attack_version)?,
            decision,
            decided_at: utc(self.decided_at),
        })
    }
}

/// The book of an organisation, by technique.
pub fn list(conn: &mut Conn, organisation: &OrganisationId) -> Result<Vec<BookEntry>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| gap_book::table
        .filter(gap_book::organisation_id.eq(organisation.as_str()))
        .order(gap_book::technique)
        .select(Row::as_select())
        .load(c))?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes an entry in the place of an earlier one.
pub fn put(conn: &mut Conn, organisation: &OrganisationId, entry: &BookEntry) -> Result<(), StoreError> {
    let row = Row::of(organisation, entry);
    on!(conn, |c| diesel::insert_into(gap_book::table)
        .values(&row)
        .on_conflict((gap_book::organisation_id, gap_book::technique))
        .do_update()
        .set(&row)
        .execute(c))?;
    Ok(())
}

/// Deletes an entry; returns false if there is none.
pub fn delete(
    conn: &mut Conn,
    organisation: &OrganisationId,
    technique: TechniqueId,
) -> Result<bool, StoreError> {
    let deleted = on!(conn, |c| diesel::delete(
        gap_book::table
            .filter(gap_book::organisation_id.eq(organisation.as_str()))
            .filter(gap_book::technique.eq(technique.to_string()))
    )
    .execute(c))?;
    Ok(deleted > 0)
}
