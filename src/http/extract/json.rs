//! JSON in bodies: a typed value, or a problem that points at what is wrong.

use actix_web::{HttpMessage as _, HttpRequest};
use serde::de::DeserializeOwned;

use crate::{
    domain::json_pointer,
    http::problem::{FieldError, Kind, Problem},
};

/// The content type without parameters, in lower case.
pub fn media_type(request: &HttpRequest) -> String {
    request.content_type().to_ascii_lowercase()
}

/// Refuses a body that does not say that it is JSON.
pub fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let media_type = media_type(request);
    if media_type == "application/json"
        || media_type.starts_with("application/") && media_type.ends_with("+json")
    {
        return Ok(());
    }
    Err(Problem::new(
        Kind::UnsupportedMediaType,
        "The body must be JSON. Send it with Content-Type: application/json.",
    ))
}

/// Reads a typed value; the first thing that does not fit is reported with its pointer.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => Problem::invalid([FieldError::at(pointer, message(&inner))]),
            _ => malformed(&inner),
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("The body isn't valid JSON at line {}, column {}.", error.line(), error.column());
    Problem::new(Kind::MalformedBody, detail)
}

/// Without the position, which the pointer says better.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Map { key } => json_pointer::member(key),
            Segment::Seq { index } => format!("/{index}"),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::{ResponseError as _, body::to_bytes};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its type matters here")]
        inner: Vec<u8>,
    }

    #[actix_web::test]
    async fn what_does_not_fit_is_pointed_at() {
        for (text, status, pointer) in [
            ("{\"inner\": [1, -2]}", 422, Some("/inner/1")),
            ("{\"inner\": [], \"other\": 1}", 422, Some("/other")),
            ("{\"inner\": [", 400, None),
            ("{\"inner\": []} x", 400, None),
        ] {
            let problem = parse::<Sample>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.status_code(), status, "{text}");
            let body = to_bytes(problem.render(None).into_body()).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["errors"][0]["pointer"].as_str(), pointer, "{text}");
        }
    }
}
