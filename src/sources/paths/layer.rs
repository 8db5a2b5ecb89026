//! Layers of the ATT&CK Navigator as sets of techniques: those with a score above 0 or, without a score, with a colour. In a
//! layer that marks none, all that it lists.

use serde::Deserialize;

use super::{
    error::{PathReadError, typed},
    lenient::{Capped, Text},
};
use crate::domain::path::{Draft, DraftStep, DraftWay, PathSource};

/// Entries of a layer: each technique stands there once for each of its tactics.
const MAX_ENTRIES: usize = 10_000;

/// The two spellings of the Enterprise matrix.
const DOMAINS: [&str; 2] = ["enterprise-attack", "mitre-enterprise"];

#[derive(Deserialize)]
struct Layer {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    domain: Text,
    techniques: Capped<Entry, MAX_ENTRIES>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default, rename = "techniqueID")]
    technique: Text,
    #[serde(default)]
    score: Text,
    #[serde(default)]
    color: Text,
    enabled: Option<bool>,
}

impl Entry {
    fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }

    fn is_marked(&self) -> bool {
        match self.score.as_deref().and_then(|score| score.parse::<f64>().ok()) {
            Some(score) => score > 0.0,
            None => self.color.as_deref().is_some(),
        }
    }
}

pub fn read(bytes: &[u8]) -> Result<Draft, PathReadError> {
    let Layer { name, domain, techniques: Capped(entries) } = typed(bytes)?;
    match domain.as_deref() {
        Some(domain) if DOMAINS.contains(&domain) => {}
        Some(_) => {
            return Err(PathReadError::at(
                "/domain",
                "is another matrix than Enterprise: only layers of the domain enterprise-attack are compared",
            ));
        }
        None => {
            return Err(PathReadError::at(
                "/domain",
                "is missing: add \"domain\": \"enterprise-attack\" if it is that",
            ));
        }
    }
    let enabled = || entries.iter().filter(|entry| entry.is_enabled());
    let any_marked = enabled().any(Entry::is_marked);
    let marked = enabled().filter(|entry| !any_marked || entry.is_marked());
    let mut named: Vec<&str> = marked.filter_map(|entry| entry.technique.as_deref()).collect();
    named.sort_unstable();
    named.dedup();
    let step = |id: &str| DraftStep {
        ways: vec![DraftWay { techniques: vec![id.to_owned()], ..DraftWay::default() }],
        on_a_branch: false,
    };
    let steps = named.into_iter().map(step).collect();
    Ok(Draft { source: PathSource::Layer, id: None, title: name.into_option(), ordered: false, steps })
}
