//! Refusals of a service in the words of the command line: options instead of parameters and pointers, commands instead of
//! addresses of the API.

use serde::Deserialize;

/// Where the places of a problem are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// In options, from which the request was made.
    Options,
    /// In a file, which was sent as it is.
    File,
}

#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<ProblemError>,
    request_id: Option<String>,
}

#[derive(Deserialize)]
struct ProblemError {
    pointer: Option<String>,
    parameter: Option<String>,
    #[serde(default)]
    detail: String,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
    #[serde(default)]
    error_description: String,
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

/// What the API calls by an address or a parameter, and the command line by a command or an option.
const WORDS: [(&str, &str); 5] = [
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
        if !problem.detail.starts_with(&problem.title) {
            told.push_str(&format!("{}. ", problem.title));
        }
        told.push_str(&translated(&problem.detail));
        for error in &problem.errors {
            let named = match (&error.parameter, &error.pointer, places) {
                (Some(parameter), _, _) => option(parameter),
                (None, Some(pointer), Places::Options) if !pointer.is_empty() => place(pointer),
                (None, Some(pointer), Places::File) if !pointer.is_empty() => pointer.clone(),
                (None, _, Places::File) => "(whole document)".to_owned(),
                (None, _, Places::Options) => "(the options together)".to_owned(),
            };
            told.push_str(&format!("\n  {named}: {}", translated(&error.detail)));
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
