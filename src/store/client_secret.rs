//! The secrets of clients, as hashes: one in use, and at times one that replaces it.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    connection::on,
    schema::client_secrets,
    value::{moment, utc},
};
use crate::domain::access::{ClientId, SecretId, SecretInfo};

/// Adds a secret's hash.
pub fn insert(conn: &mut Conn, client: &ClientId, secret: &SecretInfo, hash: &str) -> Result<(), StoreError> {
    let row = (
        client_secrets::client_id.eq(client.as_str()),
        client_secrets::id.eq(secret.id.as_str()),
        client_secrets::hash.eq(hash),
        client_secrets::created_at.eq(moment(secret.created_at)),
    );
    on!(conn, |c| diesel::insert_into(client_secrets::table).values(row).execute(c))?;
    Ok(())
}

/// The hashes of a client's secrets.
pub fn hashes(conn: &mut Conn, client: &ClientId) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, |c| client_secrets::table
        .filter(client_secrets::client_id.eq(client.as_str()))
        .order(client_secrets::id)
        .select(client_secrets::hash)
        .load(c))?)
}

/// A client's secrets, the oldest first.
pub fn list(conn: &mut Conn, client: &ClientId) -> Result<Vec<SecretInfo>, StoreError> {
    let rows: Vec<(String, NaiveDateTime)> = on!(conn, |c| client_secrets::table
        .filter(client_secrets::client_id.eq(client.as_str()))
        .order((client_secrets::created_at, client_secrets::id))
        .select((client_secrets::id, client_secrets::created_at))
        .load(c))?;
    let info = |(id, created_at): (String, NaiveDateTime)| -> SecretInfo {
        let created_at: DateTime<Utc> = utc(created_at);
        SecretInfo { id: SecretId::new(id), created_at }
    };
    Ok(rows.into_iter().map(info).collect())
}

/// Removes a secret. Whether there was one.
pub fn delete(conn: &mut Conn, client: &ClientId, id: &SecretId) -> Result<bool, StoreError> {
    let secret = client_secrets::table.find((client.as_str(), id.as_str()));
    let deleted = on!(conn, |c| diesel::delete(secret).execute(c))?;
    Ok(deleted > 0)
}
