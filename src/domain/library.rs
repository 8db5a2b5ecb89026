//! Public rule libraries: how many rules of a library name each technique, and which technologies these rules read. Facts about
//! content that anybody can read, counted over the whole of a library at a named commit. They are never about peers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::LazyLock,
};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    attack::{AttackVersion, TechniqueId},
    snapshot::Source,
};

/// The name and version of the file's form.
const SCHEMA: &str = "rule-library/1";

/// Name and origin of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// A short name, such as `sigmahq`.
    pub id: String,
    /// The name as people say it.
    pub name: String,
    /// The product whose form the rules have.
    pub source: Source,
    pub repository: String,
    pub commit: String,
    /// Date of the commit.
    pub date: NaiveDate,
    /// Name of the licence of the rules, none of which are here.
    pub licence: String,
}

/// Counts of a library's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    pub about: About,
    /// The version whose ids the techniques have.
    pub attack: AttackVersion,
    /// Number of rules of the library.
    pub rules: u32,
    /// Number of rules that name an active technique of the version.
    pub with_technique: u32,
    /// Technique -> rules that name it or one of its sub-techniques, by the technologies that they read. A rule that reads
    /// nothing of the registry has no technology.
    pub techniques: BTreeMap<TechniqueId, BTreeMap<Technologies, u32>>,
}

/// Ids of the technologies any of which a rule may read.
pub type Technologies = BTreeSet<String>;

/// The file of a library.
#[derive(Deserialize)]
struct File {
    schema: String,
    #[serde(flatten)]
    about: About,
    attack: AttackVersion,
    rules: u32,
    with_technique: u32,
    reads: Vec<Technologies>,
    techniques: BTreeMap<TechniqueId, Vec<(usize, u32)>>,
}

/// The reason why a text is not a library.
#[derive(Debug, Error)]
pub enum LibraryError {
    #[error("The counts of the library are not readable: {0}.")]
    Json(#[from] serde_json::Error),
    #[error("The counts of the library have the schema {0:?}; this program reads {SCHEMA:?}.")]
    Schema(String),
    #[error("Technique {0} names a list of technologies that the file does not have.")]
    UnknownList(TechniqueId),
}

impl Library {
    /// Counts the rules that name a technique, or one of its sub-techniques.
    pub fn rules(&self, id: TechniqueId) -> u32 {
        self.techniques.get(&id).map_or(0, |by| by.values().sum())
    }

    /// Counts those of them that read one of some technologies.
    pub fn rules_through(&self, id: TechniqueId, reads: impl Fn(&str) -> bool) -> u32 {
        let of = self.techniques.get(&id).into_iter().flatten();
        of.filter(|(technologies, _)| technologies.iter().any(|one| reads(one))).map(|(_, rules)| rules).sum()
    }

    /// Number of parent techniques that at least one rule names.
    pub fn parents(&self) -> u32 {
        self.techniques.keys().filter(|id| !id.is_sub()).fold(0, |parents, _| parents + 1)
    }

    /// Returns true if the library's ATT&CK version has an id, so that no rule means none.
    pub fn knows(&self, id: TechniqueId, version: AttackVersion) -> bool {
        self.attack == version || self.techniques.contains_key(&id)
    }

    /// Writes the file, one technique a line. The same counts always give the same text.
    pub fn to_json(&self) -> Result<String, LibraryError> {
        let lists: BTreeSet<&Technologies> = self.techniques.values().flat_map(BTreeMap::keys).collect();
        let place: BTreeMap<&Technologies, usize> = lists.iter().copied().zip(0..).collect();
        let head = serde_json::to_string(&self.about)?;
        let mut text = format!(
            "{{\"schema\": \"{SCHEMA}\",\n{},\n\"attack\": \"{}\", \"rules\": {}, \"with_technique\": {},\n\"reads\": [",
            head.trim_start_matches('{').trim_end_matches('}'),
            self.attack,
            self.rules,
            self.with_technique
        );
        for (number, list) in lists.iter().enumerate() {
            let separator = if number == 0 { "" } else { "," };
            // Writing to a text doesn't fail.
            let _ = write!(text, "{separator}\n {}", serde_json::to_string(list)?);
        }
        text.push_str("\n],\n\"techniques\": {");
        for (number, (id, by)) in self.techniques.iter().enumerate() {
            let separator = if number == 0 { "" } else { "," };
            let by: Vec<(usize, u32)> =
                by.iter().filter_map(|(list, rules)| Some((*place.get(list)?, *rules))).collect();
            let _ = write!(text, "{separator}\n \"{id}\": {}", serde_json::to_string(&by)?);
        }
        text.push_str("\n}\n}\n");
        Ok(text)
    }

    /// Reads what [`Library::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, LibraryError> {
        let File { schema, about, attack, rules, with_technique, reads, techniques } =
            serde_json::from_str(text)?;
        if schema != SCHEMA {
            return Err(LibraryError::Schema(schema));
        }
        let mut read = BTreeMap::new();
        for (id, by) in techniques {
            let mut counts = BTreeMap::new();
            for (place, rules) in by {
                let list = reads.get(place).ok_or(LibraryError::UnknownList(id))?;
                counts.insert(list.clone(), rules);
            }
            read.insert(id, counts);
        }
        Ok(Self { about, attack, rules, with_technique, techniques: read })
    }
}

const TEXTS: &[&str] = &[
    include_str!("../../catalogue/libraries/sigmahq.json"),
    include_str!("../../catalogue/libraries/elastic.json"),
    include_str!("../../catalogue/libraries/splunk.json"),
    include_str!("../../catalogue/libraries/xsiam-correlations.json"),
];

#[expect(clippy::expect_used, reason = "the texts are part of the program, and the tests read them")]
static BUNDLED: LazyLock<Vec<Library>> = LazyLock::new(|| {
    TEXTS.iter().map(|text| Library::from_json(text).expect("a bundled library is readable")).collect()
});

/// The libraries that the binary carries, written by `peerbench library count`.
pub fn bundled() -> &'static [Library] {
    &BUNDLED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{attack::Catalogues, technology};

    #[test]
    fn bundled_libraries_are_about_known_techniques_and_technologies() {
        let catalogues = Catalogues::bundled();
        for (text, library) in TEXTS.iter().zip(bundled()) {
            let catalogue = catalogues.get(library.attack).expect("a bundled version");
            for (id, by) in &library.techniques {
                assert!(catalogue.get(*id).is_some_and(|technique| technique.is_active()), "{id}");
                assert!(library.rules(*id) <= library.with_technique && library.rules(*id) > 0, "{id}");
                if id.is_sub() {
                    assert!(library.rules(id.parent()) >= library.rules(*id), "{id}");
                }
                for technology in by.keys().flatten() {
                    assert!(technology::bundled().position(technology).is_some(), "{technology}");
                }
            }
            assert!(library.with_technique <= library.rules && library.about.commit.len() == 40);
            assert_eq!(library.to_json().unwrap(), *text, "{}", library.about.id);
        }
        let mut ids: Vec<&str> = bundled().iter().map(|library| library.about.id.as_str()).collect();
        ids.dedup();
        assert_eq!(ids.len(), TEXTS.len());
    }
}
