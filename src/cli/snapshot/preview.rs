//! What the service says of an accepted snapshot, as lines for people.

use serde_json::Value;

/// How many of a kind are listed before they are only counted.
const SHOWN: usize = 10;

/// Nothing where there is nothing to say.
pub fn text(preview: Option<&Value>) -> String {
    let Some(preview) = preview else { return String::new() };
    let word = |value: &Value, key: &str| match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let target = word(preview, "target");
    let mut text = String::new();
    if preview.get("ahead").and_then(Value::as_bool) == Some(true) {
        text.push_str(&format!(
            "It is newer than ATT&CK {target}, in which comparisons are made: it does not count yet.\n"
        ));
    }
    let arrow = |value: &Value| format!("{} -> {}", word(value, "from"), word(value, "to"));
    let plain = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cell = |value: &Value| format!("{} on {}", word(value, "technique"), word(value, "technology"));
    type Told<'a> = (&'a str, String, &'a dyn Fn(&Value) -> String);
    let kinds: [Told<'_>; 6] = [
        ("moved", format!("have another id in ATT&CK {target}"), &arrow),
        ("merged", format!("become one in ATT&CK {target}, which gets the highest score"), &arrow),
        ("split", format!("become several in ATT&CK {target}, not assessed by this snapshot"), &arrow),
        ("dropped", format!("are deprecated in ATT&CK {target}"), &plain),
        ("lost", format!("have no successor in ATT&CK {target}"), &plain),
        (
            "applicability_conflicts",
            "cannot be seen by their technology, so they count in no cell's or technology's statistic"
                .to_owned(),
            &cell,
        ),
    ];
    for (key, meaning, tell) in kinds {
        let items = preview.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if items.is_empty() {
            continue;
        }
        text.push_str(&format!("{} {meaning}:\n", items.len()));
        for item in items.iter().take(SHOWN) {
            text.push_str(&format!("  {}\n", tell(item)));
        }
        if items.len() > SHOWN {
            text.push_str(&format!("  and {} more\n", items.len() - SHOWN));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_happens_to_the_snapshot_is_told() {
        let preview = json!({
            "target": "19.0", "ahead": false, "moved": [{"from": "T1562", "to": "T1685"}], "merged": [], "split": [],
            "dropped": [], "lost": [],
            "applicability_conflicts": [{"technique": "T1530", "technology": "microsoft.windows"}],
        });
        let text = text(Some(&preview));
        assert!(text.starts_with("1 have another id in ATT&CK 19.0:\n  T1562 -> T1685\n"), "{text}");
        assert!(text.contains("  T1530 on microsoft.windows\n"), "{text}");
    }
}
