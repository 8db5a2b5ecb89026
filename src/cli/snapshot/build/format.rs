//! The forms in which `peerbench snapshot build` reports.

use clap::ValueEnum;

/// The output format of findings and summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
    /// SARIF 2.1.0, for --lint.
    Sarif,
}
