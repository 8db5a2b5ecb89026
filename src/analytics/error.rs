//! The errors of the aggregation.

use polars::prelude::PolarsError;
use thiserror::Error;

/// The reason why values could not be aggregated: nothing is released then.
#[derive(Debug, Error)]
pub enum AnalyticsError {
    #[error("the aggregation failed: {0}")]
    Frames(#[from] PolarsError),
    #[error("there are more members, techniques or technologies than the aggregation can number")]
    TooMany,
}
