//! Refusals in the words of the page: whoever reads them has a browser, and no operations, bodies or JSON pointers.

use crate::http::problem::{FieldError, Kind, Problem};

/// A problem as the page tells it.
pub struct Refusal {
    pub title: &'static str,
    pub detail: String,
    pub errors: Vec<String>,
}

/// The parameters of addresses, with the labels of the menus and filters that set them.
const LABELS: [(&str, &str); 15] = [
    ("cohort", "Peers"),
    ("basis", "Basis"),
    ("release", "Release"),
    ("tactic", "Tactic"),
    ("technology", "Technology"),
    ("platform", "Platform"),
    ("group", "Threat group"),
    ("groups", "Threat groups"),
    ("feasibility", "How"),
    ("status", "Status"),
    ("sort", "Order"),
    ("measure", "Measure"),
    ("target", "Target"),
    ("colour", "Colour"),
    ("path", "Path"),
];

/// Operations of the API, by the end of their address, and where the page shows the same.
const SHOWN: [(&str, &str); 4] = [
    ("/cohorts", "the menu Peers lists them"),
    ("/technologies", "the filter Technology lists those that are known"),
    ("/techniques", "the matrix shows them"),
    ("/groups", "the view Threat groups lists them"),
];

const SCOPE: &str = "This operation requires a token with the scope ";

/// True if a page of a list belongs to one that is no more.
pub fn is_stale(problem: &Problem) -> bool {
    problem.errors().iter().any(|error| error.parameter.as_deref() == Some("cursor"))
}

impl Refusal {
    pub fn of(problem: &Problem) -> Self {
        if is_stale(problem) {
            return Self {
                title: "That page is no more",
                detail: "A list’s pages hold until a release is published or your data changes, and the list has changed \
                         since you opened it."
                    .to_owned(),
                errors: Vec::new(),
            };
        }
        Self {
            title: title(problem.kind()),
            detail: detail(problem),
            errors: problem.errors().iter().map(error).collect(),
        }
    }
}

/// An error with the place where the page shows it.
pub fn error(error: &FieldError) -> String {
    let detail = match error.detail.strip_prefix("unknown field ") {
        Some(_) => "isn't known here".to_owned(),
        None => without_operations(&error.detail),
    };
    let place = match (&error.parameter, &error.pointer) {
        (Some(name), _) => {
            let label = LABELS.into_iter().find(|(known, _)| known == name);
            label.map_or_else(|| name.clone(), |(_, label)| label.to_owned())
        }
        (None, Some(pointer)) => place(pointer),
        (None, None) => String::new(),
    };
    if place.is_empty() { detail } else { format!("{place}: {detail}") }
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::InvalidRequest => "That can’t be shown",
        Kind::MalformedBody => "The file can’t be read",
        Kind::InsufficientScope | Kind::Forbidden => "You may not do that",
        Kind::NothingContributed => "Contribute first",
        Kind::NotPublished => "No release yet",
        Kind::TooLarge => "That is too large",
        Kind::Invalid => "That can’t be taken",
        Kind::Internal => "Something went wrong",
        Kind::Unavailable => "The service can’t answer now",
        other => other.title(),
    }
}

fn detail(problem: &Problem) -> String {
    let said = problem.detail();
    if let Some(scope) = said.strip_prefix(SCOPE) {
        let scope = scope.trim_end_matches('.');
        return format!(
            "The client that you signed in with doesn't have the right {scope}. An administrator of your organisation can \
             create one that has it."
        );
    }
    let said = said.trim_end_matches(" See errors.");
    match (problem.kind(), said) {
        (Kind::InvalidRequest, "A request parameter is invalid.") => {
            "The address of this page names something that doesn't exist.".to_owned()
        }
        (Kind::NotFound, said) if said.starts_with("No operation has this path") => {
            "The page has no such address.".to_owned()
        }
        (Kind::Unavailable, said) if said.contains("Idempotency-Key") => {
            "The service didn't finish this in time, but may still do it. Look at the page before you repeat it.".to_owned()
        }
        (Kind::Unavailable, _) => "Nothing was changed. Try again in a moment.".to_owned(),
        (_, said) => without_operations(&said.replace("The body", "What was sent")),
    }
}

/// A text that names views of the page where it named operations of the API.
fn without_operations(text: &str) -> String {
    let text = text.replace('`', "");
    let Some((before, rest)) = text.split_once("see GET /v1") else { return text };
    let end = rest.find([',', ' ']).unwrap_or(rest.trim_end_matches('.').len());
    let (address, after) = rest.split_at(end);
    match SHOWN.into_iter().find(|(end, _)| address.ends_with(end)) {
        Some((_, shown)) => format!("{before}{shown}{after}"),
        None => format!("{}{after}", before.trim_end_matches([':', ' '])),
    }
}

/// A JSON pointer for people: `/cells/3/technique` is `cells, entry 4, technique`.
fn place(pointer: &str) -> String {
    let parts = pointer.split('/').filter(|part| !part.is_empty()).map(|part| match part.parse::<u32>() {
        Ok(number) => format!("entry {}", number.saturating_add(1)),
        Err(_) => part.replace('_', " "),
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_page() {
        let parameter = |name: &str, detail: &str| error(&FieldError::parameter(name, detail));
        assert_eq!(
            parameter("group", "unknown threat group in ATT&CK 19.2: see GET /v1/attack/19.2/groups"),
            "Threat group: unknown threat group in ATT&CK 19.2: the view Threat groups lists them"
        );
        assert_eq!(parameter("colours", "unknown field `colours`"), "colours: isn't known here");
        let at = |pointer: &str, detail: &str| error(&FieldError::at(pointer, detail));
        assert_eq!(
            at("/cells/3/technique", "unknown technology: see GET /v1/technologies, or use other.unknown"),
            "cells, entry 4, technique: unknown technology: the filter Technology lists those that are known, or use \
             other.unknown"
        );
        assert_eq!(at("", "isn't a file"), "isn't a file");
    }

    #[test]
    fn no_word_of_the_api_is_left() {
        let problems = [
            Problem::new(Kind::InsufficientScope, format!("{SCOPE}comparisons:read.")),
            Problem::new(
                Kind::NotFound,
                "You can compare only with cohorts of your own profile: see GET /v1/cohorts.",
            ),
            Problem::parameter(
                "measure",
                "unknown technique in ATT&CK 19.2: see GET /v1/attack/19.2/techniques",
            ),
            Problem::of_status(actix_web::http::StatusCode::NOT_FOUND),
            Problem::late(std::time::Duration::from_secs(1)),
            Problem::busy(),
            Problem::unavailable("x"),
            Problem::invalid([FieldError::at("/add/0/technology", "is unknown")]),
            Problem::new(Kind::TooLarge, "The body is larger than the limit of 4194304 bytes."),
        ];
        for problem in problems {
            let Refusal { title, detail, errors } = Refusal::of(&problem);
            let text = format!("{title} {detail} {}", errors.join(" "));
            for word in [
                "GET",
                "/v1",
                "operation",
                "token",
                "scope",
                "body",
                "parameter",
                "Idempotency",
                "See errors",
            ] {
                assert!(!text.contains(word), "{word}: {text}");
            }
        }
    }
}
