//! Navigator layers against the facts of the layer format 4.5.

use serde_json::{Value, json};

use super::{file, items, shown};
use crate::support::client::Client;

/// Every layer is valid, and its scores are the API's.
pub fn all(http: &Client, content: &Value) {
    for layer in ["own", "p25", "p50", "p75", "difference", "word"] {
        let read: Value =
            serde_json::from_str(&file(http, &format!("format=navigator&layer={layer}")).text()).unwrap();
        assert_eq!(complaints(&read), [""; 0], "{layer}");
        let techniques = items(&read["techniques"]);
        assert_eq!(techniques.len(), items(&content["techniques"]).len());
        let mut scored = 0;
        for (technique, item) in techniques.iter().zip(items(&content["techniques"])) {
            let side = shown(item);
            let expected = match layer {
                "own" => side["own"].get("score").cloned(),
                "difference" => side.get("difference_to_median").cloned(),
                "word" => side["peers"].get("coverage").map(|word| match word.as_str().unwrap() {
                    "most" => json!(3),
                    "half" => json!(2),
                    "quarter" => json!(1),
                    _ => json!(0),
                }),
                quantile => side["peers"].get(quantile).cloned(),
            };
            assert_eq!(technique["techniqueID"], item["technique"]);
            assert_eq!(technique.get("score"), expected.as_ref(), "{layer} {technique}");
            scored += usize::from(expected.is_some());
        }
        // Of two values coded at the same end there is no difference, and how many there are depends on the member.
        let least = if layer == "difference" { 1 } else { 21 };
        assert!(scored >= least, "{layer}: {scored}");
        assert!(items(&read["metadata"]).contains(&json!({"name": "release", "value": "2"})));
    }
}

/// What a layer of the format 4.5 may not be.
pub fn complaints(layer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            found.push(what);
        }
    };
    let known = [
        "versions",
        "name",
        "description",
        "domain",
        "customDataURL",
        "filters",
        "sorting",
        "layout",
        "hideDisabled",
        "techniques",
        "gradient",
        "legendItems",
        "showTacticRowBackground",
        "tacticRowBackground",
        "selectTechniquesAcrossTactics",
        "selectSubtechniquesWithParent",
        "selectVisibleTechniques",
        "metadata",
        "links",
    ];
    for name in layer.as_object().unwrap().keys() {
        must(known.contains(&name.as_str()), format!("{name} is no property"));
    }
    must(layer["name"].is_string(), "no name".to_owned());
    must(layer["description"].is_string(), "no description".to_owned());
    must(layer["domain"] == "enterprise-attack", "another domain".to_owned());
    must(layer["versions"]["layer"] == "4.5", "another version".to_owned());
    must(layer["versions"]["navigator"].as_str() >= Some("4.9.0"), "too old a Navigator".to_owned());
    must(
        layer["versions"]["attack"].as_str().is_some_and(|v| v.parse::<u8>().is_ok()),
        "no ATT&CK".to_owned(),
    );
    must(layer["sorting"].as_u64().is_some_and(|sorting| sorting <= 3), "no sorting".to_owned());
    must(layer["hideDisabled"].is_boolean(), "hideDisabled".to_owned());
    let is_colour = |value: &Value| {
        let digits = value.as_str().and_then(|text| text.strip_prefix('#')).unwrap_or_default();
        [6, 8].contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_hexdigit())
    };
    let gradient = &layer["gradient"];
    let colours = gradient["colors"].as_array().map_or(&[][..], Vec::as_slice);
    must(colours.len() >= 2 && colours.iter().all(is_colour), format!("{gradient}"));
    must(gradient["maxValue"].as_i64() > gradient["minValue"].as_i64(), format!("{gradient}"));
    for item in items(&layer["legendItems"]) {
        must(item["label"].is_string() && is_colour(&item["color"]), format!("{item}"));
    }
    let is_metadata =
        |value: &Value| items(value).iter().all(|one| one["name"].is_string() && one["value"].is_string());
    must(is_metadata(&layer["metadata"]), "metadata".to_owned());
    for technique in items(&layer["techniques"]) {
        let id = technique["techniqueID"].as_str().unwrap_or_default();
        let digits = id.strip_prefix('T').unwrap_or_default();
        must(digits.len() == 4 && digits.chars().all(|c| c.is_ascii_digit()), format!("{technique}"));
        must(technique["enabled"].is_boolean() && technique["comment"].is_string(), format!("{technique}"));
        must(technique.get("score").is_none_or(Value::is_number), format!("{technique}"));
        must(is_metadata(&technique["metadata"]), format!("{technique}"));
        let names = ["techniqueID", "score", "comment", "enabled", "metadata", "showSubtechniques"];
        let known = technique.as_object().unwrap().keys().all(|name| names.contains(&name.as_str()));
        must(known, format!("{technique}"));
    }
    found
}
