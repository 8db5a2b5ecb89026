//! R21: the own position, from the own value and the published quantiles alone. An own technology count is coded down to
//! its step first, as the published ones are; otherwise the difference within a step would read as a lead.

use serde::{Deserialize, Serialize};

use crate::domain::{
    named::named,
    release::{Coded, Parameters, Quantiles, Unit},
};

named! {
    /// The place of the own value among the published quantiles.
    pub enum Place("position") {
        /// The own value and the lower quartile are both coded low: many members are there.
        TiedLow = "tied_low",
        /// The own value and the upper quartile are both coded high.
        TiedHigh = "tied_high",
        AroundP25 = "around_p25",
        AroundP50 = "around_p50",
        AroundP75 = "around_p75",
        BelowP25 = "below_p25",
        P25ToP50 = "p25_p50",
        P50ToP75 = "p50_p75",
        AboveP75 = "above_p75",
        /// Only the median is published, and the own value is below it.
        BelowP50 = "below_p50",
        AboveP50 = "above_p50",
    }
}

/// The estimated percentile of the own value, 0..=100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimate {
    At(u8),
    AtMost(u8),
    AtLeast(u8),
}

/// A place and an estimate of the percentile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub place: Place,
    pub estimate: Estimate,
}

/// The published quantiles with their percentiles, ascending.
pub fn points(quantiles: &Quantiles) -> Vec<(u8, Coded)> {
    let all = [
        (10, quantiles.p10),
        (25, quantiles.p25),
        (50, Some(quantiles.p50)),
        (75, quantiles.p75),
        (90, quantiles.p90),
    ];
    all.into_iter().filter_map(|(percentile, coded)| Some((percentile, coded?))).collect()
}

/// Works out the position of the own value `own` (not coded).
pub fn position(own: u8, quantiles: &Quantiles, unit: Unit, parameters: &Parameters) -> Position {
    let own = match unit {
        Unit::Points => own,
        Unit::Count => Coded::new(own, unit, parameters).value,
    };
    let tied = tied(own, quantiles, unit, parameters);
    let place = tied.unwrap_or_else(|| place(own, quantiles, unit, parameters));
    let points = points(quantiles);
    let coded = |test: fn(Coded) -> bool| {
        points.iter().filter(move |(_, q)| test(*q)).map(|(percentile, _)| *percentile)
    };
    let estimate = match place {
        // Everybody up to the last quantile at the end may be anywhere at it.
        Place::TiedLow => Estimate::AtMost(coded(Coded::is_low).max().unwrap_or(25)),
        Place::TiedHigh => Estimate::AtLeast(coded(Coded::is_high).min().unwrap_or(75)),
        _ => estimate(own, &points),
    };
    Position { place, estimate }
}

fn tied(own: u8, quantiles: &Quantiles, unit: Unit, parameters: &Parameters) -> Option<Place> {
    if unit == Unit::Count {
        return None;
    }
    // Where only the median is published, its end is the one to be tied with.
    let lower = quantiles.p25.unwrap_or(quantiles.p50);
    let upper = quantiles.p75.unwrap_or(quantiles.p50);
    if own <= parameters.code_low && lower.is_low() {
        Some(Place::TiedLow)
    } else if own >= parameters.code_high && upper.is_high() {
        Some(Place::TiedHigh)
    } else {
        None
    }
}

fn place(own: u8, quantiles: &Quantiles, unit: Unit, parameters: &Parameters) -> Place {
    let around = |quantile: Coded| match unit {
        Unit::Points => 2 * u16::from(own.abs_diff(quantile.value)) <= u16::from(parameters.round_step),
        Unit::Count => own == quantile.value,
    };
    let p50 = quantiles.p50;
    let (Some(p25), Some(p75)) = (quantiles.p25, quantiles.p75) else {
        return match own.cmp(&p50.value) {
            _ if around(p50) => Place::AroundP50,
            std::cmp::Ordering::Less => Place::BelowP50,
            _ => Place::AboveP50,
        };
    };
    match own {
        _ if around(p50) => Place::AroundP50,
        _ if around(p25) => Place::AroundP25,
        _ if around(p75) => Place::AroundP75,
        own if own < p25.value => Place::BelowP25,
        own if own < p50.value => Place::P25ToP50,
        own if own <= p75.value => Place::P50ToP75,
        _ => Place::AboveP75,
    }
}

/// Quantiles that have one value.
struct Equal {
    value: u32,
    /// The lowest and the highest of their percentiles, and the mean, in hundredths.
    lowest: u32,
    highest: u32,
    mean: u32,
}

impl Equal {
    fn of(points: &[(u8, Coded)]) -> Option<Self> {
        let percentiles = points.iter().map(|(percentile, _)| u32::from(*percentile) * 100);
        let count = u32::try_from(points.len()).ok()?;
        Some(Self {
            value: u32::from(points.first()?.1.value),
            lowest: percentiles.clone().min()?,
            highest: percentiles.clone().max()?,
            mean: percentiles.sum::<u32>().checked_div(count)?,
        })
    }
}

/// Estimates the percentile linearly between the published quantiles. At equal quantiles it is the mean of their
/// percentiles; a value above them is above all of them.
fn estimate(own: u8, points: &[(u8, Coded)]) -> Estimate {
    let groups: Vec<Equal> = points.chunk_by(|a, b| a.1.value == b.1.value).filter_map(Equal::of).collect();
    let own = u32::from(own);
    let percent = |hundredths: u32| u8::try_from((hundredths + 50) / 100).unwrap_or(100);
    let above = groups.partition_point(|group| group.value < own);
    let (below, here) = (above.checked_sub(1).and_then(|at| groups.get(at)), groups.get(above));
    match (below, here) {
        (_, Some(here)) if here.value == own => Estimate::At(percent(here.mean)),
        (None, Some(first)) => Estimate::AtMost(percent(first.lowest)),
        (Some(last), None) => Estimate::AtLeast(percent(last.highest)),
        (Some(a), Some(b)) => {
            let share = (own - a.value) * (b.lowest - a.highest) / (b.value - a.value);
            Estimate::At(percent(a.highest + share))
        }
        // No row is without a median.
        (None, None) => Estimate::At(50),
    }
}

/// Subtracts the median from the own number, coded like the published ones: negative is behind. Returns `None` where both
/// are coded at the same end.
pub fn difference_to_median(
    own: u8,
    quantiles: &Quantiles,
    unit: Unit,
    parameters: &Parameters,
) -> Option<i16> {
    let own = Coded::new(own, unit, parameters);
    if own.end.is_some() && own.end == quantiles.p50.end {
        return None;
    }
    Some(i16::from(own.value) - i16::from(quantiles.p50.value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::release::Preset;

    fn quantiles(p25: u8, p50: u8, p75: u8) -> Quantiles {
        let parameters = Parameters::preset(Preset::Default);
        let coded = |value| Coded::new(value, Unit::Points, &parameters);
        Quantiles { p10: None, p25: Some(coded(p25)), p50: coded(p50), p75: Some(coded(p75)), p90: None }
    }

    fn at(own: u8, q: Quantiles) -> (&'static str, Estimate) {
        let position = position(own, &q, Unit::Points, &Parameters::preset(Preset::Default));
        (position.place.name(), position.estimate)
    }

    #[test]
    fn places_and_estimates() {
        let q = quantiles(20, 45, 70);
        assert_eq!(at(0, q), ("below_p25", Estimate::AtMost(25)));
        assert_eq!(at(18, q), ("around_p25", Estimate::AtMost(25)));
        assert_eq!(at(30, q), ("p25_p50", Estimate::At(35)));
        assert_eq!(at(47, q), ("around_p50", Estimate::At(52)));
        assert_eq!(at(50, q), ("p50_p75", Estimate::At(55)));
        assert_eq!(at(68, q), ("around_p75", Estimate::At(73)));
        assert_eq!(at(100, q), ("above_p75", Estimate::AtLeast(75)));
    }

    #[test]
    fn coded_ends_tie() {
        assert_eq!(at(0, quantiles(0, 0, 50)), ("tied_low", Estimate::AtMost(50)));
        assert_eq!(at(10, quantiles(0, 30, 50)), ("tied_low", Estimate::AtMost(25)));
        assert_eq!(at(95, quantiles(50, 95, 100)), ("tied_high", Estimate::AtLeast(50)));
        assert_eq!(at(0, quantiles(30, 40, 50)).0, "below_p25");
    }

    #[test]
    fn equal_quantiles_count_as_one() {
        assert_eq!(at(50, quantiles(50, 50, 70)).1, Estimate::At(38));
        assert_eq!(at(50, quantiles(50, 50, 50)).1, Estimate::At(50));
        assert_eq!(at(60, quantiles(50, 50, 70)).1, Estimate::At(63));
        assert_eq!(at(40, quantiles(30, 50, 50)).1, Estimate::At(38));
    }

    /// Counts of techniques, as a release codes them.
    fn counts(values: [u8; 5]) -> Quantiles {
        let parameters = Parameters::preset(Preset::Default);
        let [p10, p25, p50, p75, p90] = values.map(|value| Coded::new(value, Unit::Count, &parameters));
        Quantiles { p10: Some(p10), p25: Some(p25), p50, p75: Some(p75), p90: Some(p90) }
    }

    fn counted(own: u8, q: Quantiles) -> (&'static str, Estimate) {
        let position = position(own, &q, Unit::Count, &Parameters::preset(Preset::Default));
        (position.place.name(), position.estimate)
    }

    #[test]
    fn an_own_count_is_compared_by_its_step() {
        let q = counts([12, 20, 35, 60, 75]);
        for own in [50, 79] {
            assert_eq!(counted(own, q), ("around_p75", Estimate::At(83)), "{own}");
        }
        assert_eq!(counted(49, q), ("around_p50", Estimate::At(50)));
        assert_eq!(counted(80, q), ("above_p75", Estimate::AtLeast(90)));
        assert_eq!(counted(11, q), ("below_p25", Estimate::AtMost(10)));
        assert_eq!(counted(19, q), ("below_p25", Estimate::At(10)));
    }

    #[test]
    fn the_difference_is_left_out_at_the_same_end() {
        let parameters = Parameters::preset(Preset::Default);
        let difference = |own, q: Quantiles| difference_to_median(own, &q, Unit::Points, &parameters);
        assert_eq!(difference(3, quantiles(0, 5, 50)), None);
        assert_eq!(difference(3, quantiles(0, 45, 50)), Some(-35));
        assert_eq!(difference(100, quantiles(0, 45, 50)), Some(45));
    }

    proptest! {
        /// Place and estimate of a count say the same, and every count of a step reads the same.
        #[test]
        fn counts_are_placed_where_they_are_estimated(mut v in proptest::array::uniform5(0_u8..=100), own in 0_u8..=100) {
            v.sort_unstable();
            let q = counts(v);
            let (place, estimate) = counted(own, q);
            let parameters = Parameters::preset(Preset::Default);
            let step = Coded::new(own, Unit::Count, &parameters).value;
            prop_assert_eq!((place, estimate), counted(step, q));
            let within = match place {
                "below_p25" => 0..=25,
                "p25_p50" => 25..=50,
                "p50_p75" => 50..=75,
                "above_p75" => 75..=90,
                // Equal quantiles are one place, at the mean of their percentiles.
                "around_p25" => 18..=25,
                "around_p50" => 28..=72,
                "around_p75" => 75..=83,
                other => panic!("{other} is not a place of a count"),
            };
            let (Estimate::At(percent) | Estimate::AtMost(percent) | Estimate::AtLeast(percent)) = estimate;
            prop_assert!(within.contains(&percent), "{} at {:?} of {:?}", place, estimate, q);
            prop_assert_eq!(place.starts_with("around"), points(&q)[1..4].iter().any(|(_, q)| q.value == step));
        }

        /// A higher own value never reads as a lower percentile.
        #[test]
        fn estimates_ascend(mut v in proptest::collection::vec(0_u8..=100, 3..=3), a in 0_u8..=100, b in 0_u8..=100) {
            v.sort_unstable();
            let q = quantiles(v[0], v[1], v[2]);
            let middle = |own| match at(own, q).1 {
                Estimate::At(p) | Estimate::AtMost(p) | Estimate::AtLeast(p) => p,
            };
            let points = points(&q);
            let (low, high) = (a.min(b), a.max(b));
            if let (Estimate::At(x), Estimate::At(y)) = (estimate(low, &points), estimate(high, &points)) {
                prop_assert!(x <= y);
            }
            prop_assert!(middle(low) <= 100);
        }
    }
}
