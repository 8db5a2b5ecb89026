//! Gaps: the distance to the peers, the threat, the feasibility of closing it, and the priority that follows from the three.
//! Everything is an integer, rounded half up.

use std::collections::{BTreeMap, BTreeSet};

use super::word::{Word, word};
use crate::domain::{
    attack::{Catalogue, GroupId, TechniqueId},
    facts::attributed,
    named::named,
    release::Shown,
    scale::{Level, Score},
};

named! {
    /// The means by which an organisation could close a gap.
    pub enum Feasibility("feasibility") {
        /// One of its technologies can see the technique, and half or more of that technology's owners cover it through it.
        Ready = "ready",
        /// One of its technologies can see the technique.
        Possible = "possible",
        /// None of its technologies can see the technique.
        SourceMissing = "source_missing",
    }
}

impl Feasibility {
    /// The percentage by which it counts in the priority.
    pub fn weight(self) -> u32 {
        match self {
            Self::Ready => 100,
            Self::Possible => 70,
            Self::SourceMissing => 30,
        }
    }

    /// Says that one of the organisation's technologies can see the technique.
    pub fn is_feasible(self) -> bool {
        self != Self::SourceMissing
    }
}

/// A distance to the peers in points, 0..=100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distance {
    pub points: u8,
    /// The row shows no number, only that half or more of the peers cover the technique.
    pub from_statement: bool,
}

/// The score that stands for "half or more cover it" where a row shows no number.
const HALF: u8 = 50;

/// Measures how far an own score is behind a published row: to the median where half or more of the peers cover the
/// technique, half the way to the upper quartile where a quarter do. Returns `None` where fewer cover it.
pub fn distance(own: u8, shown: &Shown) -> Option<Distance> {
    let exactly = |points| Some(Distance { points, from_statement: false });
    match (word(shown), shown) {
        (Word::Most | Word::Half, Shown::Quantiles(quantiles)) => {
            exactly(quantiles.p50.value.saturating_sub(own))
        }
        (Word::Half, Shown::Half(true)) => {
            Some(Distance { points: HALF.saturating_sub(own), from_statement: true })
        }
        (Word::Quarter, Shown::Quantiles(quantiles)) => {
            exactly(quantiles.p75.map_or(0, |p75| p75.value.saturating_sub(own)).div_ceil(2))
        }
        _ => None,
    }
}

/// Says that an own score leaves no gap to the published row: it reaches the median, or its level is full.
pub fn is_reached(own: Score, shown: Option<&Shown>) -> bool {
    let median = match shown {
        Some(Shown::Quantiles(quantiles)) => Some(quantiles.p50.value),
        Some(Shown::Half(true)) => Some(HALF),
        Some(Shown::Few | Shown::Half(false)) | None => None,
    };
    own.level() == Level::Full || median.is_some_and(|median| own.get() >= median)
}

/// The use of techniques by threat groups.
#[derive(Debug, Clone)]
pub struct Threat {
    /// Number of the chosen groups that use a technique or, of a parent, one of its sub-techniques.
    uses: BTreeMap<TechniqueId, u32>,
    /// That number for each active parent technique, ascending.
    of_parents: Vec<u32>,
}

impl Threat {
    /// Counts the uses by the groups that are chosen.
    pub fn new(catalogue: &Catalogue, is_chosen: impl Fn(GroupId) -> bool) -> Self {
        let mut uses: BTreeMap<TechniqueId, u32> = BTreeMap::new();
        for group in catalogue.groups().iter().filter(|group| is_chosen(group.id)) {
            let used: BTreeSet<TechniqueId> =
                attributed(catalogue, group).flat_map(|id| [id, id.parent()]).collect();
            used.into_iter().for_each(|id| *uses.entry(id).or_default() += 1);
        }
        let parents = catalogue.active().filter(|technique| !technique.id.is_sub());
        let mut of_parents: Vec<u32> =
            parents.map(|parent| uses.get(&parent.id).copied().unwrap_or_default()).collect();
        of_parents.sort_unstable();
        Self { uses, of_parents }
    }

    /// Number of the chosen groups that use a technique.
    pub fn uses(&self, id: TechniqueId) -> u32 {
        self.uses.get(&id).copied().unwrap_or_default()
    }

    /// The share of parent techniques that fewer of the chosen groups use, 0..=100.
    pub fn of(&self, id: TechniqueId) -> u8 {
        let uses = self.uses(id);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let fewer = count(self.of_parents.partition_point(|other| *other < uses));
        Score::share(fewer, count(self.of_parents.len())).unwrap_or_default().get()
    }

    /// The parent techniques that most of the chosen groups use, at most `number`; ties by id.
    pub fn most_used(&self, number: usize) -> Vec<TechniqueId> {
        let mut parents: Vec<(TechniqueId, u32)> =
            self.uses.iter().filter(|(id, _)| !id.is_sub()).map(|(id, uses)| (*id, *uses)).collect();
        parents.sort_by_key(|(id, uses)| (std::cmp::Reverse(*uses), *id));
        parents.into_iter().take(number).map(|(id, _)| id).collect()
    }
}

/// The order in which to close gaps, 0..=100: the distance, weighted by half the threat and by the feasibility.
pub fn priority(distance: u8, threat: u8, feasibility: Feasibility) -> u8 {
    let (distance, threat) = (u32::from(distance), u32::from(threat));
    // distance * (50 + threat / 2) * weight / 10,000 without a fraction in between.
    let priority = (distance * (100 + threat) * feasibility.weight() + 10_000) / 20_000;
    u8::try_from(priority).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        attack::Catalogues,
        release::{Coded, Parameters, Preset, Quantiles, Unit},
    };

    fn quantiles(p25: u8, p50: u8, p75: u8) -> Shown {
        let parameters = Parameters::preset(Preset::Default);
        let coded = |value| Coded::new(value, Unit::Points, &parameters);
        Shown::Quantiles(Quantiles {
            p10: None,
            p25: Some(coded(p25)),
            p50: coded(p50),
            p75: Some(coded(p75)),
            p90: None,
        })
    }

    fn points(own: u8, shown: &Shown) -> Option<(u8, bool)> {
        distance(own, shown).map(|distance| (distance.points, distance.from_statement))
    }

    #[test]
    fn the_distance_is_to_the_median_or_half_the_way_to_the_upper_quartile() {
        assert_eq!(points(20, &quantiles(20, 45, 70)), Some((25, false)), "most");
        assert_eq!(points(0, &quantiles(0, 50, 80)), Some((50, false)), "half");
        assert_eq!(points(60, &quantiles(0, 50, 80)), Some((0, false)), "ahead");
        assert_eq!(points(0, &quantiles(0, 0, 45)), Some((23, false)), "a quarter: half of 45, half up");
        assert_eq!(points(29, &Shown::Half(true)), Some((21, true)), "the statement alone");
        for nothing in [Shown::Few, Shown::Half(false), quantiles(0, 0, 0)] {
            assert_eq!(points(0, &nothing), None);
        }
    }

    #[test]
    fn the_median_or_the_level_full_closes_a_gap() {
        let reached = |own, shown: Option<&Shown>| is_reached(Score::new(own).unwrap(), shown);
        let row = quantiles(20, 45, 70);
        assert!(!reached(44, Some(&row)) && reached(45, Some(&row)));
        assert!(reached(75, None) && !reached(74, None));
        assert!(reached(75, Some(&quantiles(60, 90, 95))) && !reached(74, Some(&quantiles(60, 90, 95))));
        assert!(reached(50, Some(&Shown::Half(true))) && !reached(49, Some(&Shown::Half(true))));
        assert!(!reached(50, Some(&Shown::Few)));
    }

    #[test]
    fn threat_is_a_share_of_techniques_that_fewer_groups_use() {
        let catalogue = Catalogues::bundled().canonical().unwrap().clone();
        let all = Threat::new(&catalogue, |_| true);
        let id = |text: &str| text.parse::<TechniqueId>().unwrap();
        assert!(all.of(id("T1059")) > 95, "{}", all.of(id("T1059")));
        let unused = catalogue.active().find(|technique| all.uses(technique.id) == 0).unwrap();
        assert_eq!(all.of(unused.id), 0);
        let group = catalogue.groups().iter().find(|group| group.id.to_string() == "G0016").unwrap();
        let one = Threat::new(&catalogue, |id| id == group.id);
        let used: BTreeSet<TechniqueId> = attributed(&catalogue, group).map(TechniqueId::parent).collect();
        let parents = catalogue.active().filter(|technique| !technique.id.is_sub()).count();
        let share =
            Score::share(u32::try_from(parents - used.len()).unwrap(), u32::try_from(parents).unwrap());
        assert_eq!(Some(one.of(*used.first().unwrap())), share.map(Score::get));
        assert_eq!(one.of(unused.id), 0);
        let top = all.most_used(20);
        assert_eq!(top.len(), 20);
        assert!(top.is_sorted_by_key(|id| std::cmp::Reverse(all.uses(*id))));
    }

    proptest! {
        #[test]
        fn a_priority_is_its_formula_and_grows_with_each_part(distance in 0_u8..=100, threat in 0_u8..=100) {
            let of = |feasibility| priority(distance, threat, feasibility);
            let [ready, possible, missing] = Feasibility::ALL.map(of);
            prop_assert!(missing <= possible && possible <= ready && ready <= distance);
            for (feasibility, found) in Feasibility::ALL.into_iter().zip([ready, possible, missing]) {
                let weight = f64::from(feasibility.weight());
                let exact = f64::from(distance) * (50.0 + f64::from(threat) / 2.0) * weight / 10_000.0;
                prop_assert!((f64::from(found) - exact).abs() <= 0.5 + 1e-9, "{found} {exact}");
                if threat < 100 {
                    prop_assert!(priority(distance, threat + 1, feasibility) >= found);
                }
            }
        }
    }
}
