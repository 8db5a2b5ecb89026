//! The operator adds many members at once, from CSV: all of them, or none and every error by its line.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord, Trim};
use thiserror::Error;

use super::{
    App, Caller, KeyReused,
    create_organisation::{NewOrganisation, checked},
    idempotency::{Outcome, Request, fingerprint, once},
    log,
};
use crate::{
    domain::{
        attack::{Platform, PlatformSet},
        audit::{Action, Entry},
        dimension::{ByDimension, Dimension},
        organisation::{Organisation, OrganisationId, Tenant},
    },
    store::{StoreError, audit, organisation},
};

/// Columns that may be missing or empty.
const OPTIONAL: [&str; 3] = ["control_group", "platforms", "writer"];
/// A hostile file could otherwise make the answer larger than itself.
const ERRORS_MAX: usize = 200;
const LINES_MAX: usize = 100_000;

/// The columns, in any order: the name and the dimensions, and three that are optional.
pub fn columns() -> impl Iterator<Item = &'static str> {
    required().chain(OPTIONAL)
}

fn required() -> impl Iterator<Item = &'static str> {
    ["name"].into_iter().chain(Dimension::ALL.map(Dimension::name))
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// From 1, which is the header.
    pub line: u64,
    /// The column, where it is one column's value.
    pub column: Option<String>,
    pub detail: String,
}

/// The reason why nothing was added.
#[derive(Debug, Error)]
pub enum ImportOrganisationsError {
    #[error("nothing was imported: {} errors in the file", .0.len())]
    Invalid(Vec<LineError>),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Adds the organisations of a CSV file whose header has the [`columns`]; platforms are separated by `;`. They are not verified yet. Returns their ids in the order of the file.
pub fn import_organisations(
    app: &App,
    caller: &Caller,
    csv: &[u8],
    idempotency_key: Option<&str>,
) -> Result<Vec<OrganisationId>, ImportOrganisationsError> {
    let organisations = read(app, csv).map_err(ImportOrganisationsError::Invalid)?;
    let request = Request {
        tenant: caller.tenant(),
        client: &caller.client,
        key: idempotency_key,
        operation: "import_organisations",
        fingerprint: fingerprint(csv),
    };
    let outcome: Outcome<Vec<OrganisationId>> = app.db.write("import_organisations", |conn| {
        once(conn, app, &request, |conn| {
            organisation::insert(conn, &organisations)?;
            let mut entries: Vec<Entry> = Vec::with_capacity(organisations.len());
            for organisation in &organisations {
                let id = &organisation.id;
                let entry = log::entry(app, &caller.client, Action::OrganisationCreated, id.as_str());
                audit::record(conn, Tenant::Organisation(id), std::slice::from_ref(&entry))?;
                entries.push(entry);
            }
            audit::record(conn, Tenant::Platform, &entries)?;
            let ids = organisations.iter().map(|organisation| organisation.id.clone()).collect();
            Ok::<Vec<OrganisationId>, ImportOrganisationsError>(ids)
        })
    })?;
    Ok(outcome.value)
}

#[derive(Default)]
struct Errors {
    kept: Vec<LineError>,
    left_out: usize,
}

impl Errors {
    fn add(&mut self, line: u64, column: Option<&str>, detail: impl Into<String>) {
        if self.kept.len() < ERRORS_MAX {
            self.kept.push(LineError { line, column: column.map(str::to_owned), detail: detail.into() });
        } else {
            self.left_out += 1;
        }
    }

    fn into_result<T>(mut self, value: T) -> Result<T, Vec<LineError>> {
        if self.left_out > 0 {
            let detail = format!("{} more errors are left out here", self.left_out);
            self.kept.push(LineError { line: 0, column: None, detail });
        }
        if self.kept.is_empty() { Ok(value) } else { Err(self.kept) }
    }
}

fn read(app: &App, csv: &[u8]) -> Result<Vec<Organisation>, Vec<LineError>> {
    let mut errors = Errors::default();
    let mut reader = ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(csv);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            errors.add(1, None, csv_detail(&error));
            return errors.into_result(Vec::new());
        }
    };
    let positions = positions(&header, &mut errors);
    if !errors.kept.is_empty() {
        return errors.into_result(Vec::new());
    }
    let mut organisations = Vec::new();
    let mut names = BTreeSet::new();
    for (number, record) in reader.records().enumerate() {
        if number >= LINES_MAX {
            errors.add(0, None, format!("more than {LINES_MAX} organisations: split the file"));
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                errors.add(error.position().map_or(0, csv::Position::line), None, csv_detail(&error));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let detail = format!("has {} values, but the header has {} columns", record.len(), header.len());
            errors.add(line, None, detail);
            continue;
        }
        let Some(new) = organisation_of(&record, &positions, line, &mut errors) else { continue };
        if !names.insert(new.name.clone()) {
            errors.add(line, Some("name"), "this name is in the file twice");
        }
        match checked(app, &new) {
            Ok(organisation) => organisations.push(organisation),
            Err(fields) => {
                for field in fields {
                    errors.add(line, Some(field.pointer.trim_start_matches('/')), field.detail);
                }
            }
        }
    }
    if organisations.is_empty() && errors.kept.is_empty() {
        errors.add(1, None, "the file has no organisation");
    }
    errors.into_result(organisations)
}

/// The columns in words.
pub fn listed() -> String {
    columns().collect::<Vec<_>>().join(", ")
}

/// Finds the position of each column.
fn positions(header: &StringRecord, errors: &mut Errors) -> BTreeMap<&'static str, usize> {
    let mut positions = BTreeMap::new();
    for (position, name) in header.iter().enumerate() {
        // Spreadsheets put a byte order mark before the first name.
        match columns().find(|column| *column == name.trim_start_matches('\u{feff}')) {
            None => {
                let name: String = name.chars().take(40).collect();
                errors.add(1, Some(&name), format!("unknown column: only {} are read", listed()));
            }
            Some(column) => {
                if positions.insert(column, position).is_some() {
                    errors.add(1, Some(column), "this column is there twice");
                }
            }
        }
    }
    for column in required().filter(|column| !positions.contains_key(column)) {
        errors.add(1, Some(column), "this column is missing");
    }
    positions
}

/// Reads the platforms; reports unknown ones and returns `None`.
fn organisation_of(
    record: &StringRecord,
    positions: &BTreeMap<&'static str, usize>,
    line: u64,
    errors: &mut Errors,
) -> Option<NewOrganisation> {
    let value = |column| positions.get(column).and_then(|position| record.get(*position)).unwrap_or_default();
    let names = value("platforms").split(';').map(str::trim).filter(|name| !name.is_empty());
    let mut platforms = PlatformSet::EMPTY;
    let mut known = true;
    for name in names {
        match name.parse::<Platform>() {
            Ok(platform) => platforms = platforms.with(platform),
            Err(error) => {
                known = false;
                errors.add(line, Some("platforms"), error.to_string());
            }
        }
    }
    let text = |column| value(column).to_owned();
    known.then(|| NewOrganisation {
        name: text("name"),
        dimensions: ByDimension::new(|dimension| text(dimension.name())),
        control_group: Some(text("control_group")).filter(|group| !group.is_empty()),
        platforms,
        writer: Some(text("writer")).filter(|writer| !writer.is_empty()),
    })
}

/// Without the values that the library would repeat.
fn csv_detail(error: &csv::Error) -> &'static str {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8 text",
        _ => "cannot be read as CSV",
    }
}
