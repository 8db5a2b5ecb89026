//! `peerbench paths`: what would show an attack on its way.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    Failure,
    ask::{Form, Peers, Question, print},
    output,
    remote::{Remote, Upload},
};
use crate::{
    report::{Representation, Tabled as _},
    settings::Settings,
    sources::paths::{MAX_BYTES, read},
    wire::PathsAnswer,
};

/// Arguments of `peerbench paths`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench paths edge-to-ransomware --cohort sector:finance")]
pub struct Args {
    /// Name of a path, or a file: an Attack Flow (`.afb`, or STIX in JSON) or an ATT&CK Navigator layer. Lists the named paths
    /// if omitted.
    #[arg(value_name = "NAME|FILE", conflicts_with_all = ["group", "steps"])]
    path: Option<String>,
    /// Threat groups whose techniques make a path each: IDs, names or aliases, separated by commas.
    #[arg(long, conflicts_with = "steps")]
    group: Option<String>,
    /// Steps separated by `;`: techniques separated by `|`, or a tactic, as in `T1566|T1204;T1059;TA0008`.
    #[arg(long)]
    steps: Option<String>,
    #[command(flatten)]
    peers: Peers,
    /// Number of the release. The latest if omitted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    release: Option<u32>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let asked = Question::new("/v1/comparisons/paths").among(&args.peers).with("release", args.release);
    if let Some(file) = args.path.as_deref().filter(|path| is_file(path)) {
        return own(Path::new(file), &asked.finish(), args.format, settings);
    }
    let asked = asked.with("path", args.path.as_ref()).with("group", args.group.as_ref());
    let asked = asked.with("steps", args.steps.as_ref()).in_form(args.format);
    print::<PathsAnswer>(&Remote::sign_in(settings)?, &asked.finish(), args.format)
}

/// Says that a text is the name of a file, there or not: named paths have neither a dot nor a slash.
fn is_file(path: &str) -> bool {
    path.contains(['.', '/', '\\']) || Path::new(path).is_file()
}

/// Sends a file, unless something is wrong with it.
fn own(file: &Path, path: &str, form: Form, settings: &Settings) -> Result<(), Failure> {
    let cannot = |why: &dyn std::fmt::Display| Failure::refused(format!("{}: {why}.", file.display()));
    let size = fs::metadata(file).map_err(|error| cannot(&error))?.len();
    if usize::try_from(size).map_or(true, |size| size > MAX_BYTES) {
        return Err(cannot(&format_args!("the file has more than {MAX_BYTES} bytes")));
    }
    let body = fs::read(file).map_err(|error| cannot(&error))?;
    read(&body).map_err(|error| cannot(&error))?;
    let upload = Upload { body, headers: vec![("content-type", "application/json".to_owned())] };
    let remote = Remote::sign_in(settings)?;
    let answer: Value = remote.post(path, &upload).map_err(|failure| failure.about(&file.display()))?;
    let typed = || serde_json::from_value::<PathsAnswer>(answer.clone()).map_err(Failure::remote);
    match form {
        Form::As(Representation::Json) => output::json(&answer),
        Form::As(Representation::Csv) => {
            let table = typed()?.csv().map_err(Failure::remote)?;
            output::text(&String::from_utf8_lossy(&table))
        }
        Form::Text => output::page(&typed()?),
    }
}
