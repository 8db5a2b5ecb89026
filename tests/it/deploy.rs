//! The files in `deploy/` keep the promises of `deploy/README.md`. No container engine and no systemd is needed: what
//! only they can tell is left to them, what reading the files can tell is checked here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::Store;
use crate::support::server::{Service, peerbench};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The instructions of the container file, lines joined and comments left out: (name, the rest).
fn instructions() -> Vec<(String, String)> {
    let text = read("deploy/Containerfile");
    let lines =
        text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    lines
        .replace("\\\n", " ")
        .lines()
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(name, rest)| (name.to_owned(), rest.trim().to_owned()))
        .collect()
}

fn all<'a>(instructions: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    instructions.iter().filter(|(n, _)| n == name).map(|(_, rest)| rest.as_str()).collect()
}

/// Whether an image is named with a version: neither without a tag nor by a tag that moves.
fn pinned(image: &str) -> bool {
    let tag = image.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("", |(_, tag)| tag);
    tag.contains(|c: char| c.is_ascii_digit()) && tag.contains(['.', '-'])
}

#[test]
fn the_image_is_pinned_small_and_not_roots() {
    let file = instructions();
    let stages = all(&file, "FROM");
    assert_eq!(stages.len(), 2, "one stage builds, one runs: {stages:?}");
    for stage in &stages {
        let image = stage.split_whitespace().next().unwrap();
        assert!(pinned(image), "{image} names no version");
    }
    let release =
        |stage: &str| ["bookworm", "trixie"].into_iter().find(|name| stage.contains(name)).map(str::to_owned);
    assert!(release(stages[0]).is_some());
    assert_eq!(release(stages[0]), release(stages[1]), "both stages need the same libpq");
    let user = *all(&file, "USER").last().expect("the image says who runs it");
    assert!(!user.starts_with("root") && !user.starts_with('0'), "{user}");
    assert_eq!(all(&file, "HEALTHCHECK").len(), 1);
    assert!(all(&file, "RUN").iter().any(|run| run.contains("cargo build --release --locked")));
    assert!(all(&file, "ADD").is_empty(), "COPY says the same and fetches nothing");
    assert!(!pinned("debian") && !pinned("debian:latest") && !pinned("debian:stable"));
}

#[test]
fn the_image_gets_what_it_copies_and_what_the_build_reads() {
    let allowed: BTreeSet<String> =
        read(".dockerignore").lines().filter_map(|line| line.strip_prefix('!')).map(str::to_owned).collect();
    let reaches = |path: &str| {
        allowed.iter().any(|a| {
            path == a
                || path.starts_with(&format!("{a}/"))
                || a.strip_suffix('*').is_some_and(|a| path.starts_with(a))
        })
    };
    for copy in all(&instructions(), "COPY") {
        let words: Vec<_> = copy.split_whitespace().collect();
        if words[0].starts_with("--from") || words[0] == "." {
            continue;
        }
        for source in &words[..words.len() - 1] {
            assert!(root().join(source).exists(), "{source} does not exist");
            assert!(reaches(source), "{source} is kept out by .dockerignore");
        }
    }
    let (mut folders, mut included) = (vec![root().join("src")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                included.extend(inclusions(&path));
            }
        }
    }
    assert!(!included.is_empty(), "the catalogue at least is part of the binary");
    // What the build script names.
    let script = read("build.rs");
    let named = script.split("cargo:rerun-if-changed=").skip(1);
    included.extend(named.map(|rest| rest.split('"').next().unwrap().to_owned()));
    for path in included {
        assert!(reaches(&path), "the build reads {path}, which .dockerignore keeps out");
    }
}

/// The files, from the project's root, that a source file makes part of the binary.
fn inclusions(source: &Path) -> Vec<String> {
    let text = fs::read_to_string(source).unwrap();
    let mut found = Vec::new();
    for opening in ["include_str!(\"", "include_bytes!(\"", "embed_migrations!(\""] {
        for (at, _) in text.match_indices(opening) {
            let named = text[at + opening.len()..].split('"').next().unwrap();
            let from = if opening.starts_with("embed") { root() } else { source.parent().unwrap() };
            let mut path = PathBuf::new();
            for part in from.join(named).components() {
                match part {
                    std::path::Component::ParentDir => drop(path.pop()),
                    other => path.push(other),
                }
            }
            found.push(path.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn the_composition_exposes_nothing_and_holds_no_secret() {
    let text = read("deploy/compose.yaml");
    let file: Value = serde_saphyr::from_str(&text).expect("YAML");
    let services = file["services"].as_object().unwrap();
    assert_eq!(services.keys().collect::<Vec<_>>(), ["database", "peerbench"]);
    for (name, service) in services {
        assert!(pinned(service["image"].as_str().unwrap()), "{name}: {}", service["image"]);
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name} opens {port} to the network");
        }
        let environment = service["environment"].as_object().unwrap();
        for (variable, value) in environment {
            let secret = ["PASSWORD", "SECRET", "URL"].iter().any(|word| variable.contains(word));
            assert!(
                !secret || variable.ends_with("_FILE"),
                "{name}: {variable} = {value} belongs into a file"
            );
        }
        for secret in service["secrets"].as_array().unwrap() {
            let source = &file["secrets"][secret.as_str().unwrap()]["file"];
            assert!(
                source.as_str().is_some_and(|s| s.starts_with("./secrets/")),
                "{name}: {secret} has no file"
            );
        }
        for volume in service["volumes"].as_array().unwrap() {
            let volume = volume.as_str().unwrap().split(':').next().unwrap();
            assert!(file["volumes"].get(volume).is_some(), "{name}: the volume {volume} is not declared");
        }
        assert_eq!(service["security_opt"][0], "no-new-privileges:true", "{name}");
    }
    assert!(services["database"]["healthcheck"]["test"].is_array());
    assert_eq!(services["peerbench"]["depends_on"]["database"]["condition"], "service_healthy");
    assert!(read(".gitignore").lines().any(|line| line == "/deploy/secrets/"), "secrets could be committed");
}

#[test]
fn the_unit_keeps_the_service_in_its_own_folder() {
    let unit = read("deploy/peerbench.service");
    let settings: BTreeSet<&str> = unit.lines().collect();
    for needed in [
        "DynamicUser=yes",
        "StateDirectory=peerbench",
        "StateDirectoryMode=0700",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "MemoryDenyWriteExecute=yes",
        "KillSignal=SIGTERM",
    ] {
        assert!(settings.contains(needed), "the unit lacks {needed}");
    }
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    assert!(start.ends_with(" serve --migrate"), "{start}");
    let stop: u64 =
        unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).unwrap().parse().unwrap();
    assert!(stop > 30, "systemd would kill a service that still finishes its requests");
}

#[test]
fn the_example_is_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let printed = peerbench(folder.path(), &[]).arg("config").output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let (example, printed) =
        (read("deploy/peerbench.example.toml"), String::from_utf8(printed.stdout).unwrap());
    let differs = example.lines().zip(printed.lines()).position(|(a, b)| a != b);
    assert!(
        example == printed,
        "deploy/peerbench.example.toml is out of date, from line {} on. Renew it where no peerbench.toml lies, with \
         peerbench config > deploy/peerbench.example.toml",
        differs.map_or(example.lines().count().min(printed.lines().count()), |line| line + 1)
    );
}

#[test]
fn the_health_check_follows_the_service() {
    let mut service = Service::start(Store::Sqlite);
    let check = |listen: &str| {
        let script = root().join("deploy/healthcheck");
        Command::new("bash")
            .arg(script)
            .env("PEERBENCH_LISTEN", listen)
            .stderr(Stdio::null())
            .status()
            .unwrap()
    };
    let port = service.base().rsplit(':').next().unwrap().to_owned();
    for listen in [format!("0.0.0.0:{port}"), format!("[::]:{port}")] {
        assert!(check(&listen).success(), "{listen} is healthy");
    }
    service.terminate();
    assert!(!check(&format!("0.0.0.0:{port}")).success(), "the service has ended");
}
