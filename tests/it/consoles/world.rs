//! A service with a release and one member, whose rows are pushed.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    api::sample::{snapshot, snapshot_with},
    support::{
        Store,
        community::settle,
        console::Ran,
        people::{Member, Profile},
        server::Service,
    },
};

/// Enough for a release of `all`, and for no other cohort of the member's.
const MEMBERS: u32 = 40;
const WITHIN: Duration = Duration::from_secs(60);

pub struct World {
    pub service: Service,
    pub member: Member,
}

/// The settings of a console, by their variables.
pub type Settings = Vec<(&'static str, String)>;

impl World {
    pub fn new() -> Self {
        let service = Service::start(Store::Sqlite);
        settle(&service, MEMBERS);
        let member = service.member(&Profile::named("Acme"));
        member.http.post("/v1/snapshots", &snapshot()).expect(201);
        let world = Self { service, member };
        world.publish();
        world
    }

    /// Changes the member's own values, and so every row.
    pub fn change(&self, value: u8) {
        self.member.http.post("/v1/snapshots", &snapshot_with(value)).expect(201);
    }

    /// Publishes the next release.
    pub fn publish(&self) {
        self.service.run_json(&["release", "publish", "--format", "json"]);
    }

    /// The rows as the service has them.
    pub fn rows(&self) -> Vec<Value> {
        let answer = self.member.http.get("/v1/console/rows?limit=1000").expect(200).json();
        assert!(answer.get("next").is_none(), "one page holds them all");
        answer["items"].as_array().unwrap().clone()
    }

    pub fn command(&self, arguments: &[&str], settings: &Settings) -> Command {
        let mut command = self.service.command(arguments);
        command
            .env_remove("PEERBENCH_DATABASE_URL")
            .env_remove("PEERBENCH_DATA_DIR")
            .env("PEERBENCH_CLIENT_ID", &self.member.credentials.id)
            .env("PEERBENCH_CLIENT_SECRET", &self.member.credentials.secret)
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// `console push CONSOLE --state CONSOLE.state` and more.
    pub fn push(&self, console: &str, settings: &Settings, more: &[&str]) -> Ran {
        Ran::of(&mut self.push_command(console, settings, more))
    }

    pub fn push_command(&self, console: &str, settings: &Settings, more: &[&str]) -> Command {
        let state = format!("{console}.state");
        let arguments = [&["console", "push", console, "--state", &state], more].concat();
        self.command(&arguments, settings)
    }

    pub fn state(&self, console: &str) -> PathBuf {
        self.service.folder().join(format!("{console}.state"))
    }

    /// Starts a push and waits until it has noted that rows are under way.
    pub fn push_under_way(&self, console: &str, settings: &Settings) -> Child {
        let mut command = self.push_command(console, settings, &[]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let state = self.state(console);
        until("the push", || fs::read_to_string(&state).is_ok_and(|text| text.contains("under_way")));
        child
    }
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !holds() {
        assert!(Instant::now() < deadline, "it did not come: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The last of each key, as a search takes it.
pub fn latest<'a>(events: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, Value> {
    events.into_iter().map(|row| (row["row_key"].as_str().unwrap().to_owned(), row.clone())).collect()
}
