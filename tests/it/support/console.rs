//! The command line on a database of its own, without a server.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::Store;
use super::postgres;
use super::server::peerbench;

/// A folder, settings and a database for the commands of one test.
pub struct Console {
    settings: Vec<(String, String)>,
    folder: TempDir,
    _database: Option<postgres::Database>,
}

impl Console {
    /// With a migrated database.
    pub fn new(store: Store) -> Self {
        let console = Self::without_schema(store);
        console.run(&["migrate"]).done();
        console
    }

    /// As an operator finds it who has just installed the program: on SQLite there is no file.
    pub fn without_schema(store: Store) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = (store == Store::Postgres).then(postgres::Database::create);
        let url = match &database {
            Some(database) => database.url(),
            None => format!("sqlite:{}", folder.path().join("peerbench.db").display()),
        };
        let settings = vec![
            ("PEERBENCH_DATABASE_URL".to_owned(), url),
            ("PEERBENCH_DATA_DIR".to_owned(), folder.path().join("data").display().to_string()),
        ];
        Self { settings, folder, _database: database }
    }

    /// Where commands run, deleted with the value.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = peerbench(self.folder.path(), &self.settings);
        command.args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// What a command printed as JSON; panics where it failed.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json"]].concat()).done().json()
    }

    /// Creates an organisation and returns its id.
    #[track_caller]
    pub fn organisation(&self, name: &str) -> String {
        let created = self.json(&[
            "organisation",
            "create",
            "--name",
            name,
            "--sector",
            "finance",
            "--size",
            "medium",
            "--region",
            "europe",
        ]);
        created["id"].as_str().expect("an id").to_owned()
    }
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the binary runs");
        Self {
            code: output.status.code().expect("no signal ended the command"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The command itself if it succeeded.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.err);
        self
    }

    /// The command itself if it ended with this code and its standard error holds all of these.
    #[track_caller]
    pub fn failed(self, code: i32, said: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        for text in said {
            assert!(self.err.contains(text), "`{text}` is not in: {}", self.err);
        }
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.out))
    }
}
