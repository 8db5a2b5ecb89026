//! The schema of snapshots, taken from the published JSON Schema: its parts become schemas with names of their own, and its
//! lists of names those of all other answers.

use serde_json::{Value, json};

use super::schemas::{self, reference};

const PUBLISHED: &str = include_str!("../../../openapi/coverage-snapshot-1.json");

/// The parts that get a name.
const PARTS: [(&str, &str); 5] = [
    ("/properties/cells/items/properties/value", "CellValue"),
    ("/properties/cells/items", "SnapshotCell"),
    ("/properties/attack", "SnapshotAttack"),
    ("/properties/producer", "SnapshotProducer"),
    ("", "CoverageSnapshot"),
];

/// The lists of names that have a schema already, within the parts.
const NAMES: [(&str, &str); 5] = [
    ("/properties/cells/items/properties/state", "CellStateName"),
    ("/properties/attack/properties/domain", "AttackDomain"),
    ("/properties/producer/properties/source", "Source"),
    ("/properties/basis", "Basis"),
    ("/properties/scale", "ScaleName"),
];

/// Puts the published schema in the place of those that answers repeat of it.
pub fn insert(document: &mut Value) -> Option<()> {
    let mut published: Value = serde_json::from_str(PUBLISHED).ok()?;
    let technology = published.pointer("/$defs/technology")?.clone();
    for keyword in ["$schema", "$id", "$defs", "title", "allOf"] {
        published.as_object_mut()?.remove(keyword);
    }
    schemas::each_object(&mut published, &mut |object| {
        if object.get("$ref").is_some_and(|target| target == "#/$defs/technology") {
            object.remove("$ref");
            object.extend(technology.as_object().cloned().unwrap_or_default());
        }
        if let Some(only) = object.remove("const") {
            object.insert("enum".to_owned(), json!([only]));
            object.insert("type".to_owned(), json!("string"));
        }
    });
    for (pointer, name) in NAMES {
        let property = published.pointer_mut(pointer)?.as_object_mut()?;
        property.retain(|keyword, _| keyword == "description");
        property.extend(reference(name).as_object().cloned().unwrap_or_default());
    }
    let values = published.pointer("/properties/cells/items/properties/value/oneOf")?.as_array()?.clone();
    let schemas = schemas::of(document)?;
    // A union within a union is more than some generators understand.
    let content = schemas.get_mut("CellContent")?.get_mut("oneOf")?.as_array_mut()?;
    content.splice(0..1, values);
    for (pointer, name) in PARTS {
        let part = std::mem::replace(published.pointer_mut(pointer)?, reference(name));
        schemas.insert(name.to_owned(), part);
    }
    Some(())
}
