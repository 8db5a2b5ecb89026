//! Examples of requests and answers: those of a real server on a small community, which a test walks through and records.

use serde_json::{Value, json};

/// By operation: `request` and `response`, each by media type.
const RECORDED: &str = include_str!("../../../openapi/examples.json");

/// Adds its examples to each operation.
pub fn add(document: &mut Value) -> Option<()> {
    let recorded: Value = serde_json::from_str(RECORDED).ok()?;
    for item in document.get_mut("paths")?.as_object_mut()?.values_mut() {
        for operation in item.as_object_mut()?.values_mut() {
            let Some(examples) = operation["operationId"].as_str().and_then(|id| recorded.get(id)) else {
                continue;
            };
            if let Some(body) = operation.get_mut("requestBody") {
                fill(body, examples.get("request"));
            }
            let responses = operation.get_mut("responses")?.as_object_mut()?;
            for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
                fill(response, examples.get("response"));
            }
        }
    }
    Some(())
}

fn fill(body: &mut Value, examples: Option<&Value>) {
    let Some(content) = body.get_mut("content").and_then(Value::as_object_mut) else { return };
    for (media_type, described) in content {
        if let Some(example) = examples.and_then(|examples| examples.get(media_type)) {
            described["example"] = json!(example);
        }
    }
}
