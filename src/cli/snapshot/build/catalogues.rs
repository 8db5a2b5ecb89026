//! The ATT&CK versions that a build knows: the bundled ones, and with `--catalogue` one from a file or a service.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;

use crate::{
    cli::{Failure, catalogue::file, remote::Remote},
    domain::{
        attack::{AttackVersion, Catalogue, Catalogues, bundled, compact},
        release::Hash,
    },
};

/// The versions, and the one that ids are mapped to.
pub struct Known {
    pub catalogues: Catalogues,
    /// `None` for the newest.
    pub attack: Option<AttackVersion>,
    /// A note for the user about the service's version.
    pub note: Option<String>,
}

/// Reads `--catalogue`, if it is given. `asked` is `--attack`.
pub fn known(catalogue: Option<&str>, asked: Option<AttackVersion>) -> Result<Known, Failure> {
    let catalogues = Catalogues::bundled();
    match catalogue {
        None => Ok(Known { catalogues, attack: asked, note: None }),
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            of_service(&Remote::anonymous(url, "--catalogue")?, catalogues, asked)
        }
        Some(path) => {
            let catalogue = of_file(Path::new(path), asked)?;
            let attack = Some(catalogue.version());
            Ok(Known { catalogues: catalogues.with(catalogue), attack, note: None })
        }
    }
}

/// A STIX bundle, or the file that a service publishes.
fn of_file(path: &Path, asked: Option<AttackVersion>) -> Result<Catalogue, Failure> {
    let bytes = file::read(path).map_err(Failure::usage)?;
    let compact = std::str::from_utf8(&bytes).ok().filter(|text| text.contains("\"attack-catalogue/"));
    match compact {
        Some(text) => {
            compact::from_json(text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        }
        None => file::catalogue(path, asked).map_err(|error| match error.asks_for_a_version() {
            true => Failure::usage(format!("{error} Name it with --attack.")),
            false => Failure::usage(error),
        }),
    }
}

#[derive(Deserialize)]
struct Versions {
    items: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: AttackVersion,
    canonical: bool,
    /// SHA-256 of its catalogue.
    #[serde(default)]
    catalogue: String,
}

fn of_service(
    remote: &Remote,
    mut catalogues: Catalogues,
    asked: Option<AttackVersion>,
) -> Result<Known, Failure> {
    let newest = catalogues.canonical().map(|catalogue| catalogue.version());
    let Versions { items } = remote.get("/v1/attack/versions")?;
    let canonical = items.iter().find(|item| item.canonical).map(|item| item.version);
    let version = asked.or(canonical).ok_or_else(|| {
        Failure::remote("The service compares in no ATT&CK version at present. Name one with --attack, or ask its operator.")
    })?;
    let item = items.iter().find(|item| item.version == version).ok_or_else(|| {
        let known: Vec<String> = items.iter().map(|item| item.version.to_string()).collect();
        Failure::usage(format!("The service has no ATT&CK {version}: it has {}.", known.join(", ")))
    })?;
    let own = catalogues.get(version).and_then(bundled::text_of);
    if own.is_none_or(|text| digest(text) != item.catalogue) {
        catalogues.insert(Arc::new(fetch(remote, item)?), true);
    }
    let note = match (newest, canonical) {
        (Some(newest), Some(canonical)) if canonical > newest => Some(format!(
            "The service compares in ATT&CK {canonical}, which is newer than this program's {newest}: a newer program may \
             read more."
        )),
        _ => None,
    };
    Ok(Known { catalogues, attack: Some(version), note })
}

fn digest(text: &str) -> String {
    Hash::of(text.as_bytes()).to_string()
}

/// The service's catalogue of a version, from the cache or the service, checked against the digest that it publishes.
fn fetch(remote: &Remote, item: &Version) -> Result<Catalogue, Failure> {
    let Version { version, catalogue, .. } = item;
    let cached = cache().map(|folder| folder.join(format!("attack-{version}-{catalogue}.json")));
    let kept = cached.as_ref().and_then(|path| fs::read_to_string(path).ok());
    let text = match kept.filter(|text| digest(text) == *catalogue) {
        Some(text) => text,
        None => {
            let text = remote.text(&format!("/v1/attack/{version}/catalogue"))?;
            if digest(&text) != *catalogue {
                return Err(Failure::remote(format!(
                    "The catalogue of ATT&CK {version} that the service sent isn't the one whose digest it publishes: try \
                     again, and ask its operator if that doesn't help."
                )));
            }
            if let Some(path) = &cached {
                // What can't be kept is fetched again.
                let _ = path
                    .parent()
                    .map(fs::create_dir_all)
                    .map(|made| made.and_then(|()| fs::write(path, &text)));
            }
            text
        }
    };
    compact::from_json(&text).map_err(Failure::remote)
}

/// The user's folder for what can be had again.
fn cache() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let own = folder("XDG_CACHE_HOME").or_else(|| folder("LOCALAPPDATA"));
    own.or_else(|| folder("HOME").map(|home| home.join(".cache"))).map(|folder| folder.join("peerbench"))
}
