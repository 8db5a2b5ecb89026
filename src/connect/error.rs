//! The reasons why a connector stops.

use thiserror::Error;

/// A connector stopped. The text is a sentence for who runs it and holds no secret.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// Nothing was sent: a setting, a file or an argument is wrong.
    #[error("{0}")]
    Refused(String),
    /// The console refused what was sent, and sending it again changes nothing.
    #[error("{0}")]
    Console(String),
    /// The console couldn't be reached, or it didn't take everything in time. The next run goes on.
    #[error("{0}")]
    Unfinished(String),
}

impl ConnectError {
    /// The error with a further sentence.
    pub fn and(self, sentence: &str) -> Self {
        match self {
            Self::Refused(text) => Self::Refused(format!("{text} {sentence}")),
            Self::Console(text) => Self::Console(format!("{text} {sentence}")),
            Self::Unfinished(text) => Self::Unfinished(format!("{text} {sentence}")),
        }
    }
}
