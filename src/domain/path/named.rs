//! The named paths of the catalogue: `catalogue/paths.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    draft::{Draft, DraftStep, DraftWay},
    step::PathSource,
};

const TEXT: &str = include_str!("../../../catalogue/paths.json");

/// A path that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NamedPath {
    /// Words with hyphens, such as `edge-to-ransomware`.
    pub id: String,
    pub title: String,
    steps: Vec<NamedStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct NamedStep {
    title: String,
    techniques: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    paths: Vec<NamedPath>,
}

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
static PATHS: LazyLock<Vec<NamedPath>> =
    LazyLock::new(|| serde_json::from_str::<File>(TEXT).expect("catalogue/paths.json is readable").paths);

/// The named paths in the order in which they are listed.
pub fn named_paths() -> &'static [NamedPath] {
    &PATHS
}

impl NamedPath {
    /// The path before its IDs are read in a version.
    pub fn draft(&self) -> Draft {
        let step = |step: &NamedStep| DraftStep {
            ways: vec![DraftWay {
                title: Some(step.title.clone()),
                techniques: step.techniques.clone(),
                tactic: None,
            }],
            on_a_branch: false,
        };
        Draft {
            source: PathSource::Named,
            id: Some(self.id.clone()),
            title: Some(self.title.clone()),
            ordered: true,
            steps: self.steps.iter().map(step).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use super::*;
    use crate::domain::{attack::Catalogues, facts::Facts, path::read, technology};

    #[test]
    fn every_named_path_exists_in_every_bundled_version() {
        let ids: BTreeSet<&str> = named_paths().iter().map(|path| path.id.as_str()).collect();
        let expected = [
            "cloud-credentials-to-data",
            "edge-to-ransomware",
            "insider-to-exfiltration",
            "phishing-to-lateral-movement",
            "supply-chain",
        ];
        assert_eq!(ids, BTreeSet::from(expected));
        let (catalogues, registry) = (Catalogues::bundled(), Arc::new(technology::bundled().clone()));
        for version in catalogues.versions() {
            let facts = Facts::new(&catalogues, Arc::clone(&registry), version).unwrap();
            for named in named_paths() {
                assert!((5..=9).contains(&named.steps.len()), "{}", named.id);
                let path = read(named.draft(), &facts).unwrap();
                assert_eq!(path.left_out, [], "{} in {version}", named.id);
                assert_eq!(path.moved, [], "{} in {version}", named.id);
                assert_eq!(path.steps.len(), named.steps.len());
            }
        }
    }
}
