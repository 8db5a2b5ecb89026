//! Scores: the value as it is, the maximum where a technique and technology have several.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    complete::complete,
    error::BuildError,
    options::{Context, Options},
    report::{Built, LeftOut, Reason, Report},
    techniques::Resolver,
    technologies::{Reach, unmapped},
};
use crate::{
    domain::{
        applicability::Applicability,
        attack::TechniqueId,
        scale::Scale,
        snapshot::{Basis, Cell, CellValue, Header, MAX_TECHNOLOGIES, Producer, Snapshot},
        technology::TechnologyRef,
    },
    sources::{
        crosswalk::Crosswalk,
        products::reader,
        reading::{Reading, Scored},
    },
};

/// The highest value of a cell, and the entries behind it.
type Best = BTreeMap<(TechnologyRef, TechniqueId), (i8, Vec<usize>)>;

pub fn build(
    reading: &Reading,
    options: &Options,
    context: Context<'_>,
    resolver: &Resolver<'_>,
    declared: &[TechnologyRef],
) -> Result<Built, BuildError> {
    let scale = scale(reading, options)?;
    let registry = context.registry;
    let crosswalk = Crosswalk::new(reader(options.source), &options.mappings, registry)?;
    let mut left_out = LeftOut::default();
    left_out.add(Reason::DocumentsNoRule, reading.not_rules.values().sum());
    let mut eligible: Vec<(usize, &Scored, i8, Reach)> = Vec::new();
    for (position, scored) in reading.scores.iter().enumerate() {
        match scored.score {
            _ if !scored.enabled => left_out.add(Reason::EntriesDisabled, 1),
            None => left_out.add(Reason::EntriesUnscored, 1),
            Some(score) => {
                let value = value(scored, score, scale)?;
                eligible.push((position, scored, value, reach(scored, reading, &crosswalk)));
            }
        }
    }
    let explicit = !declared.is_empty();
    let unnamed = |scored: &Scored| scored.sources.is_empty() && one_of(scored, reading).next().is_none();
    let undeclared = reading.evidence.is_none() || reading.scores.iter().any(unnamed);
    if declared.len() != 1 && undeclared {
        return Err(BuildError::OneTechnology);
    }
    let watching = Reach::of(reading.systems.values().flatten(), [], &crosswalk);
    let present: BTreeSet<TechnologyRef> = if explicit {
        declared.iter().copied().collect()
    } else {
        let proven = eligible.iter().flat_map(|(.., reach)| &reach.proven);
        proven.chain(&watching.proven).copied().collect()
    };

    let applicability = Applicability::new(resolver.catalogue(), registry);
    let mut best = Best::new();
    for (position, scored, value, reach) in &eligible {
        let Some(targets) = reach.targets(&present, explicit, |one| registry.family_of(one)) else {
            left_out.add(Reason::RulesOfUndeclaredTechnology, 1);
            continue;
        };
        for technique in resolver.resolve(&scored.techniques, &mut left_out) {
            let applies = |one| match one {
                TechnologyRef::Known(known) => applicability.applies(technique, known),
                TechnologyRef::Other(_) => true,
            };
            for technology in targets.of(applies) {
                let (highest, from) = best.entry((technology, technique)).or_insert((*value, Vec::new()));
                *highest = (*value).max(*highest);
                from.push(*position);
            }
        }
    }

    let named: BTreeSet<TechnologyRef> =
        present.into_iter().chain(best.keys().map(|(technology, _)| *technology)).collect();
    let mut technologies: Vec<(String, TechnologyRef)> =
        named.into_iter().map(|one| (registry.name_of(one), one)).collect();
    technologies.sort_unstable();
    if technologies.len() > MAX_TECHNOLOGIES {
        return Err(BuildError::TooManyTechnologies(MAX_TECHNOLOGIES));
    }
    let ids: Vec<String> = technologies.iter().map(|(id, _)| id.clone()).collect();
    let complete = complete(options, registry, &ids, false)?;
    let mut cells = Vec::new();
    let mut origins = BTreeMap::new();
    for ((id, technology), index) in technologies.iter().zip(0_u8..) {
        for ((_, technique), (value, from)) in best.iter().filter(|((of, _), _)| of == technology) {
            let value = CellValue::Value(*value);
            cells.push(Cell { technology: index, technique: *technique, value });
            origins.insert((*technique, id.clone()), from.clone());
        }
    }
    let distinct: BTreeSet<TechniqueId> =
        reading.scores.iter().flat_map(|scored| resolver.raw(&scored.techniques)).collect();
    let report = Report {
        rules: reading.scores.len(),
        enabled: reading.scores.iter().filter(|scored| scored.enabled).count(),
        with_technique: reading.scores.iter().filter(|s| !resolver.raw(&s.techniques).is_empty()).count(),
        techniques: distinct.len(),
        technologies: ids.clone(),
        left_out,
        counted: best.values().flat_map(|(_, from)| from).collect::<BTreeSet<_>>().len(),
        unmapped_sources: unmapped(eligible.iter().map(|(.., reach)| reach)),
    };
    let header = Header {
        period: options.period,
        attack: resolver.catalogue().version(),
        producer: Producer { source: options.source, feed: options.feed, adapter: options.adapter },
        basis: options.basis,
        window_days: None,
        scale,
        technologies: ids,
        complete,
    };
    let snapshot = Snapshot { header, cells };
    Ok(Built { snapshot, report, origins })
}

/// The scale that the format has, or else the one that the user declares.
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

/// The names of what may be behind a score.
fn one_of<'r>(scored: &'r Scored, reading: &'r Reading) -> impl Iterator<Item = &'r String> {
    let watches = |system: &String| reading.systems.get(&system.to_lowercase());
    let mut watching = scored.systems.iter().filter_map(watches).flatten().peekable();
    let otherwise = if watching.peek().is_none() { scored.one_of.as_slice() } else { &[] };
    watching.chain(otherwise)
}

fn reach(scored: &Scored, reading: &Reading, crosswalk: &Crosswalk) -> Reach {
    Reach::of(&scored.sources, one_of(scored, reading), crosswalk)
}

/// The value of a score on the declared scale. Counts above 20 are capped; nothing else is changed.
fn value(scored: &Scored, score: f64, scale: Scale) -> Result<i8, BuildError> {
    let refuse =
        |problem: &str| BuildError::Score { place: scored.place.clone(), problem: problem.to_owned() };
    if !score.is_finite() || score.fract() != 0.0 {
        return Err(refuse("is not a whole number, and nothing is rounded silently: round it yourself."));
    }
    let (low, high) = scale.range();
    let whole = (-1000..=1000_i16).find(|whole| f64::from(*whole) == score);
    let within = whole.and_then(|whole| i8::try_from(whole).ok()).filter(|w| (low..=high).contains(w));
    match (scale, within, score) {
        (_, Some(value), _) => Ok(value),
        (Scale::RuleCount, None, more) if more > 0.0 => Ok(high),
        (Scale::PartialFull, None, 50.0) => Ok(1),
        (Scale::PartialFull, None, 100.0) => Ok(2),
        (Scale::PartialFull, None, _) => {
            Err(refuse("on partial-full/1 is 0, 1 and 2, or 0, 50 and 100, for none, partial and full."))
        }
        _ => Err(refuse(&format!(
            "on the scale {scale} is between {low} and {high}: declare the scale that it has."
        ))),
    }
}
