//! The names of presets, and the rules that a test can switch off.

use crate::domain::named::named;

named! {
    /// A named set of parameters.
    #[derive(Default)]
    pub enum Preset("privacy preset") {
        #[default]
        Default = "default",
        /// Larger groups, slower changes.
        Conservative = "conservative",
        /// For a community of a few dozen; weaker, and every answer says so.
        SmallCommunity = "small-community",
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
    /// Published numbers under tighter parameters.
    R28,
    /// Hysteresis in time.
    R31,
    /// Changes are of coded values, and how many are needed is drawn.
    R32,
    /// A cell's scale stays.
    R33,
    /// Nothing appears or goes because of few.
    R34,
    /// Rows that hardly differ from another.
    R35,
}
