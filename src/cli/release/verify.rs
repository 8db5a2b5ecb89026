//! `peerbench release verify`: whether a release is what the service signed, from saved files and without a network.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    auth::{manifest, manifest::Verified},
    cli::{
        Failure, Format,
        output::{self, counted, told},
        remote::Remote,
    },
    domain::{
        cohort::Cohort,
        release::{Hash, Proof},
        snapshot::Basis,
    },
    settings::Settings,
};

const KEYS: &str = "jwks.json";
const RELEASE: &str = "release.json";

/// Arguments of `peerbench release verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the files are: `release.json`, `jwks.json`, and a file for each table.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Save the files there first, from the service of `PEERBENCH_CLIENT_URL`, `_ID` and `_SECRET`.
    #[arg(long)]
    download: bool,
    /// The release to download; the latest if not said.
    #[arg(long, value_name = "NUMBER", requires = "download", value_parser = clap::value_parser!(u32).range(1..))]
    release: Option<u32>,
    /// The service's public keys, where you have them from elsewhere than the service itself.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is needed of `GET /v1/releases/{number}`.
#[derive(Deserialize)]
struct Release {
    manifest: String,
    tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    basis: Basis,
    cohort: Cohort,
    href: String,
    #[serde(flatten)]
    proof: Proof,
}

impl Table {
    fn file(&self) -> String {
        format!("{}.{}.json", self.basis.name(), self.cohort.to_string().replace(':', "="))
    }
}

#[derive(Serialize)]
struct Outcome {
    release: u32,
    /// The key that signed it.
    key: String,
    /// The root of the tables.
    root: Hash,
    tables: Vec<Checked>,
}

#[derive(Serialize)]
struct Checked {
    basis: &'static str,
    cohort: Cohort,
    file: String,
    as_published: bool,
}

pub fn run(args: &Args, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    if args.download {
        download(&Remote::sign_in(&settings()?)?, args)?;
    }
    let release = read(&args.folder.join(RELEASE))?;
    let release: Release = serde_json::from_str(&release)
        .map_err(|error| Failure::refused(format!("{RELEASE} is not a release of the API: {error}.")))?;
    let keys = read(args.keys.as_ref().unwrap_or(&args.folder.join(KEYS)))?;
    let Verified { manifest, kid } = manifest::verify(&release.manifest, &keys)
        .map_err(|error| Failure::refused(format!("The release is not what the service signed: {error}.")))?;
    let check = |table: &Table| {
        let body = read(&args.folder.join(table.file()))?;
        let root = table.proof.root(manifest.release, table.basis, &table.cohort, body.as_bytes());
        Ok(Checked {
            basis: table.basis.name(),
            cohort: table.cohort.clone(),
            file: table.file(),
            as_published: root == manifest.tables,
        })
    };
    let tables = release.tables.iter().map(check).collect::<Result<Vec<_>, Failure>>()?;
    let changed: Vec<&str> =
        tables.iter().filter(|table| !table.as_published).map(|table| table.file.as_str()).collect();
    let (number, root) = (manifest.release, manifest.tables);
    let refused = (!changed.is_empty()).then(|| {
        Failure::refused(format!("Not as it was published in release {number}: {}.", changed.join(", ")))
    });
    match args.format {
        Format::Json => output::json(&Outcome { release: number, key: kid, root, tables })?,
        Format::Text if refused.is_some() => {}
        Format::Text => output::text(&format!(
            "Release {number} of {} (cut-off {}, ATT&CK {}) is signed with the key {kid}, and {} as published.\n",
            manifest.iss,
            told(manifest.cut_off),
            manifest.attack,
            match tables.len() {
                0 => "you have no table to compare it with; the signature alone is".to_owned(),
                1 => "its one table here is".to_owned(),
                tables => format!("its {} here are", counted(tables, "table", "tables")),
            }
        ))?,
    }
    refused.map_or(Ok(()), Err)
}

/// Saves what the service says of a release, and the tables that the caller may have.
fn download(remote: &Remote, args: &Args) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Releases {
        items: Vec<Numbered>,
    }
    #[derive(Deserialize)]
    struct Numbered {
        number: u32,
    }
    let number = match args.release {
        Some(number) => number,
        None => {
            let latest: Releases = remote.get("/v1/releases?limit=1")?;
            let latest = latest.items.first().map(|latest| latest.number);
            latest.ok_or_else(|| Failure::refused("Nothing has been published yet."))?
        }
    };
    fs::create_dir_all(&args.folder).map_err(|error| cannot("made", &args.folder, &error))?;
    let text = remote.text(&format!("/v1/releases/{number}"))?;
    let release: Release = serde_json::from_str(&text)
        .map_err(|error| Failure::remote(format!("The service answered something unexpected: {error}.")))?;
    save(&args.folder.join(RELEASE), &text)?;
    save(&args.folder.join(KEYS), &remote.text("/.well-known/jwks.json")?)?;
    for table in &release.tables {
        save(&args.folder.join(table.file()), &remote.text(&table.href)?)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        Failure::refused(format!("{} cannot be read: {error}. --download saves the files.", path.display()))
    })
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| cannot("written", path, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::remote(format!("{} cannot be {what}: {error}.", path.display()))
}
