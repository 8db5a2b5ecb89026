//! The problems that failures of the layers below become. Those of a single operation are at its handler.

use std::error::Error;

use super::problem::{Kind, Problem};
use crate::{
    app::{KeyReused, QuotaExceeded},
    store::StoreError,
};

/// An error and everything behind it, for the log.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

/// An error and everything behind it as one sentence: errors of the layers below begin in lower case and end without a
/// full stop, because something may stand around them.
pub fn sentence(error: &dyn Error) -> String {
    let text = chain(error);
    let mut letters = text.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{capital}{}{end}", letters.as_str())
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_outage() { Self::unavailable(chain(&error)) } else { Self::internal(chain(&error)) }
    }
}

impl From<QuotaExceeded> for Problem {
    fn from(error: QuotaExceeded) -> Self {
        Self::new(Kind::QuotaExceeded, sentence(&error))
    }
}

impl From<KeyReused> for Problem {
    fn from(_: KeyReused) -> Self {
        let detail =
            "This Idempotency-Key was sent with a different request. Use a new key for each new request.";
        Self::new(Kind::IdempotencyKeyReused, detail)
    }
}

#[cfg(test)]
mod tests {
    use thiserror::Error;

    use super::*;

    #[derive(Debug, Error)]
    #[error("outer")]
    struct Outer(#[source] Inner);

    #[derive(Debug, Error)]
    #[error("inner")]
    struct Inner;

    #[test]
    fn the_log_gets_every_cause() {
        assert_eq!(chain(&Outer(Inner)), "outer: inner");
    }
}
