//! `peerbench snapshot upload`: uploads a snapshot.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use super::preview;
use crate::{
    cli::{
        Failure, Format, output,
        remote::{Remote, Upload},
    },
    environment::{SystemClock, SystemEntropy, new_id},
    settings::Settings,
};

/// Arguments of `peerbench snapshot upload`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The snapshot, as `snapshot build` writes it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let key = new_id(&SystemClock, &SystemEntropy);
    let package = package(&args.file, Some(key))?;
    let created = Remote::sign_in(settings)?.post("/v1/snapshots", &package)?;
    match args.format {
        Format::Json => output::json(&created),
        Format::Text => {
            let said = |pointer: &str| match created.pointer(pointer) {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                None => String::new(),
            };
            let preview = preview::text(created.get("preview"));
            output::text(&format!(
                "Uploaded as {}: {} cells of {}, {} feed {}, {}.\n{preview}",
                said("/snapshot/id"),
                said("/snapshot/cells"),
                said("/snapshot/period"),
                said("/snapshot/producer/source"),
                said("/snapshot/producer/feed"),
                said("/snapshot/basis"),
            ))
        }
    }
}

/// A snapshot's file, compressed, ready to be sent.
pub fn package(file: &Path, idempotency_key: Option<String>) -> Result<Upload, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::Refused(format!("{} cannot be read: {error}.", file.display()));
    let text = fs::read(file).map_err(unreadable)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let body = encoder.write_all(&text).and_then(|()| encoder.finish()).map_err(unreadable)?;
    let mut headers =
        vec![("content-type", "application/json".to_owned()), ("content-encoding", "gzip".to_owned())];
    headers.extend(idempotency_key.map(|key| ("idempotency-key", key)));
    Ok(Upload { body, headers })
}
