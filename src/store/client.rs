//! Clients: the directory of who may ask for a token, with the hashes of their secrets.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::max, prelude::*};

use super::{
    Conn, StoreError,
    connection::on,
    release::PUBLISHED,
    schema::{clients, organisations, releases},
    value::{moment, number, parsed, utc},
};
use crate::domain::{
    access::{Client, ClientId, Scope},
    organisation::{OrganisationId, Standing, Tenant},
};

const WHAT: &str = "a client";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = clients)]
struct Row {
    id: String,
    organisation_id: Option<String>,
    secret_hash: String,
    scopes: String,
    created_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
}

impl Row {
    fn read(self) -> Result<Client, StoreError> {
        Ok(Client {
            id: ClientId::new(self.id),
            organisation: self.organisation_id.map(OrganisationId::new),
            scopes: scopes(&self.scopes)?,
            created_at: utc(self.created_at),
            revoked_at: self.revoked_at.map(utc),
        })
    }
}

/// The facts that a request for a token is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub client: Client,
    pub secret_hash: String,
    /// The standing of its organisation; `None` for the operator's clients.
    pub standing: Option<Standing>,
}

/// The facts that a request with a token is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub organisation: Option<OrganisationId>,
    pub scopes: Vec<Scope>,
    pub revoked: bool,
    /// The standing of its organisation; `None` for the operator's clients.
    pub standing: Option<Standing>,
    /// Revision of its organisation, counted up with every change that its comparisons depend on; `None` for the operator's
    /// clients.
    pub revision: Option<i64>,
    /// The newest published release.
    pub release: Option<u32>,
}

pub fn insert(conn: &mut Conn, client: &Client, secret_hash: &str) -> Result<(), StoreError> {
    let scopes: Vec<&str> = client.scopes.iter().map(|scope| scope.name()).collect();
    let row = Row {
        id: client.id.as_str().to_owned(),
        organisation_id: client.organisation.as_ref().map(|id| id.as_str().to_owned()),
        secret_hash: secret_hash.to_owned(),
        scopes: scopes.join(" "),
        created_at: moment(client.created_at),
        revoked_at: client.revoked_at.map(moment),
    };
    on!(conn, |c| diesel::insert_into(clients::table).values(&row).execute(c))?;
    Ok(())
}

/// Any tenant's client: this is how a request for a token finds out whose it is.
pub fn credentials(conn: &mut Conn, id: &ClientId) -> Result<Option<Credentials>, StoreError> {
    let row: Option<(Row, Option<String>)> = on!(conn, |c| clients::table
        .left_join(organisations::table)
        .filter(clients::id.eq(id.as_str()))
        .select((Row::as_select(), organisations::standing.nullable()))
        .get_result(c)
        .optional())?;
    row.map(|(row, standing)| {
        Ok(Credentials {
            secret_hash: row.secret_hash.clone(),
            standing: standing.map(|standing| parsed(WHAT, &standing)).transpose()?,
            client: row.read()?,
        })
    })
    .transpose()
}

/// Reads what a request with a token is checked against, and what tells whether an earlier answer still holds: one statement
/// on keys, as quick whatever others do.
pub fn admission(conn: &mut Conn, id: &ClientId) -> Result<Option<Admission>, StoreError> {
    type Asked = (Option<String>, String, bool, Option<String>, Option<i64>, Option<i32>);
    let release = releases::table.filter(releases::state.eq(PUBLISHED)).select(max(releases::number));
    let row: Option<Asked> = on!(conn, |c| clients::table
        .left_join(organisations::table)
        .filter(clients::id.eq(id.as_str()))
        .select((
            clients::organisation_id,
            clients::scopes,
            clients::revoked_at.is_not_null(),
            organisations::standing.nullable(),
            organisations::revision.nullable(),
            release.single_value(),
        ))
        .get_result(c)
        .optional())?;
    row.map(|(organisation, held, revoked, standing, revision, release)| {
        Ok(Admission {
            organisation: organisation.map(OrganisationId::new),
            scopes: scopes(&held)?,
            revoked,
            standing: standing.map(|standing| parsed(WHAT, &standing)).transpose()?,
            revision,
            release: release.map(|release| number(WHAT, release)).transpose()?,
        })
    })
    .transpose()
}

fn scopes(names: &str) -> Result<Vec<Scope>, StoreError> {
    names.split_whitespace().map(|scope| parsed::<Scope>(WHAT, scope)).collect()
}

/// A tenant's clients in the order of creation, revoked ones too; from the first after `after`, at most `limit`.
pub fn list(
    conn: &mut Conn,
    tenant: Tenant<'_>,
    after: Option<&ClientId>,
    limit: u32,
) -> Result<Vec<Client>, StoreError> {
    let after = after.map_or("", ClientId::as_str);
    let rows: Vec<Row> = on!(conn, |c| {
        let query = clients::table
            .filter(clients::id.gt(after))
            .order(clients::id)
            .limit(i64::from(limit))
            .select(Row::as_select());
        match tenant {
            Tenant::Organisation(id) => query.filter(clients::organisation_id.eq(id.as_str())).load(c),
            Tenant::Platform => query.filter(clients::organisation_id.is_null()).load(c),
        }
    })?;
    rows.into_iter().map(Row::read).collect()
}

/// Revokes a tenant's client. Whether it has one of this id that was not revoked yet.
pub fn revoke(
    conn: &mut Conn,
    tenant: Tenant<'_>,
    id: &ClientId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let revoked = clients::revoked_at.eq(moment(now));
    let changed = on!(conn, |c| {
        let client = clients::table.find(id.as_str()).filter(clients::revoked_at.is_null());
        match tenant {
            Tenant::Organisation(organisation) => {
                let own = client.filter(clients::organisation_id.eq(organisation.as_str()));
                diesel::update(own).set(revoked).execute(c)
            }
            Tenant::Platform => {
                diesel::update(client.filter(clients::organisation_id.is_null())).set(revoked).execute(c)
            }
        }
    })?;
    Ok(changed > 0)
}
