//! The API through the real server: its ground rules, and what each group of operations promises.

mod answers;
mod bodies;
mod clients;
mod comparisons;
mod console_rows;
mod gaps;
mod isolation;
mod limits;
mod organisations;
mod paths;
mod problems;
mod readiness;
mod representations;
pub mod sample;
mod snapshots;
mod tokens;
mod trend;
mod what_if;
