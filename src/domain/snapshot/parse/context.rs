//! The facts that a snapshot's members are looked up in.

use crate::domain::{attack::Catalogues, calendar::Month, technology::Registry};

/// The facts that a snapshot is checked against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub catalogues: &'a Catalogues,
    pub registry: &'a Registry,
    /// The running month: a later period is refused.
    pub current: Month,
}
