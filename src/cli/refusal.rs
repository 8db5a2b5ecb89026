//! Refusals of a service in the words of the command line: options instead of parameters and pointers, commands instead of
//! addresses of the API.

use std::fmt;

use serde::Deserialize;

use super::output::harmless;

/// Kind of place that a problem names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// In options, from which the request was made.
    Options,
    /// In a file, which was sent as it is.
    File,
}

#[derive(Deserialize)]
struct Problem {
    title: Line,
    #[serde(default)]
    detail: Line,
    #[serde(default)]
    errors: Vec<ProblemError>,
    request_id: Option<Line>,
}

#[derive(Deserialize)]
struct ProblemError {
    pointer: Option<Line>,
    parameter: Option<Line>,
    #[serde(default)]
    detail: Line,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: Line,
    #[serde(default)]
    error_description: Line,
}

/// A text of the service on one line, without what a terminal would obey: it can't look like a line of this program.
#[derive(Default, Deserialize)]
#[serde(from = "String")]
struct Line(String);

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self(harmless(&text))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Parameters and members of bodies that the command line has under another name than their own. Those without dashes are
/// given without an option by some command.
const OPTIONS: [(&str, &str); 7] = [
    ("granularity", "--sub-techniques"),
    ("snapshots", "--snapshot"),
    ("group", "group"),
    ("path", "path"),
    ("measure", "measure"),
    ("status", "status"),
    ("count", "number of rules"),
];

/// Words of the API for an address or a parameter, and those of the command line for the command or option.
const WORDS: [(&str, &str); 6] = [
    ("contradicts remove_technology", "contradicts --remove-technology"),
    ("GET /v1/cohorts", "`peerbench cohorts`"),
    ("GET /v1/technologies", "`peerbench technologies`"),
    ("`column` or `technology`", "--column or --technology"),
    ("send it with replace=true", "upload it with `peerbench snapshot upload --replace`"),
    ("See errors.", ""),
];

/// The addresses of a version's techniques and groups, which the command line has no version in.
const LISTS: [(&str, &str); 2] =
    [("/techniques", "`peerbench technique WORDS`"), ("/groups", "`peerbench groups`")];

/// The name that the command line has for a parameter, or for a member of a body that is made of options.
pub fn option(name: &str) -> String {
    let other = OPTIONS.iter().find(|(known, _)| *known == name).map(|(_, option)| (*option).to_owned());
    other.unwrap_or_else(|| format!("--{}", name.replace('_', "-")))
}

/// A pointer into a body that is made of options: `/add/0/technique` is the technique of the first `--add`.
fn place(pointer: &str) -> String {
    let mut parts = pointer.trim_start_matches('/').split('/');
    let first = option(parts.next().unwrap_or_default());
    let rest = parts.map(|part| match part.parse::<usize>() {
        Ok(at) => format!("number {}", at + 1),
        Err(_) => option(part).trim_start_matches('-').to_owned(),
    });
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join(", ")
}

/// A text of the API in the words of the command line.
fn translated(text: &str) -> String {
    let mut text = WORDS.iter().fold(text.to_owned(), |text, (api, command)| text.replace(api, command));
    for (list, command) in LISTS {
        let Some(start) = text.find("GET /v1/attack/") else { break };
        let Some(end) = text.get(start..).and_then(|rest| rest.find(list)) else { continue };
        text.replace_range(start..start + end + list.len(), command);
    }
    text.trim_end().to_owned()
}

/// Renders a refusal as lines for people. `address` names the setting or the option that the service's address is from.
pub fn refusal(status: u16, text: &str, places: Places, address: &str) -> String {
    if let Ok(problem) = serde_json::from_str::<Problem>(text) {
        let mut told = format!("The service refused the request ({status}): ");
        // A detail may begin with what the title says.
        if !problem.detail.0.starts_with(&problem.title.0) {
            told.push_str(&format!("{}. ", problem.title));
        }
        told.push_str(&translated(&problem.detail.0));
        for error in &problem.errors {
            let named = match (&error.parameter, &error.pointer, places) {
                (Some(Line(parameter)), _, _) => option(parameter),
                (None, Some(Line(pointer)), Places::Options) if !pointer.is_empty() => place(pointer),
                (None, Some(Line(pointer)), Places::File) if !pointer.is_empty() => pointer.clone(),
                (None, _, Places::File) => "(whole document)".to_owned(),
                (None, _, Places::Options) => "(the options together)".to_owned(),
            };
            told.push_str(&format!("\n  {named}: {}", translated(&error.detail.0)));
        }
        if let Some(id) = problem.request_id {
            told.push_str(&format!("\nRequest ID: {id}"));
        }
        return told;
    }
    match serde_json::from_str::<TokenRefusal>(text) {
        Ok(refusal) => format!(
            "The service refused a token ({status} {}): {}. Check PEERBENCH_CLIENT_ID and PEERBENCH_CLIENT_SECRET.",
            refusal.error, refusal.error_description
        ),
        Err(_) => format!("The service answered {status}. Is {address} its address?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "PEERBENCH_CLIENT_URL";

    #[test]
    fn a_problem_is_told_with_every_place() {
        let text = r#"{"type": "urn:peerbench:problem:invalid", "title": "The content is not valid", "status": 422,
            "detail": "Nothing was stored. See errors.", "errors": [{"pointer": "/cells/0", "detail": "unknown field"}],
            "request_id": "abc"}"#;
        assert_eq!(
            refusal(422, text, Places::File, ADDRESS),
            "The service refused the request (422): The content is not valid. Nothing was stored.\n  \
             /cells/0: unknown field\nRequest ID: abc"
        );
    }

    #[test]
    fn options_take_the_place_of_parameters_pointers_and_addresses() {
        let told = |error: &str| {
            let text =
                format!(r#"{{"title": "Invalid request", "detail": "See errors.", "errors": [{error}]}}"#);
            let told = refusal(400, &text, Places::Options, ADDRESS);
            told.lines().nth(1).unwrap().trim().to_owned()
        };
        for (error, expected) in [
            (r#"{"parameter": "min_distance", "detail": "too large"}"#, "--min-distance: too large"),
            (r#"{"parameter": "granularity", "detail": "no"}"#, "--sub-techniques: no"),
            (
                r#"{"pointer": "/add/1/technology", "detail": "isn't one: see GET /v1/technologies"}"#,
                "--add, number 2, technology: isn't one: see `peerbench technologies`",
            ),
            (r#"{"pointer": "/month", "detail": "is missing"}"#, "--month: is missing"),
            (r#"{"pointer": "", "detail": "names no change"}"#, "(the options together): names no change"),
            (
                r#"{"parameter": "group", "detail": "unknown: see GET /v1/attack/19.2/groups"}"#,
                "group: unknown: see `peerbench groups`",
            ),
            (
                r#"{"parameter": "measure", "detail": "see GET /v1/attack/19.2/techniques"}"#,
                "measure: see `peerbench technique WORDS`",
            ),
        ] {
            assert_eq!(told(error), expected);
        }
    }

    #[test]
    fn nothing_of_a_refusal_reaches_the_terminal_raw() {
        let hostile = "a\\nb\\u001b[2J\\u202ec";
        let problem = format!(
            r#"{{"title": "{hostile}", "detail": "1{hostile}", "request_id": "{hostile}",
                "errors": [{{"pointer": "/{hostile}", "detail": "{hostile}"}}, {{"parameter": "{hostile}"}}]}}"#
        );
        let token = format!(r#"{{"error": "{hostile}", "error_description": "{hostile}"}}"#);
        for (text, lines) in [(problem, 4), (token, 1)] {
            for places in [Places::File, Places::Options] {
                let told = refusal(422, &text, places, ADDRESS);
                assert_eq!(told.lines().count(), lines, "{told}");
                assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told}");
            }
        }
    }

    #[test]
    fn other_refusals_are_told_too() {
        let told = |status, text| refusal(status, text, Places::Options, ADDRESS);
        let text = r#"{"title": "Ask first", "status": 403, "detail": "Ask first: the operator answers."}"#;
        assert_eq!(
            told(403, text),
            "The service refused the request (403): Ask first: the operator answers."
        );
        let text = r#"{"title": "Not found", "detail": "You can compare only with cohorts of your own profile: see GET /v1/cohorts."}"#;
        assert!(told(404, text).ends_with("own profile: see `peerbench cohorts`."));
        let text = r#"{"error": "invalid_client", "error_description": "unknown client"}"#;
        assert!(told(401, text).contains("invalid_client"));
        assert!(told(502, "<html>").contains("502"));
    }
}
