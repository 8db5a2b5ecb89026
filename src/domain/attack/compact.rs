//! The compact form of a catalogue: how the bundled files and imported versions are kept. One technique a line, so
//! that the difference between two versions can be read.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    AttackVersion, Catalogue, CatalogueError, ComponentTable, Group, PlatformSet, Tactic, Technique,
    TechniqueId,
    notice::{last_year, notice},
};
use crate::domain::technology::ComponentSet;

/// The name and version of the catalogue's form.
const CATALOGUE_SCHEMA: &str = "attack-catalogue/1";
/// The name and version of the component table's form.
const COMPONENTS_SCHEMA: &str = "attack-components/1";

/// The reason why a text is not a catalogue in compact form.
#[derive(Debug, Error)]
pub enum CompactError {
    #[error("The compact catalogue is not readable: {0}.")]
    Json(#[from] serde_json::Error),
    #[error("The compact catalogue has the schema {found:?}; this program reads {expected:?}.")]
    Schema { found: String, expected: &'static str },
    #[error("Technique {technique} names the tactic {tactic:?}, which the catalogue does not list.")]
    UnknownTactic { technique: TechniqueId, tactic: String },
    #[error("The compact catalogue contradicts itself: {0}.")]
    Contradiction(#[from] CatalogueError),
}

/// A technique as a line of the file: tactics by name instead of by position.
#[derive(Serialize, Deserialize)]
struct Row {
    id: TechniqueId,
    name: String,
    tactics: Vec<String>,
    platforms: PlatformSet,
    stix: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_by: Option<TechniqueId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    split_into: Vec<TechniqueId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    revoked: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    deprecated: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reconstructed: bool,
}

#[derive(Deserialize)]
struct File {
    schema: String,
    version: AttackVersion,
    #[serde(default)]
    notice: String,
    tactics: Vec<Tactic>,
    techniques: Vec<Row>,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct ComponentsFile {
    schema: String,
    version: AttackVersion,
    techniques: BTreeMap<TechniqueId, ComponentSet>,
}

/// Writes a catalogue; the same catalogue always gives the same text.
pub fn to_json(catalogue: &Catalogue) -> Result<String, CompactError> {
    let mut text = header(CATALOGUE_SCHEMA, catalogue.version(), catalogue.notice())?;
    let short_name = |position: &u8| catalogue.tactics().get(usize::from(*position)).map(|t| &t.short_name);
    list(&mut text, "tactics", catalogue.tactics().iter().map(serde_json::to_string))?;
    let rows = catalogue.all().map(|technique| {
        serde_json::to_string(&Row {
            id: technique.id,
            name: technique.name.clone(),
            tactics: technique.tactics.iter().filter_map(short_name).cloned().collect(),
            platforms: technique.platforms,
            stix: technique.stix.clone(),
            revoked_by: technique.revoked_by,
            split_into: technique.split_into.clone(),
            revoked: technique.revoked,
            deprecated: technique.deprecated,
            reconstructed: technique.reconstructed,
        })
    });
    list(&mut text, "techniques", rows)?;
    list(&mut text, "groups", catalogue.groups().iter().map(serde_json::to_string))?;
    text.push_str("\n}\n");
    Ok(text)
}

/// Reads what [`to_json`] wrote.
pub fn from_json(text: &str) -> Result<Catalogue, CompactError> {
    let file: File = serde_json::from_str(text)?;
    expect_schema(file.schema, CATALOGUE_SCHEMA)?;
    let mut techniques = Vec::with_capacity(file.techniques.len());
    for row in file.techniques {
        let mut tactics = Vec::with_capacity(row.tactics.len());
        for name in row.tactics {
            let position = file.tactics.iter().position(|tactic| tactic.short_name == name);
            match position.and_then(|position| u8::try_from(position).ok()) {
                Some(position) => tactics.push(position),
                None => return Err(CompactError::UnknownTactic { technique: row.id, tactic: name }),
            }
        }
        tactics.sort_unstable();
        techniques.push(Technique {
            id: row.id,
            stix: row.stix,
            name: row.name,
            tactics,
            platforms: row.platforms,
            revoked_by: row.revoked_by,
            split_into: row.split_into,
            revoked: row.revoked,
            deprecated: row.deprecated,
            reconstructed: row.reconstructed,
        });
    }
    let catalogue = Catalogue::new(file.version, file.tactics, techniques, file.groups)?;
    Ok(match last_year(&file.notice) {
        Some(year) => catalogue.copyrighted(year),
        None => catalogue,
    })
}

/// Writes a component table, one technique a line.
pub fn components_to_json(table: &ComponentTable) -> Result<String, CompactError> {
    let mut text = header(COMPONENTS_SCHEMA, table.version, &notice(table.version.year()))?;
    text.push_str(",\n\"techniques\": {\n");
    for (position, (technique, components)) in table.techniques.iter().enumerate() {
        let separator = if position == 0 { "" } else { ",\n" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator} \"{technique}\": {}", serde_json::to_string(components)?);
    }
    text.push_str("\n}\n}\n");
    Ok(text)
}

/// Reads what [`components_to_json`] wrote.
pub fn components_from_json(text: &str) -> Result<ComponentTable, CompactError> {
    let file: ComponentsFile = serde_json::from_str(text)?;
    expect_schema(file.schema, COMPONENTS_SCHEMA)?;
    Ok(ComponentTable { version: file.version, techniques: file.techniques })
}

fn expect_schema(found: String, expected: &'static str) -> Result<(), CompactError> {
    if found == expected { Ok(()) } else { Err(CompactError::Schema { found, expected }) }
}

fn header(schema: &str, version: AttackVersion, notice: &str) -> Result<String, serde_json::Error> {
    let notice = serde_json::to_string(notice)?;
    Ok(format!("{{\"schema\": \"{schema}\", \"version\": \"{version}\",\n\"notice\": {notice}"))
}

fn list(
    text: &mut String,
    name: &str,
    rows: impl Iterator<Item = Result<String, serde_json::Error>>,
) -> Result<(), serde_json::Error> {
    text.push_str(",\n\"");
    text.push_str(name);
    text.push_str("\": [\n");
    for (position, row) in rows.enumerate() {
        text.push_str(if position == 0 { " " } else { ",\n " });
        text.push_str(&row?);
    }
    text.push_str("\n]");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attack::bundled;

    #[test]
    fn a_catalogue_survives_the_round_trip_byte_for_byte() {
        for catalogue in bundled::catalogues() {
            let text = to_json(&catalogue).unwrap();
            let again = from_json(&text).unwrap();
            assert_eq!(again, *catalogue);
            assert_eq!(to_json(&again).unwrap(), text);
            let year = if catalogue.version().major < 19 { "© 2025 The MITRE" } else { "© 2026 The MITRE" };
            assert!(text.contains(year));
        }
    }

    #[test]
    fn a_component_table_survives_the_round_trip() {
        for version in ["18.1", "19.0", "19.2"] {
            let (_, table) = bundled::components(version.parse().unwrap());
            assert_eq!(components_from_json(&components_to_json(table).unwrap()).unwrap(), *table);
        }
    }

    #[test]
    fn another_schema_is_refused_by_name() {
        let text = to_json(bundled::catalogues().first().unwrap()).unwrap();
        let other = text.replace(CATALOGUE_SCHEMA, "attack-catalogue/9");
        let error = from_json(&other).unwrap_err().to_string();
        assert!(error.contains("attack-catalogue/9") && error.contains(CATALOGUE_SCHEMA), "{error}");
    }

    #[test]
    fn a_tactic_that_is_not_listed_is_refused() {
        let text = to_json(bundled::catalogues().first().unwrap()).unwrap();
        let other = text.replacen("\"tactics\":[\"", "\"tactics\":[\"no-such-", 1);
        let error = from_json(&other).unwrap_err().to_string();
        assert!(error.contains("no-such-"), "{error}");
    }
}
