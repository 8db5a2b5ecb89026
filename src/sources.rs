//! Rule exports -> snapshot, on the user's own machine. The walk: [`files`] finds and reads the files, [`detect`] tells
//! which product they come from, the product's reader turns bytes into a [`Reading`], [`build()`] turns that into
//! the snapshot and a report of what was left out. Readers are pure functions of bytes and never panic.
//!
//! A further product is one file with a [`Reader`], its lines in [`READERS`] and [`reader`], and its table in `catalogue/crosswalk`.

pub mod build;
pub mod checkpoint;
pub mod chronicle;
pub mod cortex;
pub mod counts;
pub mod crosswalk;
pub mod cve;
pub mod dettect;
pub mod elastic;
pub mod files;
pub mod lint;
pub mod navigator;
pub mod outcomes;
pub mod report;
pub mod sentinel;
pub mod sigma;
pub mod splunk;
pub mod sumo;
pub mod tags;

mod json;
mod loose;
mod query;
mod table;
mod technique_ids;
mod text;
mod wildcard;
mod yaml;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use serde::Serialize;
use thiserror::Error;

use crate::domain::{
    scale::Scale,
    snapshot::{Basis, Snapshot, Source},
};

pub use build::{BuildError, Built, Complete, Context, Options, build};
pub use technique_ids::Mentions;

/// One file, read.
#[derive(Debug, Clone)]
pub struct Input {
    /// How messages name it: its path as the user wrote it.
    pub name: Arc<str>,
    pub bytes: Vec<u8>,
}

impl Input {
    pub fn new(name: impl Into<Arc<str>>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

/// Where something stands, for messages on the user's own machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: Arc<str>,
    /// From 1; `None` where the format has no lines that mean anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Position in the file's list, from 1, for formats that are one long list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<usize>,
}

impl Place {
    pub fn line(file: &Arc<str>, line: usize) -> Self {
        Self { file: Arc::clone(file), line: Some(line), item: None }
    }

    pub fn item(file: &Arc<str>, item: usize) -> Self {
        Self { file: Arc::clone(file), line: None, item: Some(item) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match (self.line, self.item) {
            (Some(line), _) => write!(f, ":{line}"),
            (None, Some(item)) => write!(f, ", item {item}"),
            (None, None) => Ok(()),
        }
    }
}

/// Why a file could not be read. The text never repeats what the file says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ReadError {
    pub file: Arc<str>,
    pub line: Option<usize>,
    /// A sentence: what is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.reason),
            None => write!(f, "{}: {}", self.file, self.reason),
        }
    }
}

impl ReadError {
    pub fn new(file: &Arc<str>, line: Option<usize>, reason: impl Into<String>) -> Self {
        Self { file: Arc::clone(file), line, reason: reason.into() }
    }
}

/// Whether the product runs a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enabled {
    Yes,
    No,
    /// The export does not say: taken as running.
    Unspecified,
}

impl Enabled {
    /// `Yes` or `Unspecified`.
    pub fn is_running(self) -> bool {
        self != Self::No
    }
}

/// Why a rule that runs raises no alert or incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silent {
    /// It runs only when somebody starts it.
    NotScheduled,
    /// It only adds to a risk score.
    RiskOnly,
    /// It finds, but nothing is told to anybody.
    NoAlertAction,
    /// Meant to give a hunter a starting point.
    Hunting,
    /// Only a part of a correlation, which alerts instead.
    PartOfCorrelation,
    /// Its alerts are hidden and only feed other rules.
    BuildingBlock,
    /// It passes on what another product detected, or holds detections of the vendor's that no export shows.
    PassThrough,
    /// It is tried out: its findings lead to no incident.
    Prototype,
}

/// One document, stanza or object that the product would run. Names and places stay on the user's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub id: Option<String>,
    pub place: Place,
    pub enabled: Enabled,
    /// `None`: it can raise an alert.
    pub silent: Option<Silent>,
    pub techniques: Mentions,
    /// Raw names of log sources that the rule looks at, as the crosswalk of its product spells them.
    pub sources: Vec<String>,
    /// Raw names of which any one may feed the rule: they do not prove that the organisation has each of them.
    pub one_of: Vec<String>,
    /// The id of the vendor's template that it was made from.
    pub template: Option<String>,
}

/// One technique's own value in a format that has scores instead of rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub place: Place,
    pub techniques: Mentions,
    /// As written, or the position among the scale's words; `None` where the entry has no score.
    pub score: Option<f64>,
    pub enabled: bool,
    /// Raw names of what the score is about, as in [`Rule::sources`]; without any the user says it.
    pub sources: Vec<String>,
    /// Raw names of which any one may be behind the score.
    pub one_of: Vec<String>,
    /// Kinds of systems that the score is about, where other files say what watches them: what
    /// [`Reading::systems`] has for these stands in for `one_of`.
    pub systems: Vec<String>,
}

/// What scores mean where their format says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    pub basis: Basis,
    pub scale: Scale,
}

/// What a reader found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub rules: Vec<Rule>,
    pub scores: Vec<Scored>,
    /// Things in the files that are no rules, by what they are.
    pub not_rules: BTreeMap<&'static str, usize>,
    /// `None` for rules, which are counted, and for layers, whose meaning the user declares.
    pub evidence: Option<Evidence>,
    /// Kind of systems in lower case -> raw names of what watches them.
    pub systems: BTreeMap<String, BTreeSet<String>>,
    /// Figures that only `--counts` shows; of a key that several files have, the higher.
    pub figures: BTreeMap<&'static str, BTreeMap<String, i64>>,
    /// The same for what is counted: of a key that several files have, the sum.
    pub tallies: BTreeMap<&'static str, BTreeMap<String, usize>>,
}

impl Reading {
    /// Adds what another file gave.
    pub fn append(&mut self, mut other: Self) {
        self.rules.append(&mut other.rules);
        self.scores.append(&mut other.scores);
        for (what, count) in other.not_rules {
            *self.not_rules.entry(what).or_default() += count;
        }
        self.evidence = self.evidence.or(other.evidence);
        for (system, mut names) in other.systems {
            self.systems.entry(system).or_default().append(&mut names);
        }
        for (name, figures) in other.figures {
            figures.into_iter().for_each(|(key, figure)| self.figure(name, key, figure));
        }
        for (name, tally) in other.tallies {
            tally.into_iter().for_each(|(key, count)| self.tally(name, key, count));
        }
    }

    /// Notes a figure unless a higher one is known.
    pub fn figure(&mut self, name: &'static str, key: String, figure: i64) {
        let known = self.figures.entry(name).or_default().entry(key).or_insert(figure);
        *known = figure.max(*known);
    }

    /// Counts something for `--counts`.
    pub fn tally(&mut self, name: &'static str, key: String, count: usize) {
        *self.tallies.entry(name).or_default().entry(key).or_default() += count;
    }

    /// What the files show, unless the user says otherwise.
    pub fn basis(&self) -> Basis {
        let evidence = self.evidence.filter(|_| self.rules.is_empty());
        evidence.map_or(Basis::Deployed, |evidence| evidence.basis)
    }

    /// Notes something that is no rule.
    pub fn skip(&mut self, what: &'static str) {
        *self.not_rules.entry(what).or_default() += 1;
    }
}

/// A product's part of the seam.
pub struct Reader {
    pub source: Source,
    /// Whether a file of a folder may hold rules, by its lower-case file name.
    pub claims: fn(file_name: &str) -> bool,
    /// Whether the text is this product's. Cheap: it runs on every file when the source is not given.
    pub recognises: fn(text: &str) -> bool,
    /// Reads one file, or the layers of one file (lowest precedence first) where the product overlays files.
    pub read: fn(inputs: &[Input]) -> Result<Reading, ReadError>,
    /// Names of folders whose files of one name overlay each other, lowest precedence first; mostly none.
    pub layers: &'static [&'static str],
    /// The product's table from raw log sources to technologies, as JSON.
    pub crosswalk: Option<&'static str>,
}

/// Every source that can be read, in the order in which they are tried.
pub const READERS: &[Reader] = &[
    sigma::READER,
    splunk::READER,
    elastic::READER,
    sentinel::READER,
    cortex::READER,
    sumo::READER,
    chronicle::READER,
    navigator::READER,
    dettect::READER,
    checkpoint::READER,
    outcomes::READER,
];

/// The reader of a source.
pub fn reader(source: Source) -> &'static Reader {
    match source {
        Source::Splunk => &splunk::READER,
        Source::Sentinel => &sentinel::READER,
        Source::Elastic => &elastic::READER,
        Source::Cortex => &cortex::READER,
        Source::Sumo => &sumo::READER,
        Source::CheckPoint => &checkpoint::READER,
        Source::Chronicle => &chronicle::READER,
        Source::Sigma => &sigma::READER,
        Source::Dettect => &dettect::READER,
        Source::Navigator => &navigator::READER,
        Source::Outcomes => &outcomes::READER,
    }
}

/// Which product a file comes from; `None` if no reader knows it. An error for a file whose name promises rules and
/// that is no text. `whatever_its_name`: also of a file whose name no reader claims.
pub fn detect(input: &Input, whatever_its_name: bool) -> Result<Option<&'static Reader>, ReadError> {
    let name = file_name(&input.name);
    let mut candidates =
        READERS.iter().filter(|reader| whatever_its_name || (reader.claims)(&name)).peekable();
    if candidates.peek().is_none() {
        return Ok(None);
    }
    let text = text::decode(input)?;
    Ok(candidates.find(|reader| (reader.recognises)(&text)))
}

/// A snapshot's canonical bytes: what is written, shown and uploaded, unchanged. JSON with one cell a line, so that
/// whoever sends it can read it.
pub fn to_bytes(snapshot: &Snapshot) -> Result<Vec<u8>, serde_json::Error> {
    // No text in a snapshot can hold these characters: every string is of a closed vocabulary.
    let text = serde_json::to_string(snapshot)?.replace("{\"technique\"", "\n{\"technique\"");
    Ok((text + "\n").into_bytes())
}

/// The last part of a path, in lower case.
fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase()
}
