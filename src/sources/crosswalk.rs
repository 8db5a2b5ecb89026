//! Raw names of log sources -> technologies of the registry. One table per product, as data in `catalogue/crosswalk`,
//! preceded by what the user maps on the command line.

use std::{cell::RefCell, collections::HashMap};

use serde::Deserialize;
use thiserror::Error;

use super::{detect::Reader, formats::wildcard::fits};
use crate::domain::technology::{Family, Registry, TechnologyRef};

/// The meaning of a raw name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// These technologies, all of them: a rule that names this has each.
    Technologies(Vec<TechnologyRef>),
    /// Data that any of these may have produced (a data model, a generic log source).
    AnyOf(Vec<TechnologyRef>, Option<Family>),
    /// Only the family is known, or not even that.
    Other(Option<Family>),
    /// A name of no log source: a helper, the product's own bookkeeping.
    Nothing,
}

/// The reason why a table or a mapping of the user's can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CrosswalkError {
    #[error(
        "The mapping {0} is not NAME=TECHNOLOGY: write the log source as in the summary, and a technology \
         of the registry, other.<family> or other.unknown."
    )]
    NotAMapping(String),
    #[error(
        "The mapping {0} names an unknown technology: use one of the registry, other.<family> or other.unknown."
    )]
    UnknownTechnology(String),
    #[error("The table of {0} is damaged: {1}.")]
    Table(String, String),
}

#[derive(Deserialize)]
struct Table {
    rows: Vec<TableRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableRow {
    /// Raw names, `*` standing for anything; the first row with a name that fits decides.
    names: Vec<String>,
    #[serde(default)]
    technologies: Vec<String>,
    #[serde(default)]
    any_of: Vec<String>,
    family: Option<Family>,
    #[serde(default)]
    nothing: bool,
}

/// A product's table, with the user's mappings in front.
#[derive(Debug, Clone, Default)]
pub struct Crosswalk {
    rows: Vec<(String, Meaning)>,
    /// Raw names that were looked up -> the position of their row: an export has few names, and many rules with each.
    found: RefCell<HashMap<String, Option<usize>>>,
}

impl Crosswalk {
    /// `mappings` are the user's `NAME=TECHNOLOGY`, which win over the table.
    pub fn new(reader: &Reader, mappings: &[String], registry: &Registry) -> Result<Self, CrosswalkError> {
        let mut rows = Vec::new();
        for mapping in mappings {
            // The technology is behind the last `=`: a raw name may hold one itself.
            let (name, technology) =
                mapping.rsplit_once('=').ok_or_else(|| CrosswalkError::NotAMapping(mapping.clone()))?;
            let (name, technology) = (name.trim(), technology.trim());
            if name.is_empty() {
                return Err(CrosswalkError::NotAMapping(mapping.clone()));
            }
            let meaning = match registry.reference(technology) {
                Some(TechnologyRef::Other(family)) => Meaning::Other(family),
                Some(known) => Meaning::Technologies(vec![known]),
                None => return Err(CrosswalkError::UnknownTechnology(mapping.clone())),
            };
            rows.push((name.to_lowercase(), meaning));
        }
        if let Some(table) = reader.crosswalk {
            rows.append(&mut table_rows(reader.source.name(), table, registry)?);
        }
        rows.extend(registry_rows(registry));
        Ok(Self { rows, found: RefCell::default() })
    }

    /// Returns the meaning of a raw name; `None` if no row fits it.
    pub fn meaning(&self, raw: &str) -> Option<&Meaning> {
        let known = self.found.borrow().get(raw).copied();
        let row = known.unwrap_or_else(|| {
            let row = self.row(raw);
            self.found.borrow_mut().insert(raw.to_owned(), row);
            row
        });
        self.rows.get(row?).map(|(_, meaning)| meaning)
    }

    /// Returns the position of the first row that fits a raw name.
    fn row(&self, raw: &str) -> Option<usize> {
        let raw = raw.to_lowercase();
        // The kind before the colon (`macro:`, `sourcetype:`) need not be typed in a mapping.
        let bare = raw.split_once(':').map_or(raw.as_str(), |(_, bare)| bare);
        self.rows.iter().position(|(pattern, _)| fits(pattern, &raw) || fits(pattern, bare))
    }
}

/// The rows by which a source without names of its own may name technologies as the registry does, by id or name.
fn registry_rows(registry: &Registry) -> impl Iterator<Item = (String, Meaning)> {
    let known = registry.technologies().iter().zip(0..).flat_map(|(technology, position)| {
        let meaning = Meaning::Technologies(vec![TechnologyRef::Known(position)]);
        [(technology.id.clone(), meaning.clone()), (technology.name.to_lowercase(), meaning)]
    });
    let families = Family::ALL.into_iter().map(Some).chain([None]);
    known.chain(families.map(|family| {
        let other = TechnologyRef::Other(family);
        (registry.name_of(other), Meaning::Other(family))
    }))
}

fn table_rows(
    product: &str,
    table: &str,
    registry: &Registry,
) -> Result<Vec<(String, Meaning)>, CrosswalkError> {
    let damaged = |what: String| CrosswalkError::Table(product.to_owned(), what);
    let table: Table = serde_json::from_str(table).map_err(|error| damaged(error.to_string()))?;
    let resolve = |ids: &[String]| -> Result<Vec<TechnologyRef>, CrosswalkError> {
        ids.iter()
            .map(|id| registry.reference(id).ok_or_else(|| damaged(format!("unknown technology {id}"))))
            .collect()
    };
    let mut rows = Vec::new();
    for row in table.rows {
        let meaning = match (row.nothing, row.technologies.is_empty(), row.any_of.is_empty()) {
            (true, true, true) => Meaning::Nothing,
            (false, false, true) => Meaning::Technologies(resolve(&row.technologies)?),
            (false, true, false) => Meaning::AnyOf(resolve(&row.any_of)?, row.family),
            (false, true, true) => Meaning::Other(row.family),
            _ => return Err(damaged(format!("the row of {} says two things", row.names.join(", ")))),
        };
        rows.extend(row.names.iter().map(|name| (name.to_lowercase(), meaning.clone())));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::technology,
        sources::products::{READERS, cortex, sumo},
    };

    #[test]
    fn every_table_names_technologies_of_the_registry_only() {
        for reader in READERS {
            Crosswalk::new(reader, &[], technology::bundled()).unwrap();
        }
    }

    #[test]
    fn a_word_that_any_vendor_uses_names_no_product_of_one() {
        let registry = technology::bundled();
        for (reader, name) in [
            (&sumo::READER, "product:Firewall"),
            (&sumo::READER, "product:DNS"),
            (&sumo::READER, "product:IPS"),
            (&sumo::READER, "product:Web Security"),
            (&sumo::READER, "product:Endpoint Protection"),
            (&sumo::READER, "product:Central Management System"),
            (&cortex::READER, "dataset:acme_syslog_raw"),
            (&cortex::READER, "dataset:openldap_raw"),
        ] {
            let table = Crosswalk::new(reader, &[], registry).unwrap();
            let one = matches!(table.meaning(name), Some(Meaning::Technologies(_)));
            assert!(!one, "{name}: {:?}", table.meaning(name));
        }
    }

    #[test]
    fn the_user_wins_over_the_table() {
        let registry = technology::bundled();
        let sigma = READERS.first().unwrap();
        let reference = |id| Meaning::Technologies(vec![registry.reference(id).unwrap()]);
        let own = Crosswalk::new(sigma, &["windows/*=apple.macos".to_owned()], registry).unwrap();
        assert_eq!(own.meaning("Windows/process_creation/*"), Some(&reference("apple.macos")));
        let table = Crosswalk::new(sigma, &[], registry).unwrap();
        assert_eq!(table.meaning("windows/process_creation/*"), Some(&reference("microsoft.windows")));
        assert_eq!(table.meaning("acme/*/*"), None);
        assert_eq!(table.meaning("aws.cloudtrail"), Some(&reference("aws.cloudtrail")));
        assert_eq!(table.meaning("blade:Okta"), table.meaning("okta"));
        assert_eq!(table.meaning("other.email"), Some(&Meaning::Other(Some(Family::Email))));
    }

    #[test]
    fn mappings_are_checked() {
        let registry = technology::bundled();
        let refused = |mapping: &str| {
            Crosswalk::new(READERS.first().unwrap(), &[mapping.to_owned()], registry).unwrap_err()
        };
        assert!(matches!(refused("windows"), CrosswalkError::NotAMapping(_)));
        assert!(matches!(refused("=aws.cloudtrail"), CrosswalkError::NotAMapping(_)));
        assert!(matches!(refused("x=acme.thing"), CrosswalkError::UnknownTechnology(_)));
    }
}
