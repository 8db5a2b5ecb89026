//! Rules in the form in which each product's interface lists them.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

use super::receivers::siem::WORKSPACE;

/// Lists of rules by name: Cortex has two, the others one.
pub type Lists = BTreeMap<String, Vec<Value>>;

/// The products that rules are read from.
pub const PRODUCTS: [&str; 5] = ["splunk", "elastic", "sentinel", "sumo", "cortex"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)).unwrap()
}

fn document(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap().clone()
}

/// The rules of the project's own samples.
pub fn of(product: &str) -> Lists {
    let one = |rules: Vec<Value>| Lists::from([("rules".to_owned(), rules)]);
    match product {
        "splunk" => one(list(&document("splunk/saved_searches.json")["entry"])),
        "elastic" => {
            let lines = read("elastic/rules_export.ndjson");
            let rules = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            one(rules.filter(|rule| rule.get("rule_id").is_some()).collect())
        }
        "sentinel" => {
            let template = document("sentinel/analytics_rules.json");
            let resources = list(&template["resources"]);
            one(resources.iter().filter_map(listed).collect())
        }
        "sumo" => one(list(&document("sumo/rules.json")["data"]["objects"])),
        "cortex" => Lists::from([
            ("correlations".to_owned(), list(&document("cortex/correlation_rules.json"))),
            ("bioc".to_owned(), list(&document("cortex/biocs.json")["objects"])),
        ]),
        other => panic!("{other}"),
    }
}

/// A rule of a template as Azure Resource Manager lists it.
fn listed(resource: &Value) -> Option<Value> {
    let kind = resource["type"].as_str()?.ends_with("/alertRules").then_some(&resource["kind"])?;
    let name = resource["name"].as_str()?.rsplit('/').next()?.trim_end_matches("')]");
    let path = format!("{WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/{name}");
    Some(json!({
        "id": path, "name": name, "etag": "\"0\"", "type": "Microsoft.SecurityInsights/alertRules", "kind": kind,
        "properties": resource["properties"],
    }))
}

/// Files as somebody would save the whole answers.
pub fn files(product: &str, lists: &Lists) -> Vec<(String, String)> {
    let whole = |list: &str, rules: &[Value]| match product {
        "splunk" => json!({ "entry": rules }),
        "elastic" => json!({ "page": 1, "perPage": 10_000, "total": rules.len(), "data": rules }),
        "sentinel" => json!({ "value": rules }),
        "sumo" => {
            json!({"data": {"total": rules.len(), "hasNextPage": false, "objects": rules}, "errors": []})
        }
        _ => json!({ "objects_count": rules.len(), "objects_type": list, "objects": rules }),
    };
    lists.iter().map(|(list, rules)| (format!("{list}.json"), whole(list, rules).to_string())).collect()
}
