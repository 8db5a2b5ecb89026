//! JSON in bodies: a typed value, or a problem that points at what is wrong.

use std::{collections::HashSet, fmt};

use actix_web::{HttpMessage as _, HttpRequest};
use serde::{
    Deserializer,
    de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

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

/// Reads a typed value; the first thing that does not fit is reported with its pointer. Every value is an object: serde
/// would take an array for one, member by member. What is named twice, and null, which serde takes for what is absent, are refused
/// wherever they are.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    strict(text)?;
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

fn strict(text: &[u8]) -> Result<(), Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let mut wrong = None;
    let at = At { pointer: String::new(), wrong: &mut wrong, in_list: false };
    let is_object = at.deserialize(&mut deserializer).map_err(|error| malformed(&error))?;
    match wrong {
        _ if !is_object => Err(Problem::invalid([FieldError::at("", "must be an object")])),
        Some((pointer, detail)) => Err(Problem::invalid([FieldError::at(pointer, detail)])),
        None => Ok(()),
    }
}

/// Walks a value and notes the first thing that no request has. Gives whether the value is an object.
struct At<'a> {
    pointer: String,
    wrong: &'a mut Option<(String, &'static str)>,
    /// Nothing that is asked has lists in lists, but serde takes an inner one for an object.
    in_list: bool,
}

impl At<'_> {
    fn note(&mut self, pointer: &str, detail: &'static str) {
        self.wrong.get_or_insert_with(|| (pointer.chars().take(200).collect(), detail));
    }
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! no_object {
    ($($visit:ident($ty:ty)),+) => {
        $(fn $visit<E>(self, _: $ty) -> Result<bool, E> {
            Ok(false)
        })+
    };
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    no_object!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));

    fn visit_unit<E>(mut self) -> Result<bool, E> {
        let pointer = std::mem::take(&mut self.pointer);
        self.note(&pointer, "must not be null: leave out what doesn't apply");
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        let Self { pointer, wrong, in_list } = self;
        if in_list {
            wrong.get_or_insert_with(|| (pointer.chars().take(200).collect(), "must be an object"));
        }
        let mut index = 0_usize;
        let at = |index| format!("{pointer}/{index}");
        while list.next_element_seed(At { pointer: at(index), wrong: &mut *wrong, in_list: true })?.is_some()
        {
            index += 1;
        }
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<bool, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let at = format!("{}{}", self.pointer, json_pointer::member(&name));
            if self.wrong.is_none() && !seen.insert(name) {
                self.note(&at, "is there twice");
            }
            map.next_value_seed(At { pointer: at, wrong: &mut *self.wrong, in_list: false })?;
        }
        Ok(true)
    }
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
            ("[[1]]", 422, Some("")),
            ("null", 422, Some("")),
            ("{\"inner\": [], \"inner\": [1]}", 422, Some("/inner")),
            ("{\"other\": [{\"a/b\": 1, \"a/b\": 2}]}", 422, Some("/other/0/a~1b")),
            ("{\"inner\": null}", 422, Some("/inner")),
            ("{\"inner\": [1, null]}", 422, Some("/inner/1")),
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
