//! First answers, kept for whoever repeats a request with the same key.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    connection::on,
    schema::idempotency_keys,
    value::{moment, utc},
};
use crate::domain::{access::ClientId, organisation::Tenant};

/// The owner of a key: two clients never share one, not even of one organisation.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub tenant: Tenant<'a>,
    pub client: &'a ClientId,
}

/// The first request under a key, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The name of what was asked for.
    pub operation: String,
    /// SHA-256 of the request, in hexadecimal.
    pub request_hash: String,
    /// The outcome as JSON.
    pub answer: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    tenant: String,
    client_id: String,
    key: String,
    operation: String,
    request_hash: String,
    answer: String,
    created_at: NaiveDateTime,
}

pub fn find(conn: &mut Conn, owner: Owner<'_>, key: &str) -> Result<Option<First>, StoreError> {
    let row: Option<Row> = on!(conn, |c| idempotency_keys::table
        .find((owner.tenant.as_str(), owner.client.as_str(), key))
        .select(Row::as_select())
        .get_result(c)
        .optional())?;
    Ok(row.map(|row| First {
        operation: row.operation,
        request_hash: row.request_hash,
        answer: row.answer,
        created_at: utc(row.created_at),
    }))
}

/// Keeps a first answer. A key that another transaction has taken meanwhile makes this one start again, and then
/// [`find`] finds it.
pub fn insert(conn: &mut Conn, owner: Owner<'_>, key: &str, first: &First) -> Result<(), StoreError> {
    let row = Row {
        tenant: owner.tenant.as_str().to_owned(),
        client_id: owner.client.as_str().to_owned(),
        key: key.to_owned(),
        operation: first.operation.clone(),
        request_hash: first.request_hash.clone(),
        answer: first.answer.clone(),
        created_at: moment(first.created_at),
    };
    // Under the isolation of `Db::write`, skipping over a row that this transaction cannot see is a serialization
    // failure on PostgreSQL, which starts it again; a plain conflict would be an error.
    on!(conn, |c| diesel::insert_into(idempotency_keys::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Forgets an owner's keys from before `moment`.
pub fn forget(conn: &mut Conn, owner: Owner<'_>, before: DateTime<Utc>) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(
        idempotency_keys::table
            .filter(idempotency_keys::tenant.eq(owner.tenant.as_str()))
            .filter(idempotency_keys::client_id.eq(owner.client.as_str()))
            .filter(idempotency_keys::created_at.lt(moment(before)))
    )
    .execute(c))?;
    Ok(())
}
