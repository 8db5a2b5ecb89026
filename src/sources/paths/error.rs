//! Refusals of texts that are no path, and the reading of typed values that they come from.

use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::domain::{json_pointer, snapshot::FieldError};

/// Bytes of a text that is read. Flows of the public corpus have up to 150,000.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The reason why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathReadError {
    #[error("the text has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("the text isn't valid JSON at line {line}, column {column}")]
    Malformed { line: usize, column: usize },
    #[error("{}: {}", place(.0), .0.detail)]
    Invalid(FieldError),
}

fn place(error: &FieldError) -> &str {
    if error.pointer.is_empty() { "(whole document)" } else { &error.pointer }
}

impl PathReadError {
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(FieldError { pointer: pointer.into(), detail: detail.into() })
    }
}

/// Reads a typed value; what doesn't fit is pointed at.
pub fn typed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PathReadError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer: String = error.path().iter().map(segment).collect();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => {
                let text = inner.to_string();
                let detail = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
                PathReadError::at(pointer, detail)
            }
            _ => malformed(&inner),
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn segment(segment: &serde_path_to_error::Segment) -> String {
    use serde_path_to_error::Segment;
    match segment {
        Segment::Map { key } => json_pointer::member(key),
        Segment::Seq { index } => format!("/{index}"),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    }
}

fn malformed(error: &serde_json::Error) -> PathReadError {
    PathReadError::Malformed { line: error.line(), column: error.column() }
}
