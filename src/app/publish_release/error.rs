//! Errors of a publication.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::{
    analytics::AnalyticsError,
    app::{KeyReused, clock_check::ClockDoubt, lease::LeaseError},
    auth::TokenError,
    domain::{facts::FactsError, release::ReleaseError},
    store::StoreError,
};

/// The reason why nothing was published. Readers see no change.
#[derive(Debug, Error)]
pub enum PublishError {
    #[error(transparent)]
    Rules(#[from] ReleaseError),
    #[error("nothing has been uploaded yet, so there is nothing to publish")]
    NoUpload,
    #[error("the first release can be published from {0} on, seven days after the first upload")]
    TooEarly(DateTime<Utc>),
    #[error("no ATT&CK version is enabled: `peerbench catalogue enable` enables one")]
    NoVersion,
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    #[error(transparent)]
    Busy(#[from] LeaseError),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error(transparent)]
    Signing(#[from] TokenError),
    #[error(transparent)]
    Analytics(#[from] AnalyticsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PublishError {
    /// The rules or the circumstances do not allow a release now: nothing has failed.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Rules(_)
            | Self::NoUpload
            | Self::TooEarly(_)
            | Self::NoVersion
            | Self::Clock(_)
            | Self::Busy(_)
            | Self::KeyReused(_) => true,
            Self::Facts(_) | Self::Signing(_) | Self::Analytics(_) | Self::Store(_) => false,
        }
    }
}
