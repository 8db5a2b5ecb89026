//! Hypothetical changes: an organisation's contribution as it would be after them. The peers' side doesn't depend on it.

use std::collections::BTreeMap;

use crate::domain::{
    attack::TechniqueId,
    coverage::{Contribution, ContributionCell},
    facts::Facts,
    named::named,
    scale::{Scale, Score},
    technology::TechnologyRef,
};

/// Rules that would be added for one technique through one technology.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addition {
    pub technique: TechniqueId,
    /// Position in the registry.
    pub technology: u16,
    /// 1..=20.
    pub rules: u8,
}

/// Changes that would be made, in the order of the fields.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Technologies that would no longer be there.
    pub remove: Vec<u16>,
    /// Technologies that would be there: their techniques become assessed, with a score of 0.
    pub own: Vec<u16>,
    /// Contributions of whole snapshots, such as a vendor's content. Only what they cover counts.
    pub packs: Vec<Contribution>,
    pub add: Vec<Addition>,
}

named! {
    /// The reason why a change has no effect.
    pub enum NoEffect("reason") {
        /// The organisation doesn't have the technology.
        TechnologyNotOwned = "technology_not_owned",
        /// The organisation has the technology already.
        TechnologyOwned = "technology_owned",
        /// The technology can't see the technique.
        CannotSee = "cannot_see",
        /// The technique's score is the highest already.
        ScoreIsFull = "score_is_full",
    }
}

/// A change that has no effect, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotApplied {
    pub reason: NoEffect,
    pub technology: TechnologyRef,
    pub technique: Option<TechniqueId>,
    /// Position in [`Changes::packs`], if it is about a whole snapshot.
    pub pack: Option<usize>,
    /// Number of a snapshot's cells that it is about, else 1.
    pub cells: u32,
}

impl NotApplied {
    fn of(reason: NoEffect, technology: TechnologyRef) -> Self {
        Self { reason, technology, technique: None, pack: None, cells: 1 }
    }
}

/// The fewest rules that give a score on the scale of rule counts.
pub fn rules_of(score: Score) -> u8 {
    let (_, most) = Scale::RuleCount.range();
    let rules = (0..=most).find(|rules| Scale::RuleCount.score(*rules) >= Some(score)).unwrap_or(most);
    u8::try_from(rules).unwrap_or_default()
}

/// The score of a cell with more rules. A cell on another scale than rule counts keeps its score if the rules alone give less.
pub fn with_rules(score: Score, scale: Scale, rules: u8) -> Score {
    let before = if scale == Scale::RuleCount { rules_of(score) } else { 0 };
    scored(before.saturating_add(rules)).max(score)
}

/// The score of so many rules.
fn scored(rules: u8) -> Score {
    let (_, most) = Scale::RuleCount.range();
    let rules = i8::try_from(rules).unwrap_or(most).min(most);
    Scale::RuleCount.score(rules).unwrap_or_default()
}

/// Applies changes to a contribution, as if the rules were in the next snapshot of a feed that counts rules. A cell on another
/// scale keeps its score if the rules give less.
pub fn apply(
    contribution: &Contribution,
    changes: &Changes,
    facts: &Facts,
) -> (Contribution, Vec<NotApplied>) {
    let mut unapplied = Vec::new();
    let mut technologies = contribution.technologies.clone();
    let mut cells: BTreeMap<(TechnologyRef, TechniqueId), ContributionCell> =
        contribution.cells.iter().map(|cell| ((cell.technology, cell.technique), *cell)).collect();

    for technology in changes.remove.iter().map(|known| TechnologyRef::Known(*known)) {
        match technologies.binary_search(&technology) {
            Ok(at) => {
                technologies.remove(at);
            }
            Err(_) => unapplied.push(NotApplied::of(NoEffect::TechnologyNotOwned, technology)),
        }
        cells.retain(|(of, _), _| *of != technology);
    }
    for known in &changes.own {
        let technology = TechnologyRef::Known(*known);
        match technologies.binary_search(&technology) {
            Ok(_) => unapplied.push(NotApplied::of(NoEffect::TechnologyOwned, technology)),
            Err(at) => {
                technologies.insert(at, technology);
                cells.extend(unfilled(*known, facts));
            }
        }
    }
    let owned = |technology: TechnologyRef| technologies.binary_search(&technology).is_ok();
    for (position, pack) in changes.packs.iter().enumerate() {
        let mut foreign: BTreeMap<TechnologyRef, u32> = BTreeMap::new();
        for cell in pack.cells.iter().filter(|cell| cell.score > Score::ZERO) {
            if !owned(cell.technology) {
                *foreign.entry(cell.technology).or_default() += 1;
                continue;
            }
            tagged(&mut cells, cell.technology, cell.technique);
            let known = cells.entry((cell.technology, cell.technique)).or_insert(*cell);
            if known.score < cell.score {
                *known = *cell;
            }
        }
        unapplied.extend(foreign.into_iter().map(|(technology, cells)| NotApplied {
            pack: Some(position),
            cells,
            ..NotApplied::of(NoEffect::TechnologyNotOwned, technology)
        }));
    }
    for addition in &changes.add {
        let technology = TechnologyRef::Known(addition.technology);
        let about =
            |reason| NotApplied { technique: Some(addition.technique), ..NotApplied::of(reason, technology) };
        if !owned(technology) {
            unapplied.push(about(NoEffect::TechnologyNotOwned));
        } else if !facts.applicability().applies(addition.technique, addition.technology) {
            unapplied.push(about(NoEffect::CannotSee));
        } else if !add(&mut cells, technology, addition) {
            unapplied.push(about(NoEffect::ScoreIsFull));
        }
    }
    (Contribution { technologies, cells: cells.into_values().collect() }, unapplied)
}

/// The cells of a technology that has no rules yet. One that detects by itself says nothing of what it doesn't export.
fn unfilled(
    known: u16,
    facts: &Facts,
) -> impl Iterator<Item = ((TechnologyRef, TechniqueId), ContributionCell)> {
    let technology = TechnologyRef::Known(known);
    let exports_all = facts.registry().get(known).is_some_and(|technology| !technology.native_detections);
    let techniques = facts.applicability().techniques_of(known).iter().filter(move |_| exports_all);
    techniques.map(move |id| {
        let cell =
            ContributionCell { technology, technique: *id, score: Score::ZERO, scale: Scale::RuleCount };
        ((technology, *id), cell)
    })
}

type Cells = BTreeMap<(TechnologyRef, TechniqueId), ContributionCell>;

/// Adds rules to a cell; returns false if its score stays the same.
fn add(cells: &mut Cells, technology: TechnologyRef, addition: &Addition) -> bool {
    tagged(cells, technology, addition.technique);
    let fresh = ContributionCell {
        technology,
        technique: addition.technique,
        score: Score::ZERO,
        scale: Scale::RuleCount,
    };
    let cell = cells.entry((technology, addition.technique)).or_insert(fresh);
    let score = with_rules(cell.score, cell.scale, addition.rules);
    let gained = score > cell.score;
    if gained {
        (cell.score, cell.scale) = (score, Scale::RuleCount);
    }
    gained
}

/// A technique that gets its first rule at the parent: its sub-techniques without a rule are no longer known to have none,
/// because the rule may be about any of them.
fn tagged(cells: &mut Cells, technology: TechnologyRef, technique: TechniqueId) {
    let covered = cells.get(&(technology, technique)).is_some_and(|cell| cell.score > Score::ZERO);
    if technique.is_sub() || covered {
        return;
    }
    let subs = cells.range((technology, technique)..);
    let subs = subs.skip_while(|(key, _)| **key == (technology, technique));
    let subs = subs.take_while(|((of, id), _)| *of == technology && id.parent() == technique);
    let empty: Vec<_> = subs.filter(|(_, cell)| cell.score == Score::ZERO).map(|(key, _)| *key).collect();
    for key in empty {
        cells.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        attack::{Catalogues, PlatformSet},
        calendar::Month,
        coverage::{Coverage, Set, contribution},
        snapshot::{Context, Snapshot, parse},
        technology,
    };

    fn facts() -> Facts {
        let registry = Arc::new(technology::bundled().clone());
        Facts::new(&Catalogues::bundled(), registry, "19.2".parse().unwrap()).unwrap()
    }

    fn id(text: &str) -> TechniqueId {
        text.parse().unwrap()
    }

    /// A complete feed of Windows and CloudTrail with these cells.
    fn feed(cells: &[(&str, &str, u8)]) -> Snapshot {
        let cells: Vec<_> = cells
            .iter()
            .map(|(technique, technology, value)| {
                serde_json::json!({"technique": technique, "technology": technology, "value": value})
            })
            .collect();
        let technologies = ["microsoft.windows", "aws.cloudtrail"];
        let snapshot = serde_json::json!({
            "schema": "coverage-snapshot/1", "period": "2026-11",
            "attack": {"domain": "enterprise-attack", "version": "19.2"},
            "producer": {"source": "sigma", "feed": 1, "adapter": "0.1.0"},
            "basis": "deployed", "scale": "rule-count/1",
            "technologies": technologies, "complete": technologies, "cells": cells,
        });
        let catalogues = Catalogues::bundled();
        let current = Month::new(2026, 11).unwrap();
        let context = Context { catalogues: &catalogues, registry: technology::bundled(), current };
        parse(snapshot.to_string().as_bytes(), context).unwrap()
    }

    fn known(facts: &Facts, id: &str) -> u16 {
        facts.registry().position(id).unwrap()
    }

    #[test]
    fn rules_and_scores_are_each_others_inverse_up_to_the_level_full() {
        for rules in 0..=10 {
            assert_eq!(rules_of(scored(rules)), rules);
        }
        assert_eq!(scored(200), scored(20));
    }

    #[test]
    fn added_rules_are_those_of_the_next_upload() {
        let facts = facts();
        let before = contribution(&[feed(&[("T1059.001", "microsoft.windows", 2)])], &facts).unwrap();
        let windows = known(&facts, "microsoft.windows");
        let add = [("T1059.001", 1), ("T1053", 2), ("T1110.003", 4)];
        let add =
            add.map(|(technique, rules)| Addition { technique: id(technique), technology: windows, rules });
        let changes = Changes { add: add.to_vec(), ..Changes::default() };
        let (after, unapplied) = apply(&before, &changes, &facts);
        assert_eq!(unapplied, []);
        let uploaded = feed(&[
            ("T1059.001", "microsoft.windows", 3),
            ("T1053", "microsoft.windows", 2),
            ("T1110.003", "microsoft.windows", 4),
        ]);
        assert_eq!(after, contribution(&[uploaded], &facts).unwrap());
    }

    #[test]
    fn what_has_no_effect_is_said() {
        let facts = facts();
        let before = contribution(&[feed(&[("T1053", "microsoft.windows", 20)])], &facts).unwrap();
        let [windows, okta] = ["microsoft.windows", "okta.identity"].map(|id| known(&facts, id));
        let add = |technique, technology| Addition { technique: id(technique), technology, rules: 1 };
        let changes = Changes {
            remove: vec![okta],
            own: vec![windows],
            add: vec![add("T1530", windows), add("T1110", okta), add("T1053", windows)],
            packs: vec![Contribution {
                technologies: vec![TechnologyRef::Known(okta)],
                cells: vec![ContributionCell {
                    technology: TechnologyRef::Known(okta),
                    technique: id("T1110"),
                    score: Score::new(50).unwrap(),
                    scale: Scale::Percent,
                }],
            }],
        };
        let (after, unapplied) = apply(&before, &changes, &facts);
        assert_eq!(after, before, "nothing has an effect");
        let reasons: Vec<NoEffect> = unapplied.iter().map(|change| change.reason).collect();
        use NoEffect::{CannotSee, ScoreIsFull, TechnologyNotOwned, TechnologyOwned};
        assert_eq!(
            reasons,
            [
                TechnologyNotOwned,
                TechnologyOwned,
                TechnologyNotOwned,
                CannotSee,
                TechnologyNotOwned,
                ScoreIsFull
            ]
        );
    }

    #[test]
    fn a_technology_goes_with_its_cells_and_comes_with_techniques_to_assess() {
        let facts = facts();
        let before = contribution(&[feed(&[("T1530", "aws.cloudtrail", 3)])], &facts).unwrap();
        let [cloudtrail, okta, falcon] =
            ["aws.cloudtrail", "okta.identity", "crowdstrike.falcon"].map(|id| known(&facts, id));
        let gone = Changes { remove: vec![cloudtrail], ..Changes::default() };
        let (after, _) = apply(&before, &gone, &facts);
        assert!(!after.declares(TechnologyRef::Known(cloudtrail)));
        assert!(after.cells.iter().all(|cell| cell.technology != TechnologyRef::Known(cloudtrail)));
        let new = Changes { own: vec![okta, falcon], ..Changes::default() };
        let (after, _) = apply(&before, &new, &facts);
        let of =
            |known| after.cells.iter().filter(|cell| cell.technology == TechnologyRef::Known(known)).count();
        assert_eq!(of(okta), facts.applicability().techniques_of(okta).len());
        assert_eq!(of(falcon), 0, "it detects by itself");
        assert!(after.technologies.is_sorted() && after.declares(TechnologyRef::Known(falcon)));
    }

    proptest! {
        /// Added rules never lower the overall share, and everything that isn't named stays.
        #[test]
        fn more_rules_never_cover_less(
            cells in proptest::collection::btree_map(0_usize..600, 0_u8..=20, 0..40),
            add in proptest::collection::btree_map(0_usize..600, 1_u8..=20, 0..20),
        ) {
            let facts = facts();
            let windows = known(&facts, "microsoft.windows");
            let techniques = facts.applicability().techniques_of(windows);
            let pick = |at: &usize| techniques[at % techniques.len()];
            let named: BTreeMap<TechniqueId, u8> = cells.iter().map(|(at, value)| (pick(at), *value)).collect();
            let texts: Vec<(String, u8)> = named.iter().map(|(id, value)| (id.to_string(), *value)).collect();
            let texts: Vec<(&str, &str, u8)> =
                texts.iter().map(|(id, value)| (id.as_str(), "microsoft.windows", *value)).collect();
            let before = contribution(&[feed(&texts)], &facts).unwrap();
            let add: BTreeMap<TechniqueId, u8> = add.iter().map(|(at, rules)| (pick(at), *rules)).collect();
            let add = add.iter().map(|(technique, rules)| Addition {
                technique: *technique, technology: windows, rules: *rules,
            });
            let changes = Changes { add: add.collect(), ..Changes::default() };
            let (after, _) = apply(&before, &changes, &facts);
            let share = |contribution: &Contribution| {
                let coverage = Coverage::new(contribution.clone(), PlatformSet::EMPTY, &facts);
                coverage.composite(Set::Overall, &facts).unwrap().share
            };
            prop_assert!(share(&before) <= share(&after));
            for cell in &after.cells {
                let named = changes.add.iter().any(|addition| addition.technique == cell.technique);
                prop_assert!(named || before.cells.contains(cell));
            }
            let (same, _) = apply(&before, &Changes::default(), &facts);
            prop_assert_eq!(same, before);
        }
    }
}
