//! R14 to R16 and R18: the rows that a cell shows of its list.

use super::{
    band::Band,
    code::Coded,
    reason::{Reason, Verdict},
    refresh::Choice,
};
use crate::domain::release::{
    cohorts::index::{ByCohort, CohortIx},
    counting::{count::Counted, fingerprint::Fingerprints, quantile::Histogram},
    item::Item,
    parameters::{Parameters, Rule},
    publication::{Quantiles, Row, Shown},
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

/// The terms of new rows.
pub struct Display<'a> {
    pub number: u32,
    pub parameters: &'a Parameters,
    pub key: &'a ReleaseKey,
    pub fingerprints: &'a Fingerprints,
}

impl Display<'_> {
    /// Makes the new rows of an item, in the cohorts in which it is shown and was computed anew. Takes those away in which
    /// its list makes no number.
    pub fn fresh(
        &self,
        item: &Item,
        counted: &Counted<'_>,
        choices: &ByCohort<Choice<'_>>,
        verdicts: &mut ByCohort<Verdict>,
    ) -> ByCohort<Option<Row>> {
        let terms = |cohort: CohortIx| match choices[cohort] {
            Choice::Anew(parameters) if verdicts[cohort].is_ok() => Some(parameters),
            _ => None,
        };
        let draws = |cohort: CohortIx, histogram: Histogram<'_>| {
            terms(cohort).is_some_and(|terms| draws(counted.groups(cohort), histogram, item, terms))
        };
        let histograms = counted.histograms(self.fingerprints, |cohort| terms(cohort).is_some(), draws);
        let rows = counted.sizes.map(|cohort| {
            let of = (counted.groups(cohort), histograms.of(cohort)?);
            self.row(item, of, terms(cohort)?)
        });
        for (cohort, row) in rows.iter() {
            if matches!(choices[cohort], Choice::Anew(_)) && row.is_none() {
                verdicts[cohort] = verdicts[cohort].and(Err(Reason::Display));
            }
        }
        rows
    }

    fn row(
        &self,
        item: &Item,
        (groups, histogram): (u32, Histogram<'_>),
        parameters: &Parameters,
    ) -> Option<Row> {
        let shown = match item {
            Item::Members => Shown::Few,
            _ => show(groups, histogram, item, parameters, self.key)?,
        };
        // Only a test without the threshold gets below the lowest band.
        let lowest = (!self.parameters.holds(Rule::R9)).then_some(Band::From10);
        Some(Row { shown, members: Band::of(groups).or(lowest)?, same_since: self.number })
    }
}

/// Says that the shown values depend on the draws of jitter.
fn draws(groups: u32, histogram: Histogram<'_>, item: &Item, parameters: &Parameters) -> bool {
    let showing = Showing { histogram, item, parameters };
    let percentiles = percentiles(groups, histogram.n(), parameters);
    !histogram.is_settled(percentiles, parameters, |a, b| showing.is_same(a, b))
}

/// Returns `None` where a list shows nothing.
fn show(
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
    let few = is_few(item, &quantiles, parameters);
    Some(if few { Shown::Few } else { Shown::Quantiles(quantiles) })
}

/// R16: says that so few cover a technique that it shows only that. Hiding it would be undone by elimination.
fn is_few(item: &Item, quantiles: &Quantiles, parameters: &Parameters) -> bool {
    parameters.holds(Rule::R16) && item.is_technique() && quantiles.p75.is_some_and(Coded::is_low)
}
