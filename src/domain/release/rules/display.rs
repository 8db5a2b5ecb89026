//! R14 to R16 and R18: the rows that a cell shows of its list.

use std::collections::BTreeMap;

use super::{
    band::Band,
    code::{Coded, Coding, End},
    reason::{Reason, Verdict},
    refresh::Choice,
};
use crate::domain::release::{
    cohorts::index::{ByCohort, CohortIx},
    counting::{
        count::Counted,
        fingerprint::Fingerprints,
        quantile::{Histogram, Ranks},
    },
    earlier::previous::Past,
    item::Item,
    parameters::{Parameters, Rule},
    publication::{Quantiles, Row, Shown},
    release_key::ReleaseKey,
};

/// From this many control groups on a cell shows quartiles; below only medians of composites, and only one statement on
/// techniques.
const FULL_DISPLAY: u32 = 20;

const MEDIAN: [u32; 1] = [50];
const QUARTILES: [u32; 3] = [25, 50, 75];
const TAILS: [u32; 5] = [10, 25, 50, 75, 90];

/// The percentiles that a band shows, if all of them are.
fn percentiles(band: Band, parameters: &Parameters) -> &'static [u32] {
    match band.lower_end() {
        few if few < FULL_DISPLAY => &MEDIAN,
        many if many >= parameters.tails_min_n => &TAILS,
        _ => &QUARTILES,
    }
}

/// The terms of new rows.
pub struct Display<'a> {
    pub number: u32,
    pub parameters: &'a Parameters,
    pub key: &'a ReleaseKey,
    pub fingerprints: &'a Fingerprints,
    pub coding: &'a Coding,
    /// The earlier state of the cell.
    pub past: &'a Past,
    pub item: &'a Item,
}

/// A list and how it is shown.
struct Showing<'s> {
    display: &'s Display<'s>,
    band: Band,
    before: Option<Shown>,
    /// The release that jitter is drawn for.
    release: Option<u32>,
    histogram: Histogram<'s>,
}

impl Display<'_> {
    /// Makes the new rows, in the cohorts in which the item is shown and was computed anew. Takes those away in which its list
    /// makes no number.
    pub fn fresh(
        &self,
        counted: &Counted<'_>,
        choices: &ByCohort<Choice>,
        verdicts: &mut ByCohort<Verdict>,
    ) -> ByCohort<Option<Row>> {
        let is_anew = |cohort: CohortIx| matches!(choices[cohort], Choice::Anew);
        let is_shown = |cohort: CohortIx| is_anew(cohort) && verdicts[cohort].is_ok();
        let margins = self.margins(is_shown);
        let size = |cohort: CohortIx| (counted.groups(cohort), margins[cohort]);
        let draws = |cohort: CohortIx, histogram: Histogram<'_>| {
            self.showing(cohort, size(cohort), histogram).is_some_and(|showing| showing.draws())
        };
        let histograms = counted.histograms(self.fingerprints, self.coding, is_shown, draws);
        let rows = counted.sizes.map(|cohort| {
            let histogram = histograms.of(cohort).filter(|_| is_shown(cohort))?;
            self.showing(cohort, size(cohort), histogram)?.row()
        });
        for (cohort, row) in rows.iter() {
            if is_anew(cohort) && row.is_none() {
                verdicts[cohort] = verdicts[cohort].and(Err(Reason::Display));
            }
        }
        rows
    }

    /// Says that what was shown before matters: without R17 every release is one of its own.
    fn remembers(&self, rule: Rule) -> bool {
        self.parameters.holds(rule) && self.parameters.holds(Rule::R17)
    }

    fn showing<'s>(
        &'s self,
        cohort: CohortIx,
        (groups, margin): (u32, u32),
        histogram: Histogram<'s>,
    ) -> Option<Showing<'s>> {
        let last = self.past.last(cohort);
        // Only a test without the threshold gets below the lowest band.
        let lowest = (!self.parameters.holds(Rule::R9)).then_some(Band::From10);
        let band = Band::carried(groups, last.and_then(|row| row.members), margin).or(lowest)?;
        let before = last.map(|row| row.shown).filter(|_| self.remembers(Rule::R31));
        let release = self.parameters.holds(Rule::R31).then(|| self.drawn_for(cohort));
        Some(Showing { display: self, band, before, release, histogram })
    }

    /// The release that jitter is drawn for: this one. Where a test switches R17 off, the one that the cell stood on, so that an
    /// unchanged list shows the same.
    fn drawn_for(&self, cohort: CohortIx) -> u32 {
        match self.past.baselines[cohort] {
            baseline if baseline > 0 && !self.parameters.holds(Rule::R17) => baseline,
            _ => self.number,
        }
    }

    /// The number of control groups that a list may be outside its band while the band stays (R34). Drawn in common with R32's,
    /// once for all cohorts of a baseline. A cohort without a band before needs none.
    fn margins(&self, is_shown: impl Fn(CohortIx) -> bool) -> ByCohort<u32> {
        let mut drawn: BTreeMap<u32, u32> = BTreeMap::new();
        let baselines = &self.past.baselines;
        baselines.map(|cohort| {
            let has_band = || self.past.last(cohort).is_some_and(|row| row.members.is_some());
            if !self.remembers(Rule::R34) || !is_shown(cohort) || !has_band() {
                return 0;
            }
            let draw =
                |baseline| self.key.draw("band", &self.item.family_of_draws(), baseline, self.parameters.m);
            *drawn.entry(baselines[cohort]).or_insert_with_key(|baseline| draw(*baseline))
        })
    }
}

impl Showing<'_> {
    fn coded(&self, value: u8) -> Coded {
        Coded::new(value, self.display.item.unit(), self.display.parameters)
    }

    fn ranks(&self) -> Ranks {
        let parameters = self.display.parameters;
        Ranks { jitter: parameters.jitter(self.band.lower_end()), tail_min: parameters.tail_min }
    }

    /// Says that the shown values depend on the draws of jitter.
    fn draws(&self) -> bool {
        let percentiles = percentiles(self.band, self.display.parameters);
        let same = |a, b| a == b || self.coded(a) == self.coded(b);
        !self.histogram.is_settled(percentiles, self.ranks(), same)
    }

    /// The percentile as it was shown before.
    fn before(&self, percentile: u32) -> Option<Coded> {
        let low = Coded { value: self.display.parameters.code_low, end: Some(End::Low) };
        match (self.before?, percentile) {
            (Shown::Few, 25 | 50 | 75) | (Shown::Half(false), 50) => Some(low),
            (Shown::Few | Shown::Half(_), _) => None,
            (Shown::Quantiles(q), 10) => q.p10,
            (Shown::Quantiles(q), 25) => q.p25,
            (Shown::Quantiles(q), 50) => Some(q.p50),
            (Shown::Quantiles(q), 75) => q.p75,
            (Shown::Quantiles(q), _) => q.p90,
        }
    }

    fn quantiles<const N: usize>(&self, percentiles: [u32; N]) -> Option<[Coded; N]> {
        let (display, ranks) = (self.display, self.ranks());
        let draw = |percentile, digest| display.key.jitter(percentile, digest, self.release, ranks.jitter);
        let before = percentiles.map(|percentile| self.before(percentile));
        self.histogram.quantiles(percentiles, ranks, draw, |value| self.coded(value), before)
    }

    /// R31 where only the median's side of the low end is shown.
    fn half(&self) -> Option<bool> {
        let [p50] = self.quantiles(MEDIAN)?;
        let before = match self.before {
            Some(Shown::Few) => Some(false),
            Some(Shown::Half(half)) => Some(half),
            Some(Shown::Quantiles(quantiles)) => Some(!quantiles.p50.is_low()),
            None => None,
        };
        let [percentile] = MEDIAN;
        let is_near = |half: &bool| {
            self.histogram.within(percentile, self.ranks()).any(|value| self.coded(value).is_low() != *half)
        };
        Some(before.filter(is_near).unwrap_or(!p50.is_low()))
    }

    /// Returns `None` where the list shows nothing.
    fn row(&self) -> Option<Row> {
        let Display { item, parameters, number, .. } = self.display;
        let row = |shown| Row { shown, members: Some(self.band), same_since: Some(*number) };
        if **item == Item::Members || matches!(item, Item::Scale(_)) {
            return Some(row(Shown::Few));
        }
        let quantiles = match percentiles(self.band, parameters).len() {
            1 if item.is_technique() => return Some(row(Shown::Half(self.half()?))),
            1 => {
                let [p50] = self.quantiles(MEDIAN)?;
                Quantiles { p10: None, p25: None, p50, p75: None, p90: None }
            }
            3 => {
                let [p25, p50, p75] = self.quantiles(QUARTILES)?;
                Quantiles { p10: None, p25: Some(p25), p50, p75: Some(p75), p90: None }
            }
            _ => {
                let [p10, p25, p50, p75, p90] = self.quantiles(TAILS)?;
                Quantiles { p10: Some(p10), p25: Some(p25), p50, p75: Some(p75), p90: Some(p90) }
            }
        };
        let few = is_few(item, &quantiles, parameters);
        Some(if few { Row::NOTHING } else { row(Shown::Quantiles(quantiles)) })
    }
}

/// R16: says that so few cover a technique that it shows only that. Hiding it would be undone by elimination.
pub fn is_few(item: &Item, quantiles: &Quantiles, parameters: &Parameters) -> bool {
    parameters.holds(Rule::R16) && item.is_technique() && quantiles.p75.is_some_and(Coded::is_low)
}
