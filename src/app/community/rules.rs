//! A SIEM's rule set, and the snapshot that a producer would make of it.

use std::collections::BTreeMap;

use super::{
    draw::{Draw, element, whole},
    taste::{Choices, Edition},
};
use crate::domain::{
    attack::TechniqueId,
    calendar::Month,
    scale::Scale,
    snapshot::{AdapterVersion, Basis, Cell, CellValue, Header, Producer, Snapshot, Source},
    technology::Registry,
};

/// Rules without any technique tag; rules whose tag does not fit what they look at.
const UNTAGGED: f64 = 0.12;
const MISTAGGED: f64 = 0.006;
/// Number of techniques that a tagged rule names, with probabilities.
const TAGS: [(u8, f64); 6] = [(1, 0.26), (2, 0.24), (3, 0.20), (4, 0.14), (5, 0.10), (6, 0.06)];
/// Share of tags that go to a technique which the SIEM looks for already: variants of a rule, packs of a vendor.
const VARIANTS: f64 = 0.51;
/// Share of a second SIEM's tags that repeat what the first one looks for: teams carry their rules over.
const CARRIED: f64 = 0.8;
/// The producer's cap.
const MOST_RULES: u32 = 20;

/// One rule source of a member.
pub(super) struct Siem {
    pub(super) source: Source,
    pub(super) feed: u8,
    pub(super) scale: Scale,
    pub(super) period: Month,
    /// Position in the registry and share of the rules.
    pub(super) technologies: Vec<(u16, f64)>,
    /// A technology that the registry does not have: `other.unknown` or `other.<family>`.
    pub(super) custom: Option<&'static str>,
    /// Rules that work.
    pub(super) rules: u32,
}

/// Technique choices per (source, technology), computed once per community.
pub(super) type Cache = BTreeMap<(Source, u16), Choices>;

/// Writes the rules and counts them. `first` holds the techniques of the organisation's first SIEM, if this is its
/// second.
pub(super) fn snapshot(
    seed: u64,
    edition: &Edition<'_>,
    registry: &Registry,
    cache: &mut Cache,
    siem: &Siem,
    first: &[TechniqueId],
    draw: &mut Draw,
) -> Snapshot {
    let name = |position: u16| registry.get(position).map_or("", |technology| technology.id.as_str());
    let mut counts: BTreeMap<(&str, TechniqueId), u32> = BTreeMap::new();
    let mut seen: BTreeMap<u16, Vec<TechniqueId>> = BTreeMap::new();
    for _ in 0..siem.rules {
        let Some(technology) = draw.pick(&siem.technologies).copied() else { break };
        if draw.chance(UNTAGGED) {
            continue;
        }
        let choices = cache
            .entry((siem.source, technology))
            .or_insert_with(|| Choices::new(seed, edition, siem.source, (technology, name(technology))));
        let mut tags: Vec<TechniqueId> = Vec::new();
        for _ in 0..draw.pick(&TAGS).copied().unwrap_or(1) {
            let (kind, position) = (draw.unit(), draw.unit());
            let known = match kind {
                _ if kind < VARIANTS => seen.get(&technology).and_then(|seen| element(seen, position)),
                _ if draw.chance(CARRIED) => element(first, position),
                _ => None,
            };
            let known = known.copied().filter(|id| edition.applicability.applies(*id, technology));
            tags.extend(match known {
                _ if draw.chance(MISTAGGED) => edition.any(position),
                Some(id) => Some(id),
                None => choices.at(position),
            });
        }
        tags.sort_unstable();
        tags.dedup();
        // As a producer does: a parent beside one of its own sub-techniques says nothing.
        let subs: Vec<TechniqueId> = tags.iter().filter(|tag| tag.is_sub()).map(|sub| sub.parent()).collect();
        tags.retain(|tag| !subs.contains(tag));
        let on = match siem.custom {
            Some(custom) if draw.chance(0.05) => custom,
            _ => name(technology),
        };
        for tag in tags {
            let seen = seen.entry(technology).or_default();
            if !seen.contains(&tag) {
                seen.push(tag);
            }
            *counts.entry((on, tag)).or_default() += 1;
        }
    }
    let mut technologies: Vec<&str> = siem.technologies.iter().map(|(position, _)| name(*position)).collect();
    technologies.extend(siem.custom);
    technologies.sort_unstable();
    let complete: Vec<&str> = technologies
        .iter()
        .copied()
        .filter(|id| {
            let technology = registry.position(id).and_then(|position| registry.get(position));
            technology.is_some_and(|technology| !technology.native_detections)
        })
        .collect();
    let cells = cells(&technologies, counts, siem.scale);
    let header = Header {
        period: siem.period,
        attack: edition.catalogue.version(),
        producer: Producer {
            source: siem.source,
            feed: siem.feed,
            adapter: AdapterVersion { major: 0, minor: 1, patch: 0 },
        },
        basis: Basis::Deployed,
        window_days: None,
        scale: siem.scale,
        technologies: technologies.into_iter().map(str::to_owned).collect(),
        complete: complete.into_iter().map(str::to_owned).collect(),
    };
    Snapshot { header, cells }
}

/// The keys of `counts` are ascending by technology and technique already.
fn cells(technologies: &[&str], counts: BTreeMap<(&str, TechniqueId), u32>, scale: Scale) -> Vec<Cell> {
    counts
        .into_iter()
        .filter_map(|((technology, technique), count)| {
            let at = technologies.binary_search(&technology).ok()?;
            let value = CellValue::Value(value(count, scale)?);
            Some(Cell { technology: u8::try_from(at).ok()?, technique, value })
        })
        .collect()
}

/// Converts a count of rules to a value on a scale.
fn value(count: u32, scale: Scale) -> Option<i8> {
    let capped = i8::try_from(count.min(MOST_RULES)).ok()?;
    match scale {
        Scale::Percent => {
            let score = Scale::RuleCount.score(capped)?;
            i8::try_from(whole(f64::from(score.get()) / 10.0, 10) * 10).ok()
        }
        Scale::PartialFull => Some(if count < 4 { 1 } else { 2 }),
        _ => Some(capped),
    }
}
