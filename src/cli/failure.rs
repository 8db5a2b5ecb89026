//! Why a command failed, in the classes that its exit code tells apart.

use std::{fmt, process::ExitCode};

use thiserror::Error;

use crate::{http::server::ServeError, settings::SettingsError};

/// A failed command. The text is a sentence for who typed it.
#[derive(Debug, Error)]
pub enum Failure {
    /// The input is refused: exit code 1.
    #[error("{0}")]
    Refused(String),
    /// The command cannot be run as it was typed or configured: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// A remote side or the storage failed: exit code 3.
    #[error("{0}")]
    Remote(String),
}

impl Failure {
    pub fn refused(why: impl fmt::Display) -> Self {
        Self::Refused(why.to_string())
    }

    pub fn usage(why: impl fmt::Display) -> Self {
        Self::Usage(why.to_string())
    }

    pub fn remote(why: impl fmt::Display) -> Self {
        Self::Remote(why.to_string())
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Remote(_) => 3,
        })
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::usage(error)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::remote(error)
    }
}
