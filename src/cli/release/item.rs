//! A release in the output of commands.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{domain::attack::AttackVersion, store::release::Release};

/// A release as the operator sees it.
#[derive(Serialize)]
pub struct Item {
    pub number: u32,
    pub cut_off: DateTime<Utc>,
    /// Rounded down to the hour, so it can be before the cut-off.
    pub published_at: DateTime<Utc>,
    pub attack: AttackVersion,
    pub preset: String,
    /// Over everything that was published.
    pub digest: String,
}

impl Item {
    pub fn of(release: Release) -> Self {
        let Release { number, cut_off, attack, preset, digest, published_at, .. } = release;
        Self { number, cut_off, published_at, attack, preset, digest }
    }
}
