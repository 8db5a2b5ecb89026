//! `peerbench console export`: writes what is installed in a console.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{ValueEnum, builder::PossibleValue};
use serde::Serialize;

use crate::{
    cli::{
        Failure, Format,
        output::{self, counted},
    },
    connect::export::{Artefact, Exported, files},
    settings::Settings,
};

/// File that marks a folder as one that this command wrote.
const MARK: &str = ".peerbench-export";

/// Arguments of `peerbench console export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench console export splunk --url https://bench.example -o splunk-app"
)]
pub struct Args {
    /// Console to export for.
    #[arg(value_enum)]
    console: Artefact,
    /// Folder to write into. It must be new, empty, or one that this command wrote for the same console.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Address of your service. The setting `client.url` if omitted.
    #[arg(long)]
    url: Option<String>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl ValueEnum for Artefact {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: [Artefact; Artefact::NAMES.len()] = Artefact::ALL;
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

#[derive(Serialize)]
struct Report {
    console: &'static str,
    folder: String,
    files: Vec<&'static str>,
}

impl output::Report for Report {
    fn text(&self) -> String {
        let count = counted(self.files.len(), "file", "files");
        format!(
            "Wrote {count} for {} to {}. README.md there says how to install them.\n",
            self.console, self.folder
        )
    }
}

pub fn run(args: &Args, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    let url = match &args.url {
        Some(url) => url.clone(),
        None => {
            let missing = || Failure::usage("Name your service with `--url`, or set PEERBENCH_CLIENT_URL.");
            settings()?.client.url.ok_or_else(missing)?
        }
    };
    let files = files(args.console, &url)?;
    if files.is_empty() {
        return Err(Failure::refused(format!(
            "This program was built without the files for {}.",
            args.console
        )));
    }
    let folder = &args.output;
    may_write(folder, args.console)?;
    write(folder, args.console, &files)
        .map_err(|error| Failure::remote(format!("Can't write to {}: {error}.", folder.display())))?;
    let report = Report {
        console: args.console.name(),
        folder: folder.display().to_string(),
        files: files.iter().map(|file| file.path).collect(),
    };
    output::print(&report, args.format)
}

/// Refuses a folder that holds something else.
fn may_write(folder: &Path, artefact: Artefact) -> Result<(), Failure> {
    let refused =
        |why: &str| Err(Failure::refused(format!("{} {why}. Nothing was written.", folder.display())));
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return refused("is a file"),
        Err(error) => return refused(&format!("can't be read: {error}")),
    };
    if entries.next().is_none() {
        return Ok(());
    }
    match fs::read_to_string(folder.join(MARK)) {
        Ok(mark) if mark.trim() == artefact.name() => Ok(()),
        _ => refused("holds something else. Name a new or empty folder"),
    }
}

fn write(folder: &Path, artefact: Artefact, files: &[Exported]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(MARK), format!("{artefact}\n"))?;
    for file in files {
        let path = folder.join(file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, &file.bytes)?;
    }
    Ok(())
}
