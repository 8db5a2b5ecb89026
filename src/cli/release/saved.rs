//! A release in a folder, as `peerbench release verify --download` saves it: read, and checked against its signature.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    auth::{manifest, manifest::Verified},
    cli::Failure,
    domain::release::{Proof, Reading},
};

pub const KEYS: &str = "jwks.json";
pub const RELEASE: &str = "release.json";
/// The member's own organisation, where its client may read it: `compare --local` takes the platforms from it.
pub const ORGANISATION: &str = "organisation.json";

/// The members of `GET /v1/releases/{number}` that are needed.
#[derive(Deserialize)]
pub struct Release {
    manifest: String,
    pub tables: Vec<Listed>,
}

/// A table as the release lists it.
#[derive(Deserialize)]
pub struct Listed {
    basis: Name,
    cohort: Name,
    pub href: String,
    #[serde(flatten)]
    proof: Proof,
}

/// The name of a basis or a cohort, perhaps of another version, that can be part of a file's name.
#[derive(Clone, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_:~".contains(c);
        match text.is_empty() || !text.chars().all(allowed) {
            true => Err("expected a basis or cohort of letters, digits and `-_:~`"),
            false => Ok(Self(text)),
        }
    }
}

impl Listed {
    pub fn file(&self) -> String {
        format!("{}.{}.json", self.basis.0, self.cohort.0.replace(':', "="))
    }
}

/// A saved table, and whether it is the one that was sealed.
pub struct Table {
    listed: Listed,
    pub body: String,
    pub as_published: bool,
}

impl Table {
    pub fn basis(&self) -> &str {
        &self.listed.basis.0
    }

    pub fn cohort(&self) -> &str {
        &self.listed.cohort.0
    }

    pub fn file(&self) -> String {
        self.listed.file()
    }

    /// Names the table in an answer.
    pub fn names(&self) -> (Name, Name) {
        (self.listed.basis.clone(), self.listed.cohort.clone())
    }
}

/// A saved release whose signature is valid.
pub struct Saved {
    pub manifest: Reading,
    /// The key that signed it.
    pub kid: String,
    pub tables: Vec<Table>,
    /// The text of the release.
    pub release: String,
}

impl Saved {
    /// The files of the tables that are not as they were published.
    pub fn changed(&self) -> Vec<String> {
        self.tables.iter().filter(|table| !table.as_published).map(Table::file).collect()
    }
}

/// Reads a release of the API.
pub fn release(text: &str) -> Result<Release, serde_json::Error> {
    serde_json::from_str(text)
}

/// Reads a folder. `keys` are the service's keys, if not those of the folder.
///
/// # Errors
/// A folder without the files, and a signature that isn't of these keys. A changed table is no error yet.
pub fn saved(folder: &Path, keys: Option<&Path>) -> Result<Saved, Failure> {
    let text = read(&folder.join(RELEASE))?;
    let Release { manifest: signed, tables } = release(&text).map_err(|error| {
        Failure::refused(format!("{RELEASE} is not a release as the API returns it: {error}."))
    })?;
    let keys = read(&keys.map_or_else(|| folder.join(KEYS), Path::to_owned))?;
    let Verified { manifest, kid } = manifest::verify(&signed, &keys)
        .map_err(|error| Failure::refused(format!("The release can't be verified: {error}.")))?;
    let check = |listed: Listed| {
        let body = read(&folder.join(listed.file()))?;
        let root = listed.proof.root(manifest.release, &listed.basis.0, &listed.cohort.0, body.as_bytes());
        Ok(Table { as_published: root == manifest.tables, listed, body })
    };
    let tables = tables.into_iter().map(check).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Saved { manifest, kid, tables, release: text })
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        Failure::refused(format!(
            "{} cannot be read: {error}. `peerbench release verify --download` saves the files.",
            path.display()
        ))
    })
}
