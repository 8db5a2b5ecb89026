//! Coverage: from an organisation's snapshots to its contribution, and from the contribution to the measures, in integer
//! arithmetic, half up. The definitions are the product's; `analytics` computes the same measures for everybody at once
//! and is tested against the functions here.

mod composite;
mod contribution;
mod rollup;

pub use composite::{Composite, Coverage, Set, in_set, parents_of};
pub use contribution::{Contribution, ContributionCell, conflicts, contribution};
pub use rollup::{
    Rolled, Through, cells, is_counted, seen_by, tagged, techniques, technology_count, through,
};
