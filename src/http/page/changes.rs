//! Changes to think about: those that a member can pick, those that it picked, and their effect.

use std::collections::BTreeSet;

use super::{
    choice::{Choice, technologies},
    frame::Scene,
    paths,
    place::Place,
    reasons::{means, name_of},
    strip::{Side, Strip, percent, side_of},
    words,
};
use crate::{
    app::{
        compare::{
            Query as Compare,
            gaps::GapQuery,
            what_if::{Asked, AskedAddition},
        },
        read_comparison::read_what_if,
        read_gaps::read_gaps,
    },
    domain::{comparison::NoEffect, snapshot::Snapshot},
    http::{extract::access::Inside, problem::Problem},
    report::text::words as said,
    wire::{
        gap::{Gap, Gaps},
        what_if::{Change, FewestChanges, NotApplied, Standing, WhatIf},
    },
};

/// Gaps to pick from, beside the fewest changes.
const GAPS: usize = 40;
/// Changes that are held.
const MOST: usize = 200;

/// Changes that a member picked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picks {
    /// A technique, a technology and a number of rules, as `T1059~microsoft.windows~2`.
    rules: Vec<String>,
    add: Option<String>,
    remove: Option<String>,
}

impl Picks {
    pub fn of(fields: &[(String, String)]) -> Self {
        let one = |wanted: &str| {
            let found = fields.iter().find(|(name, value)| name == wanted && !value.is_empty());
            found.map(|(_, value)| value.clone())
        };
        let mut seen = BTreeSet::new();
        let rules = fields.iter().filter(|(name, _)| name == "pick").map(|(_, value)| value.clone());
        let rules = rules.filter(|value| seen.insert(pair(value).0.to_owned())).take(MOST).collect();
        Self { rules, add: one("add"), remove: one("remove") }
    }

    /// Reads picks as a form encodes them.
    pub fn read(encoded: &str) -> Self {
        let fields: Vec<(String, String)> = form_urlencoded::parse(encoded.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Self::of(&fields)
    }

    pub fn encoded(&self) -> String {
        let rules = self.rules.iter().map(|rule| ("pick", rule));
        let technologies = self.add.iter().map(|id| ("add", id));
        let technologies = technologies.chain(self.remove.iter().map(|id| ("remove", id)));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(rules.chain(technologies)).finish()
    }

    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        let fields: Vec<(String, String)> =
            more.rules.into_iter().chain(self.rules).map(|rule| ("pick".to_owned(), rule)).collect();
        self.rules = Self::of(&fields).rules;
        Self { add: more.add.or(self.add), remove: more.remove.or(self.remove), ..self }
    }

    fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.add.is_none() && self.remove.is_none()
    }

    fn has(&self, technique: &str) -> bool {
        self.rules.iter().any(|rule| pair(rule).0 == technique)
    }

    /// The choices of a technology to have, and of one to give up.
    pub fn technologies(&self, inside: &Inside) -> Vec<Choice> {
        let attack = inside.app.attack();
        let all = attack.facts.as_deref().map(technologies).unwrap_or_default();
        let chosen = |one: &Option<String>| one.clone().unwrap_or_default();
        vec![
            Choice::new("add", "With another technology", "none", all.clone(), &chosen(&self.add)),
            Choice::new("remove", "Without a technology", "none", all, &chosen(&self.remove)),
        ]
    }

    fn asked(&self, pack: Option<Snapshot>) -> Asked {
        let add = self.rules.iter().map(|rule| {
            let (technique, technology, count) = pair(rule);
            AskedAddition { technique: technique.to_owned(), technology: technology.to_owned(), count }
        });
        Asked {
            add: add.collect(),
            remove_technology: self.remove.iter().cloned().collect(),
            add_technology: self.add.iter().cloned().collect(),
            snapshots: pack.into_iter().collect(),
        }
    }
}

/// The parts of a pick. What isn't readable is refused by the comparison.
fn pair(rule: &str) -> (&str, &str, u32) {
    let mut parts = rule.splitn(3, '~');
    let (technique, technology) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    (technique, technology, parts.next().map_or(1, |count| count.parse().unwrap_or_default()))
}

/// A change to pick.
pub struct Candidate {
    pub value: String,
    pub technique: String,
    pub name: String,
    pub href: String,
    pub why: String,
    /// The value that the measure reaches with this change and those before it.
    pub reaches: String,
    pub picked: bool,
}

/// The fewest changes first, then the gaps by priority.
pub fn candidates(
    inside: &Inside,
    scene: &Scene,
    query: &Compare,
    fewest: Option<&FewestChanges>,
    picks: &Picks,
    place: &Place,
) -> Result<Vec<Candidate>, Problem> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<Candidate> = Vec::new();
    let unit = if fewest.is_some_and(|fewest| fewest.of.is_some()) { "%" } else { "" };
    for change in fewest.iter().flat_map(|fewest| &fewest.changes) {
        if seen.insert(change.technique.clone()) {
            let through = name_of(inside, &change.technology);
            all.push(Candidate {
                value: format!("{}~{}~{}", change.technique, change.technology, change.count),
                technique: change.technique.clone(),
                name: change.name.clone(),
                href: place.link(&paths::technique(&change.technique)),
                why: format!("{} through {through}", rules(change.count.into())),
                reaches: format!("reaches {}{unit}", change.reaches),
                picked: picks.has(&change.technique),
            });
        }
    }
    let asked = GapQuery { base: Compare { limit: GAPS, ..query.clone() }, ..GapQuery::default() };
    let gaps = Gaps::from(&read_gaps(&inside.app, &inside.member, &asked, scene.release)?);
    for gap in &gaps.items {
        let Some(technology) = technology(gap) else { continue };
        if seen.insert(gap.technique.clone()) {
            all.push(Candidate {
                value: format!("{}~{technology}~1", gap.technique),
                technique: gap.technique.clone(),
                name: gap.name.clone(),
                href: place.link(&paths::technique(&gap.technique)),
                why: means(gap, |id| name_of(inside, id)),
                reaches: String::new(),
                picked: picks.has(&gap.technique),
            });
        }
    }
    Ok(all)
}

/// The technology through which a gap would be closed.
pub fn technology(gap: &Gap) -> Option<&str> {
    let through = gap.means.through.first().map(|through| through.technology.as_str());
    through.or(gap.means.can_see.first().map(String::as_str))
}

fn rules(count: u32) -> String {
    if count == 1 { "1 rule".to_owned() } else { format!("{count} rules") }
}

/// Positions before and after the picked changes.
pub struct Effect {
    pub headline: String,
    pub lines: Vec<EffectLine>,
    pub techniques: usize,
    pub notes: Vec<String>,
    pub rules: Vec<String>,
}

/// A line that moves.
pub struct EffectLine {
    pub name: String,
    pub before: String,
    pub after: String,
    pub strip: Strip,
    pub side: Side,
    pub position: String,
}

/// Works out the effect; `None` if nothing is picked.
pub fn effect(
    inside: &Inside,
    scene: &Scene,
    query: &Compare,
    picks: &Picks,
    pack: Option<Snapshot>,
) -> Result<Option<Effect>, Problem> {
    if picks.is_empty() && pack.is_none() {
        return Ok(None);
    }
    let asked = picks.asked(pack);
    let found = WhatIf::from(&read_what_if(&inside.app, &inside.member, query, scene.release, &asked)?);
    let moved = |change: &&Change| change.before.own.value() != change.after.own.value();
    let highest = found.technologies.iter().filter_map(|change| {
        let peers = change.peers.row().and_then(|row| row.quantile(crate::wire::Quantile::P75));
        change.after.own.value().max(peers.map(u32::from))
    });
    let most = highest.max().map_or(1, |highest| highest + highest / 8 + 1);
    let overall = std::iter::once(&found.overall).map(|change| EffectLine::new(change, 100));
    let tactics = found.tactics.iter().filter(moved).map(|change| EffectLine::new(change, 100));
    let technologies = found.technologies.iter().filter(moved).map(|change| EffectLine::new(change, most));
    let named = |rule: &String| {
        let (technique, technology, count) = pair(rule);
        format!("{technique}: {} through {}", rules(count), name_of(inside, technology))
    };
    Ok(Some(Effect {
        headline: headline(&found),
        lines: overall.chain(tactics).chain(technologies).collect(),
        techniques: found.techniques.len(),
        notes: found.not_applied.iter().map(|one| note(one, inside)).collect(),
        rules: picks.rules.iter().map(named).collect(),
    }))
}

fn headline(found: &WhatIf) -> String {
    let place = |standing: &Standing| standing.position.as_ref().map(|position| said::place(position.band));
    let Change { before, after, .. } = &found.overall;
    let (then, now) = (words::own(&before.own), words::own(&after.own));
    let cover = if then == now {
        format!("You would still cover {now} of applicable techniques")
    } else {
        format!("You would cover {now} instead of {then} of applicable techniques")
    };
    match (place(before), place(after)) {
        (Some(before), Some(after)) if before != after => format!("{cover}: {after} instead of {before}."),
        (_, Some(after)) => format!("{cover}: still {after}."),
        _ => format!("{cover}."),
    }
}

fn note(one: &NotApplied, inside: &Inside) -> String {
    let technology = name_of(inside, &one.technology);
    let what = match &one.technique {
        Some(technique) => format!("{technique} through {technology}"),
        None => technology,
    };
    let reason = match one.reason {
        NoEffect::TechnologyNotOwned => "you don't have the technology",
        NoEffect::TechnologyOwned => "you have the technology already",
        NoEffect::CannotSee => "the technology can't see the technique",
        NoEffect::ScoreIsFull => "the score is the highest already",
    };
    format!("{what} has no effect: {reason}.")
}

impl EffectLine {
    fn new(change: &Change, most: u32) -> Self {
        let row = change.peers.row();
        let after = change.after.own.value();
        let position = change.after.position.as_ref();
        let strip = Strip::at(after, row, most);
        Self {
            name: change.subject.name.clone(),
            before: words::own(&change.before.own),
            after: words::own(&change.after.own),
            strip: Strip { before: change.before.own.value().map(|value| percent(value, most)), ..strip },
            side: side_of(position),
            position: match (row, position) {
                (None, _) => "not released".to_owned(),
                (Some(_), None) => String::new(),
                (Some(_), Some(position)) => said::place(position.band).to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_are_kept_as_they_were_made_each_technique_once() {
        let fields =
            [("pick", "T1059~a~2"), ("pick", "T1059~b"), ("pick", "T1190~c"), ("add", ""), ("remove", "d")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let picks = Picks::of(&fields);
        assert_eq!((picks.rules.len(), &picks.add, picks.remove.as_deref()), (2, &None, Some("d")));
        assert_eq!(Picks::read(&picks.encoded()), picks);
        let more = picks.clone().and(Picks::read("pick=T1190~e&add=f"));
        assert_eq!(more.rules, ["T1190~e", "T1059~a~2"]);
        assert_eq!((more.add.as_deref(), more.remove.as_deref()), (Some("f"), Some("d")));
        assert_eq!(pair("T1059~a~2"), ("T1059", "a", 2));
        assert_eq!(pair("T1059"), ("T1059", "", 1));
    }
}
