//! Settings: a TOML file, then the environment (`PEERBENCH_<SECTION>_<KEY>`), which wins. Every setting is declared here
//! once, with its meaning; `peerbench config` prints them all.

mod consoles;
mod print;
mod privacy;
mod section;
mod source;
mod url;

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;
use thiserror::Error;

pub use consoles::{Console, Cortex, Sentinel, Splunk, Sumo, Sync};
pub use print::toml;
pub use privacy::Privacy;
use section::section;
pub use section::{DatabaseUrl, Entry, LogFormat, Secret};

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "peerbench.toml";

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

section! {
    /// Settings outside any section.
    General("") {
        /// Address and port of the API. Port 0 picks a free one, which is printed.
        listen: SocketAddr = LOCAL,
        /// Directory for the signing keys and the embedded database, created with permissions for its owner only.
        data_dir: PathBuf = PathBuf::from("peerbench-data"),
    }
}

section! {
    /// The database.
    Database("database") {
        /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. Default: the file `peerbench.db` in `data_dir`.
        url: Option<DatabaseUrl> = None,
        /// Maximum number of open connections, 1 to 200.
        pool_size: u32 = 8,
        /// Prepare statements once per connection. Set it to `false` behind a proxy that pools by transaction.
        prepared_statements: bool = true,
        /// Seconds that a request waits for a free connection, and for its turn to write, 1 to 600. Then it is answered with
        /// 503.
        wait_seconds: u64 = 5,
        /// Seconds that PostgreSQL works on one statement, 1 to 3600.
        statement_seconds: u64 = 60,
    }
}

section! {
    /// Limits of the API.
    Http("http") {
        /// Threads that answer requests. 0 means one per processor.
        workers: usize = 0,
        /// Maximum bytes of a request body as sent. Larger ones get 413.
        max_body_bytes: usize = 4_194_304,
        /// Maximum bytes of a request body after decompression. Larger ones get 413 before they are in memory.
        max_decoded_bytes: usize = 16_777_216,
        /// Maximum number of requests that are processed at the same time, 2 to 512; others wait. One organisation, or one
        /// address without a token, gets at most half of them.
        concurrent_work: usize = 32,
        /// Maximum bytes of request bodies in memory, as sent; for one organisation or address a quarter of it. Beyond that,
        /// requests get 503.
        bodies_in_flight_bytes: u64 = 67_108_864,
        /// Maximum bytes of request bodies in memory after decompression, counted in the same way.
        decoded_in_flight_bytes: u64 = 134_217_728,
        /// Maximum bytes of answers above 64 KiB that callers haven't read yet, counted in the same way.
        answers_in_flight_bytes: u64 = 268_435_456,
        /// Maximum number of open connections. Further ones are closed.
        connections: u64 = 800,
        /// Maximum number of open connections of one address. Ignored behind a proxy (`forwarded_for`).
        connections_per_address: u64 = 200,
        /// Seconds after which an unfinished request gets 503, 1 or more. Publishing a release has no limit.
        request_seconds: u64 = 30,
        /// Seconds for a caller to read each 64 KiB of an answer, 1 or more. Slower connections are closed.
        write_seconds: u64 = 30,
        /// Bytes of comparisons kept in memory, so that a repeated question costs next to nothing. A list of all techniques
        /// takes about 50 kB, compressed 5 kB. 0 keeps none.
        answer_cache_bytes: u64 = 67_108_864,
        /// Seconds for running requests to finish after SIGTERM or SIGINT.
        shutdown_seconds: u64 = 30,
        /// Take a caller's address from the last entry of X-Forwarded-For. Use it only behind a proxy that always sets this
        /// header. Otherwise callers choose their own address, and so escape their rate limit.
        forwarded_for: bool = false,
    }
}

section! {
    /// Limits on the number of requests of a caller.
    RateLimit("rate_limit") {
        /// Requests per minute of one client; 0 for no limit. They may arrive in one burst.
        per_client: u32 = 600,
        /// Requests per minute of all clients of one organisation together; 0 for no limit.
        per_organisation: u32 = 1_800,
        /// Requests per minute of one address without a token; 0 for no limit. Token requests don't count here: failures
        /// count below, and successes count for their client.
        per_address: u32 = 120,
        /// Failed authentications per minute of one address, 0 for no limit: further ones are answered with 429. Valid
        /// credentials and tokens work all the same.
        failures_per_address: u32 = 120,
        /// Failed token requests per minute for one client id from one address, 0 for no limit. Further ones are not
        /// looked at until there is room again.
        failures_per_client: u32 = 20,
    }
}

section! {
    /// Limits on the data of one organisation. Existing data stays when a limit is lowered.
    Quota("quota") {
        /// Feeds (different bases, sources and feed numbers) at most, 0 for no limit. A comparison is computed from the
        /// latest snapshot of each.
        feeds: u32 = 60,
        /// Snapshots at most, 0 for no limit.
        snapshots: u32 = 2_000,
        /// Bytes of stored cells at most, 0 for no limit. 1,000 cells take about 3 kB.
        stored_bytes: u64 = 67_108_864,
        /// Clients that are not revoked at most, 0 for no limit.
        clients: u32 = 50,
    }
}

section! {
    /// Metrics for the operator.
    Metrics("metrics") {
        /// Address and port of `/metrics` in the Prometheus text format. Unset: no metrics. They need no token, so use an
        /// internal address.
        listen: Option<SocketAddr> = None,
    }
}

section! {
    /// The log on standard error. It never contains a body, a token, a score or a query value.
    Log("log") {
        /// Format: `text` or `json` (one object per line).
        format: LogFormat = LogFormat::Text,
        /// Filter of log lines, as in `info,peerbench::store=debug`.
        filter: String = "info,actix_server=warn".to_owned(),
    }
}

section! {
    /// Tokens.
    Auth("auth") {
        /// Public base URL of the service, the `iss` of its tokens. Default: `http://` and the listening address.
        issuer: Option<String> = None,
    }
}

section! {
    /// Dimensions of the cohorts.
    Dimensions("dimensions") {
        /// Your own values of the first dimension instead of the 20 NAICS sectors, at most 20: lower-case letters, digits
        /// and dashes. A single value makes no cohort.
        sectors: Option<Vec<String>> = None,
    }
}

section! {
    /// Publication of releases.
    Releases("releases") {
        /// Let `peerbench serve` publish releases: the first as soon as the rules allow it, the next ones every
        /// `privacy.release_days` days. With `false`, only `peerbench release publish` and the API publish.
        automatic: bool = true,
    }
}

section! {
    /// The service that `snapshot check`, `snapshot upload`, `compare` and `console` use.
    Client("client") {
        /// Base URL of the service, such as `https://bench.example`.
        url: Option<String> = None,
        /// ID of the client, as printed by `peerbench client create`.
        id: Option<String> = None,
        /// Client secret. Prefer the environment variable `PEERBENCH_CLIENT_SECRET` or `secret_file`.
        secret: Option<Secret> = None,
        /// File that holds the client secret and nothing else.
        secret_file: Option<PathBuf> = None,
    }
}

/// All settings in force.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Settings outside any section, read on their own: a flattened section would lose the keys of its errors.
    #[serde(skip)]
    pub general: General,
    pub database: Database,
    pub http: Http,
    pub rate_limit: RateLimit,
    pub quota: Quota,
    pub metrics: Metrics,
    pub log: Log,
    pub auth: Auth,
    pub dimensions: Dimensions,
    pub privacy: Privacy,
    pub releases: Releases,
    pub client: Client,
    pub console: Console,
    pub splunk: Splunk,
    pub sentinel: Sentinel,
    pub cortex: Cortex,
    pub sumo: Sumo,
    pub sync: Sync,
}

/// The reason why there are no settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    #[error("The settings file {0} does not exist.")]
    Missing(PathBuf),
    #[error("{place}: there is no setting {name}. `peerbench config` lists all of them.")]
    Unknown { place: String, name: String },
    #[error("The settings cannot be read: {0}.")]
    Read(#[from] config::ConfigError),
    #[error("The settings file {file} can't be read: {cause}.")]
    File { file: PathBuf, cause: std::io::Error },
    /// A syntax error, without the line itself, which may hold a password.
    #[error("The settings file {file} is not valid TOML at line {line}, column {column}.")]
    Syntax { file: PathBuf, line: usize, column: usize },
    /// An invalid value that no message repeats.
    #[error("The setting {key} is invalid: {expected}.")]
    Hidden { key: &'static str, expected: String },
    #[error("The setting {key} is invalid: {cause}.")]
    Value { key: String, cause: config::ConfigError },
    #[error("{key} is {value}: {expected}.")]
    Range { key: &'static str, value: String, expected: &'static str },
}

impl Settings {
    /// Every setting, in the order in which they are printed.
    pub fn entries(&self) -> Vec<Entry> {
        [
            self.general.entries(),
            self.database.entries(),
            self.http.entries(),
            self.rate_limit.entries(),
            self.quota.entries(),
            self.metrics.entries(),
            self.log.entries(),
            self.auth.entries(),
            self.dimensions.entries(),
            self.privacy.entries(),
            self.releases.entries(),
            self.client.entries(),
            self.console.entries(),
            self.splunk.entries(),
            self.sentinel.entries(),
            self.cortex.entries(),
            self.sumo.entries(),
            self.sync.entries(),
        ]
        .concat()
    }

    /// (section, key, whether it is a list) of every setting.
    fn keys() -> Vec<(&'static str, &'static str, bool)> {
        [
            General::keys(),
            Database::keys(),
            Http::keys(),
            RateLimit::keys(),
            Quota::keys(),
            Metrics::keys(),
            Log::keys(),
            Auth::keys(),
            Dimensions::keys(),
            Privacy::keys(),
            Releases::keys(),
            Client::keys(),
            Console::keys(),
            Splunk::keys(),
            Sentinel::keys(),
            Cortex::keys(),
            Sumo::keys(),
            Sync::keys(),
        ]
        .concat()
    }

    /// The database in force: the configured one, or the embedded one in the data directory.
    pub fn database_url(&self) -> DatabaseUrl {
        self.database.url.clone().unwrap_or_else(|| {
            DatabaseUrl::new(format!("sqlite:{}", self.general.data_dir.join("peerbench.db").display()))
        })
    }

    fn check(self) -> Result<Self, SettingsError> {
        let range = |key, value: &dyn std::fmt::Display, expected| SettingsError::Range {
            key,
            value: value.to_string(),
            expected,
        };
        if !(1..=200).contains(&self.database.pool_size) {
            return Err(range("database.pool_size", &self.database.pool_size, "expected 1 to 200"));
        }
        if let Some(url) = &self.database.url
            && let Err(error) = url.check()
        {
            return Err(SettingsError::Hidden { key: "database.url", expected: error.to_string() });
        }
        for (key, url) in [("client.url", &self.client.url), ("auth.issuer", &self.auth.issuer)] {
            if url
                .as_ref()
                .is_some_and(|url| url.contains(['@', '?', '#']) || url.chars().any(char::is_control))
            {
                let expected =
                    "an address has no user, password, query or control character in it".to_owned();
                return Err(SettingsError::Hidden { key, expected });
            }
        }
        if self.http.workers > 1024 {
            return Err(range("http.workers", &self.http.workers, "expected 0 to 1024"));
        }
        if !(1..=600).contains(&self.database.wait_seconds) {
            return Err(range("database.wait_seconds", &self.database.wait_seconds, "expected 1 to 600"));
        }
        if !(1..=3600).contains(&self.database.statement_seconds) {
            let value = &self.database.statement_seconds;
            return Err(range("database.statement_seconds", value, "expected 1 to 3600"));
        }
        for (key, value) in [
            ("http.request_seconds", self.http.request_seconds),
            ("http.write_seconds", self.http.write_seconds),
        ] {
            if value == 0 {
                return Err(range(key, &value, "expected 1 or more"));
            }
        }
        if !(2..=512).contains(&self.http.concurrent_work) {
            return Err(range("http.concurrent_work", &self.http.concurrent_work, "expected 2 to 512"));
        }
        if self.http.max_body_bytes < 1024 {
            return Err(range("http.max_body_bytes", &self.http.max_body_bytes, "expected 1024 or more"));
        }
        if self.http.max_decoded_bytes < self.http.max_body_bytes {
            return Err(range(
                "http.max_decoded_bytes",
                &self.http.max_decoded_bytes,
                "expected at least http.max_body_bytes",
            ));
        }
        Ok(self)
    }
}
