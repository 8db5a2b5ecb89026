//! JSON Schema 2020-12 as far as the project's own schemas use it. A keyword that is not known here fails the test, so
//! that nothing in a schema goes unchecked.

use regex_automata::meta::Regex;
use serde_json::Value;

/// What only describes.
const ANNOTATIONS: &[&str] = &["$schema", "$id", "$defs", "title", "description", "then"];

/// Whether `value` satisfies `schema`, whose references lead into `root`.
pub fn is_valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let valid = |schema: &Value, value: &Value| is_valid(root, schema, value);
    let keywords = schema.as_object().expect("a schema is an object");
    keywords.iter().all(|(keyword, said)| match keyword.as_str() {
        "$ref" => valid(referenced(root, said), value),
        "type" => match said {
            Value::Array(types) => types.iter().any(|kind| is_type(kind, value)),
            kind => is_type(kind, value),
        },
        "const" => said == value,
        "enum" => items(said).contains(value),
        "not" => !valid(said, value),
        "allOf" => items(said).iter().all(|schema| valid(schema, value)),
        "oneOf" => items(said).iter().filter(|schema| valid(schema, value)).count() == 1,
        "if" => !valid(said, value) || keywords.get("then").is_none_or(|then| valid(then, value)),
        "pattern" => {
            let pattern = Regex::new(said.as_str().expect("a pattern is a string")).expect("a pattern");
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "minimum" => value.as_f64().is_none_or(|number| number >= said.as_f64().expect("a number")),
        "maximum" => value.as_f64().is_none_or(|number| number <= said.as_f64().expect("a number")),
        "maxItems" => {
            value.as_array().is_none_or(|list| list.len() as u64 <= said.as_u64().expect("a number"))
        }
        "uniqueItems" => value.as_array().is_none_or(|list| {
            list.iter().enumerate().all(|(position, item)| !list[..position].contains(item))
        }),
        "items" => value.as_array().is_none_or(|list| list.iter().all(|item| valid(said, item))),
        "required" => value
            .as_object()
            .is_none_or(|object| items(said).iter().all(|key| object.contains_key(key.as_str().unwrap()))),
        "properties" => value.as_object().is_none_or(|object| {
            let schemas = said.as_object().expect("properties are an object");
            object.iter().all(|(key, item)| schemas.get(key).is_none_or(|schema| valid(schema, item)))
        }),
        "additionalProperties" => {
            assert_eq!(*said, Value::Bool(false), "only closed objects are known here");
            let known = keywords.get("properties").and_then(Value::as_object);
            value.as_object().is_none_or(|object| {
                object.keys().all(|key| known.is_some_and(|known| known.contains_key(key)))
            })
        }
        other => {
            assert!(ANNOTATIONS.contains(&other), "the keyword {other} is not known here");
            true
        }
    })
}

fn items(said: &Value) -> &[Value] {
    said.as_array().expect("a list")
}

fn referenced<'s>(root: &'s Value, reference: &Value) -> &'s Value {
    let pointer =
        reference.as_str().and_then(|text| text.strip_prefix('#')).expect("a reference into the schema");
    root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

fn is_type(kind: &Value, value: &Value) -> bool {
    match kind.as_str().expect("a type's name") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        // JSON Schema takes 1.0 for an integer too; a stricter reading here is what the parser does.
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type {other} is not known here"),
    }
}
