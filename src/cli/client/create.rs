//! `peerbench client create`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::owner::Owner;
use crate::{
    app::{
        App, Caller,
        create_client::{CreateClientError, NewClient, create_named_client},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report},
    },
    domain::access::{Client, ClientId, Scope},
};

/// Arguments of `peerbench client create`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench client create --organisation 01a20c52-faf1-7b3f-aefe-d790a4bb4f0a"
)]
pub struct Args {
    #[command(flatten)]
    owner: Owner,
    /// Scope of its tokens, such as snapshots:write; repeat it or use commas. Default: every scope of the owner.
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<Scope>,
    /// Purpose of the client.
    #[arg(long, default_value_t)]
    name: String,
    /// Time from which on the client is no longer valid, such as 2027-12-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    expires: Option<DateTime<Utc>>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Created<'a> {
    client_id: &'a ClientId,
    client_secret: &'a str,
    #[serde(skip)]
    scopes: &'a [Scope],
}

impl Report for Created<'_> {
    fn text(&self) -> String {
        let Self { client_id, client_secret, scopes } = self;
        format!(
            "PEERBENCH_CLIENT_ID={client_id}\nPEERBENCH_CLIENT_SECRET={client_secret}\n\
             Keep the secret: it can't be shown again. Scopes: {}\n",
            names(scopes)
        )
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let owner = args.owner.organisation(app)?;
    let scopes = (!args.scopes.is_empty()).then(|| args.scopes.clone());
    let new = NewClient { name: args.name.clone(), scopes, expires_at: args.expires };
    let created = create_named_client(app, &Caller::console(), owner.as_ref(), new, None).map_err(
        |error| match error {
            CreateClientError::UnknownOrganisation => Failure::unknown_organisations(
                &args.owner.organisation.as_deref().into_iter().collect::<Vec<_>>(),
            ),
            CreateClientError::Store(error) => error.into(),
            CreateClientError::Invalid(errors) => Failure::refused(
                errors
                    .iter()
                    .map(|error| format!("{}: it {}.", error.pointer, error.detail))
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            other => Failure::refused(sentence(&other)),
        },
    )?;
    // Without an Idempotency-Key nothing is a repetition, so there is a secret.
    let secret = created.secret.as_ref().map_or("", |secret| secret.reveal());
    let Client { id, scopes, .. } = &created.client;
    output::print(&Created { client_id: id, client_secret: secret, scopes }, args.format)
}

/// Joins the names of scopes with spaces.
pub fn names(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
}
