//! Scores of layers: the value as it is, the maximum where a technique has several.

use std::collections::{BTreeMap, BTreeSet};

use super::{BuildError, Built, Context, Options, Resolver, complete};
use crate::{
    domain::{
        attack::TechniqueId,
        scale::Scale,
        snapshot::{Cell, CellValue, Producer, Snapshot},
        technology::TechnologyRef,
    },
    sources::{
        Reading, Scored,
        report::{LeftOut, Reason, Report},
    },
};

pub fn build(
    reading: &Reading,
    options: &Options,
    context: Context<'_>,
    resolver: &Resolver<'_>,
    declared: &[TechnologyRef],
) -> Result<Built, BuildError> {
    let scale = match options.scale {
        Some(Scale::Outcome) => return Err(BuildError::ScaleOfLayers),
        Some(scale) => scale,
        None => return Err(BuildError::NoScale),
    };
    let [technology] = declared else { return Err(BuildError::OneTechnology) };
    let technology = context.registry.name_of(*technology);

    let mut left_out = LeftOut::default();
    let mut best: BTreeMap<TechniqueId, (i8, Vec<usize>)> = BTreeMap::new();
    for (position, scored) in reading.scores.iter().enumerate() {
        if !scored.enabled {
            left_out.add(Reason::EntriesDisabled, 1);
            continue;
        }
        let Some(score) = scored.score else {
            left_out.add(Reason::EntriesUnscored, 1);
            continue;
        };
        let value = value(scored, score, scale)?;
        for technique in resolver.resolve(&scored.techniques, &mut left_out) {
            let (highest, from) = best.entry(technique).or_insert((value, Vec::new()));
            *highest = value.max(*highest);
            from.push(position);
        }
    }

    let technologies = vec![technology.clone()];
    let complete = complete(options, context.registry, &technologies, false)?;
    let distinct: BTreeSet<TechniqueId> =
        reading.scores.iter().flat_map(|scored| resolver.raw(&scored.techniques)).collect();
    let report = Report {
        rules: reading.scores.len(),
        enabled: reading.scores.iter().filter(|scored| scored.enabled).count(),
        with_technique: reading.scores.iter().filter(|s| !resolver.raw(&s.techniques).is_empty()).count(),
        techniques: distinct.len(),
        technologies: technologies.clone(),
        left_out,
        counted: best.values().flat_map(|(_, from)| from).collect::<BTreeSet<_>>().len(),
        unmapped_sources: BTreeMap::new(),
    };
    let cell = |(technique, (value, _)): (&TechniqueId, &(i8, Vec<usize>))| Cell {
        technology: 0,
        technique: *technique,
        value: CellValue::Value(*value),
    };
    let snapshot = Snapshot {
        period: options.period,
        attack: resolver.catalogue().version(),
        producer: Producer { source: options.source, feed: options.feed, adapter: options.adapter },
        basis: options.basis,
        window_days: None,
        scale,
        technologies,
        complete,
        cells: best.iter().map(cell).collect(),
    };
    let origins = best.into_iter().map(|(id, (_, from))| ((id, technology.clone()), from)).collect();
    Ok(Built { snapshot, report, origins })
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
