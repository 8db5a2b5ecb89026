//! The service's preview of an accepted snapshot, as text.

use serde_json::Value;

use crate::{
    cli::output::counted,
    domain::attack::{AttackVersion, Catalogues},
};

/// Number of items that are listed; the rest are only counted.
const SHOWN: usize = 10;

/// Returns the number of cells that an answer has, and what they are.
pub fn cells(number: Option<&Value>) -> String {
    let number = number.and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    counted(number.unwrap_or_default(), "cell", "cells")
}

/// Returns the preview of a snapshot of an ATT&CK version in words; empty where there is nothing to say.
pub fn text(preview: Option<&Value>, attack: Option<AttackVersion>) -> String {
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
            "The snapshot uses a newer ATT&CK version than comparisons do ({target}), so it doesn't count yet.\n"
        ));
    }
    let is = |key: &str| preview.get(key).and_then(Value::as_bool) == Some(true);
    if is("stale") {
        text.push_str("Its period ended too long ago: it doesn't count.\n");
    }
    if is("superseded") {
        text.push_str(
            "A snapshot of this feed with a later period is there already: this one doesn't count.\n",
        );
    }
    let own = Catalogues::bundled().canonical().map(|newest| newest.version());
    if let (Some(own), Ok(target)) = (own, target.parse::<AttackVersion>())
        && target > own
        && attack.is_none_or(|attack| attack < target)
    {
        text.push_str(&format!(
            "Comparisons are made in ATT&CK {target}, which is newer than this program's {own}: build with --catalogue and \
             the service's address, so that the techniques that are new there can count.\n"
        ));
    }
    let arrow = |value: &Value| format!("{} -> {}", word(value, "from"), word(value, "to"));
    let plain = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cell = |value: &Value| format!("{} on {}", word(value, "technique"), word(value, "technology"));
    type Told<'a> = (&'a str, String, &'a dyn Fn(&Value) -> String);
    let kinds: [Told<'_>; 6] = [
        ("moved", format!("renamed in ATT&CK {target}"), &arrow),
        ("merged", format!("merged in ATT&CK {target}; the highest score counts"), &arrow),
        ("split", format!("split into several in ATT&CK {target}, so not assessed"), &arrow),
        ("dropped", format!("deprecated in ATT&CK {target}"), &plain),
        ("lost", format!("without a successor in ATT&CK {target}"), &plain),
        (
            "applicability_conflicts",
            "left out of the per-technology statistics, because ATT&CK doesn't list that technology as a data source for \
             the technique"
                .to_owned(),
            &cell,
        ),
    ];
    for (key, meaning, tell) in kinds {
        let items = preview.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if items.is_empty() {
            continue;
        }
        let (one, many) = match key {
            "applicability_conflicts" => ("technique/technology pair", "technique/technology pairs"),
            _ => ("technique", "techniques"),
        };
        text.push_str(&format!("{} {meaning}:\n", counted(items.len(), one, many)));
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
        let text = text(Some(&preview), None);
        assert!(text.starts_with("1 technique renamed in ATT&CK 19.0:\n  T1562 -> T1685\n"), "{text}");
        assert!(text.contains("  T1530 on microsoft.windows\n"), "{text}");
    }

    #[test]
    fn only_who_built_for_an_older_version_is_told_to_build_again() {
        let preview = json!({"target": "99.0"});
        let told = |attack: &str| text(Some(&preview), attack.parse().ok());
        assert!(told("19.2").contains("build with --catalogue"));
        assert_eq!(told("99.0"), "");
    }
}
