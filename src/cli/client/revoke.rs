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
pub struct Args {
    /// The client's id, of whichever organisation.
    id: String,
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    match revoke_client(app, &Caller::console(), &ClientId::new(&args.id)) {
        Ok(()) => output::text(&format!("The client {} is revoked; its tokens no longer work.\n", args.id)),
        Err(RevokeClientError::UnknownClient) => Err(Failure::refused(format!(
            "There is no client with the id {}: `peerbench client list` shows the ids.",
            args.id
        ))),
        Err(RevokeClientError::Store(error)) => Err(error.into()),
    }
}
