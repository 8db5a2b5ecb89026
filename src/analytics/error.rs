//! The errors of the aggregation.

use polars::prelude::PolarsError;
use thiserror::Error;

use crate::domain::release::{LayoutError, RollUpError};

/// The reason why values could not be aggregated: nothing is released then.
#[derive(Debug, Error)]
pub enum AnalyticsError {
    #[error("the aggregation failed: {0}")]
    Frames(#[from] PolarsError),
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    RollUp(#[from] RollUpError),
    #[error("there are more members, techniques or technologies than the aggregation can number")]
    TooMany,
}
