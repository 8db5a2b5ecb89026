//! Counting rules: one per (technique, technology), honestly.

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
        snapshot::{Basis, Cell, CellValue, Header, MAX_TECHNOLOGIES, Producer, Snapshot, Source},
        technology::TechnologyRef,
    },
    sources::{
        crosswalk::Crosswalk,
        products::reader,
        reading::{Reading, Rule, Silent},
    },
};

pub fn build(
    reading: &Reading,
    options: &Options,
    context: Context<'_>,
    resolver: &Resolver<'_>,
    declared: Vec<TechnologyRef>,
) -> Result<Built, BuildError> {
    if !matches!(options.basis, Basis::Deployed | Basis::Catalog) {
        return Err(BuildError::Basis(options.basis));
    }
    if options.scale.is_some_and(|scale| scale != Scale::RuleCount) {
        return Err(BuildError::ScaleOfRules);
    }
    let registry = context.registry;
    let crosswalk = Crosswalk::new(reader(options.source), &options.mappings, registry)?;
    let mut left_out = LeftOut::default();
    left_out.add(Reason::DocumentsNoRule, reading.not_rules.values().sum());

    // The rules that may count, and what each looks at.
    let mut eligible: Vec<(usize, &Rule, Reach)> = Vec::new();
    for (position, rule) in reading.rules.iter().enumerate() {
        match refusal(rule, options.basis) {
            Some(reason) => left_out.add(reason, 1),
            None => eligible.push((position, rule, Reach::of(&rule.sources, &rule.one_of, &crosswalk))),
        }
    }
    let explicit = !declared.is_empty();
    let present: BTreeSet<TechnologyRef> = if explicit {
        declared.into_iter().collect()
    } else {
        eligible.iter().flat_map(|(_, _, reach)| &reach.proven).copied().collect()
    };

    let applicability = Applicability::new(resolver.catalogue(), registry);
    let mut counts: BTreeMap<(TechnologyRef, TechniqueId), Vec<usize>> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for (position, rule, reach) in &eligible {
        if rule.techniques.is_empty() {
            left_out.add(Reason::RulesUntagged, 1);
            continue;
        }
        let named = resolver.raw(&rule.techniques).len();
        if options.max_techniques > 0 && named > options.max_techniques {
            left_out.add(Reason::RulesOverBroad, 1);
            continue;
        }
        let Some(targets) = reach.targets(&present, explicit, |one| registry.family_of(one)) else {
            left_out.add(Reason::RulesOfUndeclaredTechnology, 1);
            continue;
        };
        for technique in resolver.resolve(&rule.techniques, &mut left_out) {
            counted.insert(*position);
            let applies = |one| match one {
                TechnologyRef::Known(known) => applicability.applies(technique, known),
                TechnologyRef::Other(_) => true,
            };
            for technology in targets.of(applies) {
                counts.entry((technology, technique)).or_default().push(*position);
            }
        }
    }

    let named: BTreeSet<TechnologyRef> =
        present.iter().copied().chain(counts.keys().map(|(technology, _)| *technology)).collect();
    let mut technologies: Vec<(String, TechnologyRef)> =
        named.into_iter().map(|one| (registry.name_of(one), one)).collect();
    technologies.sort_unstable();
    if technologies.len() > MAX_TECHNOLOGIES {
        return Err(BuildError::TooManyTechnologies(MAX_TECHNOLOGIES));
    }
    let ids: Vec<String> = technologies.iter().map(|(id, _)| id.clone()).collect();
    // Check Point detects with more than what any of its exports leads to techniques.
    let complete = complete(options, registry, &ids, options.source != Source::CheckPoint)?;
    let unsure = unsure(&counts, &technologies, &complete, context);

    let mut cells = Vec::new();
    let mut origins = BTreeMap::new();
    for ((id, technology), index) in technologies.iter().zip(0_u8..) {
        for ((_, technique), rules) in counts.iter().filter(|((of, _), _)| of == technology) {
            let (_, most) = Scale::RuleCount.range();
            let value = i8::try_from(rules.len()).unwrap_or(most).min(most);
            cells.push(Cell { technology: index, technique: *technique, value: CellValue::Value(value) });
            origins.insert((*technique, id.clone()), rules.clone());
        }
        let blank = |technique: &TechniqueId| Cell {
            technology: index,
            technique: *technique,
            value: CellValue::NotAssessed,
        };
        cells.extend(unsure.get(technology).into_iter().flatten().map(blank));
    }
    cells.sort_unstable_by_key(|cell| (cell.technology, cell.technique));

    let report = Report {
        rules: reading.rules.len(),
        enabled: reading.rules.iter().filter(|rule| rule.enabled.is_running()).count(),
        with_technique: reading.rules.iter().filter(|r| !resolver.raw(&r.techniques).is_empty()).count(),
        techniques: reading
            .rules
            .iter()
            .flat_map(|rule| resolver.raw(&rule.techniques))
            .collect::<BTreeSet<_>>()
            .len(),
        technologies: ids.clone(),
        left_out,
        counted: counted.len(),
        // What a rule without a technique looks at changes nothing.
        unmapped_sources: unmapped(
            eligible.iter().filter(|(_, rule, _)| !rule.techniques.is_empty()).map(|(_, _, reach)| reach),
        ),
    };
    let header = Header {
        period: options.period,
        attack: resolver.catalogue().version(),
        producer: Producer { source: options.source, feed: options.feed, adapter: options.adapter },
        basis: options.basis,
        window_days: None,
        scale: Scale::RuleCount,
        technologies: ids,
        complete,
    };
    let snapshot = Snapshot { header, cells };
    Ok(Built { snapshot, report, origins })
}

/// Why a rule cannot count on this basis. A vendor's catalog has all of its rules.
fn refusal(rule: &Rule, basis: Basis) -> Option<Reason> {
    if basis == Basis::Catalog {
        return None;
    }
    if !rule.enabled.is_running() {
        return Some(Reason::RulesDisabled);
    }
    rule.silent.map(|silent| match silent {
        Silent::NotScheduled => Reason::RulesNotScheduled,
        Silent::RiskOnly => Reason::RulesRiskOnly,
        Silent::NoAlertAction => Reason::RulesNoAlertAction,
        Silent::Hunting => Reason::RulesHunting,
        Silent::PartOfCorrelation => Reason::RulesPartOfCorrelation,
        Silent::BuildingBlock => Reason::RulesBuildingBlock,
        Silent::PassThrough => Reason::RulesPassThrough,
        Silent::Prototype => Reason::RulesPrototype,
    })
}

/// Where silence of a complete technology must not be read as zero: a rule whose source is not known, or only its
/// family, names the technique, and may well look at this technology.
fn unsure(
    counts: &BTreeMap<(TechnologyRef, TechniqueId), Vec<usize>>,
    technologies: &[(String, TechnologyRef)],
    complete: &[String],
    context: Context<'_>,
) -> BTreeMap<TechnologyRef, BTreeSet<TechniqueId>> {
    let mut unsure: BTreeMap<TechnologyRef, BTreeSet<TechniqueId>> = BTreeMap::new();
    for (other, technique) in counts.keys() {
        let TechnologyRef::Other(family) = other else { continue };
        for (_, technology) in technologies.iter().filter(|(id, _)| complete.contains(id)) {
            let may_be = family.is_none() || context.registry.family_of(*technology) == *family;
            if may_be && !counts.contains_key(&(*technology, *technique)) {
                unsure.entry(*technology).or_default().insert(*technique);
            }
        }
    }
    unsure
}
