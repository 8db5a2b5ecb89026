//! Clients: the directory of who may ask for a token.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::max, prelude::*};

use super::{
    Conn, StoreError, client_secret,
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
    scopes: String,
    created_at: NaiveDateTime,
    revoked_at: Option<NaiveDateTime>,
    name: String,
    created_by: Option<String>,
    expires_at: Option<NaiveDateTime>,
    last_used_at: Option<NaiveDateTime>,
}

impl Row {
    fn read(self) -> Result<Client, StoreError> {
        Ok(Client {
            id: ClientId::new(self.id),
            organisation: self.organisation_id.map(OrganisationId::new),
            scopes: scopes(&self.scopes)?,
            created_at: utc(self.created_at),
            revoked_at: self.revoked_at.map(utc),
            name: self.name,
            created_by: self.created_by.map(ClientId::new),
            expires_at: self.expires_at.map(utc),
            last_used_at: self.last_used_at.map(utc),
        })
    }
}

/// The facts that a request for a token is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub client: Client,
    /// The hashes of its secrets.
    pub secret_hashes: Vec<String>,
    /// The standing of its organisation; `None` for the operator's clients.
    pub standing: Option<Standing>,
}

/// The facts that a request with a token is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub organisation: Option<OrganisationId>,
    pub scopes: Vec<Scope>,
    pub revoked: bool,
    pub expires_at: Option<DateTime<Utc>>,
    /// Time at which a secret of it was last removed.
    pub secret_removed_at: Option<DateTime<Utc>>,
    /// The standing of its organisation; `None` for the operator's clients.
    pub standing: Option<Standing>,
    /// Revision of its organisation, counted up with every change that its comparisons depend on; `None` for the operator's
    /// clients.
    pub revision: Option<i64>,
    /// The newest published release.
    pub release: Option<u32>,
}

pub fn insert(conn: &mut Conn, client: &Client) -> Result<(), StoreError> {
    let row = Row {
        id: client.id.as_str().to_owned(),
        organisation_id: client.organisation.as_ref().map(|id| id.as_str().to_owned()),
        scopes: joined(&client.scopes),
        created_at: moment(client.created_at),
        revoked_at: client.revoked_at.map(moment),
        name: client.name.clone(),
        created_by: client.created_by.as_ref().map(|id| id.as_str().to_owned()),
        expires_at: client.expires_at.map(moment),
        last_used_at: client.last_used_at.map(moment),
    };
    on!(conn, |c| diesel::insert_into(clients::table).values(&row).execute(c))?;
    Ok(())
}

fn joined(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
}

/// Changes a client's name, scopes and end.
pub fn update(conn: &mut Conn, client: &Client) -> Result<(), StoreError> {
    on!(conn, |c| diesel::update(clients::table.find(client.id.as_str()))
        .set((
            clients::name.eq(&client.name),
            clients::scopes.eq(joined(&client.scopes)),
            clients::expires_at.eq(client.expires_at.map(moment)),
        ))
        .execute(c))?;
    Ok(())
}

/// Notes that a secret of a client was removed.
pub fn secret_removed(conn: &mut Conn, id: &ClientId, now: DateTime<Utc>) -> Result<(), StoreError> {
    on!(conn, |c| diesel::update(clients::table.find(id.as_str()))
        .set(clients::secret_removed_at.eq(moment(now)))
        .execute(c))?;
    Ok(())
}

/// Notes that a client got a token.
pub fn used(conn: &mut Conn, id: &ClientId, now: DateTime<Utc>) -> Result<(), StoreError> {
    on!(conn, |c| diesel::update(clients::table.find(id.as_str()))
        .set(clients::last_used_at.eq(moment(now)))
        .execute(c))?;
    Ok(())
}

/// One of a tenant's clients.
pub fn get(conn: &mut Conn, tenant: Tenant<'_>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    let found = any(conn, id)?;
    let owner = match tenant {
        Tenant::Organisation(organisation) => Some(organisation),
        Tenant::Platform => None,
    };
    Ok(found.filter(|client| client.organisation.as_ref() == owner))
}

/// Any tenant's client.
pub fn any(conn: &mut Conn, id: &ClientId) -> Result<Option<Client>, StoreError> {
    let row: Option<Row> =
        on!(conn, |c| clients::table.find(id.as_str()).select(Row::as_select()).get_result(c).optional())?;
    row.map(Row::read).transpose()
}

/// The clients of the same tenant that a client made, and that these made, and so on; neither it nor those that are revoked.
pub fn made_by(conn: &mut Conn, tenant: Tenant<'_>, id: &ClientId) -> Result<Vec<ClientId>, StoreError> {
    let all = list(conn, tenant, None, u32::MAX)?;
    let mut made: Vec<ClientId> = Vec::new();
    let mut makers = vec![id.clone()];
    while let Some(maker) = makers.pop() {
        for client in &all {
            let is_new =
                client.created_by.as_ref() == Some(&maker) && client.id != *id && !made.contains(&client.id);
            if is_new {
                makers.push(client.id.clone());
                made.push(client.id.clone());
            }
        }
    }
    let live = |id: &ClientId| all.iter().any(|client| client.id == *id && client.revoked_at.is_none());
    made.retain(live);
    Ok(made)
}

/// Any tenant's client: this is how a request for a token finds out whose it is.
pub fn credentials(conn: &mut Conn, id: &ClientId) -> Result<Option<Credentials>, StoreError> {
    let row: Option<(Row, Option<String>)> = on!(conn, |c| clients::table
        .left_join(organisations::table)
        .filter(clients::id.eq(id.as_str()))
        .select((Row::as_select(), organisations::standing.nullable()))
        .get_result(c)
        .optional())?;
    let Some((row, standing)) = row else { return Ok(None) };
    Ok(Some(Credentials {
        client: row.read()?,
        secret_hashes: client_secret::hashes(conn, id)?,
        standing: standing.map(|standing| parsed(WHAT, &standing)).transpose()?,
    }))
}

/// Reads what a request with a token is checked against, and what tells whether an earlier answer still holds: one statement
/// on keys, as quick whatever others do.
pub fn admission(conn: &mut Conn, id: &ClientId) -> Result<Option<Admission>, StoreError> {
    type End = Option<NaiveDateTime>;
    type Asked = (Option<String>, String, bool, End, End, Option<String>, Option<i64>, Option<i32>);
    let release = releases::table.filter(releases::state.eq(PUBLISHED)).select(max(releases::number));
    let row: Option<Asked> = on!(conn, |c| clients::table
        .left_join(organisations::table)
        .filter(clients::id.eq(id.as_str()))
        .select((
            clients::organisation_id,
            clients::scopes,
            clients::revoked_at.is_not_null(),
            clients::expires_at,
            clients::secret_removed_at,
            organisations::standing.nullable(),
            organisations::revision.nullable(),
            release.single_value(),
        ))
        .get_result(c)
        .optional())?;
    row.map(|(organisation, held, revoked, expires_at, secret_removed_at, standing, revision, release)| {
        Ok(Admission {
            organisation: organisation.map(OrganisationId::new),
            scopes: scopes(&held)?,
            revoked,
            expires_at: expires_at.map(utc),
            secret_removed_at: secret_removed_at.map(utc),
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

/// Counts an organisation's clients that are neither revoked nor expired.
pub fn count(conn: &mut Conn, organisation: &OrganisationId, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let live: i64 = on!(conn, |c| clients::table
        .filter(clients::organisation_id.eq(organisation.as_str()))
        .filter(clients::revoked_at.is_null())
        .filter(clients::expires_at.is_null().or(clients::expires_at.gt(moment(now))))
        .count()
        .get_result(c))?;
    number(WHAT, live)
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
