//! `peerbench snapshot upload`: uploads snapshots.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use serde_json::Value;

use super::preview;
use crate::{
    cli::{
        Failure, Format,
        output::{self, Report},
        remote::{Remote, Upload},
    },
    domain::{attack::AttackVersion, snapshot::departure},
    environment::{SystemClock, SystemEntropy, new_id},
    settings::Settings,
    sources::text_of,
};

/// Arguments of `peerbench snapshot upload`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench snapshot upload snapshot.json")]
pub struct Args {
    /// Snapshot files, as written by `snapshot build`, one per feed.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Accept a snapshot that takes more than half of its feed's cells away, or that has none.
    #[arg(long)]
    replace: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Uploads one after the other; what was uploaded before a refusal stays, and is printed.
pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    // A key for each upload and not for each content: a snapshot that was withdrawn, or that another took the place of,
    // can be uploaded again.
    let packages = args
        .files
        .iter()
        .map(|file| package(file, Some(new_id(&SystemClock, &SystemEntropy))))
        .collect::<Result<Vec<_>, _>>()?;
    let remote = Remote::sign_in(settings)?;
    let mut uploaded: Vec<Created> = Vec::new();
    let mut outcome = Ok(());
    for (file, package) in args.files.iter().zip(&packages) {
        let path = if args.replace { "/v1/snapshots?replace=true" } else { "/v1/snapshots" };
        match remote.post(path, &package.upload) {
            Ok(answer) => uploaded.push(Created { answer, attack: package.attack }),
            Err(failure) => {
                outcome = Err(failure.about(&file.display()));
                break;
            }
        }
    }
    let alone = args.files.len() == 1;
    let uploaded = match uploaded.pop() {
        None if alone => return outcome,
        Some(one) if alone => Uploaded::One(one),
        last => Uploaded::Several { items: uploaded.into_iter().chain(last).collect() },
    };
    output::print(&uploaded, args.format)?;
    outcome
}

/// Uploads one file and prints what the service says.
pub fn file(path: &Path, settings: &Settings) -> Result<(), Failure> {
    run(&Args { files: vec![path.to_owned()], replace: false, format: Format::Text }, settings)
}

/// The answers of the service; of one file alone just its own.
#[derive(Serialize)]
#[serde(untagged)]
enum Uploaded {
    One(Created),
    Several { items: Vec<Created> },
}

/// The answer of the service to one file.
#[derive(Serialize)]
#[serde(transparent)]
struct Created {
    answer: Value,
    #[serde(skip)]
    attack: Option<AttackVersion>,
}

impl Report for Uploaded {
    fn text(&self) -> String {
        match self {
            Self::One(created) => told(created),
            Self::Several { items } => items.iter().map(told).collect(),
        }
    }
}

fn told(created: &Created) -> String {
    let said = |pointer: &str| match created.answer.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    format!(
        "Uploaded {}: {}, period {}, {} feed {}, basis {}.\n{}",
        said("/snapshot/id"),
        preview::cells(created.answer.pointer("/snapshot/cells")),
        said("/snapshot/period"),
        said("/snapshot/producer/source"),
        said("/snapshot/producer/feed"),
        said("/snapshot/basis"),
        preview::text(created.answer.get("preview"), created.attack)
    )
}

/// The text of a file that is a snapshot. Any other might hold names and queries, and isn't sent.
pub fn snapshot_of(file: &Path) -> Result<String, Failure> {
    let text = text_of(file).map_err(Failure::refused)?;
    match departure(&text) {
        None => Ok(text),
        Some(why) => Err(Failure::Refused(format!(
            "{} isn't a snapshot, and nothing was sent. {} Build one with `peerbench snapshot build`.",
            file.display(),
            output::harmless(&why)
        ))),
    }
}

/// A snapshot's file, ready to be sent.
pub struct Package {
    pub upload: Upload,
    /// The ATT&CK version that it says.
    pub attack: Option<AttackVersion>,
}

/// Compresses a snapshot's file.
pub fn package(file: &Path, idempotency_key: Option<String>) -> Result<Package, Failure> {
    // Shells write what a command prints in encodings of their own.
    let text = snapshot_of(file)?;
    let snapshot: Value = serde_json::from_str(&text).unwrap_or_default();
    let attack = snapshot.pointer("/attack/version").and_then(Value::as_str);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let body = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish())
        .map_err(|error| Failure::Refused(format!("Can't compress {}: {error}.", file.display())))?;
    let mut headers =
        vec![("content-type", "application/json".to_owned()), ("content-encoding", "gzip".to_owned())];
    headers.extend(idempotency_key.map(|key| ("idempotency-key", key)));
    Ok(Package { upload: Upload { body, headers }, attack: attack.and_then(|version| version.parse().ok()) })
}
