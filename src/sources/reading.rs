//! The types that every reader fills and every build reads: a file, a rule, a score, a place in a file, an error.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use foldhash::fast::RandomState;
use serde::Serialize;
use thiserror::Error;

use super::{pages::Page, technique_ids::Mentions};
use crate::domain::{scale::Scale, snapshot::Basis};

/// The bytes of one file.
#[derive(Debug, Clone)]
pub struct Input {
    /// The path as the user wrote it, for messages.
    pub name: Arc<str>,
    pub bytes: Vec<u8>,
}

impl Input {
    pub fn new(name: impl Into<Arc<str>>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

/// A place in a file, for messages on the user's own machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: Arc<str>,
    /// Counted from 1; `None` where the format has no lines that mean anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The position in the file's list, from 1, for formats that are one long list.
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

/// A file that can't be read, and the reason. The text never repeats what the file says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ReadError {
    pub file: Arc<str>,
    pub line: Option<usize>,
    /// A sentence that says what is wrong and what to do.
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

/// The state in which the product keeps a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enabled {
    Yes,
    No,
    /// The export doesn't say: taken as running.
    Unspecified,
}

impl From<Option<bool>> for Enabled {
    /// The state that a switch says; `None` where the export has none.
    fn from(switch: Option<bool>) -> Self {
        switch.map_or(Self::Unspecified, |on| if on { Self::Yes } else { Self::No })
    }
}

impl Enabled {
    /// Returns true for `Yes` and `Unspecified`.
    pub fn is_running(self) -> bool {
        self != Self::No
    }
}

/// The reason why a rule that runs raises no alert or incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silent {
    /// Runs only when somebody starts it.
    NotScheduled,
    /// Only adds to a risk score.
    RiskOnly,
    /// Finds events, and tells nobody.
    NoAlertAction,
    /// Gives a hunter a starting point.
    Hunting,
    /// Is part of a correlation, which alerts instead.
    PartOfCorrelation,
    /// Raises hidden alerts, which only feed other rules.
    BuildingBlock,
    /// Passes on detections of another product, or holds detections of the vendor that no export shows.
    PassThrough,
    /// Is being tried out: its findings lead to no incident.
    Prototype,
}

/// A document, stanza or object that the product would run. Names and places stay on the user's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub id: Option<String>,
    /// The app or other space in which the product keeps rules by name, where the file says it.
    pub space: Option<String>,
    /// The moment or number of the rule's last change, as the product writes it.
    pub revised: Option<String>,
    /// Further names under which other files or rules refer to this one.
    pub called: Vec<String>,
    /// Names of the rules that a correlation is made of.
    pub parts: Vec<String>,
    /// The parts of this correlation alert on their own, too.
    pub parts_alert: bool,
    pub place: Place,
    pub enabled: Enabled,
    /// `None` if it can raise an alert.
    pub silent: Option<Silent>,
    pub techniques: Mentions,
    /// Raw names of the log sources that the rule reads, as its product's crosswalk spells them.
    pub sources: Vec<String>,
    /// Raw names of log sources of which any one may feed the rule. They don't prove that the organisation has each.
    pub one_of: Vec<String>,
    /// The id of the vendor's template that the rule was made from.
    pub template: Option<String>,
}

impl Rule {
    /// Starts a rule with its name and place only. A name may be anybody's text, so characters that
    /// would control a terminal are replaced.
    pub fn new(name: impl Into<String>, place: Place) -> Self {
        let mut name: String = name.into();
        if name.contains(char::is_control) {
            name = name.replace(char::is_control, "\u{fffd}");
        }
        Self {
            name,
            id: None,
            space: None,
            revised: None,
            called: Vec::new(),
            parts: Vec::new(),
            parts_alert: false,
            place,
            enabled: Enabled::Unspecified,
            silent: None,
            techniques: Mentions::default(),
            sources: Vec::new(),
            one_of: Vec::new(),
            template: None,
        }
    }
}

/// The state of a rule that a file keeps apart from the rule itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub enabled: Enabled,
    pub silent: Option<Silent>,
}

/// The value of one technique, in a format that has scores instead of rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub place: Place,
    /// Number of entries that say the same, this one included; at least 1.
    pub times: usize,
    pub techniques: Mentions,
    /// The score as written, or the position among the scale's words; `None` where the entry has no score.
    pub score: Option<f64>,
    pub enabled: bool,
    /// Raw names of log sources that the score is about, as in [`Rule::sources`]; without any the user names them.
    pub sources: Vec<String>,
    /// Raw names of log sources of which any one may be behind the score.
    pub one_of: Vec<String>,
    /// Kinds of systems that the score is about, where other files say what watches them. The names that
    /// [`Reading::systems`] has for these replace `one_of`.
    pub systems: Vec<String>,
}

/// Entries of a table, in which many say the same: each kind is kept once, with its number. A table of a million rows takes
/// the memory of the few hundred that differ.
#[derive(Default)]
pub struct Entries {
    known: HashMap<String, usize, RandomState>,
    key: String,
}

impl Entries {
    /// Adds an entry that is told from others by `parts`, and made by `entry` if there is none like it yet.
    pub fn add<E>(
        &mut self,
        scores: &mut Vec<Scored>,
        parts: &[Option<&str>],
        entry: impl FnOnce() -> Result<Scored, E>,
    ) -> Result<(), E> {
        self.key.clear();
        for part in parts {
            // Tells no part from an empty one, and where each ends.
            self.key.push(if part.is_some() { '\u{1}' } else { '\0' });
            self.key.push_str(part.unwrap_or_default());
        }
        if let Some(same) = self.known.get(&self.key).and_then(|position| scores.get_mut(*position)) {
            same.times += 1;
            return Ok(());
        }
        self.known.insert(self.key.clone(), scores.len());
        scores.push(entry()?);
        Ok(())
    }
}

/// The meaning of scores, where their format says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    pub basis: Basis,
    pub scale: Scale,
}

/// The key of [`Reading::systems`] for products that watch systems of every kind.
pub const EVERY_SYSTEM: &str = "*";

/// The rules or scores of one file or of several.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub rules: Vec<Rule>,
    pub scores: Vec<Scored>,
    /// Counts of things in the files that are no rules, by their kind.
    pub not_rules: BTreeMap<&'static str, usize>,
    /// `None` for rules, which are counted, and for layers, whose scale the user declares.
    pub evidence: Option<Evidence>,
    /// Kind of systems in lower case -> raw names of the products that watch them.
    pub systems: BTreeMap<String, BTreeSet<String>>,
    /// Numbers that only `--counts` shows. If several files have a key, the higher number counts.
    pub figures: BTreeMap<&'static str, BTreeMap<String, i64>>,
    /// Counts that only `--counts` shows. If several files have a key, the counts are added.
    pub tallies: BTreeMap<&'static str, BTreeMap<String, usize>>,
    /// States kept apart from the rules, by the rule's name or id in lower case.
    pub states: BTreeMap<String, State>,
    /// The extent of each answer or export that tells it.
    pub pages: Vec<Page>,
}

impl Reading {
    /// Adds the reading of another file.
    pub fn append(&mut self, mut other: Self) {
        self.rules.append(&mut other.rules);
        self.scores.append(&mut other.scores);
        self.states.append(&mut other.states);
        self.pages.append(&mut other.pages);
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

    /// Notes a number unless a higher one is known.
    pub fn figure(&mut self, name: &'static str, key: String, figure: i64) {
        let known = self.figures.entry(name).or_default().entry(key).or_insert(figure);
        *known = figure.max(*known);
    }

    /// Adds a count for `--counts`.
    pub fn tally(&mut self, name: &'static str, key: String, count: usize) {
        *self.tallies.entry(name).or_default().entry(key).or_default() += count;
    }

    /// The basis that the files show.
    pub fn basis(&self) -> Basis {
        let evidence = self.evidence.filter(|_| self.rules.is_empty());
        evidence.map_or(Basis::Deployed, |evidence| evidence.basis)
    }

    /// Returns true if the files hold nothing that a snapshot or another file's rules could use.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.scores.is_empty() && self.systems.is_empty() && self.states.is_empty()
    }

    /// Counts a thing that is no rule.
    pub fn skip(&mut self, what: &'static str) {
        *self.not_rules.entry(what).or_default() += 1;
    }
}
