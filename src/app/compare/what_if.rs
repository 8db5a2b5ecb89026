//! The comparison of a member as it would be after changes. Nothing is kept of them.

use std::collections::BTreeSet;

use super::{CompareError, Entry, Envelope, List, Own, Query, Reader, envelope, view, view::View};
use crate::{
    app::published::Published,
    domain::{
        attack::TechniqueId,
        column::Column,
        comparison::{Addition, Changes, NoEffect, apply},
        coverage::{Contribution, Coverage, contribution},
        facts::{Facts, FactsError},
        json_pointer,
        scale::Level,
        snapshot::{FieldError, Snapshot},
        technology::TechnologyRef,
    },
};

/// Changes as they are asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub add: Vec<AskedAddition>,
    pub remove_technology: Vec<String>,
    pub add_technology: Vec<String>,
    /// Checked, each with its position in the request.
    pub snapshots: Vec<Snapshot>,
}

impl Asked {
    fn is_empty(&self) -> bool {
        let Self { add, remove_technology, add_technology, snapshots } = self;
        add.is_empty() && remove_technology.is_empty() && add_technology.is_empty() && snapshots.is_empty()
    }
}

/// Rules to add, as they are asked for.
#[derive(Debug, Clone)]
pub struct AskedAddition {
    pub technique: String,
    pub technology: String,
    pub count: u32,
}

/// Changes that one question may name.
pub const MOST_CHANGES: usize = 1000;
/// Whole snapshots that one question may name.
pub const MOST_SNAPSHOTS: usize = 10;
/// Rules that the scale of rule counts tells apart.
const MOST_RULES: u32 = 20;

/// The comparison before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    pub envelope: Envelope,
    pub overall: Change,
    pub tactics: Vec<Change>,
    pub technologies: Vec<Change>,
    /// Techniques that change their level.
    pub techniques: Vec<Change>,
    /// Techniques that get rules while their parent technique keeps its level, by id.
    pub same_level: Vec<Change>,
    /// Number of techniques that become assessed without a rule, and that are assessed no longer.
    pub newly_assessed: u32,
    pub no_longer_assessed: u32,
    pub not_applied: Vec<Unapplied>,
}

/// A line before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub before: Entry,
    pub after: Entry,
}

/// A change that has no effect, in names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unapplied {
    pub reason: NoEffect,
    pub technology: String,
    pub technique: Option<TechniqueId>,
    /// Position of the snapshot, if it is about one.
    pub snapshot: Option<usize>,
    pub cells: u32,
}

/// Compares before and after.
pub fn what_if(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
    asked: &Asked,
) -> Result<WhatIf, CompareError> {
    let facts = &published.facts;
    let before = view(published, reader, query)?;
    let changes = changes(asked, facts).map_err(CompareError::Changes)?;
    let (contribution, unapplied) = apply(reader.own.contribution(), &changes, facts);
    let coverage = Coverage::new(contribution, reader.own.platforms(), facts);
    let after = View::new(published, &coverage, query.basis, &query.cohort);
    let envelope = envelope(published, reader, query, List::Tactics, &[]);
    let overall = before.overall().zip(after.overall()).ok_or(CompareError::ForeignCohort)?;
    let rows =
        |of: &dyn Fn(&View<'_>) -> Vec<Entry>| of(&before).into_iter().zip(of(&after)).map(Change::from);
    let owned: Vec<u16> =
        owned(reader.own).chain(self::owned(&coverage)).collect::<BTreeSet<_>>().into_iter().collect();
    let technologies = rows(&|view| owned.iter().filter_map(|known| view.technology(*known)).collect());
    let techniques: Vec<Change> = rows(&|view| view.techniques(&Column::Any, false)).collect();
    let count =
        |test: &dyn Fn(&Change) -> bool| super::size(techniques.iter().filter(|row| test(row)).count());
    let newly_assessed = count(&|row| !row.before.is_assessed() && row.after.is_assessed());
    let no_longer_assessed = count(&|row| row.before.is_assessed() && !row.after.is_assessed());
    let (techniques, rest): (Vec<Change>, Vec<Change>) =
        techniques.into_iter().partition(Change::has_another_level);
    let added = changes.add.iter().filter(|added| {
        let technology = TechnologyRef::Known(added.technology);
        !unapplied.iter().any(|one| one.technique == Some(added.technique) && one.technology == technology)
    });
    let added: BTreeSet<TechniqueId> = added.map(|added| added.technique).collect();
    let keeps_level = |id: &&TechniqueId| rest.iter().any(|row| row.before.technique() == Some(id.parent()));
    let same_level = added
        .iter()
        .filter(keeps_level)
        .filter_map(|id| Some(Change::from((before.technique(*id)?, after.technique(*id)?))));
    let same_level = same_level.collect();
    let not_applied = unapplied.into_iter().map(|change| Unapplied {
        reason: change.reason,
        technology: facts.registry().name_of(change.technology),
        technique: change.technique,
        snapshot: change.pack,
        cells: change.cells,
    });
    Ok(WhatIf {
        overall: overall.into(),
        tactics: rows(&|view| view.tactics()).collect(),
        technologies: technologies.collect(),
        newly_assessed,
        no_longer_assessed,
        not_applied: not_applied.collect(),
        techniques,
        same_level,
        envelope,
    })
}

/// The organisation's technologies that are in the registry.
fn owned(coverage: &Coverage) -> impl Iterator<Item = u16> {
    coverage.contribution().technologies.iter().filter_map(|technology| match technology {
        TechnologyRef::Known(known) => Some(*known),
        TechnologyRef::Other(_) => None,
    })
}

impl From<(Entry, Entry)> for Change {
    fn from((before, after): (Entry, Entry)) -> Self {
        Self { before, after }
    }
}

impl Change {
    fn has_another_level(&self) -> bool {
        let level = |entry: &Entry| entry.effective().own.level().unwrap_or(Level::None);
        level(&self.before) != level(&self.after)
    }
}

impl Entry {
    fn is_assessed(&self) -> bool {
        self.effective().own != Own::NotAssessed
    }
}

/// Checks changes against the facts. All errors come together, each with its pointer into the request.
fn changes(asked: &Asked, facts: &Facts) -> Result<Changes, Vec<FieldError>> {
    let mut errors = Errors::default();
    for (name, length) in [
        ("add", asked.add.len()),
        ("remove_technology", asked.remove_technology.len()),
        ("add_technology", asked.add_technology.len()),
    ] {
        if length > MOST_CHANGES {
            errors.at([name], format!("holds {length} changes; at most {MOST_CHANGES} are allowed"));
        }
    }
    if asked.snapshots.len() > MOST_SNAPSHOTS {
        errors.at(["snapshots"], format!("holds more than {MOST_SNAPSHOTS} snapshots"));
    }
    if asked.is_empty() {
        errors.0.push(FieldError { pointer: String::new(), detail: "names no change".to_owned() });
    }
    if !errors.0.is_empty() {
        return Err(errors.0);
    }
    let mut technologies = |name: &str, ids: &[String]| -> Vec<u16> {
        let mut found: Vec<u16> = Vec::with_capacity(ids.len());
        for (at, id) in ids.iter().enumerate() {
            let place = [name, &at.to_string()];
            match facts.registry().position(id) {
                None => errors.at(place, UNKNOWN_TECHNOLOGY),
                Some(known) if found.contains(&known) => errors.at(place, "is there twice"),
                Some(known) => found.push(known),
            }
        }
        found
    };
    let remove = technologies("remove_technology", &asked.remove_technology);
    let own = technologies("add_technology", &asked.add_technology);
    for (at, id) in asked.add_technology.iter().enumerate() {
        if facts.registry().position(id).is_some_and(|known| remove.contains(&known)) {
            errors
                .at(["add_technology", &at.to_string()], "contradicts remove_technology, which names it too");
        }
    }
    let add = additions(asked, facts, &remove, &mut errors);
    let packs: Vec<Contribution> = asked
        .snapshots
        .iter()
        .enumerate()
        .filter_map(|(at, pack)| contributed(at, pack, facts, &mut errors))
        .collect();
    if errors.0.is_empty() { Ok(Changes { remove, own, packs, add }) } else { Err(errors.0) }
}

const UNKNOWN_TECHNOLOGY: &str = "isn't a technology of the registry: see GET /v1/technologies";

/// Errors with pointers.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn at<const N: usize>(&mut self, place: [&str; N], detail: impl Into<String>) {
        let pointer = place.map(json_pointer::member).concat();
        self.0.push(FieldError { pointer, detail: detail.into() });
    }
}

fn additions(asked: &Asked, facts: &Facts, remove: &[u16], errors: &mut Errors) -> Vec<Addition> {
    let mut seen = BTreeSet::new();
    let mut add = Vec::with_capacity(asked.add.len());
    for (at, addition) in asked.add.iter().enumerate() {
        let at = at.to_string();
        let version = facts.catalogue().version();
        let technique = addition.technique.parse::<TechniqueId>().ok();
        let technique =
            technique.filter(|id| facts.catalogue().get(*id).is_some_and(|known| known.is_active()));
        if technique.is_none() {
            errors.at(["add", &at, "technique"], format!("isn't an active technique of ATT&CK {version}"));
        }
        let technology = facts.registry().position(&addition.technology);
        match technology {
            None => errors.at(["add", &at, "technology"], UNKNOWN_TECHNOLOGY),
            Some(known) if remove.contains(&known) => {
                errors.at(["add", &at, "technology"], "contradicts remove_technology, which names it too");
            }
            Some(_) => {}
        }
        let rules = u8::try_from(addition.count).ok().filter(|_| (1..=MOST_RULES).contains(&addition.count));
        if rules.is_none() {
            errors.at(["add", &at, "count"], format!("must be a number from 1 to {MOST_RULES}"));
        }
        if let (Some(technique), Some(technology), Some(rules)) = (technique, technology, rules) {
            if !seen.insert((technique, technology)) {
                errors.at(["add", &at], "names a technique and a technology that an earlier element names");
            }
            add.push(Addition { technique, technology, rules });
        }
    }
    add
}

/// The contribution of a whole snapshot.
fn contributed(at: usize, pack: &Snapshot, facts: &Facts, errors: &mut Errors) -> Option<Contribution> {
    match contribution(std::slice::from_ref(pack), facts) {
        Ok(contribution) => Some(contribution),
        Err(error @ (FactsError::Unknown(_) | FactsError::Backwards { .. })) => {
            errors.at(["snapshots", &at.to_string(), "attack", "version"], error.to_string());
            None
        }
    }
}
