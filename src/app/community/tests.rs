//! The community looks like the world, is the same for the same seed, and consists of valid snapshots.
#![allow(clippy::as_conversions)]

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::{
    attack::{Catalogues, TechniqueId, bundled},
    snapshot::{CellValue, Context, MAX_TECHNOLOGIES, parse},
    technology,
};

fn of(member: &Member, dimension: Dimension) -> &str {
    member.profile.dimensions.get(dimension).unwrap()
}

fn members(seed: u64, organisations: u32) -> Vec<Member> {
    let (old, new) = (bundled::v18_1(), bundled::v19_0());
    let parameters = Parameters { seed, organisations, month: "2026-11".parse().unwrap() };
    generate(parameters, &[&old, &new], technology::bundled()).collect()
}

/// Rules per parent technique; a parent is covered if it or one of its sub-techniques has a rule.
fn parents<'a>(snapshots: impl IntoIterator<Item = &'a Snapshot>) -> BTreeMap<TechniqueId, u32> {
    let mut rules: BTreeMap<TechniqueId, u32> = BTreeMap::new();
    for cell in snapshots.into_iter().flat_map(|snapshot| &snapshot.cells) {
        if let CellValue::Value(value) = cell.value {
            *rules.entry(cell.technique.parent()).or_default() += u32::try_from(value).unwrap();
        }
    }
    rules
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

fn quantile(values: &mut [f64], p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * p) as usize]
}

/// Ranks from 1, ties sharing their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .map(|value| {
            let below = values.iter().filter(|other| *other < value).count() as f64;
            let equal = values.iter().filter(|other| *other == value).count() as f64;
            below + (equal + 1.0) / 2.0
        })
        .collect()
}

fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let (ma, mb) = (mean(&a), mean(&b));
    let covariance = mean(&a.iter().zip(&b).map(|(x, y)| (x - ma) * (y - mb)).collect::<Vec<_>>());
    covariance / (deviation(&a) * deviation(&b))
}

#[test]
fn coverage_rules_and_siems_are_as_published() {
    let members = members(1, 400);
    let share = |covered: usize| 100.0 * covered as f64 / 222.0;
    let per_siem: Vec<f64> =
        members.iter().flat_map(|m| &m.snapshots).map(|s| share(parents([s]).len())).collect();
    let per_member: Vec<f64> = members.iter().map(|m| share(parents(&m.snapshots).len())).collect();
    assert!((19.0..=24.0).contains(&mean(&per_siem)));
    assert!((8.0..=12.5).contains(&deviation(&per_siem)));
    assert!((19.0..=26.0).contains(&mean(&per_member)));

    let mut rules: Vec<f64> = members.iter().map(|m| f64::from(m.rules)).collect();
    let logs: Vec<f64> = rules.iter().map(|rules| rules.ln()).collect();
    assert!((95.0..=125.0).contains(&quantile(&mut rules, 0.5)));
    assert!((0.72..=0.88).contains(&deviation(&logs)));

    let two = members.iter().filter(|m| m.snapshots.len() == 2).count() as f64 / 400.0;
    let broken = mean(&members.iter().map(|m| f64::from(m.broken) / f64::from(m.rules)).collect::<Vec<_>>());
    assert!((0.38..=0.48).contains(&two));
    assert!((0.13..=0.18).contains(&broken));

    let mut per_technique: Vec<f64> = members
        .iter()
        .flat_map(|m| parents(&m.snapshots).into_values().map(f64::from).collect::<Vec<_>>())
        .collect();
    let (median, high) = (quantile(&mut per_technique, 0.5), quantile(&mut per_technique, 0.98));
    assert!((3.0..=6.0).contains(&median));
    assert!(high > 8.0 * median, "the tail is long");
}

#[test]
fn products_agree_in_part_on_what_they_cover() {
    let members = members(1, 1_000);
    let techniques: Vec<TechniqueId> =
        bundled::v19_0().active().filter(|t| !t.id.is_sub()).map(|t| t.id).collect();
    let coverage = |source: Source| -> Vec<f64> {
        let of: Vec<BTreeSet<TechniqueId>> = members
            .iter()
            .flat_map(|m| &m.snapshots)
            .filter(|s| s.header.producer.source == source)
            .map(|s| parents([s]).into_keys().collect())
            .collect();
        techniques.iter().map(|id| of.iter().filter(|covered| covered.contains(id)).count() as f64).collect()
    };
    let products = [Source::Splunk, Source::Sentinel, Source::Elastic, Source::Cortex];
    for (position, a) in products.iter().enumerate() {
        for b in &products[position + 1..] {
            let rho = spearman(&coverage(*a), &coverage(*b));
            assert!((0.28..=0.70).contains(&rho), "{a} and {b}: {rho:.2}");
        }
    }
}

#[test]
fn technologies_sectors_and_standing_are_plausible() {
    let members = members(1, 400);
    let connected: Vec<f64> = members
        .iter()
        .map(|m| {
            m.snapshots.iter().flat_map(|s| &s.header.technologies).collect::<BTreeSet<_>>().len() as f64
        })
        .collect();
    assert!(connected.iter().all(|count| (2.0..=9.0).contains(count)));
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for member in &members {
        for technology in
            member.snapshots.iter().flat_map(|s| &s.header.technologies).collect::<BTreeSet<_>>()
        {
            *users.entry(technology).or_default() += 1;
        }
    }
    let mut ranked: Vec<_> = users.iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    assert!((320..=385).contains(&users["microsoft.windows"]));
    assert!(ranked.len() > 60, "the long tail is there");
    assert!(users.values().filter(|count| **count >= 20).count() >= 15);

    let mut overall: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for member in &members {
        overall
            .entry(of(member, Dimension::SECTOR))
            .or_default()
            .push(parents(&member.snapshots).len() as f64);
    }
    assert_eq!(overall.len(), 6);
    assert!(overall["finance"].len() >= 75);
    assert!(overall.values().all(|sector| sector.len() >= 45));
    assert!(mean(&overall["finance"]) > mean(&overall["education"]) + 8.0);

    let distinct = |of: fn(&Member) -> &str| members.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(|m| of(m, Dimension::SIZE)), 4);
    assert_eq!(distinct(|m| of(m, Dimension::REGION)), 3);
    assert_eq!(distinct(|m| &m.name), 400);
    assert_eq!(400 - distinct(|m| &m.profile.control_group), 7 + 1 + 2 + 1 + 2 + 1);
    let count = |of: fn(&Member) -> bool| members.iter().filter(|m| of(m)).count();
    assert!((5..=22).contains(&count(|m| !m.verified)));
    let limit = "2025-09".parse().unwrap();
    let stale = members.iter().filter(|m| m.snapshots.iter().all(|s| s.header.period <= limit)).count();
    assert!((5..=22).contains(&stale), "{stale}");
    assert!((150..=250).contains(&count(|m| m.snapshots[0].header.attack.major == 18)));
    assert!((5..=30).contains(&count(|m| m.snapshots[0].header.scale != Scale::RuleCount)));
}

#[test]
fn a_few_tags_contradict_applicability_and_no_more() {
    let registry = technology::bundled();
    let applicability = Applicability::new(&bundled::v19_0(), registry);
    let (mut all, mut conflicts) = (0, 0);
    for snapshot in members(2, 200).iter().flat_map(|m| &m.snapshots).filter(|s| s.header.attack.major == 19)
    {
        for cell in &snapshot.cells {
            let Some(position) = registry.position(snapshot.technology(cell)) else { continue };
            all += 1;
            conflicts += usize::from(!applicability.applies(cell.technique, position));
        }
    }
    assert!(conflicts > 0 && conflicts * 50 < all, "{conflicts} of {all}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_a_prefix_of_the_larger_community() {
    let bytes = |members: &[Member]| {
        members.iter().flat_map(|m| &m.snapshots).map(|s| serde_json::to_vec(s).unwrap()).collect::<Vec<_>>()
    };
    let (first, again, larger) = (members(7, 40), members(7, 40), members(7, 60));
    assert_eq!(first, again);
    assert_eq!(bytes(&first), bytes(&again));
    assert_eq!(first[..], larger[..40]);
    assert_ne!(bytes(&first), bytes(&members(8, 40)));
}

#[test]
fn every_snapshot_is_one_that_the_service_accepts() {
    let catalogues = Catalogues::bundled();
    let current = "2026-11".parse().unwrap();
    let context = Context { catalogues: &catalogues, registry: technology::bundled(), current };
    for member in members(3, 100) {
        assert!((1..=2).contains(&member.snapshots.len()));
        for snapshot in &member.snapshots {
            assert!(snapshot.header.technologies.len() < MAX_TECHNOLOGIES);
            let text = serde_json::to_vec(snapshot).unwrap();
            assert_eq!(parse(&text, context).as_ref(), Ok(snapshot), "{}", member.name);
        }
    }
}
