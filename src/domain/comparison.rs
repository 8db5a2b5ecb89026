//! The comparison: one's own number against a published row, and nothing else (R21). Everything here can be worked out
//! again by the reader from the published table.

mod book;
mod fewest;
mod gap;
mod measure;
mod position;
mod series;
mod set;
mod step;
mod what_if;
mod word;

pub use book::{AcceptedReason, BookEntry, Decision, GapState, GapStatus, Step as BookStep, state};
pub use fewest::{InvalidTarget, Target, choose, needed, rules_needed};
pub use gap::{Distance, Feasibility, Threat, distance, is_reached, priority};
pub use measure::{InvalidMeasure, Measure};
pub use position::{Estimate, Place, Position, difference_to_median, position};
pub use series::{Break, Change, Ground, Numbers, breaks, change};
pub use set::{InvalidSet, Members, TechniqueSet, WordCounts};
pub use step::{Step, steps};
pub use what_if::{Addition, Changes, NoEffect, NotApplied, apply, with_rules};
pub use word::{Word, word};
