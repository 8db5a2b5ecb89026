//! Scores: the value as it is, the maximum where a technique and technology have several.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    complete::complete,
    draft::{Draft, Values},
    error::BuildError,
    options::{Context, Options},
    report::{Built, LeftOut, Reason},
    techniques::Resolver,
    technologies::{Present, Reach},
};
use crate::{
    domain::{scale::Scale, snapshot::Basis, technology::TechnologyRef},
    sources::{
        crosswalk::Crosswalk,
        products::reader,
        reading::{EVERY_SYSTEM, Reading, Scored},
    },
};

pub fn build(
    reading: &Reading,
    options: &Options,
    context: Context<'_>,
    resolver: &Resolver<'_>,
    declared: BTreeSet<TechnologyRef>,
) -> Result<Built, BuildError> {
    let scale = scale(reading, options)?;
    let crosswalk = Crosswalk::new(reader(options.source), &options.mappings, context.registry)?;
    let mut left_out = LeftOut::of(reading);
    let mut eligible: Vec<(usize, &Scored, Reach)> = Vec::new();
    let mut values = BTreeMap::new();
    for (position, scored) in reading.scores.iter().enumerate() {
        match scored.score {
            _ if !scored.enabled => left_out.add(Reason::EntriesDisabled, scored.times),
            None => left_out.add(Reason::EntriesUnscored, scored.times),
            Some(_) if scored.techniques.is_empty() => left_out.add(Reason::EntriesUntagged, scored.times),
            Some(score) => {
                values.insert(position, value(scored, score, scale)?);
                let reach = Reach::of(&scored.sources, one_of(scored, reading), &crosswalk);
                eligible.push((position, scored, reach));
            }
        }
    }
    let unnamed = |scored: &Scored| scored.sources.is_empty() && one_of(scored, reading).next().is_none();
    let undeclared = reading.evidence.is_none() || eligible.iter().any(|(_, scored, _)| unnamed(scored));
    if declared.len() != 1 && undeclared {
        return Err(BuildError::OneTechnology);
    }
    let watching = Reach::of(reading.systems.values().flatten(), [], &crosswalk);
    let proven = eligible.iter().flat_map(|(.., reach)| &reach.proven).chain(&watching.proven);
    let mut draft = Draft::new(options, context, resolver, Present::new(declared, proven), left_out);
    for (position, scored, reach) in &eligible {
        draft.note_unmapped(reach);
        draft.enter(*position, &scored.techniques, reach);
    }

    let technologies = draft.technologies()?;
    let complete = complete(options, context.registry, &technologies, false)?;
    let highest = |entries: &[usize]| {
        entries.iter().filter_map(|position| values.get(position)).max().copied().unwrap_or_default()
    };
    let values = Values { scale, complete, not_assessed: BTreeSet::new(), of: &highest };
    let entries = reading.scores.iter().map(|scored| (&scored.techniques, scored.enabled, scored.times));
    Ok(draft.finish(&technologies, values, entries))
}

/// Returns the scale that the format has, or else the one that the user declares.
fn scale(reading: &Reading, options: &Options) -> Result<Scale, BuildError> {
    let scale = match (reading.evidence, options.scale) {
        (Some(own), Some(declared)) if own.scale != declared => {
            return Err(BuildError::ScaleOfTheFormat(own.scale));
        }
        (Some(own), _) => own.scale,
        (None, Some(Scale::Outcome)) => return Err(BuildError::ScaleOfLayers),
        (None, Some(declared)) => declared,
        (None, None) => return Err(BuildError::NoScale),
    };
    if scale == Scale::Outcome && !matches!(options.basis, Basis::Validated | Basis::Observed) {
        return Err(BuildError::BasisOfOutcomes(options.basis));
    }
    Ok(scale)
}

/// Returns the raw names of log sources of which any one may be behind a score.
fn one_of<'r>(scored: &'r Scored, reading: &'r Reading) -> impl Iterator<Item = &'r String> {
    let watches = |system: &String| reading.systems.get(&system.to_lowercase());
    let known = scored.systems.iter().any(|system| watches(system).is_some());
    // What watches everything watches a kind of system that nothing else is known of.
    let everywhere = reading.systems.get(EVERY_SYSTEM).filter(|_| !known && !scored.systems.is_empty());
    let mut watching = scored.systems.iter().filter_map(watches).chain(everywhere).flatten().peekable();
    let otherwise = if watching.peek().is_none() { scored.one_of.as_slice() } else { &[] };
    watching.chain(otherwise)
}

/// Returns the value of a score on the declared scale. Counts above 20 are capped; nothing else is changed.
fn value(scored: &Scored, score: f64, scale: Scale) -> Result<i8, BuildError> {
    let refuse =
        |problem: &str| BuildError::Score { place: scored.place.clone(), problem: problem.to_owned() };
    if !score.is_finite() || score.fract() != 0.0 {
        return Err(refuse("is not a whole number: round it yourself."));
    }
    let (low, high) = scale.range();
    let within = (low..=high).find(|value| f64::from(*value) == score);
    match (scale, within, score) {
        (_, Some(value), _) => Ok(value),
        (Scale::RuleCount, None, more) if more > 0.0 => Ok(high),
        (Scale::PartialFull, None, 50.0) => Ok(1),
        (Scale::PartialFull, None, 100.0) => Ok(2),
        (Scale::PartialFull, None, _) => {
            Err(refuse("on partial-full/1 is 0, 1 and 2, or 0, 50 and 100, for none, partial and full."))
        }
        _ => Err(refuse(&format!(
            "on the scale {scale} is between {low} and {high}: declare the right scale."
        ))),
    }
}
