//! `peerbench release verify`: whether a release is what the service signed, from saved files and without a network.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::saved::{KEYS, Name, ORGANISATION, RELEASE, Saved, release, saved};
use crate::{
    cli::{
        Failure, Format,
        output::{self, Report, counted, told},
        private_file,
        remote::Remote,
    },
    domain::release::{Hash, Reading},
    settings::Settings,
};

/// Arguments of `peerbench release verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench release verify --download release")]
pub struct Args {
    /// Folder of the files: `release.json`, `jwks.json`, and one file per table.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Download the files into the folder first, from the service named by `PEERBENCH_CLIENT_URL`, `_ID` and `_SECRET`.
    #[arg(long)]
    download: bool,
    /// Number of the release to download. Default: the latest.
    #[arg(long, value_name = "NUMBER", requires = "download", value_parser = clap::value_parser!(u32).range(1..))]
    release: Option<u32>,
    /// The service's public keys, if you got them from somewhere other than the service.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Outcome {
    release: u32,
    /// The key that signed it.
    key: String,
    /// The root of the tables.
    root: Hash,
    tables: Vec<Checked>,
    /// Parts of the manifest that this version can't read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<String>,
    #[serde(skip)]
    manifest: Reading,
}

impl Outcome {
    fn changed(&self) -> Vec<&str> {
        self.tables.iter().filter(|table| !table.as_published).map(|table| table.file.as_str()).collect()
    }
}

impl Report for Outcome {
    fn text(&self) -> String {
        if !self.changed().is_empty() {
            return String::new();
        }
        format!(
            "{} is signed with the key {}, and {} as published.\n{}",
            named(&self.manifest),
            self.key,
            match self.tables.len() {
                0 => "there is no table to check; the signature alone is".to_owned(),
                1 => "its table is".to_owned(),
                tables => format!("its {} are", counted(tables, "table", "tables")),
            },
            caveat(&self.unread)
        )
    }
}

#[derive(Serialize)]
struct Checked {
    basis: Name,
    cohort: Name,
    file: String,
    as_published: bool,
}

pub fn run(args: &Args, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    if args.download {
        download(&Remote::sign_in(&settings()?)?, args)?;
    }
    let saved = saved(&args.folder, args.keys.as_deref())?;
    let tables = saved.tables.iter().map(|table| {
        let (basis, cohort) = table.names();
        Checked { basis, cohort, file: table.file(), as_published: table.as_published }
    });
    let tables = tables.collect();
    let Saved { manifest, kid, .. } = saved;
    let (release, root) = (manifest.release, manifest.tables);
    let unread = manifest.unread.iter().map(ToString::to_string).collect();
    let outcome = Outcome { release, key: kid, root, tables, unread, manifest };
    output::print(&outcome, args.format)?;
    match outcome.changed().as_slice() {
        [] => Ok(()),
        changed => Err(Failure::refused(format!(
            "Not as it was published in release {release}: {}.",
            changed.join(", ")
        ))),
    }
}

/// The release, and as much of its circumstances as this version can read.
fn named(manifest: &Reading) -> String {
    let cut_off = manifest.cut_off.map(|cut_off| format!("cut-off {}", told(cut_off)));
    let attack = manifest.attack.map(|attack| format!("ATT&CK {attack}"));
    let about: Vec<String> = cut_off.into_iter().chain(attack).collect();
    let of = manifest.iss.iter().map(|iss| format!(" of {iss}"));
    let about = (!about.is_empty()).then(|| format!(" ({})", about.join(", ")));
    format!("Release {}{}", manifest.release, of.chain(about).collect::<String>())
}

/// Warns of parts that a valid signature covers and this version can't read.
fn caveat(unread: &[String]) -> String {
    match unread {
        [] => String::new(),
        unread => format!(
            "Another version of peerbench signed the manifest. The signature covers these members too, but this version \
             can't show what they mean: {}.\n",
            unread.join(", ")
        ),
    }
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
    private_file::make_folder(&args.folder).map_err(|error| cannot("made", &args.folder, &error))?;
    let text = remote.text(&format!("/v1/releases/{number}"))?;
    let release = release(&text)
        .map_err(|error| Failure::remote(format!("The service answered something unexpected: {error}.")))?;
    save(&args.folder.join(RELEASE), &text)?;
    save(&args.folder.join(KEYS), &remote.text("/.well-known/jwks.json")?)?;
    for table in &release.tables {
        // The service says where a table is; the token goes to the address that was configured and nowhere else.
        if !is_own_path(&table.href) {
            return Err(Failure::remote(
                "The service names a table outside its own address, which is not followed: tell its operator.",
            ));
        }
        save(&args.folder.join(table.file()), &remote.text(&table.href)?)?;
    }
    // Not every client may read its organisation, and a release is whole without it.
    if let Ok(organisation) = remote.text("/v1/organisation") {
        save(&args.folder.join(ORGANISATION), &organisation)?;
    }
    Ok(())
}

/// Returns whether an address is a path of the service itself, without anything that could make it another.
fn is_own_path(href: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~:/%?=&,".contains(c);
    href.starts_with("/v1/") && !href.contains("//") && !href.contains("..") && href.chars().all(plain)
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    private_file::write(path, text.as_bytes()).map_err(|error| cannot("written", path, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::remote(format!("{} cannot be {what}: {error}.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_service_are_followed() {
        assert!(is_own_path("/v1/releases/3/tables/deployed/sector:finance~size:large?basis=deployed"));
        for href in [
            "@evil.example/v1/x",
            ".evil.example/v1/x",
            ":80@evil.example/",
            "https://evil.example/v1/x",
            "//evil.example/v1/x",
            "/v1//evil.example",
            "/v1/../../x",
            "/other",
            "",
            "/v1/x\r\nhost: evil",
            "/v1/x\u{1b}[2J",
        ] {
            assert!(!is_own_path(href), "{href:?}");
        }
    }
}
