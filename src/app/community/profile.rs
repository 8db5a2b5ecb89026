//! Profiles of the members: names, sectors, sizes, regions, control groups.

use super::draw::{Draw, even};

/// A value of a dimension and its effect on the rule set: the shift of the logarithm of the number of rules.
pub(super) type Value = (&'static str, f64);

/// Sectors with their weight in the community: finance leads because the demo's member is one of them and its
/// sector must be big enough to be published.
const SECTORS: [(Value, f64); 6] = [
    (("finance", 0.20), 0.21),
    (("health", -0.10), 0.17),
    (("public", 0.0), 0.17),
    (("manufacturing", -0.05), 0.17),
    (("retail", 0.0), 0.14),
    (("education", -0.45), 0.14),
];
const SIZES: [(Value, f64); 4] = [
    (("small", -0.35), 0.22),
    (("medium", -0.05), 0.33),
    (("large", 0.20), 0.28),
    (("enterprise", 0.40), 0.17),
];
const REGIONS: [(&str, f64); 3] = [("europe", 0.42), ("north-america", 0.38), ("asia-pacific", 0.20)];

const FIRST: [&str; 24] = [
    "Alder", "Amber", "Basin", "Birch", "Canyon", "Cedar", "Cobalt", "Copper", "Delta", "Ember", "Fjord",
    "Granite", "Harbour", "Heron", "Indigo", "Juniper", "Lagoon", "Maple", "Meridian", "Orchard", "Pine",
    "Quartz", "Summit", "Willow",
];
const SECOND: [&str; 12] =
    ["Bay", "Bridge", "Creek", "Field", "Gate", "Grove", "Hill", "Lake", "Point", "Ridge", "Vale", "Water"];

/// Out of this many consecutive members, the same ones share a control group.
const BLOCK: u32 = 400;
/// First member of the group within its block, and how many: one managed-service provider and a few families of
/// companies.
const GROUPS: [(u32, u32); 6] = [(40, 8), (90, 2), (131, 3), (205, 2), (262, 3), (333, 2)];

/// The profile of a member as far as it does not depend on its technologies.
pub(super) struct Position {
    pub(super) name: String,
    pub(super) sector: Value,
    pub(super) size: Value,
    /// 0 for small to 1 for enterprise.
    pub(super) weight: f64,
    pub(super) region: &'static str,
    pub(super) control_group: String,
}

pub(super) fn position(seed: u64, index: u32, draw: &mut Draw) -> Position {
    let sector = at(&SECTORS, even(seed, index));
    let size = at(&SIZES, draw.unit());
    let region = at(&REGIONS, draw.unit());
    let rank = SIZES.iter().position(|(value, _)| value.0 == size.0).unwrap_or_default();
    Position {
        name: name(sector.0, index, draw),
        sector,
        size,
        weight: f64::from(u32::try_from(rank).unwrap_or_default()) / 3.0,
        region,
        control_group: control_group(index),
    }
}

/// Shift of the logarithm of the number of rules that is left when the mean over all members is taken out, and the
/// variance that sectors and sizes explain.
pub(super) fn shifts() -> (f64, f64) {
    let moments = |values: &[(Value, f64)]| {
        let total: f64 = values.iter().map(|(_, weight)| weight).sum();
        let mean = values.iter().map(|((_, shift), weight)| shift * weight).sum::<f64>() / total;
        let variance =
            values.iter().map(|((_, shift), weight)| (shift - mean).powi(2) * weight).sum::<f64>() / total;
        (mean, variance)
    };
    let (sectors, sizes) = (moments(&SECTORS), moments(&SIZES));
    (sectors.0 + sizes.0, sectors.1 + sizes.1)
}

/// The value at a position of 0..1 when each takes as much room as its weight.
fn at<T: Copy + Default>(values: &[(T, f64)], position: f64) -> T {
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    for (value, weight) in values {
        sum += weight / total;
        if position < sum {
            return *value;
        }
    }
    values.last().map(|(value, _)| *value).unwrap_or_default()
}

/// An invented name; the number makes it unique.
fn name(sector: &str, index: u32, draw: &mut Draw) -> String {
    let mut word = |words: &[&'static str]| {
        let last = u32::try_from(words.len()).unwrap_or(1).saturating_sub(1);
        usize::try_from(draw.between(0, last)).ok().and_then(|at| words.get(at)).copied().unwrap_or_default()
    };
    let kinds: &[&str] = match sector {
        "finance" => &["Bank", "Mutual", "Credit Union", "Insurance"],
        "health" => &["Hospital", "Clinics", "Health"],
        "public" => &["Council", "Agency", "County"],
        "manufacturing" => &["Works", "Machines", "Foods"],
        "retail" => &["Stores", "Outfitters", "Market"],
        _ => &["College", "University", "Schools"],
    };
    let (first, second, kind) = (word(&FIRST), word(&SECOND), word(kinds));
    format!("{first} {second} {kind} {}", index + 1)
}

fn control_group(index: u32) -> String {
    let (block, within) = (index / BLOCK, index % BLOCK);
    let shared = GROUPS.iter().position(|(first, count)| (*first..first + count).contains(&within));
    match shared {
        Some(0) => format!("provider-{}", block + 1),
        Some(group) => format!("family-{}-{group}", block + 1),
        None => format!("member-{}", index + 1),
    }
}
