//! The comparison: one's own number against a published row, and nothing else (R21). Everything here can be worked out
//! again by the reader from the published table.

mod measure;
mod position;
mod series;
mod step;
mod word;

pub use measure::{InvalidMeasure, Measure};
pub use position::{Estimate, Place, Position, difference_to_median, position};
pub use series::{Break, Change, Ground, Numbers, breaks, change};
pub use step::{Step, steps};
pub use word::{Word, word};
