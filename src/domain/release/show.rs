//! R14 to R16: what a cell shows of its list.

use super::{Coded, Item, Parameters, Quantiles, ReleaseKey, Rule, Shown, quantile::Histogram};

/// Below this many control groups a cell shows less: only medians of composites, only one statement on techniques.
const FULL_DISPLAY: u32 = 20;

/// `None` where that is nothing.
pub(super) fn show(
    groups: u32,
    histogram: &Histogram,
    item: &Item,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Option<Shown> {
    let coded = |value: u8| Coded::new(value, item.unit(), parameters);
    if groups < FULL_DISPLAY || histogram.n() < FULL_DISPLAY {
        let p50 = coded(*histogram.quantiles(&[50], parameters, key)?.first()?);
        return Some(match item.is_technique() {
            true => Shown::Half(!p50.is_low()),
            false => Shown::Quantiles(Quantiles { p10: None, p25: None, p50, p75: None, p90: None }),
        });
    }
    let tails = histogram.n() >= parameters.tails_min_n;
    let percentiles: &[u32] = if tails { &[10, 25, 50, 75, 90] } else { &[25, 50, 75] };
    let values: Vec<Coded> =
        histogram.quantiles(percentiles, parameters, key)?.into_iter().map(coded).collect();
    let quantiles = match *values.as_slice() {
        [p10, p25, p50, p75, p90] => {
            Quantiles { p10: Some(p10), p25: Some(p25), p50, p75: Some(p75), p90: Some(p90) }
        }
        [p25, p50, p75] => Quantiles { p10: None, p25: Some(p25), p50, p75: Some(p75), p90: None },
        _ => return None,
    };
    let few = parameters.holds(Rule::R16) && item.is_technique() && quantiles.p75.is_some_and(Coded::is_low);
    Some(if few { Shown::Few } else { Shown::Quantiles(quantiles) })
}
