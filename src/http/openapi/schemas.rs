//! Schemas as answers and clients need them: pages have names of their own and refer to their items, flattened structs are
//! one object, nothing is `null`, and what no operation refers to is left out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The start of every reference to a schema.
const SCHEMAS: &str = "#/components/schemas/";
/// The start of a page's name before it gets its own.
const PAGED: &str = "Paged_";

/// A reference to a schema by its name.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": target(name) })
}

/// The address of a schema within the document.
pub fn target(name: &str) -> String {
    format!("{SCHEMAS}{name}")
}

/// Sets one keyword of a schema.
pub fn set(schema: &mut Value, keyword: &str, value: impl Into<Value>) {
    if let Some(object) = schema.as_object_mut() {
        object.insert(keyword.to_owned(), value.into());
    }
}

/// The schemas of a document.
pub fn of(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/components/schemas")?.as_object_mut()
}

/// The schemas of a document as one value.
pub fn of_all(document: &mut Value) -> Option<&mut Value> {
    document.pointer_mut("/components/schemas")
}

/// Calls `change` with every object in a value, the innermost first.
pub fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(|value| each_object(value, change));
            change(object);
        }
        Value::Array(items) => items.iter_mut().for_each(|value| each_object(value, change)),
        _ => {}
    }
}

/// Removes `null` from every schema: an absent value is left out of an answer.
pub fn without_null(document: &mut Value) {
    each_object(document, &mut |object| {
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        for union in ["oneOf", "anyOf"] {
            let Some(Value::Array(members)) = object.get_mut(union) else { continue };
            members.retain(|member| member.get("type").is_none_or(|kind| kind != "null"));
            if let [Value::Object(only)] = members.as_slice() {
                let only = only.clone();
                object.remove(union);
                only.into_iter().for_each(|(key, value)| {
                    object.entry(key).or_insert(value);
                });
            }
        }
    });
}

/// Merges a schema that stands where it is used with the description that it has there.
pub fn merge_descriptions(document: &mut Value) {
    each_object(document, &mut |object| {
        let Some([Value::Object(schema), Value::Object(about)]) =
            object.get("allOf").and_then(Value::as_array).map(Vec::as_slice)
        else {
            return;
        };
        if about.contains_key("properties") || about.contains_key("$ref") {
            return;
        }
        let mut merged = schema.clone();
        merged.extend(about.get("description").map(|text| ("description".to_owned(), text.clone())));
        object.remove("allOf");
        object.extend(merged);
    });
}

/// Gives each page the name of its items and a reference to their schema.
pub fn name_pages(document: &mut Value) {
    let Some(schemas) = of(document) else { return };
    let pages: Vec<String> = schemas.keys().filter(|name| name.starts_with(PAGED)).cloned().collect();
    for page in pages {
        let Some(item) = page.strip_prefix(PAGED) else { continue };
        let Some(mut schema) = schemas.remove(&page) else { continue };
        if let Some(items) = schema.pointer_mut("/properties/items/items") {
            *items = reference(item);
        }
        set(&mut schema, "description", format!("A page of a list of {}.", plural(item)));
        schemas.insert(format!("{item}Page"), schema);
    }
    each_object(document, &mut |object| {
        let Some(Value::String(target)) = object.get_mut("$ref") else { return };
        let item = target.strip_prefix(SCHEMAS).and_then(|name| name.strip_prefix(PAGED));
        if let Some(item) = item {
            *target = format!("{SCHEMAS}{item}Page");
        }
    });
}

/// The words of a schema's name in the plural: `AuditEntry` is audit entries.
fn plural(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    match words.strip_suffix('y') {
        Some(start) if !words.ends_with("ey") => format!("{start}ies"),
        _ => words + "s",
    }
}

/// Makes one object of each schema that is composed of several.
pub fn flatten(document: &mut Value) {
    let Some(schemas) = of(document) else { return };
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        if let Some(flat) = schemas.get(&name).and_then(|schema| flattened(schema, schemas)) {
            schemas.insert(name, flat);
        }
    }
}

/// The object that a composed schema describes; `None` where it isn't composed of objects alone.
fn flattened(schema: &Value, schemas: &Map<String, Value>) -> Option<Value> {
    let parts = schema.get("allOf")?.as_array()?;
    let mut flat = schema.as_object()?.clone();
    flat.remove("allOf");
    flat.insert("type".to_owned(), json!("object"));
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let named = part.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix(SCHEMAS));
        let part = named.map_or(Some(part), |name| schemas.get(name))?;
        let inner = flattened(part, schemas);
        let part = inner.as_ref().unwrap_or(part);
        properties.extend(part.get("properties")?.as_object()?.clone());
        required.extend(part.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    flat.insert("properties".to_owned(), properties.into());
    flat.insert("required".to_owned(), required.into());
    Some(flat.into())
}

/// Writes the examples of schemas as JSON Schema does.
pub fn list_examples(document: &mut Value) {
    let Some(schemas) = of(document) else { return };
    schemas.values_mut().for_each(|schema| {
        each_object(schema, &mut |object| {
            if object.contains_key("type")
                && let Some(example) = object.remove("example")
            {
                object.insert("examples".to_owned(), json!([example]));
            }
        });
    });
}

/// Leaves out every schema that no operation leads to.
pub fn leave_out_unused(document: &mut Value) {
    let mut used = BTreeSet::new();
    let paths = document.get("paths").cloned().unwrap_or_default();
    let components = document.get("components").cloned().unwrap_or_default();
    let mut open = vec![&paths];
    for kind in ["responses", "headers"] {
        open.extend(components.get(kind));
    }
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                let target = object.get("$ref").and_then(Value::as_str);
                if let Some(name) = target.and_then(|target| target.strip_prefix(SCHEMAS))
                    && used.insert(name.to_owned())
                {
                    open.extend(components.get("schemas").and_then(|schemas| schemas.get(name)));
                }
                for mapping in object.get("discriminator").and_then(|of| of.get("mapping")).into_iter() {
                    open.push(mapping);
                }
                open.extend(object.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    if let Some(schemas) = of(document) {
        schemas.retain(|name, _| used.contains(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_plurals() {
        for (name, expected) in
            [("AuditEntry", "audit entries"), ("Client", "clients"), ("Technology", "technologies")]
        {
            assert_eq!(plural(name), expected);
        }
    }

    #[test]
    fn null_goes_and_what_was_beside_it_stays() {
        let mut schema = json!({"properties": {
            "a": {"type": ["string", "null"], "example": "x"},
            "b": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/B", "description": "B."}]},
            "c": {"type": ["integer", "string"]},
        }});
        without_null(&mut schema);
        let expected = json!({"properties": {
            "a": {"type": "string", "example": "x"},
            "b": {"$ref": "#/components/schemas/B", "description": "B."},
            "c": {"type": ["integer", "string"]},
        }});
        assert_eq!(schema, expected);
    }

    #[test]
    fn what_is_composed_becomes_one_object() {
        let mut document = json!({"components": {"schemas": {
            "A": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            "B": {"description": "Both.", "allOf": [reference("A"),
                {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}]},
        }}});
        flatten(&mut document);
        let expected = json!({"type": "object", "description": "Both.", "required": ["a", "b"],
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
        assert_eq!(document["components"]["schemas"]["B"], expected);
    }
}
