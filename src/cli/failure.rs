//! Failures of commands, by exit code.

use std::{fmt, process::ExitCode};

use thiserror::Error;

pub use crate::http::failures::sentence;
use crate::{
    app::StartError, auth::KeyError, http::server::ServeError, settings::SettingsError, store::StoreError,
};

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

    /// Ids that no organisation has.
    pub fn unknown_organisations(ids: &[&str]) -> Self {
        Self::refused(format!(
            "No organisation has the ID {}. `peerbench organisation list` shows the IDs.",
            ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(" or ")
        ))
    }

    /// Prefixes the failure with what it is about.
    pub fn about(self, what: &impl fmt::Display) -> Self {
        match self {
            Self::Refused(why) => Self::Refused(format!("{what}: {why}")),
            Self::Usage(why) => Self::Usage(format!("{what}: {why}")),
            Self::Remote(why) => Self::Remote(format!("{what}: {why}")),
        }
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Remote(_) => 3,
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnknownScheme => Self::usage(sentence(&error)),
            _ => Self::remote(sentence(&error)),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::remote(sentence(&error))
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::remote(sentence(&error))
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn an_error_from_below_becomes_a_sentence_with_its_cause() {
        let failure = Failure::from(StartError::Store(StoreError::Missing(PathBuf::from("no.db"))));
        let text = failure.to_string();
        assert!(text.starts_with("The database could not be read: there is no database at no.db"), "{text}");
        assert!(text.ends_with("`peerbench migrate`."), "{text}");
    }
}
