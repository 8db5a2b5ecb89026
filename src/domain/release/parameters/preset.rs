//! The names of presets, and the rules that a test can switch off.

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
    /// Difference of a new cohort.
    R13,
    /// Jitter of ranks.
    R14,
    /// Rounding and coding.
    R15,
    /// Few.
    R16,
    /// Refresh.
    R17,
    /// Refresh under changed parameters.
    R28,
}
