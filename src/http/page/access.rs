//! The organisation's clients and its audit log, for its administrators.

use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

use super::{
    frame::Frame,
    paths,
    place::Place,
    refusal,
    reply::{Outcome, fresh, outcome},
};
use crate::{
    app::{
        create_client::create_named_client, list_clients::list_clients, read_audit::read_audit,
        revoke_client::revoke_client,
    },
    domain::{
        access::{Client, ClientId, Scope},
        audit::Entry,
    },
    http::{
        extract::{
            access::{Inside, OrganisationAdmin},
            page::{Page, cursor},
            query::{Query, parse},
            visit::{Posted, Visit},
        },
        problem::{Kind, Problem},
        sessions::Session,
        v1::organisation::clients::ClientRequest,
    },
};

/// Clients of an organisation that are shown.
const CLIENTS: u32 = 1_000;
const ENTRIES: u32 = 50;

/// The page of the audit log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    cursor: Option<String>,
}

/// The fields of a new client, as pairs, because a field of each scope has the same name.
type Fields = Vec<(String, String)>;

/// Nothing: the button says it all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[derive(Template)]
#[template(path = "access.html")]
struct AccessView {
    frame: Frame,
    clients: Vec<ClientRow>,
    entries: Vec<EntryRow>,
    older: Option<String>,
    form: ClientForm,
    /// The new client's ID and its secret, shown this once.
    created: Option<(String, String)>,
}

struct ClientRow {
    id: String,
    name: String,
    scopes: String,
    created: String,
    used: String,
    expires: String,
    revoked: Option<String>,
    /// The client that this session has.
    is_own: bool,
}

struct EntryRow {
    at: String,
    actor: String,
    action: String,
    object: String,
}

/// The form for a new client, with what was said last.
struct ClientForm {
    errors: Vec<String>,
    name: String,
    until: String,
    scopes: Vec<(&'static str, &'static str, bool)>,
    key: String,
}

pub async fn show(visit: Visit<OrganisationAdmin>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let before = Page::new(None, query.0.cursor).after_id::<String>()?;
    let unsent = visit.session().unsent(paths::CLIENTS).and_then(|fields| parse::<Fields>(&fields).ok());
    let made = fresh(visit, move |inside, session| {
        let form = unsent.map(|fields| {
            let notice =
                "Your session had ended, and no client was created. Check the form and send it again.";
            (fields, vec![notice.to_owned()])
        });
        read(inside, session, before.as_deref(), form, None)
    });
    made.await
}

/// Creates a client and shows its secret, this once.
pub async fn create(form: Posted<OrganisationAdmin, Fields>) -> Result<HttpResponse, Problem> {
    let fields = form.fields;
    let made = outcome(form.visit, move |inside, session| {
        let asked = request(&fields);
        let key = value(&fields, "key");
        let organisation = Some(&inside.member.organisation);
        let created = asked.read().and_then(|new| {
            Ok(create_named_client(&inside.app, &inside.caller, organisation, new, Some(&key))?)
        });
        match created {
            Ok(created) => {
                let secret = match created.secret {
                    Some(secret) => secret.reveal().to_owned(),
                    None => "shown only once, and that was before. Create another client if you lost it."
                        .to_owned(),
                };
                let shown = Some((created.client.id.to_string(), secret));
                Ok(Outcome::Show(StatusCode::OK, read(inside, session, None, None, shown)?))
            }
            Err(problem) if problem.kind() == Kind::Invalid => {
                let errors = problem.errors().iter().map(refusal::error).collect();
                let view = read(inside, session, None, Some((fields, errors)), None)?;
                Ok(Outcome::Show(StatusCode::UNPROCESSABLE_ENTITY, view))
            }
            Err(problem) => Err(problem),
        }
    });
    made.await
}

pub async fn revoke(
    id: web::Path<ClientId>,
    form: Posted<OrganisationAdmin, Nothing>,
) -> Result<HttpResponse, Problem> {
    let done = outcome::<_, AccessView>(form.visit, move |inside, _| {
        revoke_client(&inside.app, &inside.caller, &id)?;
        Ok(Outcome::See(paths::ACCESS.to_owned()))
    });
    done.await
}

fn value(fields: &Fields, wanted: &str) -> String {
    let found = fields.iter().find(|(name, _)| name == wanted);
    found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

fn chosen(fields: &Fields) -> Vec<String> {
    fields.iter().filter(|(name, _)| name == "scope").map(|(_, scope)| scope.clone()).collect()
}

fn request(fields: &Fields) -> ClientRequest {
    let filled = |name| Some(value(fields, name)).filter(|text| !text.is_empty());
    let end = filled("until").map(|day| format!("{day}T00:00:00Z"));
    ClientRequest::new(filled("name"), Some(chosen(fields)), end)
}

fn read(
    inside: &Inside,
    session: &Session,
    before: Option<&str>,
    said: Option<(Fields, Vec<String>)>,
    created: Option<(String, String)>,
) -> Result<AccessView, Problem> {
    let tenant = inside.member.tenant();
    let clients = list_clients(&inside.app, tenant, None, CLIENTS)?;
    let entries = read_audit(&inside.app, tenant, before, ENTRIES)?;
    let names: Vec<(String, String)> =
        clients.items.iter().map(|client| (client.id.to_string(), client.name.clone())).collect();
    let own = session.claims.sub.as_str();
    let (fields, errors) = said.unwrap_or_default();
    let ticked = chosen(&fields);
    let may_give = inside.caller.may_give(Some(&inside.member.organisation));
    let scopes = may_give.iter().map(|scope| {
        let name = scope.name();
        (name, meaning(*scope), ticked.iter().any(|one| one == name))
    });
    let older =
        entries.next.as_deref().map(|next| format!("{}?cursor={}#audit", paths::ACCESS, cursor(next)));
    Ok(AccessView {
        clients: clients.items.iter().rev().map(|client| ClientRow::new(client, own)).collect(),
        entries: entries.items.iter().map(|entry| EntryRow::new(entry, &names)).collect(),
        older,
        form: ClientForm {
            errors,
            name: value(&fields, "name"),
            until: value(&fields, "until"),
            scopes: scopes.collect(),
            key: inside.app.new_id(),
        },
        created,
        frame: Frame::plain("Clients and audit", paths::ACCESS, inside, &Place::default(), session)?,
    })
}

/// A scope in plain words.
fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::SnapshotsWrite => "upload and withdraw snapshots",
        Scope::SnapshotsRead => "read your snapshots",
        Scope::ComparisonsRead => "read comparisons",
        Scope::OrganisationAdmin => "manage clients and read the audit log",
        Scope::GapsWrite => "decide about gaps",
        Scope::PlatformAdmin | Scope::PlatformRead => "operate the service",
    }
}

impl ClientRow {
    fn new(client: &Client, own: &str) -> Self {
        let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
        let scopes = client.scopes.iter().map(|scope| meaning(*scope)).collect::<Vec<_>>().join("; ");
        Self {
            id: client.id.to_string(),
            name: if client.name.is_empty() { "without a name".to_owned() } else { client.name.clone() },
            scopes,
            created: day(client.created_at),
            used: client.last_used_at.map_or_else(|| "never".to_owned(), day),
            expires: client.expires_at.map_or_else(|| "never".to_owned(), day),
            revoked: client.revoked_at.map(day),
            is_own: client.id.as_str() == own,
        }
    }
}

impl EntryRow {
    fn new(entry: &Entry, names: &[(String, String)]) -> Self {
        let named = |id: &str| {
            let known = names.iter().find(|(known, name)| known == id && !name.is_empty());
            known.map_or_else(|| id.to_owned(), |(_, name)| name.clone())
        };
        let actor = entry.actor.to_string();
        Self {
            at: entry.at.format("%Y-%m-%d %H:%M").to_string(),
            actor: if actor == "console" { "the operator".to_owned() } else { named(&actor) },
            action: entry.action.name().replace(['.', '_'], " "),
            object: entry.object.as_deref().map(named).unwrap_or_default(),
        }
    }
}
