//! The contract: every answer that a test gets is compared with the committed OpenAPI document. A status, a media type, a
//! header or a property that the document doesn't have fails the test that met it.

use std::sync::LazyLock;

use jsonschema::ValidatorMap;
use serde_json::{Value, json};
use ureq::http::HeaderMap;

/// A request and its answer.
pub struct Exchange<'a> {
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// The media type and the body of the request.
    pub sent: Option<(&'a str, &'a [u8])>,
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// The document with its schemas, each closed: what they don't name may not be there.
pub struct Contract {
    document: Value,
    schemas: ValidatorMap,
}

/// What the service serves beside operations.
const UNDOCUMENTED: &str = "/docs";
const SCHEMAS: &str = "#/components/schemas/";

/// The committed document.
pub static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::new(include_str!("../../../openapi/openapi.json")));

impl Contract {
    fn new(text: &str) -> Self {
        let document: Value = serde_json::from_str(text).expect("the document is JSON");
        let mut schemas = document["components"]["schemas"].clone();
        close(&mut schemas);
        let schemas =
            jsonschema::validator_map_for(&json!({ "$defs": schemas })).expect("the schemas are sound");
        Self { document, schemas }
    }

    /// The document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The value itself, or what it refers to.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#')) {
            Some(pointer) => {
                self.document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere"))
            }
            None => value,
        }
    }

    /// The operation of a request: `None` where the path doesn't exist, `Some(None)` where it has another method.
    pub fn find(&self, method: &str, path: &str) -> Option<Option<&Value>> {
        let paths = self.document["paths"].as_object().expect("paths");
        let method = if method == "HEAD" { "get".to_owned() } else { method.to_ascii_lowercase() };
        // A name in a path may look like another path's last word.
        let items: Vec<&Value> = paths
            .get(path)
            .into_iter()
            .chain(paths.iter().filter(|(template, _)| matches(template, path)).map(|(_, item)| item))
            .collect();
        let operation = items.iter().find_map(|item| item.get(&method));
        items.first().map(|_| operation)
    }

    /// What is wrong with a value that should have a schema.
    pub fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let Some(name) = schema["$ref"].as_str().and_then(|target| target.strip_prefix(SCHEMAS)) else {
            return vec![format!("the schema {schema} has no name")];
        };
        let Some(validator) = self.schemas.get(&format!("#/$defs/{name}")) else {
            return vec![format!("there is no schema {name}")];
        };
        validator
            .iter_errors(value)
            .map(|error| format!("{name}{}: {error}", error.instance_path()))
            .collect()
    }

    /// What the document does not say of an exchange.
    pub fn complaints(&self, exchange: &Exchange<'_>) -> Vec<String> {
        let (path, query) = exchange.target.split_once('?').unwrap_or((exchange.target, ""));
        if path.starts_with(UNDOCUMENTED) {
            return Vec::new();
        }
        let shared = |name: &str| &self.document["components"]["responses"][name];
        let limited = || vec![shared("TooManyRequests"), shared("Unavailable")];
        let (operation, mut allowed) = match self.find(exchange.method, path) {
            None => (None, [limited(), vec![shared("NotFound")]].concat()),
            Some(None) => (None, [limited(), vec![shared("MethodNotAllowed")]].concat()),
            Some(Some(operation)) => {
                let described = &operation["responses"][exchange.status.to_string()];
                (Some(operation), vec![self.resolve(described)])
            }
        };
        let first = exchange.status;
        allowed.retain(|response| !response.is_null());
        let mut last = vec![format!("the status {first} is not described")];
        for response in allowed {
            last = self.answer(exchange, response);
            if last.is_empty() {
                break;
            }
        }
        if let Some(operation) = operation.filter(|_| (200..300).contains(&exchange.status)) {
            last.extend(self.request(exchange, operation, query));
        }
        last
    }

    fn answer(&self, exchange: &Exchange<'_>, response: &Value) -> Vec<String> {
        let mut complaints = Vec::new();
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = self.resolve(header);
            match exchange.headers.get(name).map(|value| value.to_str().expect("an ASCII header")) {
                None if header["required"] == true => {
                    complaints.push(format!("the header {name} is missing"))
                }
                Some(value) if header["schema"]["type"] == "integer" && value.parse::<u32>().is_err() => {
                    complaints.push(format!("the header {name} is no number: {value}"));
                }
                _ => {}
            }
        }
        let media_type = exchange.headers.get("content-type").and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let content = response["content"].as_object();
        match content {
            None if exchange.body.is_empty() => return complaints,
            None => complaints.push(format!("a body of {media_type} is not described")),
            Some(content) => match content.get(media_type) {
                None => complaints.push(format!("the media type {media_type} is not described")),
                Some(_) if exchange.method == "HEAD" || exchange.headers.contains_key("content-encoding") => {
                }
                Some(described) if media_type.ends_with("json") => {
                    // One JSON a line, or one in all.
                    let parts: Vec<&[u8]> = match media_type.ends_with("ndjson") {
                        true => exchange.body.split_inclusive(|byte| *byte == b'\n').collect(),
                        false => vec![exchange.body],
                    };
                    for part in parts {
                        match serde_json::from_slice(part) {
                            Ok(body) => complaints.extend(self.faults(&described["schema"], &body)),
                            Err(error) => complaints.push(format!("the body is no JSON: {error}")),
                        }
                    }
                }
                Some(_) if exchange.body.is_empty() => complaints.push("the body is empty".to_owned()),
                Some(_) => {}
            },
        }
        complaints
    }

    /// What was accepted must be what the document asks for.
    fn request(&self, exchange: &Exchange<'_>, operation: &Value, query: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            if !parameters.iter().any(|known| known["in"] == "query" && known["name"] == name.as_ref()) {
                complaints.push(format!("the parameter {name} is not described"));
            }
        }
        let Some((media_type, body)) = exchange.sent else { return complaints };
        let media_type = media_type.split(';').next().unwrap_or_default();
        match operation["requestBody"]["content"].get(media_type) {
            None if operation.get("requestBody").is_none() => {}
            None => complaints.push(format!("a request of {media_type} is not described")),
            Some(described) => {
                // What is compressed isn't looked into.
                if let Some(body) = serde_json::from_slice(body).ok().filter(|_| media_type.ends_with("json"))
                {
                    complaints.extend(self.faults(&described["schema"], &body));
                }
            }
        }
        complaints
    }
}

/// Panics where the document does not say what was answered.
#[track_caller]
pub fn hold(exchange: &Exchange<'_>) {
    let complaints = CONTRACT.complaints(exchange);
    let (method, target, status) = (exchange.method, exchange.target, exchange.status);
    let body = String::from_utf8_lossy(&exchange.body[..exchange.body.len().min(2_000)]);
    assert!(
        complaints.is_empty(),
        "openapi.json does not describe {method} {target} {status}:\n{}\n{body}",
        complaints.join("\n")
    );
}

/// Closes every object that names its properties.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(target) = object.get_mut("$ref").filter(|target| target.is_string()) {
                *target = target.as_str().expect("a text").replace(SCHEMAS, "#/$defs/").into();
            }
            if object.get("properties").is_some_and(Value::is_object) && object.contains_key("type") {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Whether a template has this path.
fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(known, part)| if known.starts_with('{') { !part.is_empty() } else { known == part })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange<'a>(target: &'a str, status: u16, headers: &'a HeaderMap, body: &'a str) -> Exchange<'a> {
        Exchange { method: "GET", target, sent: None, status, headers, body: body.as_bytes() }
    }

    fn headers(media_type: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("content-type", media_type), ("x-request-id", "a"), ("cache-control", "no-store")]
        {
            headers.insert(
                ureq::http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                ureq::http::HeaderValue::from_str(value).unwrap(),
            );
        }
        headers
    }

    #[test]
    fn what_is_not_described_is_noticed() {
        let json = headers("application/json");
        let alive = exchange("/health/live", 200, &json, "{\"status\": \"ok\"}");
        assert_eq!(CONTRACT.complaints(&alive), [""; 0]);
        let text = headers("text/plain");
        let none = HeaderMap::new();
        for (wrong, expected) in [
            (exchange("/health/live", 418, &json, "{}"), "status 418"),
            (exchange("/health/live", 200, &text, "ok"), "media type text/plain"),
            (exchange("/health/live", 200, &none, "{\"status\": \"ok\"}"), "X-Request-Id"),
            (exchange("/health/live", 200, &json, "{\"status\": \"well\"}"), "HealthStatus/status"),
            (exchange("/health/live", 200, &json, "{\"status\": \"ok\", \"more\": 1}"), "more"),
            (exchange("/health/live?deep=1", 200, &json, "{\"status\": \"ok\"}"), "parameter deep"),
            (exchange("/nowhere", 200, &json, "{}"), "media type"),
        ] {
            let complaints = CONTRACT.complaints(&wrong).join("\n");
            assert!(complaints.contains(expected), "{expected}: {complaints}");
        }
    }
}
