//! R32: what counts as a change of a cell's list, and how many changes make a new number. How many is drawn, so that
//! colluders who have changed nearly enough do not know whether one more member did.

use crate::domain::release::{
    counting::{count::Counted, fingerprint::Fingerprints, respondent::Respondent},
    earlier::{ledger::List, previous::Baseline},
    item::Item,
    parameters::{Parameters, Rule},
    release_key::ReleaseKey,
    rules::{code::Coding, scale::stranger},
};

/// Changes that a cell needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// For a new number: m'.
    pub number: u32,
    /// To appear, or to go for a reason of its own: 2m (R34).
    pub door: u32,
}

/// R32: how many control groups must have changed since the release that a cell stands on. Drawn once for all cohorts,
/// columns, bases and sub-techniques of a technique. `then` is the parameter m of that release.
pub fn needed(
    parameters: &Parameters,
    key: &ReleaseKey,
    item: &Item,
    (release, then): (u32, Option<u32>),
) -> Needed {
    // A looser m acts with the next number (R28).
    let m = parameters.m.max(then.filter(|_| parameters.holds(Rule::R28)).unwrap_or_default());
    let drawn =
        if parameters.holds(Rule::R32) { key.draw("m", &item.family_of_draws(), release, m) } else { 0 };
    let number = m + drawn;
    Needed { number, door: if parameters.holds(Rule::R34) { 2 * m } else { number } }
}

/// The members on a cell's list and those on another scale, ascending, each with the tag of its coded value.
pub fn tagged(
    counted: &Counted<'_>,
    fingerprints: &Fingerprints,
    coding: &Coding,
    seed: u64,
) -> Vec<Respondent> {
    let coded: Vec<u8> = counted.values.iter().map(|value| coding.code(*value)).collect();
    let mut everyone = counted.respondents.clone();
    fingerprints.tag(&mut everyone, &coded, seed);
    if !counted.strangers.is_empty() {
        let scales: Vec<u8> = counted.strangers.iter().map(|(_, scale)| stranger(*scale)).collect();
        let mut strangers: Vec<Respondent> =
            counted.strangers.iter().map(|(member, _)| Respondent::nowhere(*member)).collect();
        fingerprints.tag(&mut strangers, &scales, seed);
        everyone.extend(strangers);
        everyone.sort_unstable_by_key(|one| one.member);
    }
    everyone
}

/// Compares with tags as the first edition drew them: of values. An organisation that may have had any of the values shown as today's
/// has not changed.
pub fn tagged_as_at_first(
    counted: &Counted<'_>,
    fingerprints: &Fingerprints,
    coding: &Coding,
    then: &List<Respondent>,
) -> Vec<Respondent> {
    let mut everyone = counted.respondents.clone();
    fingerprints.tag(&mut everyone, &counted.values, then.tag_seed);
    let mut before = then.respondents.iter().peekable();
    for (one, value) in everyone.iter_mut().zip(&counted.values) {
        while before.next_if(|then| then.member < one.member).is_some() {}
        let Some(then_tag) = before.next_if(|then| then.member == one.member).map(|then| then.tag) else {
            continue;
        };
        let is_alike = |value| fingerprints.tag_of(one.member, value, then.tag_seed) == then_tag;
        if one.tag != then_tag && coding.shown_as(coding.code(*value)).any(is_alike) {
            one.tag = then_tag;
        }
    }
    everyone
}

/// The tags of now, to be compared with those of an earlier list.
pub fn alike(
    counted: &Counted<'_>,
    fingerprints: &Fingerprints,
    (then, list): (&Baseline<'_>, &List<Respondent>),
    coding: &Coding,
) -> Vec<Respondent> {
    match then.ledger.edition() {
        1 => tagged_as_at_first(counted, fingerprints, coding, list),
        _ => tagged(counted, fingerprints, coding, list.tag_seed),
    }
}
