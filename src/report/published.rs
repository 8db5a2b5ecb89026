//! Published numbers as people read them. A number that is coded to an end, or to a step of counts, stands for more than
//! itself, and never looks exact.

use std::collections::BTreeMap;

use crate::{
    domain::comparison,
    wire::{End, Peers, Quantile, Row},
};

/// A published quantile: `≤10` or `≥90` if it is coded to an end, `30-49` for a step of counts. `None` if the row doesn't show
/// it.
pub fn published(peers: &Peers, quantile: Quantile) -> Option<String> {
    let row = peers.row()?;
    let value = row.quantile(quantile)?;
    Some(match row.steps.get(&quantile) {
        Some(step) => comparison::Step::from(*step).to_string(),
        None => coded(value, row.coded.get(&quantile)),
    })
}

/// A published quantile, or a dash.
pub fn published_or_dash(peers: &Peers, quantile: Quantile) -> String {
    published(peers, quantile).unwrap_or_else(|| "-".to_owned())
}

/// A published median that stands without the rest of its row.
pub fn median(p50: Option<u8>, ends: &BTreeMap<Quantile, End>) -> Option<String> {
    Some(coded(p50?, ends.get(&Quantile::P50)))
}

/// The ends of the peers' middle half as drawings show them. One that is coded reaches to the end of the scale of 0 to 100,
/// because it may lie anywhere up to there.
pub fn middle_half(row: &Row) -> Option<(u8, u8)> {
    let end = |quantile| row.coded.get(&quantile).filter(|_| !row.steps.contains_key(&quantile));
    let low = if end(Quantile::P25) == Some(&End::Low) { 0 } else { row.quantiles.p25? };
    let high = if end(Quantile::P75) == Some(&End::High) { 100 } else { row.quantiles.p75? };
    Some((low, high))
}

/// The change of a published median with its sign. Where one of the two is coded to an end, the peers moved by at least as
/// much; where both are, or where they are steps of counts, the two numbers say all that is known.
pub fn median_moved(change: i16, then: &Peers, now: &Peers) -> String {
    let rows = [then, now].map(Peers::row);
    let is_coded = rows.map(|row| row.is_some_and(|row| row.coded.contains_key(&Quantile::P50)));
    match (rows.into_iter().flatten().any(is_step), is_coded, change) {
        (true, ..) | (_, [true, true], _) | (_, [true, _] | [_, true], 0) => String::new(),
        (_, [false, false], change) => signed(Some(change)),
        (.., 1..) => format!("≥{change:+}"),
        _ => format!("≤{change:+}"),
    }
}

/// The most by which rounding moves a value, with the coarsest step that a community may choose.
const ROUNDING: i16 = 5;

/// The distance to a published median with its sign: a bound where one of the two is coded to an end, because the distance is
/// that of coded values. The own value is, if coding moves it by more than rounding does. Empty for steps of counts, which say by themselves how far apart they are.
pub fn to_median(own: Option<u32>, peers: &Peers, difference: Option<i16>) -> String {
    let row = peers.row().filter(|row| !is_step(row));
    let Some((row, difference)) = row.zip(difference) else { return String::new() };
    let own = own.and_then(|own| i16::try_from(own).ok());
    let coded_by = own.zip(row.quantiles.p50).map_or(0, |(own, p50)| own - i16::from(p50) - difference);
    match row.coded.get(&Quantile::P50) {
        Some(End::Low) => format!("≥{}", signed(Some(difference))),
        Some(End::High) => format!("≤{}", signed(Some(difference))),
        None if coded_by > ROUNDING => format!("≥{}", signed(Some(difference))),
        None if coded_by < -ROUNDING => format!("≤{}", signed(Some(difference))),
        None => signed(Some(difference)),
    }
}

/// Returns whether a median is a step of several counts.
fn is_step(row: &Row) -> bool {
    row.steps.get(&Quantile::P50).is_some_and(|step| step.to != Some(step.from))
}

/// A change with its sign.
pub fn signed(change: Option<i16>) -> String {
    change.map_or_else(String::new, |change| if change == 0 { "0".to_owned() } else { format!("{change:+}") })
}

fn coded(value: u8, end: Option<&End>) -> String {
    match end {
        Some(End::Low) => format!("≤{value}"),
        Some(End::High) => format!("≥{value}"),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn peers(row: Value) -> Peers {
        let mut all = json!({"status": "released", "cohort": "all", "column": "any"});
        all.as_object_mut().unwrap().extend(row.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn at(p50: u8, end: Option<&str>) -> Peers {
        let coded = end.map_or(json!({}), |end| json!({ "p50": end }));
        peers(json!({"p50": p50, "coded": coded}))
    }

    #[test]
    fn a_number_that_stands_for_more_than_itself_says_so() {
        let row = peers(json!({"p25": 10, "p50": 45, "p75": 90, "coded": {"p25": "low", "p75": "high"}}));
        let shown = [Quantile::P10, Quantile::P25, Quantile::P50, Quantile::P75]
            .map(|at| published_or_dash(&row, at));
        assert_eq!(shown, ["-", "≤10", "45", "≥90"]);
        let counts = peers(json!({"p50": 30, "steps": {"p50": {"from": 30, "to": 49}}}));
        assert_eq!(published(&counts, Quantile::P50).unwrap(), "30-49");
        assert_eq!(
            published(&serde_json::from_value(json!({"status": "not_released"})).unwrap(), Quantile::P50),
            None
        );
        assert_eq!(median(Some(90), &[(Quantile::P50, End::High)].into()).unwrap(), "≥90");
        assert_eq!(
            (median(Some(50), &BTreeMap::new()), median(None, &BTreeMap::new())),
            (Some("50".to_owned()), None)
        );
    }

    #[test]
    fn a_coded_end_is_drawn_to_the_end_of_the_scale() {
        let row = |row: Value| middle_half(peers(row).row().unwrap());
        assert_eq!(row(json!({"p25": 20, "p50": 45, "p75": 70})), Some((20, 70)));
        let coded = json!({"p25": "low", "p75": "high"});
        assert_eq!(row(json!({"p25": 10, "p50": 45, "p75": 90, "coded": coded})), Some((0, 100)));
        let steps = json!({"p25": {"from": 5, "to": 7}, "p75": {"from": 80}});
        assert_eq!(
            row(json!({"p25": 5, "p75": 80, "coded": {"p75": "high"}, "steps": steps})),
            Some((5, 80))
        );
        assert_eq!(row(json!({"p50": 45})), None);
    }

    #[test]
    fn a_distance_from_or_to_an_end_is_a_bound() {
        assert_eq!(to_median(Some(20), &at(45, None), Some(-25)), "-25");
        assert_eq!(to_median(Some(45), &at(45, None), Some(0)), "0");
        assert_eq!(to_median(Some(27), &at(55, None), Some(-30)), "-30", "rounded, and no bound");
        assert_eq!(to_median(Some(0), &at(65, None), Some(-55)), "≤-55");
        assert_eq!(to_median(Some(100), &at(65, None), Some(25)), "≥+25");
        assert_eq!(to_median(Some(29), &at(10, Some("low")), Some(19)), "≥+19");
        assert_eq!(to_median(Some(0), &at(90, Some("high")), Some(-80)), "≤-80");
        assert_eq!(to_median(Some(0), &at(10, Some("low")), None), "");
        let step = peers(json!({"p50": 30, "steps": {"p50": {"from": 30, "to": 49}}}));
        assert_eq!(to_median(Some(26), &step, Some(-10)), "");
    }

    #[test]
    fn a_change_from_or_to_an_end_is_a_bound() {
        let (low, high) = (at(10, Some("low")), at(90, Some("high")));
        assert_eq!(median_moved(5, &at(45, None), &at(50, None)), "+5");
        assert_eq!(median_moved(0, &at(45, None), &at(45, None)), "0");
        assert_eq!(median_moved(20, &low, &at(30, None)), "≥+20");
        assert_eq!(median_moved(-20, &at(30, None), &low), "≤-20");
        assert_eq!(median_moved(20, &at(70, None), &high), "≥+20");
        assert_eq!(
            (median_moved(0, &low, &low), median_moved(80, &low, &high)),
            (String::new(), String::new())
        );
        let step = |from: u8, to: u8| peers(json!({"p50": from, "steps": {"p50": {"from": from, "to": to}}}));
        assert_eq!(median_moved(20, &step(30, 49), &step(50, 79)), "");
        assert_eq!(median_moved(1, &step(1, 1), &step(2, 2)), "+1");
    }
}
