//! `peerbench serve`: runs the service until it is stopped.

use std::{
    io::IsTerminal as _,
    sync::{Arc, mpsc::channel},
    thread,
    time::Duration,
};

use tracing_subscriber::EnvFilter;

use super::{
    Failure,
    app::{self, Schema},
    output,
};
use crate::{
    app::schedule::attend,
    http::{
        BodyLimits,
        server::{self, Options, Started},
    },
    settings::{Log, LogFormat, Settings},
};

/// Arguments of `peerbench serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench serve --migrate")]
pub struct Args {
    /// Apply pending migrations first, and create the embedded database if there is none. Without it, a database with
    /// pending migrations is refused.
    #[arg(long)]
    migrate: bool,
}

/// The server's options as the settings say them.
pub fn options(settings: &Settings) -> Options {
    let http = &settings.http;
    Options {
        listen: settings.general.listen,
        metrics_listen: settings.metrics.listen,
        workers: http.workers,
        bodies: BodyLimits { body_bytes: http.max_body_bytes, decoded_bytes: http.max_decoded_bytes },
        answer_cache_bytes: http.answer_cache_bytes,
        per_client: settings.rate_limit.per_client,
        per_address: settings.rate_limit.per_address,
        forwarded_for: http.forwarded_for,
        shutdown: Duration::from_secs(http.shutdown_seconds),
    }
}

/// Sends log lines to standard error.
pub fn start_log(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.filter)
        .map_err(|error| Failure::usage(format!("The setting log.filter is not a valid filter: {error}.")))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::usage(format!("The log cannot be started: {error}.")))
}

/// Prints where the server listens; the first line ends in the API's address, whichever port it took.
pub fn announce(started: &Started) {
    let mut text = format!("Listening on http://{}\n", started.api);
    if let Some(metrics) = started.metrics {
        text.push_str(&format!("Metrics on http://{metrics}/metrics\n"));
    }
    // Whoever started the service may have closed its output; that is no reason not to serve.
    let _ = output::text(&text);
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    start_log(&settings.log)?;
    let schema = if args.migrate { Schema::Migrate } else { Schema::Require };
    let app = Arc::new(app::open(settings, schema)?);
    let (serving, stop) = channel();
    let attending = {
        let (app, automatic) = (Arc::clone(&app), settings.releases.automatic);
        thread::spawn(move || attend(&app, automatic, &stop))
    };
    server::serve(app, &options(settings), announce)?;
    drop(serving);
    // A release on its way is finished, as running requests are.
    attending.join().map_err(|_| Failure::remote("The work in the background stopped unexpectedly."))
}
