//! Counting rules: one per (technique, technology), honestly.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use super::{
    complete::complete,
    draft::{Cells, Draft, Named, Values},
    error::BuildError,
    options::{Context, Options},
    report::{Built, LeftOut, Reason},
    techniques::Resolver,
    technologies::{Present, Reach},
};
use crate::{
    domain::{
        attack::TechniqueId,
        scale::Scale,
        snapshot::{Basis, Source},
        technology::{Registry, TechnologyRef},
    },
    sources::{
        crosswalk::Crosswalk,
        pages,
        products::reader,
        reading::{Enabled, Reading, Rule, Silent},
        repeats::{Repeat, repeats},
    },
};

pub fn build(
    reading: &Reading,
    options: &Options,
    context: Context<'_>,
    resolver: &Resolver<'_>,
    declared: BTreeSet<TechnologyRef>,
) -> Result<Built, BuildError> {
    if !matches!(options.basis, Basis::Deployed | Basis::Catalog) {
        return Err(BuildError::Basis(options.basis));
    }
    if options.scale.is_some_and(|scale| scale != Scale::RuleCount) {
        return Err(BuildError::ScaleOfRules);
    }
    let crosswalk = Crosswalk::new(reader(options.source), &options.mappings, context.registry)?;
    let mut left_out = LeftOut::of(reading);
    let repeats = repeats(reading);
    left_out.add(Reason::RulesRepeated, repeats.len());
    let again: HashSet<usize> = repeats.iter().map(|repeat| repeat.left_out).collect();
    let gaps = gaps(reading, &repeats);
    // The rules that may count, and the log sources that each reads.
    let mut eligible: Vec<(usize, &Rule, Reach)> = Vec::new();
    for (position, rule) in reading.rules.iter().enumerate().filter(|(position, _)| !again.contains(position))
    {
        match refusal(rule, options.basis) {
            Some(reason) => left_out.add(reason, 1),
            None => eligible.push((position, rule, Reach::of(&rule.sources, &rule.one_of, &crosswalk))),
        }
    }
    let present = Present::new(declared, eligible.iter().flat_map(|(_, _, reach)| &reach.proven));
    let mut draft = Draft::new(options, context, resolver, present, left_out);
    for (position, rule, reach) in &eligible {
        if rule.techniques.is_empty() {
            // The log sources of a rule without a technique change nothing.
            draft.leave_out(Reason::RulesUntagged);
            continue;
        }
        draft.note_unmapped(reach);
        if options.max_techniques > 0 && resolver.raw(&rule.techniques).len() > options.max_techniques {
            draft.leave_out(Reason::RulesOverBroad);
            continue;
        }
        draft.enter(*position, &rule.techniques, reach);
    }

    let technologies = draft.technologies()?;
    // Check Point detects with more than any of its exports leads to techniques.
    let by_default = options.source != Source::CheckPoint && gaps.is_empty();
    let complete = complete(options, context.registry, &technologies, by_default)?;
    let not_assessed = unsure(draft.cells(), &technologies, &complete, context.registry);
    let (_, most) = Scale::RuleCount.range();
    let count = |rules: &[usize]| i8::try_from(rules.len()).unwrap_or(most).min(most);
    let values = Values { scale: Scale::RuleCount, complete, not_assessed, of: &count };
    let entries = reading.rules.iter().map(|rule| (&rule.techniques, rule.enabled.is_running(), 1));
    let mut built = draft.finish(&technologies, values, entries);
    let unspecified = |rule: &&Rule| rule.enabled == Enabled::Unspecified;
    built.report.unspecified = reading.rules.iter().filter(unspecified).count();
    built.report.differing = repeats.into_iter().filter(|repeat| repeat.differs).collect();
    built.report.gaps = gaps;
    Ok(built)
}

/// The ways in which the files say that rules are missing.
fn gaps(reading: &Reading, repeats: &[Repeat]) -> Vec<String> {
    let mut by_file: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for repeat in repeats {
        if let Some(rule) = reading.rules.get(repeat.left_out) {
            *by_file.entry(Arc::clone(&rule.place.file)).or_default() += 1;
        }
    }
    pages::gaps(&reading.pages, &by_file)
}

/// Returns the reason why a rule can't count on this basis. A vendor's catalog has all of its rules.
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

/// Returns the cells of complete technologies in which silence mustn't be read as zero: a rule whose log source isn't
/// known, or only its family, names the technique, and may well look at this technology.
fn unsure(
    cells: &Cells,
    technologies: &Named,
    complete: &[String],
    registry: &Registry,
) -> BTreeSet<(TechnologyRef, TechniqueId)> {
    let mut unsure = BTreeSet::new();
    for (other, technique) in cells.keys() {
        let TechnologyRef::Other(family) = other else { continue };
        for (_, technology) in technologies.iter().filter(|(id, _)| complete.contains(id)) {
            let may_be = family.is_none() || registry.family_of(*technology) == *family;
            if may_be && !cells.contains_key(&(*technology, *technique)) {
                unsure.insert((*technology, *technique));
            }
        }
    }
    unsure
}
