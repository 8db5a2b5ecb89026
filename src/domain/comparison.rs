//! The comparison: one's own number against a published row, and nothing else (R21). Everything here can be worked out
//! again by the reader from the published table.

mod position;
mod step;
mod word;

pub use position::{Estimate, Place, Position, difference_to_median, position};
pub use step::{Step, steps};
pub use word::{Word, word};
