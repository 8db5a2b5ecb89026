//! The real `peerbench` binary, serving on a free port of loopback with a data directory and a database of its own.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use peerbench::{
    app::Parts,
    auth::Keys,
    environment::SystemEntropy,
    store::{Db, OpenOptions},
};
use serde_json::Value;
use tempfile::TempDir;

use super::Store;
use super::client::Client;
use super::postgres;

const BINARY: &str = env!("CARGO_BIN_EXE_peerbench");
/// The `iss` of the tokens: the same whatever port a server gets.
pub const ISSUER: &str = "http://peerbench.test";

const ANNOUNCED: &str = "server.out";
const LOG: &str = "server.log";

/// A debug build that shares two cores with the other tests starts slowly, and must not fail a test for that.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running service. It is killed, and its database dropped, with the value.
pub struct Service {
    process: Child,
    announced: Announced,
    settings: Vec<(String, String)>,
    folder: TempDir,
    _database: Option<postgres::Database>,
}

impl Service {
    /// A service with the default settings, but without limits on the rate of requests and without a schedule.
    pub fn start(store: Store) -> Self {
        Self::start_with(store, &[])
    }

    /// A service with further settings, by the names of their environment variables.
    pub fn start_with(store: Store, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = (store == Store::Postgres).then(postgres::Database::create);
        let url = match &database {
            Some(database) => database.url(),
            None => format!("sqlite:{}", folder.path().join("peerbench.db").display()),
        };
        let mut all = vec![
            ("PEERBENCH_DATABASE_URL".to_owned(), url),
            ("PEERBENCH_DATA_DIR".to_owned(), folder.path().join("data").display().to_string()),
            ("PEERBENCH_AUTH_ISSUER".to_owned(), ISSUER.to_owned()),
            // A test publishes when it says so.
            ("PEERBENCH_RELEASES_AUTOMATIC".to_owned(), "false".to_owned()),
            // Tests' snapshots are small.
            ("PEERBENCH_PRIVACY_GIVE_MIN_TECHNIQUES".to_owned(), "1".to_owned()),
            ("PEERBENCH_RATE_LIMIT_PER_CLIENT".to_owned(), "0".to_owned()),
            ("PEERBENCH_RATE_LIMIT_PER_ORGANISATION".to_owned(), "0".to_owned()),
            ("PEERBENCH_RATE_LIMIT_PER_ADDRESS".to_owned(), "0".to_owned()),
            ("PEERBENCH_RATE_LIMIT_FAILURES_PER_ADDRESS".to_owned(), "0".to_owned()),
            ("PEERBENCH_RATE_LIMIT_FAILURES_PER_CLIENT".to_owned(), "0".to_owned()),
        ];
        all.extend(settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let (process, announced) = launch(folder.path(), &all, "127.0.0.1:0");
        Self { process, announced, settings: all, folder, _database: database }
    }

    /// The address of the API, without a slash at the end.
    pub fn base(&self) -> String {
        format!("http://{}", self.announced.api)
    }

    /// The metrics' listener, where `PEERBENCH_METRICS_LISTEN` asked for one.
    pub fn metrics(&self) -> Client {
        let address = self.announced.metrics.as_ref().expect("the server announced a listener for metrics");
        Client::new(format!("http://{address}")).undocumented()
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.base())
    }

    /// What the servers wrote to standard error so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).expect("the log is UTF-8")
    }

    /// What the server's process has cost.
    pub fn process(&self) -> super::costs::Process {
        super::costs::Process::of(self.process.id())
    }

    /// A folder of this test's own, deleted with the service.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A setting of the server, by the name of its environment variable.
    pub fn setting(&self, name: &str) -> &str {
        let setting = self.settings.iter().find(|(known, _)| known == name);
        setting.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("{name} is not set"))
    }

    /// What the use cases are made of in this process, on the server's database and with its keys.
    pub fn parts(&self) -> Parts {
        let db = Db::open(self.setting("PEERBENCH_DATABASE_URL"), OpenOptions::default());
        let keys = Keys::open(self.setting("PEERBENCH_DATA_DIR").as_ref(), &SystemEntropy);
        Parts::new(db.expect("the database opens"), keys.expect("the keys are there"), self.base())
    }

    /// Runs a command of the command line with the server's settings, in the test's folder.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// The command, for a test that adds to its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = peerbench(self.folder.path(), &self.settings);
        command.args(arguments).env("PEERBENCH_CLIENT_URL", self.base());
        command
    }

    /// What a command printed as JSON; panics where it failed.
    #[track_caller]
    pub fn run_json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "peerbench {} failed: {err}", arguments.join(" "));
        serde_json::from_str(&out)
            .unwrap_or_else(|e| panic!("peerbench {} printed no JSON ({e}): {out}", arguments.join(" ")))
    }

    /// Ends the server as a power cut would (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill().expect("the server is ours");
        self.process.wait().expect("the server is ours");
    }

    /// Asks the server to end (SIGTERM) and waits until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        // The shell's own kill: the program of that name is not everywhere.
        let kill = format!("kill -TERM {}", self.process.id());
        let asked = Command::new("sh").args(["-c", &kill]).status().expect("the shell runs");
        assert!(asked.success(), "the server had ended already: {}", self.log());
        self.process.wait().expect("the server is ours")
    }

    /// Starts the server again after [`Self::kill`] or [`Self::terminate`], on the same data and the same port, so
    /// that clients and tokens stay good.
    pub fn start_again(&mut self) {
        let api = self.announced.api.clone();
        (self.process, self.announced) = launch(self.folder.path(), &self.settings, &api);
    }

    /// Another server with the same settings, on the same data and database and a port of its own.
    pub fn replica(&self) -> Replica {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (process, announced) = launch(folder.path(), &self.settings, "127.0.0.1:0");
        Replica { process, base: format!("http://{}", announced.api), _folder: folder }
    }

    /// The same with further settings.
    pub fn start_again_with(&mut self, settings: &[(&str, &str)]) {
        self.settings.extend(settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        self.start_again();
    }

    /// Tries to start the server again with further settings and tells how it failed: its standard error.
    pub fn refused_with(&mut self, settings: &[(&str, &str)]) -> String {
        let mut command = self.command(&["serve", "--migrate"]);
        command.env("PEERBENCH_LISTEN", "127.0.0.1:0").envs(settings.iter().copied());
        let output = command.output().expect("the binary runs");
        assert!(!output.status.success(), "the server should not have run with {settings:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

/// A second server beside a [`Service`]. It is killed with the value.
pub struct Replica {
    process: Child,
    base: String,
    _folder: TempDir,
}

impl Replica {
    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.log());
        }
    }
}

/// The setting of a process whose files can't grow beyond so many blocks of 512 bytes, as on a disk that is full. 0 is no limit.
pub const FILE_BLOCKS: &str = "TEST_FILE_BLOCKS";

/// The binary in a folder, with these settings and no others of the caller's environment.
pub fn peerbench(folder: &Path, settings: &[(String, String)]) -> Command {
    let blocks = settings.iter().rev().find(|(name, blocks)| name == FILE_BLOCKS && blocks != "0");
    let mut command = match blocks {
        Some((_, blocks)) => {
            let mut shell = Command::new("sh");
            // Who would write more is told so, and not ended.
            let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
            shell.args(["-c", &limited, BINARY]);
            shell
        }
        None => Command::new(BINARY),
    };
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PEERBENCH_") {
            command.env_remove(name);
        }
    }
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

/// Where the server said that it listens.
struct Announced {
    api: String,
    metrics: Option<String>,
}

impl Announced {
    /// Reads the lines `Listening on http://ADDRESS` and `Metrics on http://ADDRESS/metrics`.
    fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(ANNOUNCED)).ok().filter(|text| text.ends_with('\n'))?;
        let address = |start: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(start))?;
            Some(line.split('/').next()?.to_owned())
        };
        Some(Self { api: address("Listening on http://")?, metrics: address("Metrics on http://") })
    }
}

/// Starts the server and waits until it is ready.
fn launch(folder: &Path, settings: &[(String, String)], listen: &str) -> (Child, Announced) {
    let log = File::options().create(true).append(true).open(folder.join(LOG)).expect("the log opens");
    let mut process = peerbench(folder, settings)
        .args(["serve", "--migrate"])
        .env("PEERBENCH_LISTEN", listen)
        .stdout(File::create(folder.join(ANNOUNCED)).expect("a file for the addresses"))
        .stderr(log)
        .spawn()
        .expect("the binary runs");
    let deadline = Instant::now() + READY_WITHIN;
    while Instant::now() < deadline && process.try_wait().expect("the server is ours").is_none() {
        if let Some(announced) = Announced::read(folder) {
            let health = Client::new(format!("http://{}", announced.api));
            if health.request("GET", "/health/ready").try_send().is_ok_and(|answer| answer.status == 200) {
                return (process, announced);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = process.kill();
    let _ = process.wait();
    panic!("the server did not become ready:\n{}", fs::read_to_string(folder.join(LOG)).unwrap_or_default());
}
