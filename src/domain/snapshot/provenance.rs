//! The origin of a snapshot: the kind of evidence, the product, and the version of the adapter that made it.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::domain::named::{as_text, named};

/// The only matrix.
pub const DOMAIN: &str = "enterprise-attack";

named! {
    /// The kind of evidence behind a snapshot. Only `deployed` and `validated` are benchmarked; the others are shown to
    /// their owner and never mixed in.
    pub enum Basis("basis") {
        /// Enabled rules that can raise an alert.
        Deployed = "deployed",
        /// Detections that were tested.
        Validated = "validated",
        /// A vendor's content, enabled or not.
        Catalog = "catalog",
        /// The data for a detection is there.
        DataReady = "data_ready",
        /// A rule fired in the window.
        Observed = "observed",
    }
}

impl Basis {
    /// The bases that have peer statistics.
    pub const BENCHMARKED: [Self; 2] = [Self::Deployed, Self::Validated];
}

named! {
    /// The kind of rule export that a snapshot was made from.
    pub enum Source("source") {
        Splunk = "splunk",
        Sentinel = "sentinel",
        Cortex = "cortex",
        Sumo = "sumo",
        CheckPoint = "checkpoint",
        Elastic = "elastic",
        Sigma = "sigma",
        Dettect = "dettect",
        Navigator = "navigator",
        Outcomes = "outcomes",
        Chronicle = "chronicle",
    }
}

/// Version of the adapter that made the snapshot: numbers only, so that it cannot carry text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdapterVersion {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

/// A text that is no adapter version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an adapter version: expected three numbers as in 0.1.0")]
pub struct InvalidAdapterVersion;

impl FromStr for AdapterVersion {
    type Err = InvalidAdapterVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.').map(|part| {
            (!part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u16>().ok())
                .flatten()
        });
        let mut next = || parts.next().flatten();
        let (Some(major), Some(minor), Some(patch)) = (next(), next(), next()) else {
            return Err(InvalidAdapterVersion);
        };
        if parts.next().is_some() { Err(InvalidAdapterVersion) } else { Ok(Self { major, minor, patch }) }
    }
}

impl fmt::Display for AdapterVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

as_text!(AdapterVersion);
