//! R14 to R16: what a cell shows of its list.

use super::{Coded, Item, Parameters, Quantiles, ReleaseKey, Rule, Shown, quantile::Histogram};

/// Below this many control groups a cell shows less: only medians of composites, only one statement on techniques.
const FULL_DISPLAY: u32 = 20;

/// The percentiles that are shown, if all of them are.
fn percentiles(groups: u32, n: u32, parameters: &Parameters) -> &'static [u32] {
    match () {
        () if groups < FULL_DISPLAY || n < FULL_DISPLAY => &[50],
        () if n >= parameters.tails_min_n => &[10, 25, 50, 75, 90],
        () => &[25, 50, 75],
    }
}

/// Whether what is shown depends on the draws of jitter.
pub(super) fn draws(groups: u32, histogram: Histogram<'_>, item: &Item, parameters: &Parameters) -> bool {
    let coded = |value: u8| Coded::new(value, item.unit(), parameters);
    let percentiles = percentiles(groups, histogram.n(), parameters);
    !histogram.is_settled(percentiles, parameters, |a, b| coded(a) == coded(b))
}

/// `None` where that is nothing.
pub(super) fn show(
    groups: u32,
    histogram: Histogram<'_>,
    item: &Item,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Option<Shown> {
    let coded = |value: u8| Coded::new(value, item.unit(), parameters);
    let same = |a, b| coded(a) == coded(b);
    let percentiles = percentiles(groups, histogram.n(), parameters);
    let values = histogram.quantiles(percentiles, parameters, key, same)?;
    let quantiles = match *values.into_iter().map(coded).collect::<Vec<Coded>>().as_slice() {
        [p10, p25, p50, p75, p90] => {
            Quantiles { p10: Some(p10), p25: Some(p25), p50, p75: Some(p75), p90: Some(p90) }
        }
        [p25, p50, p75] => Quantiles { p10: None, p25: Some(p25), p50, p75: Some(p75), p90: None },
        [p50] if item.is_technique() => return Some(Shown::Half(!p50.is_low())),
        [p50] => Quantiles { p10: None, p25: None, p50, p75: None, p90: None },
        _ => return None,
    };
    let few = parameters.holds(Rule::R16) && item.is_technique() && quantiles.p75.is_some_and(Coded::is_low);
    Some(if few { Shown::Few } else { Shown::Quantiles(quantiles) })
}
