//! R14 to R16: what a cell shows of its list.

use super::code::Coded;
use crate::domain::release::{
    counting::quantile::Histogram,
    item::Item,
    parameters::{Parameters, Rule},
    publication::{Quantiles, Shown},
    release_key::ReleaseKey,
};

/// Below this many control groups a cell shows less: only medians of composites, only one statement on techniques.
const FULL_DISPLAY: u32 = 20;

const MEDIAN: [u32; 1] = [50];
const QUARTILES: [u32; 3] = [25, 50, 75];
const TAILS: [u32; 5] = [10, 25, 50, 75, 90];

/// The percentiles that are shown, if all of them are.
fn percentiles(groups: u32, n: u32, parameters: &Parameters) -> &'static [u32] {
    match () {
        () if groups < FULL_DISPLAY || n < FULL_DISPLAY => &MEDIAN,
        () if n >= parameters.tails_min_n => &TAILS,
        () => &QUARTILES,
    }
}

/// A list and how it is shown.
struct Showing<'s> {
    histogram: Histogram<'s>,
    item: &'s Item,
    parameters: &'s Parameters,
}

impl Showing<'_> {
    fn coded(&self, value: u8) -> Coded {
        Coded::new(value, self.item.unit(), self.parameters)
    }

    fn is_same(&self, a: u8, b: u8) -> bool {
        a == b || self.coded(a) == self.coded(b)
    }

    fn quantiles<const N: usize>(&self, percentiles: [u32; N], key: &ReleaseKey) -> Option<[Coded; N]> {
        let values =
            self.histogram.quantiles(percentiles, self.parameters, key, |a, b| self.is_same(a, b))?;
        Some(values.map(|value| self.coded(value)))
    }
}

/// Whether what is shown depends on the draws of jitter.
pub fn draws(groups: u32, histogram: Histogram<'_>, item: &Item, parameters: &Parameters) -> bool {
    let showing = Showing { histogram, item, parameters };
    let percentiles = percentiles(groups, histogram.n(), parameters);
    !histogram.is_settled(percentiles, parameters, |a, b| showing.is_same(a, b))
}

/// `None` where that is nothing.
pub fn show(
    groups: u32,
    histogram: Histogram<'_>,
    item: &Item,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Option<Shown> {
    let showing = Showing { histogram, item, parameters };
    let quantiles = match percentiles(groups, histogram.n(), parameters).len() {
        1 => {
            let [p50] = showing.quantiles(MEDIAN, key)?;
            if item.is_technique() {
                return Some(Shown::Half(!p50.is_low()));
            }
            Quantiles { p10: None, p25: None, p50, p75: None, p90: None }
        }
        3 => {
            let [p25, p50, p75] = showing.quantiles(QUARTILES, key)?;
            Quantiles { p10: None, p25: Some(p25), p50, p75: Some(p75), p90: None }
        }
        _ => {
            let [p10, p25, p50, p75, p90] = showing.quantiles(TAILS, key)?;
            Quantiles { p10: Some(p10), p25: Some(p25), p50, p75: Some(p75), p90: Some(p90) }
        }
    };
    let few = parameters.holds(Rule::R16) && item.is_technique() && quantiles.p75.is_some_and(Coded::is_low);
    Some(if few { Shown::Few } else { Shown::Quantiles(quantiles) })
}
