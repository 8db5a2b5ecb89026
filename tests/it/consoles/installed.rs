//! What is installed in a console: exported with the address of the service in it, or served.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use serde_json::{Value, json};

use super::world::World;
use crate::support::{client::Client, console::Ran};

/// Files below a folder, with slashes.
fn files(folder: &Path) -> Vec<String> {
    let all = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file());
    let name = |entry: walkdir::DirEntry| entry.path().strip_prefix(folder).unwrap().display().to_string();
    let mut all: Vec<String> = all.map(name).filter(|name| !name.starts_with('.')).collect();
    all.sort();
    all
}

#[test]
fn exports_have_the_address_of_the_service_and_spare_other_folders() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = crate::support::server::peerbench(folder.path(), &[]);
        Ran::of(command.args(["console", "export"]).args(arguments))
    };
    for console in ["splunk", "sentinel", "cortex", "sumo", "checkpoint", "grafana"] {
        let told = run(&[console, "--url", "https://bench.example/", "-o", console, "--format", "json"])
            .done()
            .json();
        let written = files(&folder.path().join(console));
        let mut listed: Vec<&str> =
            told["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
        listed.sort_unstable();
        assert_eq!(written, listed, "{console}");
        for name in written {
            let text = fs::read(folder.path().join(console).join(&name)).unwrap();
            assert!(!String::from_utf8_lossy(&text).contains("peerbench.example.org"), "{console}/{name}");
        }
    }
    let conf = fs::read_to_string(folder.path().join("splunk/peerbench/default/inputs.conf")).unwrap();
    assert!(conf.contains("https://bench.example"), "{conf}");
    run(&["splunk", "--url", "https://bench2.example", "-o", "splunk"]).done();
    let conf = fs::read_to_string(folder.path().join("splunk/peerbench/default/inputs.conf")).unwrap();
    assert!(conf.contains("https://bench2.example"), "written again: {conf}");

    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("other/thesis.txt"), "years of work").unwrap();
    for (output, told) in [
        ("other", "holds something else"),
        ("sentinel", "holds something else"),
        ("other/thesis.txt", "is a file"),
    ] {
        run(&["splunk", "--url", "https://bench.example", "-o", output])
            .failed(1, &[told, "Nothing was written"]);
    }
    assert_eq!(files(&folder.path().join("other")), ["thesis.txt"]);
    run(&["splunk", "--url", "http://bench.example", "-o", "new"]).failed(1, &["https://"]);
    run(&["splunk", "-o", "new"]).failed(2, &["PEERBENCH_CLIENT_URL"]);
    assert!(!folder.path().join("new").exists());
}

/// A page that is served; it ends with the value.
pub struct Served(Child, pub String);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn serve(world: &World, more: &[&str], settings: &[(&'static str, String)]) -> Served {
    let arguments = [&["console", "serve", "checkpoint", "--listen", "127.0.0.1:0"], more].concat();
    let mut command = world.command(&arguments, &settings.to_vec());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("Listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
    Served(child, address)
}

#[test]
fn check_points_page_is_served_without_credentials_in_it() {
    let world = World::new();
    let served = serve(&world, &[], &[]);
    let http = Client::new(&served.1).undocumented();
    let rows = http.get("/rows?limit=1000").expect(200).json();
    assert_eq!(rows, json!({ "items": world.rows() }));
    for (path, content_type) in [
        ("/", "text/html"),
        ("/page.js", "text/javascript"),
        ("/page.css", "text/css"),
        ("/icon.png", "image/png"),
        ("/extension.json", "application/json"),
    ] {
        let answer = http.get(path).expect(200);
        assert!(answer.header("content-type").unwrap().starts_with(content_type), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("frame-ancestors"), "{policy}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let member = &world.member.credentials;
        assert!(!text.contains(&member.secret) && !text.contains(&member.id), "{path}");
    }
    let manifest = http.get("/extension.json").expect(200).json();
    let url = &manifest["locations"][0]["ui-element"]["action"]["url"];
    assert!(url.as_str().unwrap().starts_with("http://127.0.0.1"), "{manifest}");
    http.get("/../Cargo.toml").expect(404);
    http.request("POST", "/rows").send().expect(405);
    // A page of somebody else's that a browser takes for this one names another host.
    let foreign = http.request("GET", "/rows").header("host", "evil.example").send().expect(421);
    assert!(!foreign.text().contains("T1059"));

    let settings = [("PEERBENCH_CONSOLE_PASSWORD", "hush".to_owned())];
    let guarded = serve(&world, &["--user", "soc"], &settings);
    let http = Client::new(&guarded.1).undocumented();
    http.get("/").expect(401);
    http.get("/extension.json").expect(200);
    let refused = http.get("/rows").expect(401);
    assert!(refused.header("www-authenticate").unwrap().starts_with("Basic"));
    let signed_in = |word: &str| {
        let basic = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("soc:{word}"));
        http.request("GET", "/rows").header("authorization", &format!("Basic {basic}")).send()
    };
    signed_in("wrong").expect(401);
    assert_eq!(signed_in("hush").expect(200).json()["items"], Value::from(world.rows()));

    let refused = |more: &[&str], code: i32, told: &str| {
        let arguments = [&["console", "serve", "checkpoint"], more].concat();
        Ran::of(&mut world.command(&arguments, &Vec::new())).failed(code, &[told]);
    };
    refused(&["--listen", "0.0.0.0:0"], 2, "over TLS");
    let everywhere =
        ["--listen", "0.0.0.0:0", "--tls-cert", "a.pem", "--tls-key", "a.pem", "--client-ca", "a.pem"];
    refused(&everywhere, 2, "one address of the page");
    refused(&["--listen", "127.0.0.1:0", "--cohort", "sector:finance"], 1, "isn't released");
    refused(
        &["--listen", "127.0.0.1:0", "--tls-cert", "none.pem", "--tls-key", "none.pem"],
        2,
        "none.pem can't be read",
    );
    fs::write(world.service.folder().join("empty.pem"), "").unwrap();
    let empty = ["--listen", "0.0.0.0:0", "--tls-cert", "empty.pem", "--tls-key", "empty.pem"];
    refused(&empty, 2, "ask for a password");
    refused(&[&empty[2..], &["--listen", "127.0.0.1:0"]].concat(), 2, "holds no certificate");
}
