//! The language of the project: plain British technical English wherever a person reads. What a machine can check is
//! checked here on help texts, the OpenAPI document, the documents, and the comments and texts of the code. Each rule is
//! shown to fail on a made-up text.

mod phrases;

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{
    architecture::tree::{self, TextFile},
    support::server::peerbench,
};

/// Documents that people read from start to end.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/",
    "deploy/",
    "examples/",
    "consoles/",
];

#[test]
fn documents_comments_and_texts_keep_the_language() {
    let files = tree::project();
    let complaints: Vec<String> = files.iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "{} texts to mend:\n{}", complaints.len(), complaints.join("\n"));
}

fn complaints(file: &TextFile) -> Vec<String> {
    let mut found = Vec::new();
    if DOCUMENTS.iter().any(|document| file.path.starts_with(document)) {
        found.extend(phrases::found(&file.text));
    } else if file.path.starts_with("src/") && file.is_rust() {
        found.extend(phrases::found(&texts(&file.text)));
        found.extend(beginnings(&file.text));
    }
    found.into_iter().map(|complaint| format!("{}:{complaint}", file.path)).collect()
}

/// The comments and string literals of a Rust file, each on its line; code and tests at the end are blank.
fn texts(code: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in code.lines().take_while(|line| !line.starts_with("#[cfg(test)]")) {
        let mut kept = String::new();
        let mut letters = line.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' if inside => {
                    letters.next();
                }
                // A quotation mark as a character is no beginning.
                '"' if !inside && line[..at].ends_with('\'') => {}
                '"' => inside = !inside,
                '/' if !inside && line[at..].starts_with("//") => {
                    kept.push_str(&line[at..]);
                    break;
                }
                letter if inside => kept.push(letter),
                _ => {}
            }
        }
        text.push_str(&kept);
        text.push('\n');
    }
    text
}

/// Words that no doc comment begins with: a doc comment starts with a noun or a verb.
const NO_BEGINNING: [&str; 12] =
    ["What", "Whether", "Of", "The same", "How", "Why", "Which", "Who", "Whose", "Whom", "Where", "When"];

fn beginnings(code: &str) -> Vec<String> {
    let mut before = "";
    let mut found = Vec::new();
    for (number, line) in (1..).zip(code.lines().map(str::trim_start)) {
        let comment = ["/// ", "//! "].into_iter().find(|sign| line.starts_with(sign));
        if let Some(text) = comment.map(|sign| &line[sign.len()..])
            && (!before.starts_with(line.get(..3).unwrap_or_default()) || before.len() == 3)
            && let Some(word) = NO_BEGINNING.iter().find(|word| {
                text.strip_prefix(**word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            })
        {
            found.push(format!("{number}: a doc comment starts with a noun or a verb, not with `{word}`"));
        }
        before = line;
    }
    found
}

/// The help of a command and of all below it, with the words that call each.
fn help(words: &[String]) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command: Command = peerbench(folder, &[]);
    let output = command.args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?} --help: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let below = listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let below: Vec<String> = below.map(str::to_owned).collect();
    let mut all = vec![(words.join(" "), text.clone())];
    for name in below {
        all.extend(help(&[words, &[name]].concat()));
    }
    all
}

#[test]
fn help_keeps_the_language_and_ends_with_an_example() {
    let all = help(&[]);
    assert!(all.len() > 30, "{} commands", all.len());
    for (words, text) in all {
        let found = phrases::found(&text);
        assert!(found.is_empty(), "peerbench {words} --help:\n{}", found.join("\n"));
        let last: Vec<&str> = text.trim_end().rsplit('\n').take(2).collect();
        let example = format!("  peerbench {words}");
        assert!(
            last[0].starts_with(example.trim_end()) && last[1] == "Example:",
            "peerbench {words} --help doesn't end with an example:\n{text}"
        );
        for option in text.lines().filter(|line| line.trim_start().starts_with("--")) {
            let mut parts = option.trim().splitn(2, "  ");
            let (name, meaning) = (parts.next().unwrap(), parts.next());
            assert!(
                meaning.is_some() || text.contains(&format!("{name}\n   ")),
                "{words} {name} has no help"
            );
        }
    }
}

/// The texts of the OpenAPI document that a person reads.
fn described(document: &Value, found: &mut String) {
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if ["summary", "description", "title"].contains(&name.as_str()) => {
                        found.push_str(text);
                        found.push('\n');
                    }
                    value => described(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| described(item, found)),
        _ => {}
    }
}

#[test]
fn the_openapi_document_keeps_the_language() {
    let document: Value = serde_json::from_str(&peerbench::http::openapi::json().unwrap()).unwrap();
    let mut texts = String::new();
    described(&document, &mut texts);
    assert!(texts.len() > 1000);
    let found = phrases::found(&texts);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_rule_can_fail() {
    for (text, refused) in [
        ("You cover 25 % of them", " %"),
        ("Everybody of whom something was found", "of whom"),
        ("Take a client its rights", "its rights"),
        ("The body's form is unknown", "is unknown"),
        ("There is no such thing", "no such thing"),
        ("In `all` if not said", "if not said"),
    ] {
        assert!(phrases::found(text).concat().contains(refused), "{text}: {:?}", phrases::found(text));
    }
    for text in ["You cover 25% of them", "an unknown field", "let half = x % 2;"] {
        assert_eq!(phrases::found(text), Vec::<String>::new(), "{text}");
    }
    let code = "//! What it is.\n\n/// Whether it is.\nfn f() { g(\"of whom\"); n % 2 }\n/// A noun\n/// what follows.\n";
    assert_eq!(beginnings(code).len(), 2);
    assert_eq!(phrases::found(&texts(code)).len(), 1);
    assert_eq!(beginnings("/// Ofcom is a noun.\n"), Vec::<String>::new());
}
