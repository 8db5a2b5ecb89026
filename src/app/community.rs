//! A plausible synthetic community, for the demo, simulations and benches: seeded, so that the same parameters give
//! the same bytes.
//!
//! Calibrated on published figures (CardinalOps' yearly reports 2022 to 2025, and counts over public rule libraries):
//! a SIEM covers 19% to 24% of ATT&CK's parent techniques with a standard deviation of about 10 points; rules per
//! organisation are log-normal with median 110 and sigma 0.8; 43% have two SIEMs; 13% to 18% of rules are broken; a
//! covered technique has a median of 3 to 6 rules with a long tail; products correlate at Spearman .3 to .66 in what
//! they cover. Everything else (market shares, sectors, sizes) is the author's estimate.

mod draw;
mod market;
mod profile;
mod rules;
mod taste;
#[cfg(test)]
mod tests;

use crate::domain::{
    applicability::Applicability,
    attack::{Catalogue, TechniqueId},
    calendar::Month,
    dimension::{ByDimension, Dimension},
    organisation::Profile,
    scale::Scale,
    snapshot::{Snapshot, Source},
    technology::Registry,
};
use draw::{Draw, whole};
use market::Market;
use rules::{Cache, Siem};
use taste::Edition;

/// Share of organisations with a second SIEM.
const TWO_SIEMS: f64 = 0.43;
/// Median and sigma of the rules per organisation.
const RULES: (f64, f64) = (110.0, 0.8);
/// Nobody has fewer rules, or more.
const RULES_RANGE: (f64, f64) = (5.0, 1_500.0);
/// Share of rules that are broken, and so not counted.
const BROKEN: (f64, f64) = (0.13, 0.18);
const UNVERIFIED: f64 = 0.03;
const STALE: f64 = 0.03;
/// Scales other than rule counts.
const OTHER_SCALE: f64 = 0.04;
/// A technology that the registry does not have.
const CUSTOM: f64 = 0.08;

const SOURCES: [(Source, f64); 9] = [
    (Source::Splunk, 0.28),
    (Source::Sentinel, 0.27),
    (Source::Elastic, 0.12),
    (Source::Cortex, 0.10),
    (Source::Chronicle, 0.08),
    (Source::Sumo, 0.06),
    (Source::Sigma, 0.04),
    (Source::CheckPoint, 0.03),
    (Source::Navigator, 0.02),
];
/// Age in months of a snapshot that is kept up to date.
const AGES: [(u16, f64); 6] = [(0, 0.40), (1, 0.25), (2, 0.15), (3, 0.10), (5, 0.06), (8, 0.04)];
const CUSTOM_NAMES: [(&str, f64); 4] =
    [("other.unknown", 0.4), ("other.network", 0.3), ("other.endpoint", 0.2), ("other.saas", 0.1)];

/// The parameters that a community is generated from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    pub seed: u64,
    pub organisations: u32,
    /// The running month: no snapshot has a later period.
    pub month: Month,
}

/// One organisation of the community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Invented; unique in its community.
    pub name: String,
    pub profile: Profile,
    pub verified: bool,
    /// Number of rules in its SIEMs, broken ones included. No snapshot says this.
    pub rules: u32,
    /// Number of broken rules, which are in no snapshot.
    pub broken: u32,
    /// One per SIEM.
    pub snapshots: Vec<Snapshot>,
}

/// The members one after another, so that a large community needs no memory.
pub struct Community<'a> {
    parameters: Parameters,
    registry: &'a Registry,
    market: Market,
    /// The ATT&CK versions in use, each with what its rules name.
    editions: Vec<(Edition<'a>, Cache)>,
    next: u32,
}

/// A community whose snapshots use the given ATT&CK versions in equal parts. The first `n` members of a larger
/// community of the same seed are the community of `n`.
pub fn generate<'a>(
    parameters: Parameters,
    catalogues: &[&'a Catalogue],
    registry: &'a Registry,
) -> Community<'a> {
    let editions = catalogues
        .iter()
        .map(|catalogue| {
            let applicability = Applicability::new(catalogue, registry);
            (Edition::new(parameters.seed, catalogue, applicability), Cache::new())
        })
        .collect();
    Community { parameters, registry, market: Market::new(registry), editions, next: 0 }
}

impl Iterator for Community<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let index = self.next;
        if index >= self.parameters.organisations || self.editions.is_empty() {
            return None;
        }
        self.next += 1;
        Some(self.member(index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.parameters.organisations - self.next).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Community<'_> {}

impl Community<'_> {
    fn member(&mut self, index: u32) -> Member {
        let Parameters { seed, month, .. } = self.parameters;
        let mut draw = Draw::new(seed, u64::from(index));
        let position = profile::position(seed, index, &mut draw);
        let owned = self.market.owned(position.sector.0, position.weight, &mut draw);
        let (mean, explained) = profile::shifts();
        let (median, sigma) = RULES;
        let spread = (sigma * sigma - explained).max(0.0).sqrt();
        let log = median.ln() + position.sector.1 + position.size.1 - mean + spread * draw.normal();
        let rules = whole(log.exp().clamp(RULES_RANGE.0, RULES_RANGE.1), u32::MAX);
        let broken = whole(f64::from(rules) * (BROKEN.0 + (BROKEN.1 - BROKEN.0) * draw.unit()), rules);
        let verified = !draw.chance(UNVERIFIED);
        let age = match draw.chance(STALE) {
            true => u16::try_from(draw.between(14, 20)).unwrap_or(14),
            false => draw.pick(&AGES).copied().unwrap_or_default(),
        };
        let siems = self.siems(&owned, rules - broken, month.back(age).unwrap_or(month), &mut draw);
        let versions = u32::try_from(self.editions.len()).unwrap_or(1);
        let edition = usize::try_from(draw.between(0, versions.saturating_sub(1))).unwrap_or_default();
        let mut snapshots: Vec<Snapshot> = Vec::new();
        if let Some((edition, cache)) = self.editions.get_mut(edition) {
            for siem in &siems {
                let first: Vec<TechniqueId> =
                    snapshots.iter().flat_map(|first| &first.cells).map(|cell| cell.technique).collect();
                let snapshot = rules::snapshot(seed, edition, self.registry, cache, siem, &first, &mut draw);
                snapshots.push(snapshot);
            }
        }
        let profile = Profile {
            dimensions: ByDimension::examples()
                .with(Dimension::SECTOR, position.sector.0.to_owned())
                .with(Dimension::SIZE, position.size.0.to_owned())
                .with(Dimension::REGION, position.region.to_owned()),
            control_group: position.control_group,
            platforms: market::platforms(self.registry, &owned),
        };
        Member { name: position.name, profile, verified, rules, broken, snapshots }
    }

    /// One or two rule sources that share the rules: the second is what a team brought along or the cloud came with.
    fn siems(&self, owned: &[u16], rules: u32, period: Month, draw: &mut Draw) -> Vec<Siem> {
        let two = draw.chance(TWO_SIEMS);
        let first = draw.pick(&SOURCES).copied().unwrap_or(Source::Splunk);
        let others: Vec<(Source, f64)> =
            SOURCES.iter().copied().filter(|(source, _)| *source != first).collect();
        let second = two.then(|| draw.pick(&others).copied()).flatten();
        let main = match second {
            Some(_) => whole(f64::from(rules) * (0.55 + 0.25 * draw.unit()), rules),
            None => rules,
        };
        let scale = match draw.chance(OTHER_SCALE) {
            true if draw.chance(0.5) => Scale::Percent,
            true => Scale::PartialFull,
            false => Scale::RuleCount,
        };
        let custom = draw.chance(CUSTOM).then(|| draw.pick(&CUSTOM_NAMES).copied()).flatten();
        let mut siem = |source, rules, (low, high), custom| {
            let count = draw.between(low, high);
            let technologies = self.market.connected(self.registry, owned, source, count, draw);
            Siem { source, feed: 1, scale, period, technologies, custom, rules }
        };
        let mut siems = vec![siem(first, main, if two { (2, 5) } else { (2, 8) }, custom)];
        siems.extend(second.map(|source| siem(source, rules - main, (1, 3), None)));
        siems
    }
}
