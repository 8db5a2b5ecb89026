//! The real `peerbench` binary, serving on a free port of loopback with a data directory and a database of its own.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::Store;
use super::client::Client;
use super::postgres;

const BINARY: &str = env!("CARGO_BIN_EXE_peerbench");
const LOG: &str = "server.log";

/// A debug build that shares two cores with the other tests starts slowly, and must not fail a test for that.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running service. It is killed, and its database dropped, with the value.
pub struct Service {
    process: Child,
    address: String,
    settings: Vec<(String, String)>,
    folder: TempDir,
    _database: Option<postgres::Database>,
}

impl Service {
    /// A service with the default settings, but without limits on the rate of requests.
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
            ("PEERBENCH_RATE_LIMIT_PER_CLIENT".to_owned(), "0".to_owned()),
            ("PEERBENCH_RATE_LIMIT_PER_ADDRESS".to_owned(), "0".to_owned()),
        ];
        all.extend(settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let (process, address) = launch(folder.path(), &all);
        Self { process, address, settings: all, folder, _database: database }
    }

    /// The address of the API, without a slash at the end.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.base())
    }

    /// What the servers wrote to standard error so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).expect("the log is UTF-8")
    }

    /// A folder of this test's own, deleted with the service.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The embedded database's file. On PostgreSQL there is none.
    pub fn database_file(&self) -> PathBuf {
        self.folder.path().join("peerbench.db")
    }

    /// Runs a command of the command line with the server's settings, in the test's folder.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// The command, for a test that adds to its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.folder.path(), &self.settings);
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
        let pid = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(asked.success(), "the server had ended already: {}", self.log());
        self.process.wait().expect("the server is ours")
    }

    /// Starts the server again after [`Self::kill`] or [`Self::terminate`], on the same data, on a new port.
    pub fn start_again(&mut self) {
        (self.process, self.address) = launch(self.folder.path(), &self.settings);
    }

    /// Tries to start the server again with further settings and tells how it failed: its standard error.
    pub fn refused_with(&mut self, settings: &[(&str, &str)]) -> String {
        let mut command = self.command(&["serve", "--migrate"]);
        command.env("PEERBENCH_LISTEN", free_address()).envs(settings.iter().copied());
        let output = command.output().expect("the binary runs");
        assert!(!output.status.success(), "the server should not have run with {settings:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
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

/// The binary in a folder, with these settings and no others of the caller's environment.
fn command(folder: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(BINARY);
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PEERBENCH_") {
            command.env_remove(name);
        }
    }
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it is bound").to_string()
}

/// Starts the server and waits until it is ready. The port was free a moment before; should somebody else have
/// taken it since, the server says so and ends, and another port is tried.
fn launch(folder: &Path, settings: &[(String, String)]) -> (Child, String) {
    let log = || File::options().create(true).append(true).open(folder.join(LOG)).expect("the log opens");
    for _ in 0..3 {
        let address = free_address();
        let mut process = command(folder, settings)
            .args(["serve", "--migrate"])
            .env("PEERBENCH_LISTEN", &address)
            .stdout(log())
            .stderr(log())
            .spawn()
            .expect("the binary runs");
        let health = Client::new(format!("http://{address}"));
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            if health.request("GET", "/health/ready").try_send().is_ok_and(|answer| answer.status == 200) {
                return (process, address);
            }
            if process.try_wait().expect("the server is ours").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = process.kill();
        let _ = process.wait();
    }
    panic!("the server did not become ready:\n{}", fs::read_to_string(folder.join(LOG)).unwrap_or_default());
}
