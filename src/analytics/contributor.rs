//! One member's input.

use crate::domain::{attack::PlatformSet, coverage::Contribution, release::Member};

/// A member with what it contributes.
#[derive(Debug, Clone)]
pub struct Contributor {
    pub member: Member,
    pub platforms: PlatformSet,
    pub contribution: Contribution,
}
