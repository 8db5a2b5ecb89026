//! What a client generator and its user need of every operation and schema: a description, an example, lists of the values
//! that are known, and names that mean something alone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::contract::CONTRACT;

/// Names that say nothing without the file they were declared in.
const MEANINGLESS: &[&str] = &[
    "Answer", "Asked", "Change", "Checked", "Created", "Data", "Entry", "Envelope", "Feed", "Info", "Item",
    "Kind", "List", "Made", "Metadata", "Moved", "Object", "Own", "Peers", "Position", "Preview", "Rename",
    "Request", "Response", "Result", "Row", "Said", "Side", "Subject", "Summary", "Table", "Value", "Values",
    "Version",
];

fn words(text: &Value) -> usize {
    text.as_str().map_or(0, |text| text.split_whitespace().count())
}

/// (where, schema) of every schema within one, itself included.
fn within<'v>(at: &str, schema: &'v Value, found: &mut Vec<(String, &'v Value)>) {
    found.push((at.to_owned(), schema));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        within(&format!("{at}.{name}"), property, found);
    }
    for part in ["items", "additionalProperties"] {
        if schema[part].is_object() {
            within(&format!("{at}[]"), &schema[part], found);
        }
    }
    for (position, member) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
        within(&format!("{at}|{position}"), member, found);
    }
}

fn schemas() -> Vec<(String, &'static Value)> {
    let mut found = Vec::new();
    for (name, schema) in CONTRACT.document()["components"]["schemas"].as_object().unwrap() {
        within(name, schema, &mut found);
    }
    found
}

/// (method and path, operation)
fn operations() -> Vec<(String, &'static Value)> {
    let paths = CONTRACT.document()["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &'static Value)| {
        let operations = item.as_object().unwrap().iter();
        let path = path.clone();
        operations.map(move |(method, operation)| (format!("{method} {path}"), operation))
    };
    paths.iter().flat_map(of).collect()
}

#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn everything_is_described() {
    let mut complaints = Vec::new();
    for (at, schema) in schemas() {
        let of_component = !at.contains(['.', '[', '|']);
        let part_of_a_list = at.ends_with("[]") || at.contains('|');
        let least = if of_component { 5 } else { 3 };
        let said = words(&schema["description"]).max(words(&CONTRACT.resolve(schema)["description"]));
        if said < least && !part_of_a_list {
            complaints.push(format!("{at}: {} words of description, not {least}", said));
        }
    }
    for (name, operation) in operations() {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parameters = parameters.map(|parameter| (format!("{name} {}", parameter["name"]), parameter));
        let responses = operation["responses"].as_object().unwrap().iter();
        let responses =
            responses.map(|(status, response)| (format!("{name} {status}"), CONTRACT.resolve(response)));
        let body = operation.get("requestBody").map(|body| (format!("{name} body"), body));
        let itself = (name.clone(), operation);
        for (at, described) in parameters.chain(responses).chain([itself]) {
            let least = if at.contains('"') { 4 } else { 5 };
            if words(&described["description"]) < least {
                complaints.push(format!("{at}: {}", described["description"]));
            }
        }
        if let Some((at, body)) = body
            && words(&body["description"]) < 1
            && body["content"].as_object().unwrap().len() > 1
        {
            complaints.push(at);
        }
    }
    none(complaints);
}

#[test]
fn every_operation_and_every_type_of_problem_has_an_example() {
    let mut complaints = Vec::new();
    let mut problems: BTreeSet<String> = BTreeSet::new();
    let mut check = |at: &str, body: &Value| {
        for (media_type, described) in body["content"].as_object().into_iter().flatten() {
            let single = described.get("example").into_iter();
            let named = described["examples"].as_object().into_iter().flatten();
            let named = named.map(|(_, example)| &CONTRACT.resolve(example)["value"]);
            let examples: Vec<&Value> = single.chain(named).collect();
            if examples.is_empty() {
                complaints.push(format!("{at} {media_type}: no example"));
            }
            for example in examples.into_iter().filter(|_| media_type.ends_with("json")) {
                problems.extend(
                    example["type"].as_str().filter(|kind| kind.starts_with("urn:")).map(str::to_owned),
                );
                let faults = CONTRACT.faults(&described["schema"], example);
                complaints.extend(faults.into_iter().map(|fault| format!("{at} {media_type}: {fault}")));
            }
        }
    };
    for (name, operation) in operations() {
        check(&format!("{name} request"), &operation["requestBody"]);
        for (status, response) in operation["responses"].as_object().unwrap() {
            // OAuth's errors are those of its own standard.
            if name != "post /oauth/token" || !["400", "401"].contains(&status.as_str()) {
                check(&format!("{name} {status}"), CONTRACT.resolve(response));
            }
        }
    }
    let known = CONTRACT.document()["components"]["schemas"]["ProblemType"]["enum"].as_array().unwrap();
    let known: BTreeSet<String> = known.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect();
    assert_eq!(problems, known, "types of problem with an example");
    none(complaints);
}

/// The values of every enum. Those of dimensions are the operator's to define, so no schema lists them.
fn known_values() -> BTreeSet<&'static str> {
    let mut known = BTreeSet::new();
    for (_, schema) in schemas() {
        known.extend(schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
    }
    known
}

/// Complains of every text in an example that is a known value where the schema doesn't list it.
fn unlisted(at: &str, schema: &Value, example: &Value, known: &BTreeSet<&str>, complaints: &mut Vec<String>) {
    let schema = CONTRACT.resolve(schema);
    for member in schema["oneOf"].as_array().into_iter().flatten() {
        let resolved = CONTRACT.resolve(member);
        let fits = resolved["properties"]["status"]["enum"][0] == example["status"];
        if resolved["type"] == "object" && fits {
            unlisted(at, member, example, known, complaints);
        }
    }
    match example {
        Value::Object(object) => {
            for (name, value) in object {
                let property = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
                unlisted(&format!("{at}.{name}"), property, value, known, complaints);
            }
        }
        Value::Array(items) => {
            items
                .iter()
                .for_each(|item| unlisted(&format!("{at}[]"), &schema["items"], item, known, complaints));
        }
        Value::String(text)
            if schema["type"] == "string"
                && schema.get("enum").is_none()
                && known.contains(text.as_str()) =>
        {
            complaints.push(format!("{at} is `{text}`, which an enum lists"));
        }
        _ => {}
    }
}

/// Columns are names of families and technologies, and `any`.
/// A target is a quantile or a number. Libraries of rules are those whose counts are bundled, in a table of data.
const OPEN: &[&str] =
    &[".column", ".family", ".name", "rules_available", "FewestChanges.target", "fewest-changes"];

#[test]
fn values_that_are_known_are_listed() {
    let known = known_values();
    assert!(known.len() > 100, "{}", known.len());
    let mut complaints = Vec::new();
    for (at, schema) in schemas() {
        if schema["type"] != "string" || schema.get("enum").is_some() {
            continue;
        }
        let text = schema["description"].as_str().unwrap_or_default();
        let listed = text.split('`').skip(1).step_by(2).filter(|value| known.contains(value)).count();
        let example = schema["examples"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if listed > 1 || example.clone().any(|example| known.contains(example)) {
            complaints.push(format!("{at} lists values and is no enum: {text}"));
        }
    }
    for (name, operation) in operations() {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let example = parameter["example"].as_str().unwrap_or_default();
            if CONTRACT.resolve(&parameter["schema"]).get("enum").is_none() && known.contains(example) {
                complaints.push(format!("{name} {}: `{example}`, which an enum lists", parameter["name"]));
            }
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            if let Some(described) = response["content"].get("application/json") {
                let at = format!("{name} {status} ");
                unlisted(&at, &described["schema"], &described["example"], &known, &mut complaints);
            }
        }
    }
    complaints.retain(|complaint| !OPEN.iter().any(|open| complaint.contains(open)));
    none(complaints);
}

#[test]
fn names_of_schemas_mean_something_alone() {
    let names = CONTRACT.document()["components"]["schemas"].as_object().unwrap().keys();
    let meaningless = names.filter(|name| {
        MEANINGLESS.contains(&name.as_str())
            || name.contains('_')
            || name.ends_with("Item")
            || name.ends_with("Answer")
    });
    none(meaningless.cloned().collect());
}

#[test]
fn nothing_is_null_and_every_json_has_a_named_schema() {
    let mut complaints: Vec<String> = schemas()
        .into_iter()
        .filter(|(_, schema)| schema["type"] == "null" || schema["type"].is_array())
        .map(|(at, _)| format!("{at} may be several things"))
        .collect();
    for (name, operation) in operations() {
        let responses =
            operation["responses"].as_object().unwrap().values().map(|response| CONTRACT.resolve(response));
        for body in responses.chain(operation.get("requestBody")) {
            for (media_type, described) in body["content"].as_object().into_iter().flatten() {
                if media_type.ends_with("json") && described["schema"]["$ref"].is_null() {
                    complaints.push(format!("{name} {media_type} has no schema"));
                }
            }
        }
    }
    none(complaints);
}
