//! YAML within limits: aliases that explode and deep nesting end here, with the line.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_saphyr::{
    Spanned,
    options::{DuplicateKeyPolicy, NonFiniteFloatPolicy},
};

use crate::sources::reading::{Place, ReadError};

/// Every document of a text, with its place.
pub fn documents<T: DeserializeOwned>(name: &Arc<str>, text: &str) -> Result<Vec<(Place, T)>, ReadError> {
    let options = serde_saphyr::options! {
        // Far above any rule file, far below what would hurt.
        budget: serde_saphyr::budget! {
            max_documents: 20_000,
            max_depth: 64,
            max_aliases: 10_000,
            max_anchors: 10_000,
            max_events: 1_000_000,
            max_nodes: 500_000,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    let documents = serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let line = error.location().and_then(|location| usize::try_from(location.line()).ok());
        let reason = match &error {
            serde_saphyr::Error::Budget { .. } => {
                "is nested too deeply, repeats anchors too often or is too large for a rule file."
            }
            _ => "is not valid YAML from here on.",
        };
        ReadError::new(name, line.filter(|line| *line > 0), reason)
    })?;
    let placed = |document: Spanned<T>| {
        let line = usize::try_from(document.referenced.line()).unwrap_or_default();
        (Place::line(name, line), document.value)
    };
    Ok(documents.into_iter().map(placed).collect())
}
