//! `peerbench serve`: runs the service until it is stopped.

use std::{
    fs::File,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc::channel},
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::{EnvFilter, fmt::writer::BoxMakeWriter};

use super::{
    Failure,
    app::{self, Schema},
    output,
};
use crate::{
    app::schedule::attend,
    auth::{Keys, is_open_to_others},
    http::{
        BodyLimits, LoadLimits, RequestRates,
        server::{self, Options, Started},
    },
    settings::{DEFAULT_FILE, Log, LogFormat, Settings},
};

/// Bytes of a log line at most.
const LINE: usize = 8_192;

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
    let (http, rates) = (&settings.http, &settings.rate_limit);
    Options {
        listen: settings.general.listen,
        metrics_listen: settings.metrics.listen,
        workers: http.workers,
        bodies: BodyLimits { body_bytes: http.max_body_bytes, decoded_bytes: http.max_decoded_bytes },
        answer_cache_bytes: http.answer_cache_bytes,
        load: LoadLimits {
            work: http.concurrent_work,
            bodies_bytes: http.bodies_in_flight_bytes,
            decoded_bytes: http.decoded_in_flight_bytes,
            answers_bytes: http.answers_in_flight_bytes,
            connections: http.connections,
            connections_per_address: http.connections_per_address,
            request: Duration::from_secs(http.request_seconds),
            write: Duration::from_secs(http.write_seconds),
        },
        rates: RequestRates {
            per_client: rates.per_client,
            per_organisation: rates.per_organisation,
            per_address: rates.per_address,
            failures_per_address: rates.failures_per_address,
            failures_per_client: rates.failures_per_client,
        },
        forwarded_for: http.forwarded_for,
        shutdown: Duration::from_secs(http.shutdown_seconds),
    }
}

/// Sends log lines to a file, or to standard error.
pub fn start_log(log: &Log, file: Option<&Path>) -> Result<(), Failure> {
    // A connection that isn't HTTP is the caller's fault, not an error; a filter that names the crate shows it.
    let filter = EnvFilter::try_new(format!("actix_http=off,{}", log.filter))
        .map_err(|error| Failure::usage(format!("The setting log.filter is not a valid filter: {error}.")))?;
    let (writer, is_terminal) = match file {
        None => (BoxMakeWriter::new(|| Bounded(io::stderr())), io::stderr().is_terminal()),
        Some(path) => {
            let file = File::create(path)
                .map_err(|error| Failure::remote(format!("{} can't be written: {error}.", path.display())))?;
            (BoxMakeWriter::new(Mutex::new(Bounded(file))), false)
        }
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(is_terminal);
    let started = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::usage(format!("The log cannot be started: {error}.")))
}

/// Writes lines that are bounded, whatever came into them.
struct Bounded<W>(W);

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match line.get(..LINE) {
            None => self.0.write_all(line)?,
            Some(start) => {
                self.0.write_all(start)?;
                self.0.write_all("…\n".as_bytes())?;
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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

/// Tells of files with secrets in them that others on this computer can read.
fn warn_of_open_files(keys: &Keys, config: Option<&Path>) {
    let config = config.unwrap_or_else(|| Path::new(DEFAULT_FILE));
    let open = keys.open_files().iter().map(PathBuf::as_path);
    for file in open.chain(Some(config).filter(|config| is_open_to_others(config))) {
        tracing::warn!(file = %file.display(), "others than its owner can read this file: chmod 600 closes it");
    }
}

pub fn run(args: &Args, settings: &Settings, config: Option<&Path>) -> Result<(), Failure> {
    start_log(&settings.log, None)?;
    let schema = if args.migrate { Schema::Migrate } else { Schema::Require };
    let app = Arc::new(app::open(settings, schema)?);
    warn_of_open_files(app.tokens.keys(), config);
    let (serving, stop) = channel();
    let attending = {
        let (app, automatic) = (Arc::clone(&app), settings.releases.automatic);
        thread::spawn(move || attend(&app, automatic, &stop))
    };
    server::serve(app, &options(settings), announce)?;
    drop(serving);
    // A release on its way gets as long as running requests. If that isn't enough, the next process goes on from the state
    // that it has reached.
    let end = Instant::now() + Duration::from_secs(settings.http.shutdown_seconds);
    while !attending.is_finished() {
        if Instant::now() > end {
            tracing::warn!("a release on its way is left: the next process goes on with it");
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    attending.join().map_err(|_| Failure::remote("The work in the background stopped unexpectedly."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_is_bounded() {
        let mut log = Vec::new();
        for line in [vec![b'x'; 1_000_000], b"short\n".to_vec()] {
            Bounded(&mut log).write_all(&line).unwrap();
        }
        assert!(log.len() < LINE + 20 && log.ends_with("…\nshort\n".as_bytes()), "{}", log.len());
    }
}
