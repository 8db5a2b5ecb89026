//! Popularity of techniques: the weight of every technique for one product and one technology.
//!
//! Three parts, in the log domain. How many threat groups use the technique (what everybody reads about), a part
//! that all products share (what is easy to see), and the product's own taste. Public rule libraries correlate at
//! Spearman .3 to .66 in the techniques they cover; the shares below give that.

use super::draw::{element, key, taste};
use crate::domain::{
    applicability::Applicability,
    attack::{Catalogue, TechniqueId},
    snapshot::Source,
};

/// Techniques that analysts everywhere write rules for first, in the author's experience: easy to see, and in every report.
const STAPLES: [u16; 44] = [
    1003, 1018, 1021, 1027, 1036, 1046, 1047, 1048, 1053, 1055, 1059, 1068, 1069, 1070, 1071, 1078, 1087,
    1090, 1098, 1105, 1110, 1112, 1114, 1133, 1136, 1190, 1204, 1218, 1219, 1486, 1490, 1496, 1530, 1543,
    1546, 1547, 1548, 1550, 1552, 1556, 1558, 1562, 1566, 1685,
];
/// Techniques that hardly show in anybody's logs, or pass for everyday work there.
const ELUSIVE: [u16; 36] = [
    1001, 1008, 1025, 1029, 1030, 1039, 1052, 1080, 1091, 1092, 1104, 1111, 1113, 1115, 1120, 1123, 1124,
    1125, 1132, 1185, 1195, 1199, 1200, 1205, 1211, 1212, 1221, 1480, 1491, 1498, 1499, 1542, 1565, 1568,
    1600, 1601,
];
/// Mean and spread of the popularity that all products share, for staples and for elusive techniques.
const STAPLE: (f64, f64) = (2.0, 0.5);

/// Standard deviation of the logarithm of a technique's weight: how concentrated rule sets are.
const SPREAD: f64 = 1.2;
/// Correlation of the logarithm with: the groups' use, what all products share, the product, the technology.
const GROUPS: f64 = 0.22;
const SHARED: f64 = 0.31;
const PRODUCT: f64 = 0.86;
const TECHNOLOGY: f64 = 0.40;
/// Standard deviation of the logarithm of what a product makes of one sub-technique beside its siblings.
const WITHIN: f64 = 0.8;

/// One ATT&CK version, with how much each technique is used.
pub(super) struct Edition<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) applicability: Applicability,
    techniques: Vec<Entry>,
}

struct Entry {
    id: TechniqueId,
    /// Stands for the STIX id, which is the same in all versions, so that tastes do not change with ATT&CK.
    own: u64,
    parent: u64,
    /// Part of the parent's weight that all products and technologies share, as a logarithm of standard deviation < 1.
    common: f64,
    /// The part of the parent's weight that this id gets before tastes, as a logarithm.
    part: f64,
}

impl<'a> Edition<'a> {
    pub(super) fn new(seed: u64, catalogue: &'a Catalogue, applicability: Applicability) -> Self {
        let parents: Vec<(TechniqueId, f64)> = catalogue
            .active()
            .filter(|technique| !technique.id.is_sub())
            .map(|technique| {
                let users = catalogue
                    .groups()
                    .iter()
                    .filter(|group| group.techniques.iter().any(|used| used.parent() == technique.id));
                (technique.id, f64::from(u32::try_from(users.count()).unwrap_or_default()).ln_1p())
            })
            .collect();
        let count = f64::from(u32::try_from(parents.len()).unwrap_or_default()).max(1.0);
        let mean = parents.iter().map(|(_, log)| log).sum::<f64>() / count;
        let deviation = (parents.iter().map(|(_, log)| (log - mean).powi(2)).sum::<f64>() / count).sqrt();
        let mut techniques = Vec::new();
        for (parent, log) in parents {
            let used = (log - mean) / deviation.max(1e-9);
            let Some(own) = catalogue.get(parent) else { continue };
            let is_in = |list: &[u16]| list.iter().any(|n| TechniqueId::new(*n, 0) == Some(parent));
            let (above, around) = STAPLE;
            // About a fifth of all techniques are staples, and a sixth elusive: the mean is taken out.
            let level = if is_in(&STAPLES) {
                above
            } else if is_in(&ELUSIVE) {
                -above
            } else {
                0.0
            };
            let shared = level - 0.04 * above + around * taste(seed, key("everybody"), key(&own.stix));
            let subs: Vec<_> = catalogue.subs(parent).collect();
            let own_part: f64 = if subs.is_empty() { 1.0 } else { 0.3 };
            let entry = |id, stix: &str, part: f64| Entry {
                id,
                own: key(stix),
                parent: key(&own.stix),
                common: GROUPS * used + SHARED * shared,
                part: part.ln(),
            };
            techniques.push(entry(parent, &own.stix, own_part));
            let each = 0.7 / f64::from(u32::try_from(subs.len()).unwrap_or(1).max(1));
            techniques.extend(subs.iter().map(|sub| entry(sub.id, &sub.stix, each)));
        }
        Self { catalogue, applicability, techniques }
    }

    /// A technique whether it applies or not, at a position of 0..1: what a rule with a wrong tag names.
    pub(super) fn any(&self, position: f64) -> Option<TechniqueId> {
        element(&self.techniques, position).map(|entry| entry.id)
    }
}

/// The techniques that a product's rules name when they look at one technology, as running sums of weights.
pub(super) struct Choices {
    ids: Vec<TechniqueId>,
    sums: Vec<f64>,
}

impl Choices {
    pub(super) fn new(seed: u64, edition: &Edition<'_>, source: Source, technology: (u16, &str)) -> Self {
        let (position, id) = technology;
        let (product, technology) = (key(source.name()), key(id));
        let mut choices = Self { ids: Vec::new(), sums: Vec::new() };
        let mut sum = 0.0;
        for entry in edition.techniques.iter().filter(|e| edition.applicability.applies(e.id, position)) {
            let log = entry.common
                + PRODUCT * taste(seed, product, entry.parent)
                + TECHNOLOGY * taste(seed, technology, entry.parent);
            sum += (SPREAD * log + entry.part + WITHIN * taste(seed, product, entry.own ^ 1)).exp();
            choices.ids.push(entry.id);
            choices.sums.push(sum);
        }
        choices
    }

    /// The technique at a position of 0..1; `None` where nothing applies to the technology.
    pub(super) fn at(&self, position: f64) -> Option<TechniqueId> {
        let target = position * self.sums.last()?;
        let at = self.sums.partition_point(|sum| *sum <= target);
        self.ids.get(at).or(self.ids.last()).copied()
    }
}
