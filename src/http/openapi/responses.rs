//! The responses that follow from an operation's security, parameters and body: problems, with an example of each type,
//! and headers.

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::schemas::{reference, set};
use crate::{
    domain::access::Scope,
    http::problem::{CONTENT_TYPE, Kind},
};

const EXAMPLE_ID: &str = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a";

/// A header: its name, and the name under which answers refer to it.
struct Header {
    name: &'static str,
    key: &'static str,
    about: &'static str,
    example: &'static str,
    /// True if every answer that refers to it has it.
    required: bool,
}

const HEADERS: [Header; 12] = [
    Header {
        name: "X-Request-Id",
        key: "RequestId",
        about: "ID of the request: yours if you sent a valid one, otherwise a new one.",
        example: EXAMPLE_ID,
        required: true,
    },
    Header {
        name: "ETag",
        key: "EntityTag",
        about: "Strong entity tag of the body, for `If-None-Match`.",
        example: "\"5f2b8c1e9a7d4f60b3c2d1e0f9a8b7c6\"",
        required: true,
    },
    Header {
        name: "Location",
        key: "Location",
        about: "Address of the new resource, relative to the service.",
        example: "/v1/snapshots/01a20bd7-6820-7085-91c7-d703078d34cd",
        required: true,
    },
    Header {
        name: "Cache-Control",
        key: "CacheControl",
        about: "Permission to cache the body (RFC 9111).",
        example: "private, no-cache",
        required: true,
    },
    Header {
        name: "RateLimit",
        key: "RateLimit",
        about: "Remaining requests and seconds until the quota is full again. Absent without a limit.",
        example: "\"client\";r=599;t=1",
        required: false,
    },
    Header {
        name: "RateLimit-Policy",
        key: "RateLimitPolicy",
        about: "Quota of requests and its window in seconds. Absent without a limit.",
        example: "\"client\";q=600;w=60",
        required: false,
    },
    Header {
        name: "Retry-After",
        key: "RetryAfter",
        about: "Seconds to wait before the next try.",
        example: "12",
        required: true,
    },
    Header {
        name: "WWW-Authenticate",
        key: "Authenticate",
        about: "Authentication scheme to use, with the error of OAuth if a token was sent.",
        example: "Bearer realm=\"peerbench\", error=\"invalid_token\"",
        required: false,
    },
    Header {
        name: "Allow",
        key: "Allow",
        about: "Methods that the path supports, separated by commas.",
        example: "GET, HEAD, POST",
        required: true,
    },
    Header {
        name: "Link",
        key: "NextPage",
        about: "Link to the next page (RFC 8288), for formats without `next`. Absent on the last page.",
        example: "</v1/comparisons/cells?format=csv&cursor=VDEwNTk>; rel=\"next\"",
        required: false,
    },
    Header {
        name: "Peerbench-Hidden",
        key: "HiddenRows",
        about: "Number of techniques that the list leaves out by their word of coverage, as a structured dictionary \
                (RFC 9651), for formats without `hidden`. Absent if nothing is left out.",
        example: "few=131, less_than_half=1",
        required: false,
    },
    Header {
        name: "Accept-Encoding",
        key: "AcceptedEncodings",
        about: "Content codings that the service reads.",
        example: "gzip, zstd, identity",
        required: false,
    },
];

/// A problem that several operations answer.
struct Shared {
    key: &'static str,
    about: &'static str,
    kinds: &'static [Kind],
    /// The headers beside those of every answer.
    headers: &'static [&'static str],
}

impl Shared {
    fn status(&self) -> Option<StatusCode> {
        self.kinds.first().map(|kind| kind.status())
    }
}

const CALLER: &[Kind] = &[Kind::InsufficientScope, Kind::Suspended, Kind::Forbidden];
const CONTRIBUTOR: &[Kind] = &[
    Kind::InsufficientScope,
    Kind::NotVerified,
    Kind::NothingContributed,
    Kind::UnderReview,
    Kind::Suspended,
    Kind::Forbidden,
];

const SHARED: [Shared; 19] = [
    Shared {
        key: "InvalidRequest",
        about: "A parameter or a header of the request is invalid.",
        kinds: &[Kind::InvalidRequest],
        headers: &[],
    },
    Shared {
        key: "MalformedRequest",
        about: "The body can't be read, or a parameter or a header is invalid.",
        kinds: &[Kind::MalformedBody, Kind::InvalidRequest],
        headers: &[],
    },
    Shared {
        key: "Unauthenticated",
        about: "The request has no valid access token.",
        kinds: &[Kind::Unauthenticated],
        headers: &["Authenticate"],
    },
    Shared {
        key: "Forbidden",
        about: "The token's scope or the organisation's standing doesn't allow the operation.",
        kinds: CALLER,
        headers: &["Authenticate"],
    },
    Shared {
        key: "NotEntitled",
        about: "The token's scope, or what the organisation contributes, doesn't allow the operation.",
        kinds: CONTRIBUTOR,
        headers: &["Authenticate"],
    },
    Shared {
        key: "NotFound",
        about: "The resource doesn't exist or doesn't belong to the caller.",
        kinds: &[Kind::NotFound],
        headers: &[],
    },
    Shared {
        key: "NotPublished",
        about: "No release has been published yet, or the release or cohort isn't one of the caller's.",
        kinds: &[Kind::NotPublished, Kind::NotFound],
        headers: &[],
    },
    Shared {
        key: "MethodNotAllowed",
        about: "The path doesn't support the method of the request.",
        kinds: &[Kind::MethodNotAllowed],
        headers: &["Allow"],
    },
    Shared {
        key: "NotAcceptable",
        about: "Accept or Accept-Encoding allows nothing that the service can send.",
        kinds: &[Kind::NotAcceptable],
        headers: &[],
    },
    Shared {
        key: "RequestTimeout",
        about: "The body took too long to arrive.",
        kinds: &[Kind::Timeout],
        headers: &[],
    },
    Shared {
        key: "Conflict",
        about: "The current state or a quota doesn't allow it, such as a release that isn't due or an upload that takes too many cells away. Nothing was changed.",
        kinds: &[Kind::Conflict, Kind::QuotaExceeded],
        headers: &[],
    },
    Shared {
        key: "PreconditionFailed",
        about: "The resource has changed since you read the entity tag in If-Match.",
        kinds: &[Kind::PreconditionFailed],
        headers: &[],
    },
    Shared {
        key: "TooLarge",
        about: "The body is too large, as sent or after decompression.",
        kinds: &[Kind::TooLarge],
        headers: &[],
    },
    Shared {
        key: "UnsupportedMediaType",
        about: "The service doesn't read bodies of this media type or content coding.",
        kinds: &[Kind::UnsupportedMediaType],
        headers: &["AcceptedEncodings"],
    },
    Shared {
        key: "InvalidContent",
        about: "The content is invalid. `errors` says where and why.",
        kinds: &[Kind::Invalid],
        headers: &[],
    },
    Shared {
        key: "RefusedContent",
        about: "The content is invalid, or the Idempotency-Key was sent with a different request.",
        kinds: &[Kind::Invalid, Kind::IdempotencyKeyReused],
        headers: &[],
    },
    Shared {
        key: "TooManyRequests",
        about: "The caller has used up its quota of requests.",
        kinds: &[Kind::TooManyRequests],
        headers: &["RetryAfter"],
    },
    Shared {
        key: "InternalError",
        about: "The service failed. Nothing was changed.",
        kinds: &[Kind::Internal],
        headers: &[],
    },
    Shared {
        key: "Unavailable",
        about: "The service can't answer at the moment.",
        kinds: &[Kind::Unavailable],
        headers: &["RetryAfter"],
    },
];

/// Adds problems, examples and headers to the document and refers to them from every operation.
pub fn complete(document: &mut Value) -> Option<()> {
    let examples: Map<String, Value> = Kind::ALL.into_iter().map(|kind| (key(kind), example(kind))).collect();
    let headers = HEADERS.iter().map(|header| (header.key.to_owned(), described(header)));
    let headers: Map<String, Value> = headers.collect();
    let responses = SHARED.iter().map(|shared| (shared.key.to_owned(), response(shared)));
    let responses: Map<String, Value> = responses.collect();
    let components = document.get_mut("components")?.as_object_mut()?;
    components.insert("examples".to_owned(), examples.into());
    components.insert("headers".to_owned(), headers.into());
    components.insert("responses".to_owned(), responses.into());
    for (path, item) in document.get_mut("paths")?.as_object_mut()? {
        for (method, operation) in item.as_object_mut()? {
            add_problems(path, method, operation)?;
            add_headers(path, method, operation)?;
        }
    }
    Some(())
}

/// The problems that an operation can answer, because of its security, its parameters and its body.
fn add_problems(path: &str, method: &str, operation: &mut Value) -> Option<()> {
    let has = |place: &str| {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        parameters.into_iter().flatten().any(|parameter| parameter["in"] == place)
    };
    let scope = operation.pointer("/security/0/oauth/0").and_then(Value::as_str);
    let (secured, contributor) = (scope.is_some(), scope == Some(Scope::ComparisonsRead.name()));
    let (query, header, named) = (has("query"), has("header"), has("path"));
    let body = operation.get("requestBody").is_some();
    let health = path.starts_with("/health/");
    let responses = operation.get_mut("responses")?.as_object_mut()?;
    let declared = |status: &str| responses.contains_key(status);
    let oauth = responses.get("400").is_some_and(|response| response.get("content").is_some());
    let keys = [
        ("InvalidRequest", !oauth && !body && (query || header)),
        ("MalformedRequest", !oauth && body),
        ("Unauthenticated", secured),
        ("Forbidden", secured && !contributor),
        ("NotEntitled", contributor),
        ("NotFound", named && !declared("404")),
        ("NotPublished", declared("404")),
        ("MethodNotAllowed", true),
        ("NotAcceptable", true),
        ("RequestTimeout", body),
        ("Conflict", declared("409")),
        ("PreconditionFailed", declared("412")),
        ("TooLarge", body),
        ("UnsupportedMediaType", body),
        ("InvalidContent", body && !oauth && !header),
        ("RefusedContent", header),
        ("TooManyRequests", !health),
        ("InternalError", true),
        ("Unavailable", true),
    ];
    for (key, _) in keys.into_iter().filter(|(_, applies)| *applies) {
        let status = SHARED.iter().find(|shared| shared.key == key).and_then(Shared::status)?;
        responses
            .insert(status.as_str().to_owned(), json!({ "$ref": format!("#/components/responses/{key}") }));
    }
    if oauth {
        let problem = response(SHARED.iter().find(|shared| shared.key == "MalformedRequest")?);
        let content = responses.get_mut("400")?.get_mut("content")?.as_object_mut()?;
        content.extend(problem.get("content")?.as_object()?.clone());
    }
    if method == "get" && !health {
        let unchanged = json!({ "description": "You have the current body, whose tag If-None-Match names." });
        responses.insert("304".to_owned(), unchanged);
    }
    Some(())
}

/// The headers of an operation's own answers.
fn add_headers(path: &str, method: &str, operation: &mut Value) -> Option<()> {
    let health = path.starts_with("/health/");
    for (status, response) in operation.get_mut("responses")?.as_object_mut()? {
        if response.get("$ref").is_some() {
            continue;
        }
        let mut headers = common(!health);
        let mut add = |key| refer(&mut headers, key);
        let tagged = ["get", "patch"].contains(&method) && !health;
        match status.as_str() {
            "200" => add("CacheControl"),
            "201" => {
                add("Location");
                add("EntityTag");
                add("CacheControl");
            }
            "401" => add("Authenticate"),
            _ => {}
        }
        if tagged {
            add("EntityTag");
        }
        if response.pointer("/content/text~1csv").is_some() {
            add("NextPage");
        }
        if response.pointer("/content/application~1json/schema/$ref").is_some_and(|schema| schema == LIST) {
            add("HiddenRows");
        }
        response.as_object_mut()?.insert("headers".to_owned(), headers.into());
    }
    Some(())
}

/// The schema of the one list that leaves rows out.
const LIST: &str = "#/components/schemas/TechniqueComparisonPage";

/// The headers of every answer.
fn common(limited: bool) -> Map<String, Value> {
    let mut headers = Map::new();
    refer(&mut headers, "RequestId");
    if limited {
        refer(&mut headers, "RateLimit");
        refer(&mut headers, "RateLimitPolicy");
    }
    headers
}

fn refer(headers: &mut Map<String, Value>, key: &str) {
    if let Some(header) = HEADERS.iter().find(|header| header.key == key) {
        headers.insert(header.name.to_owned(), json!({ "$ref": format!("#/components/headers/{key}") }));
    }
}

fn described(header: &Header) -> Value {
    let (kind, example) = match header.example.parse::<u32>() {
        Ok(number) => ("integer", json!(number)),
        Err(_) => ("string", json!(header.example)),
    };
    json!({
        "description": header.about,
        "required": header.required,
        "schema": { "type": kind, "examples": [example] },
    })
}

fn response(shared: &Shared) -> Value {
    let mut headers = common(true);
    shared.headers.iter().for_each(|key| refer(&mut headers, key));
    let examples = shared.kinds.iter().map(|kind| {
        (kind.name().to_owned(), json!({ "$ref": format!("#/components/examples/{}", key(*kind)) }))
    });
    let examples: Map<String, Value> = examples.collect();
    let content = json!({ CONTENT_TYPE: { "schema": reference("Problem"), "examples": examples } });
    json!({ "description": shared.about, "headers": headers, "content": content })
}

/// The name of a type of problem as the key of a component.
fn key(kind: Kind) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    kind.name().split('-').map(capital).collect()
}

fn example(kind: Kind) -> Value {
    let mut document = json!({
        "type": kind.uri(),
        "title": kind.title(),
        "status": kind.status().as_u16(),
        "detail": kind.example(),
        "request_id": EXAMPLE_ID,
    });
    let errors = match kind {
        Kind::Invalid => json!([
            { "pointer": "/cells/0/technique", "detail": "isn't a technique of ATT&CK 18.1" },
            { "pointer": "/cells/3/value", "detail": "must be a number from 0 to 20" },
        ]),
        Kind::InvalidRequest => {
            json!([{ "parameter": "limit", "detail": "must be a number from 1 to 1000" }])
        }
        _ => return json!({ "summary": kind.title(), "value": document }),
    };
    set(&mut document, "errors", errors);
    json!({ "summary": kind.title(), "value": document })
}
