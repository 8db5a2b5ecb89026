//! Sumo Logic's lookup table: each upload takes the place of all rows, so that repeating it changes nothing.

use serde_json::json;

use super::{
    ConnectError,
    console::{Console, Encoded, Holding, Limits},
    sumo::{Api, NAME, refusal},
};
use crate::{
    report::console::csv,
    wire::console::{COLUMNS, ConsoleRow, NUMBERS},
};

/// All rows are one file.
const LIMITS: Limits = Limits { rows: usize::MAX, bytes: usize::MAX };
const BOUNDARY: &str = "peerbench-3f0c2a6be1d94758a0b1c2d3e4f50617";
const TABLE: &str = "peerbench_comparison";

/// A lookup table.
pub struct SumoLookup {
    api: Api,
    /// ID of the table; one is made if there is none.
    table: Option<String>,
}

impl SumoLookup {
    /// # Errors
    /// Refuses an ID that can't be a part of an address.
    pub fn new(api: Api, table: Option<&str>) -> Result<Self, ConnectError> {
        if !table.is_none_or(crate::domain::named::is_id) {
            return Err(ConnectError::Refused(
                "The setting sumo.lookup_id is no ID of a lookup table. Nothing was sent.".to_owned(),
            ));
        }
        Ok(Self { api, table: table.map(str::to_owned) })
    }

    fn make(&self) -> Result<String, ConnectError> {
        let fields: Vec<_> = COLUMNS
            .iter()
            .map(|column| {
                let kind = if NUMBERS.contains(column) { "int" } else { "string" };
                json!({ "fieldName": column, "fieldType": kind })
            })
            .collect();
        let table = json!({
            "name": TABLE,
            "description": "Detection coverage compared with peers, by peerbench.",
            "fields": fields,
            "primaryKeys": ["row_key"],
            "ttl": 0,
            "sizeLimitAction": "StopIncomingMessages",
            "parentFolderId": self.api.personal_folder()?,
        });
        self.api.id("POST", "/v1/lookupTables", "application/json", table.to_string().as_bytes())
    }
}

impl Console for SumoLookup {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self) -> String {
        format!("{} lookup {}", self.api.url, self.table.as_deref().unwrap_or(TABLE))
    }

    fn holding(&self) -> Holding {
        Holding::Replaces
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn takes_all(&self) -> bool {
        true
    }

    fn encode(&self, _: &ConsoleRow) -> Result<Vec<u8>, ConnectError> {
        Ok(Vec::new())
    }

    fn prepare(
        &mut self,
        known: Option<&str>,
        notes: &mut Vec<String>,
    ) -> Result<Option<String>, ConnectError> {
        if let Some(table) = self.table.clone().or_else(|| known.map(str::to_owned)) {
            let reply = self.api.ask("GET", &format!("/v1/lookupTables/{table}"), "application/json", &[])?;
            if !reply.is_success() {
                return Err(refusal(&reply));
            }
            self.table = Some(table);
        } else {
            let made = self.make()?;
            notes.push(format!(
                "The lookup table {TABLE} is new, with the ID {made}, in the key owner's folder."
            ));
            self.table = Some(made);
        }
        Ok(self.table.clone())
    }

    fn send(&mut self, batch: &[Encoded<'_>], _: &mut Vec<String>) -> Result<(), ConnectError> {
        let rows: Vec<ConsoleRow> = batch.iter().map(|encoded| encoded.row.clone()).collect();
        let table = csv(&rows)
            .map_err(|error| ConnectError::Refused(format!("The rows can't be written: {error}.")))?;
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{TABLE}.csv\"\r\nContent-Type: \
             text/csv\r\n\r\n"
        )
        .into_bytes();
        body.extend(table);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let table = self.table.clone().unwrap_or_default();
        let form = format!("multipart/form-data; boundary={BOUNDARY}");
        let job =
            self.api.id("POST", &format!("/v1/lookupTables/{table}/upload?merge=false"), &form, &body)?;
        self.api.finished(&format!("/v1/lookupTables/jobs/{job}/status"))
    }
}
