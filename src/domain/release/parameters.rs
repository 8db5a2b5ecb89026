//! The parameters of a release: defaults, presets, and the limits beyond which the service refuses to start.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A named set of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    #[default]
    Default,
    /// Larger groups, slower changes.
    Conservative,
    /// For a community of a few dozen; weaker, and every answer says so.
    SmallCommunity,
}

/// A preset that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("unknown privacy preset: expected default, conservative or small-community")]
pub struct UnknownPreset;

impl Preset {
    pub const ALL: [Self; 3] = [Self::Default, Self::Conservative, Self::SmallCommunity];

    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Conservative => "conservative",
            Self::SmallCommunity => "small-community",
        }
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|preset| preset.name() == text).ok_or(UnknownPreset)
    }
}

/// A rule that a test can switch off, to show that the attack on it would succeed without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Threshold.
    R9,
    /// Nested difference.
    R10,
    /// Remainder.
    R11,
    /// Span.
    R11b,
    /// Dominance.
    R12,
    /// Jitter of ranks.
    R14,
    /// Rounding and coding.
    R15,
    /// Few.
    R16,
    /// Churn.
    R17,
}

/// All parameters. Public (only the key is secret); counts are of control groups unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    pub preset: Preset,
    /// Control groups per cell and cohort, at least.
    pub k: u32,
    /// Control groups in any difference of nested cohorts, at least (or none).
    pub d: u32,
    /// Control groups that must have changed before a cell is refreshed or appears.
    pub m: u32,
    /// Days between cut-offs.
    pub release_days: u32,
    /// Points that scores are rounded to.
    pub round_step: u8,
    /// Scores at or below are shown as this, marked "low".
    pub code_low: u8,
    /// Scores at or above are shown as this, marked "high".
    pub code_high: u8,
    /// Technology counts are coded down to these.
    pub count_steps: Vec<u8>,
    /// Ranks that a quantile is moved by at most, for fewer than 100 organisations.
    pub jitter_below_100: u32,
    /// The same for 100 to 499 organisations; from 500 on there is none.
    pub jitter_below_500: u32,
    /// Ranks never used at either end.
    pub tail_min: u32,
    /// Percent of a cell's organisations that one control group may be.
    pub max_cg_share: u32,
    /// Organisations from which p10 and p90 are shown.
    pub tails_min_n: u32,
    /// Contributors from which pair cohorts are published.
    pub pairs_min_n: u32,
    /// Days after the end of its period for which a snapshot counts.
    pub freshness_days: u32,
    /// Days before a new organisation's contribution counts.
    pub new_organisation_wait_days: u32,
    /// Rules that are switched off: for tests only. Neither a setting nor anything stored reaches it.
    #[serde(skip)]
    pub off: Vec<Rule>,
}

/// What an operator changed; everything else is the preset's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overrides {
    pub k: Option<u32>,
    pub d: Option<u32>,
    pub m: Option<u32>,
    pub release_days: Option<u32>,
    pub round_step: Option<u8>,
    pub code_low: Option<u8>,
    pub code_high: Option<u8>,
    pub jitter_below_100: Option<u32>,
    pub jitter_below_500: Option<u32>,
    pub tail_min: Option<u32>,
    pub max_cg_share: Option<u32>,
    pub tails_min_n: Option<u32>,
    pub pairs_min_n: Option<u32>,
    pub freshness_days: Option<u32>,
    pub new_organisation_wait_days: Option<u32>,
}

/// A parameter outside what the rules allow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("privacy parameter {name} = {value} is refused: it must be {limit}")]
pub struct ParameterError {
    pub name: &'static str,
    pub value: u32,
    pub limit: String,
}

impl Parameters {
    pub fn preset(preset: Preset) -> Self {
        let (k, d, m) = match preset {
            Preset::Default => (20, 10, 5),
            Preset::Conservative => (40, 20, 10),
            Preset::SmallCommunity => (10, 5, 3),
        };
        Self {
            preset,
            k,
            d,
            m,
            release_days: 30,
            round_step: 5,
            code_low: 10,
            code_high: 90,
            count_steps: vec![0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80],
            jitter_below_100: 2,
            jitter_below_500: 1,
            tail_min: 3,
            max_cg_share: 25,
            tails_min_n: 100,
            pairs_min_n: 400,
            freshness_days: 365,
            new_organisation_wait_days: 7,
            off: Vec::new(),
        }
    }

    /// The preset with the operator's changes, within the limits.
    pub fn new(preset: Preset, changes: &Overrides) -> Result<Self, ParameterError> {
        let mut p = Self::preset(preset);
        macro_rules! take {
            ($($name:ident),+) => { $(if let Some(value) = changes.$name { p.$name = value; })+ };
        }
        take!(
            k,
            d,
            m,
            release_days,
            round_step,
            code_low,
            code_high,
            jitter_below_100,
            jitter_below_500,
            tail_min,
            max_cg_share,
            tails_min_n,
            pairs_min_n,
            freshness_days,
            new_organisation_wait_days
        );
        p.check()?;
        Ok(p)
    }

    fn check(&self) -> Result<(), ParameterError> {
        // The floors below k = 20 exist for the small-community preset alone; elsewhere its weaker display rules for
        // 10 to 19 groups would not apply.
        let within = |name, value: u32, low: u32, high: u32| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            let limit =
                if high == u32::MAX { format!("at least {low}") } else { format!("from {low} to {high}") };
            Err(ParameterError { name, value, limit })
        };
        let open = u32::MAX;
        within("k", self.k, 10, open)?;
        within("d", self.d, 5, open)?;
        within("m", self.m, 3, open)?;
        within("release_days", self.release_days, 7, 3660)?;
        within("round_step", self.round_step.into(), 5, 50)?;
        within("code_low", self.code_low.into(), 5, 45)?;
        within("code_high", self.code_high.into(), 55, 95)?;
        within("jitter_below_100", self.jitter_below_100, 1, 10)?;
        within("jitter_below_500", self.jitter_below_500, 0, 10)?;
        within("tail_min", self.tail_min, 3, 100)?;
        within("max_cg_share", self.max_cg_share, 1, 50)?;
        within("tails_min_n", self.tails_min_n, 100, open)?;
        within("freshness_days", self.freshness_days, 1, 3660)?;
        within("new_organisation_wait_days", self.new_organisation_wait_days, 0, 3660)
    }

    /// The parameters of which each shows the least: what a number of `other` may be shown under now (R28).
    pub(super) fn strictest(&self, other: &Self) -> Self {
        let counts: Vec<u8> =
            self.count_steps.iter().copied().filter(|step| other.count_steps.contains(step)).collect();
        Self {
            round_step: self.round_step.max(other.round_step),
            code_low: self.code_low.max(other.code_low),
            code_high: self.code_high.min(other.code_high),
            count_steps: counts,
            jitter_below_100: self.jitter_below_100.max(other.jitter_below_100),
            jitter_below_500: self.jitter_below_500.max(other.jitter_below_500),
            tail_min: self.tail_min.max(other.tail_min),
            tails_min_n: self.tails_min_n.max(other.tails_min_n),
            ..self.clone()
        }
    }

    /// Whether the same list shows the same under both.
    pub(super) fn shows_like(&self, other: &Self) -> bool {
        let shows = |p: &Self| {
            let ranks = (p.jitter_below_100, p.jitter_below_500, p.tail_min, p.tails_min_n);
            (p.round_step, p.code_low, p.code_high, ranks, p.count_steps.clone())
        };
        shows(self) == shows(other)
    }

    pub fn holds(&self, rule: Rule) -> bool {
        !self.off.contains(&rule)
    }

    /// J(n): how many ranks a quantile of n organisations may move.
    pub fn jitter(&self, n: u32) -> u32 {
        match n {
            _ if !self.holds(Rule::R14) => 0,
            0..100 => self.jitter_below_100,
            100..500 => self.jitter_below_500,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_beyond_a_limit_are_refused_by_name() {
        let refused = |overrides: Overrides| Parameters::new(Preset::Default, &overrides).unwrap_err().name;
        assert_eq!(refused(Overrides { k: Some(9), ..Overrides::default() }), "k");
        assert_eq!(refused(Overrides { d: Some(4), ..Overrides::default() }), "d");
        assert_eq!(refused(Overrides { m: Some(2), ..Overrides::default() }), "m");
        assert_eq!(refused(Overrides { release_days: Some(6), ..Overrides::default() }), "release_days");
        assert_eq!(refused(Overrides { round_step: Some(1), ..Overrides::default() }), "round_step");
        assert_eq!(refused(Overrides { code_low: Some(4), ..Overrides::default() }), "code_low");
        assert_eq!(refused(Overrides { code_high: Some(96), ..Overrides::default() }), "code_high");
        assert_eq!(
            refused(Overrides { jitter_below_100: Some(0), ..Overrides::default() }),
            "jitter_below_100"
        );
        assert_eq!(refused(Overrides { tail_min: Some(2), ..Overrides::default() }), "tail_min");
        assert_eq!(refused(Overrides { max_cg_share: Some(51), ..Overrides::default() }), "max_cg_share");
        assert_eq!(refused(Overrides { tails_min_n: Some(99), ..Overrides::default() }), "tails_min_n");
        for preset in Preset::ALL {
            assert_eq!(Parameters::new(preset, &Overrides::default()), Ok(Parameters::preset(preset)));
        }
    }
}
