//! Counting one cell in every cohort: respondents, differences, quantiles.

pub mod count;
pub mod differences;
pub mod fingerprint;
pub mod quantile;
pub mod respondent;
