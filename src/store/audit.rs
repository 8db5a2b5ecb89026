//! The audit log: one per tenant, and the platform's.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    dsl::{max, min},
    prelude::*,
};

use super::{
    Conn, StoreError,
    connection::on,
    schema::audit,
    value::{moment, parsed, utc},
};
use crate::domain::{
    access::ClientId,
    audit::{Action, Entry},
    organisation::Tenant,
};

const WHAT: &str = "an entry of the audit log";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit)]
struct Row {
    tenant: String,
    id: String,
    at: NaiveDateTime,
    actor: String,
    action: String,
    object: Option<String>,
}

/// Adds entries to a tenant's log.
pub fn record(conn: &mut Conn, tenant: Tenant<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    let rows: Vec<Row> = entries
        .iter()
        .map(|entry| Row {
            tenant: tenant.as_str().to_owned(),
            id: entry.id.clone(),
            at: moment(entry.at),
            actor: entry.actor.as_str().to_owned(),
            action: entry.action.name().to_owned(),
            object: entry.object.clone(),
        })
        .collect();
    for batch in rows.chunks(1000) {
        on!(conn, |c| diesel::insert_into(audit::table).values(batch).execute(c))?;
    }
    Ok(())
}

/// A tenant's log, newest first; from the first before `before`, at most `limit`.
pub fn list(
    conn: &mut Conn,
    tenant: Tenant<'_>,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| {
        let query = audit::table
            .filter(audit::tenant.eq(tenant.as_str()))
            .order(audit::id.desc())
            .limit(i64::from(limit))
            .select(Row::as_select());
        match before {
            Some(before) => query.filter(audit::id.lt(before)).load(c),
            None => query.load(c),
        }
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(Entry {
                id: row.id,
                at: utc(row.at),
                actor: ClientId::new(row.actor),
                action: parsed(WHAT, &row.action)?,
                object: row.object,
            })
        })
        .collect()
}

/// Returns when one of these actions was last recorded in a tenant's log.
pub fn last(
    conn: &mut Conn,
    tenant: Tenant<'_>,
    actions: &[Action],
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let names: Vec<&str> = actions.iter().map(|action| action.name()).collect();
    let at: Option<NaiveDateTime> = on!(conn, |c| audit::table
        .filter(audit::tenant.eq(tenant.as_str()))
        .filter(audit::action.eq_any(&names))
        .select(max(audit::at))
        .get_result(c))?;
    Ok(at.map(utc))
}

/// Returns when something was first done by anyone: for the age of the community, also after everything was withdrawn.
pub fn first(conn: &mut Conn, action: Action) -> Result<Option<DateTime<Utc>>, StoreError> {
    let at: Option<NaiveDateTime> = on!(conn, |c| audit::table
        .filter(audit::action.eq(action.name()))
        .select(min(audit::at))
        .get_result(c))?;
    Ok(at.map(utc))
}
