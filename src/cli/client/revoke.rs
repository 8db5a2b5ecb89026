//! `peerbench client revoke`.

use crate::{
    app::{
        App, Caller,
        revoke_client::{RevokeClientError, revoke_client},
    },
    cli::{Failure, output},
    domain::access::ClientId,
};

/// Arguments of `peerbench client revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench client revoke 01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
pub struct Args {
    /// Client ID, as listed by `peerbench client list`.
    id: String,
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    match revoke_client(app, &Caller::console(), &ClientId::new(&args.id)) {
        Ok(()) => output::text(&format!("Revoked the client {}. Its tokens no longer work.\n", args.id)),
        Err(RevokeClientError::UnknownClient) => Err(Failure::refused(format!(
            "No client has the ID '{}'. `peerbench client list` shows the IDs.",
            args.id
        ))),
        Err(RevokeClientError::Store(error)) => Err(error.into()),
    }
}
