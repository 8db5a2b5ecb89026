//! `--lint`: what is wrong with the rules' technique tags, as text, JSON or SARIF 2.1.0 on standard output.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    fs,
    path::Path,
    sync::Arc,
};

use serde_json::{Value, json};

use super::format::Format;
use crate::{
    cli::{Failure, output},
    sources::lint::{Finding, Kind},
};

/// Prints the findings; a failure if there are any, so that a pipeline stops.
pub fn run(mut findings: Vec<Finding>, format: Format) -> Result<(), Failure> {
    let mut files = Files::default();
    findings.iter_mut().for_each(|finding| files.locate(finding));
    match format {
        Format::Text => output::text(&text(&findings))?,
        Format::Json => output::json(&json!({"findings": findings.iter().map(object).collect::<Vec<_>>()}))?,
        Format::Sarif => output::json(&sarif(&findings))?,
    }
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    findings.iter().for_each(|finding| *counts.entry(finding.kind).or_default() += 1);
    let said: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    if said.is_empty() { Ok(()) } else { Err(Failure::refused(format!("Found: {}.", said.join(", ")))) }
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let rule = if finding.rule.is_empty() { String::new() } else { format!("{}: ", finding.rule) };
        // Writing to a string does not fail.
        let line = format!("{}: {}: {rule}{}", finding.place, finding.kind.name(), finding.message);
        let _ = writeln!(text, "{}", output::harmless(&line));
    }
    text
}

fn object(finding: &Finding) -> Value {
    let mut object = json!({
        "kind": finding.kind,
        "file": finding.place.file,
        "rule": finding.rule,
        "message": finding.message,
    });
    let mut set = |key: &str, value: Option<Value>| {
        if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
            members.insert(key.to_owned(), value);
        }
    };
    set("line", finding.place.line.map(|line| json!(line)));
    set("item", finding.place.item.map(|item| json!(item)));
    set("technique", finding.said.as_ref().map(|said| json!(said)));
    set("proposed", finding.proposed.map(|id| json!(id)));
    object
}

/// The Static Analysis Results Interchange Format, which code hosts show beside the changed lines.
fn sarif(findings: &[Finding]) -> Value {
    let rules: Vec<Value> = Kind::ALL
        .iter()
        .map(|kind| json!({"id": kind.name(), "shortDescription": {"text": kind.words()}}))
        .collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let mut location = json!({"artifactLocation": {"uri": uri(&finding.place.file)}});
            if let (Some(members), Some(line)) = (location.as_object_mut(), finding.place.line) {
                members.insert("region".to_owned(), json!({"startLine": line}));
            }
            let name = if finding.rule.is_empty() { "The file" } else { &finding.rule };
            json!({
                "ruleId": finding.kind.name(),
                "ruleIndex": Kind::ALL.iter().position(|kind| *kind == finding.kind),
                "level": if finding.kind == Kind::Unreadable { "error" } else { "warning" },
                "message": {"text": format!("{name}: {}", finding.message)},
                "locations": [{"physicalLocation": location}],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "peerbench", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

/// A path as a relative or `file:` URI.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'/' | b'.' | b'-' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// Number of lines below the rule's first line in which its text is searched for.
const MAX_LINES_OF_A_RULE: usize = 1000;

/// Lines of one file that are looked through for names in all: many names that a large file spells otherwise must
/// not take forever.
const MAX_LINES_LOOKED_AT: usize = 20_000_000;

/// The files' lines, to find where a rule says what is wrong.
#[derive(Default)]
struct Files(HashMap<Arc<str>, Lines>);

struct Lines {
    /// In lower case.
    lines: Vec<String>,
    /// The item found last, and its line: items stand in the order of the findings.
    last: (Option<usize>, usize),
    left: usize,
}

impl Lines {
    fn of(file: &str) -> Self {
        let bytes = fs::read(Path::new(file)).unwrap_or_default();
        let lines = String::from_utf8_lossy(&bytes).lines().map(str::to_lowercase).collect();
        Self { lines, last: (None, 0), left: MAX_LINES_LOOKED_AT }
    }

    /// The first of `most` lines from line `from` on that holds the text.
    fn find(&self, from: usize, most: usize, text: &str) -> Option<usize> {
        let mut lines = self.lines.iter().skip(from.saturating_sub(1)).take(most);
        lines.position(|line| line.contains(text)).map(|found| from.max(1) + found)
    }

    /// The line of an item's name.
    fn name(&mut self, item: Option<usize>, name: &str) -> Option<usize> {
        let (last, line) = self.last;
        if last == item && item.is_some() {
            return Some(line).filter(|line| *line > 0);
        }
        let quoted = json!(name.to_lowercase()).to_string();
        let found = self.find(line + 1, self.left, &quoted);
        self.left = self.left.saturating_sub(found.unwrap_or(self.lines.len()).saturating_sub(line));
        self.last = (item, found.unwrap_or(line));
        found
    }
}

impl Files {
    /// Moves the finding's line to the one that says it; in a list without lines of its own, to the rule's name.
    fn locate(&mut self, finding: &mut Finding) {
        let file = Arc::clone(&finding.place.file);
        let lines = self.0.entry(file).or_insert_with_key(|file| Lines::of(file));
        if finding.place.line.is_none() && !finding.rule.is_empty() {
            finding.place.line = lines.name(finding.place.item, &finding.rule);
        }
        if let (Some(line), Some(said)) = (finding.place.line, &finding.said) {
            let said = said.to_lowercase();
            let spelled = [said.clone(), said.replace('.', "_"), said.replace('.', "/")];
            let found = spelled.iter().filter_map(|said| lines.find(line, MAX_LINES_OF_A_RULE, said)).min();
            finding.place.line = found.or(Some(line));
        }
    }
}
