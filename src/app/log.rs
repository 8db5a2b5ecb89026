//! Entries of the audit log, made the same way by every use case.

use super::{App, Caller, Member};
use crate::{
    domain::{
        access::{Client, ClientId},
        audit::{Action, Entry},
        organisation::{OrganisationId, Tenant},
    },
    store::{Conn, StoreError, audit},
};

/// Something that was done now.
pub(super) fn entry(app: &App, actor: &ClientId, action: Action, object: &str) -> Entry {
    let object = Some(object.to_owned());
    Entry { id: app.new_id(), at: app.clock.now(), actor: actor.clone(), action, object }
}

/// Records an operator's action in the organisation's log and in the platform's.
pub(super) fn operator_did(
    conn: &mut Conn,
    app: &App,
    operator: &ClientId,
    action: Action,
    organisation: &OrganisationId,
) -> Result<(), StoreError> {
    let entry = entry(app, operator, action, organisation.as_str());
    audit::record(conn, Tenant::Platform, std::slice::from_ref(&entry))?;
    audit::record(conn, Tenant::Organisation(organisation), &[entry])
}

/// Records a change of a client in its owner's log, and in the platform's if the operator made it.
pub(super) fn client(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    action: Action,
    client: &Client,
) -> Result<(), StoreError> {
    let entry = entry(app, &caller.client, action, client.id.as_str());
    if caller.organisation.is_none() {
        audit::record(conn, Tenant::Platform, std::slice::from_ref(&entry))?;
    }
    match &client.organisation {
        Some(organisation) => audit::record(conn, Tenant::Organisation(organisation), &[entry]),
        None => Ok(()),
    }
}

/// Somebody asked for what is not theirs, or for nothing: the same to everybody, and never looked up elsewhere. It
/// stands in the asker's log and in the platform's.
pub(super) fn refused(conn: &mut Conn, app: &App, member: &Member, asked: &str) -> Result<(), StoreError> {
    let mut entry = entry(app, &member.client, Action::AccessRefused, asked);
    // What was asked for is the asker's text: no document may hide in the log.
    let is_id = asked.len() <= 36 && asked.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    entry.object = entry.object.filter(|_| is_id);
    audit::record(conn, Tenant::Platform, std::slice::from_ref(&entry))?;
    audit::record(conn, member.tenant(), &[entry])
}
