//! The demo as its user starts it, with what it prints.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{client::Client, server::peerbench};

/// A running demo. It ends with the value.
pub struct Demo {
    process: Child,
    folder: TempDir,
    /// The link that signs in once.
    pub link: String,
    pub base: String,
    pub member: (String, String),
    pub operator: (String, String),
}

impl Demo {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = peerbench(root, &[]);
        command.args(["demo", "--port", "0", "--data-dir"]).arg(folder.path().join("data"));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = Vec::new();
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let is_last = line.starts_with("Ctrl-C");
            said.push(line);
            if is_last {
                break;
            }
        }
        let link = said.iter().map(|line| line.trim()).find(|line| line.contains("/app/enter/"));
        let link = link.unwrap_or_else(|| panic!("no link: {said:?}")).to_owned();
        let base = link[..link.find("/app/").unwrap()].to_owned();
        let credentials: Vec<(String, String)> = said
            .iter()
            .filter_map(|line| {
                let (_, rest) = line.split_once("client ID ")?;
                let mut words = rest.split_whitespace();
                Some((words.next()?.to_owned(), words.nth(1)?.to_owned()))
            })
            .collect();
        let [member, _, operator] = <[_; 3]>::try_from(credentials).unwrap();
        Self { process, folder, link, base, member, operator }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The API as the member.
    pub fn api(&self) -> Client {
        let client = Client::new(&self.base);
        let (id, secret) = &self.member;
        let fields =
            [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret)];
        let token = client.post_form("/oauth/token", &fields).expect(200).json();
        client.with_token(token["access_token"].as_str().unwrap())
    }

    /// What a command of the member prints as JSON.
    pub fn command(&self, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.run(arguments).stdout).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let settings = [
            ("PEERBENCH_CLIENT_URL".to_owned(), self.base.clone()),
            ("PEERBENCH_CLIENT_ID".to_owned(), self.member.0.clone()),
            ("PEERBENCH_CLIENT_SECRET".to_owned(), self.member.1.clone()),
        ];
        let mut command: Command = peerbench(Path::new(env!("CARGO_MANIFEST_DIR")), &settings);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// A snapshot of the example rules, as a file.
    pub fn snapshot(&self) -> PathBuf {
        let file = self.folder.path().join("snapshot.json");
        if !file.exists() {
            self.run(&["snapshot", "build", "examples/rules/sigma", "-o", file.to_str().unwrap()]);
        }
        file
    }

    /// A file with this content.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        file
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
