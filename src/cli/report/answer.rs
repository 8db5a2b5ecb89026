//! The comparison as the API says it, as far as a page of text needs it.

use serde::Deserialize;

/// The answer of `GET /v1/comparisons/summary`.
#[derive(Debug, Clone, Deserialize)]
pub struct Summary {
    pub release: Release,
    pub cohort: String,
    pub overall: Item,
    pub tactics: Vec<Item>,
    /// Furthest behind first.
    pub gaps: Vec<Item>,
    pub technologies: Vec<Item>,
}

/// The answer of `GET /v1/comparisons/techniques`.
#[derive(Debug, Clone, Deserialize)]
pub struct List {
    pub release: Release,
    pub cohort: String,
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Release {
    pub number: u32,
    pub cut_off: String,
    pub attack: String,
}

/// One row.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Item {
    /// What the row is about is one of these; a row may name others beside it.
    #[serde(default)]
    pub technique: Option<String>,
    #[serde(default)]
    pub tactic: Option<String>,
    #[serde(default)]
    pub technology: Option<String>,
    #[serde(default)]
    pub family: Option<String>,
    #[serde(default)]
    pub name: String,
    pub own: Own,
    pub peers: Peers,
    #[serde(default)]
    pub position: Option<Position>,
    #[serde(default)]
    pub difference_to_median: Option<i16>,
    #[serde(default)]
    pub fallback: Option<Box<Fallback>>,
}

impl Item {
    /// The id of what the row is about.
    pub fn id(&self) -> &str {
        let ids = [&self.technique, &self.tactic, &self.technology, &self.family];
        ids.into_iter().flatten().next().map_or("", String::as_str)
    }

    /// As people say it.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { self.id() } else { &self.name }
    }
}

/// The next coarser statistic that is published, where the one asked for is not.
#[derive(Debug, Clone, Deserialize)]
pub struct Fallback {
    pub own: Own,
    pub peers: Peers,
    #[serde(default)]
    pub position: Option<Position>,
    #[serde(default)]
    pub difference_to_median: Option<i16>,
}

/// The own side. Without a score it is not assessed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Own {
    #[serde(default, alias = "share", alias = "count")]
    pub score: Option<u8>,
    #[serde(default)]
    pub covered: Option<u32>,
    /// How many techniques `covered` is of.
    #[serde(default)]
    pub of: Option<u32>,
    #[serde(default)]
    pub unknown: Option<u32>,
}

/// The peers' side. Not released where `status` says so; `few` without quartiles.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Peers {
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub cohort: String,
    #[serde(default)]
    pub column: String,
    #[serde(default)]
    pub members: String,
    #[serde(default)]
    pub coverage: Option<String>,
    #[serde(default)]
    pub p25: Option<u8>,
    #[serde(default)]
    pub p50: Option<u8>,
    #[serde(default)]
    pub p75: Option<u8>,
    #[serde(default)]
    pub coded: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub confidence: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Position {
    pub band: String,
}
