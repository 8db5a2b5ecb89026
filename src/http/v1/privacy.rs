//! What the service promises about privacy.

pub mod read;
