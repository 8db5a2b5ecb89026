//! Cortex XSIAM and XDR: a lookup dataset, which takes a row with a known key in the place of the one before.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    ConnectError, address,
    call::{Call, Caller, Reply, usual},
    console::{Console, Encoded, Holding, Limits},
    cortex_key::Key,
};
use crate::wire::console::{COLUMNS, ConsoleRow, NUMBERS};

const NAME: &str = "Cortex";
/// The API takes 1,000 rows in ten seconds.
const LIMITS: Limits = Limits { rows: 1_000, bytes: 10_000_000 };
const BETWEEN: Duration = Duration::from_secs(10);
/// Long enough that all pauses together are longer than those ten seconds, which another push may have used up.
const FIRST_PAUSE: Duration = Duration::from_millis(1_500);
/// Questions after a dataset that was just made, each a little later.
const LOOKS: u32 = 8;
const ROW_KEY: &str = "row_key";

/// The dataset that rows go to, and the key that writes it.
#[derive(Clone)]
pub struct Target {
    /// `https://api-FQDN`
    pub url: String,
    pub key: Key,
    pub dataset: String,
}

/// A lookup dataset.
pub struct Cortex {
    caller: Caller,
    target: Target,
    /// The name of the request's outer member: pages of XSIAM and of XDR disagree, so the first answer decides.
    envelope: Option<&'static str>,
    /// The dataset was made by this push.
    is_new: bool,
    batches: u32,
}

#[derive(Debug, Deserialize)]
struct Found {
    #[serde(default)]
    data: Vec<Map<String, Value>>,
}

impl Cortex {
    /// # Errors
    /// Refuses an address without TLS and a name that no dataset can have.
    pub fn new(caller: Caller, mut target: Target) -> Result<Self, ConnectError> {
        target.url = address::checked("cortex.url", &target.url)?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let name = &target.dataset;
        if name.is_empty() || !name.chars().all(fits) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(ConnectError::Refused(
                "The setting cortex.dataset is invalid: lower-case letters, digits and `_`, beginning with a letter. Nothing was \
                 sent."
                    .to_owned(),
            ));
        }
        Ok(Self { caller: caller.pausing(FIRST_PAUSE), target, envelope: None, is_new: false, batches: 0 })
    }

    fn once(&self, path: &str, envelope: &str, data: &Value) -> Result<Reply, ConnectError> {
        let body = json!({ envelope: data }).to_string().into_bytes();
        let make = || Call {
            method: "POST",
            url: format!("{}/public_api/v1/xql/{path}", self.target.url),
            headers: self.target.key.headers(&self.caller),
            body: body.clone(),
        };
        // A failure of the service names what is missing; only the others pass.
        self.caller.send(NAME, make, |reply| match is_missing(reply) || is_there(reply) {
            true => super::call::Verdict::Take,
            false => usual(reply),
        })
    }

    /// Asks, under the outer name that the service understands.
    fn ask(&mut self, path: &str, data: &Value) -> Result<Reply, ConnectError> {
        if let Some(envelope) = self.envelope {
            return self.once(path, envelope, data);
        }
        let mut last = None;
        for envelope in ["request_data", "request"] {
            let reply = self.once(path, envelope, data)?;
            if reply.is_success() {
                self.envelope = Some(envelope);
                return Ok(reply);
            }
            let is_about_the_body = matches!(reply.status, 400 | 422);
            last = Some(reply);
            if !is_about_the_body {
                break;
            }
        }
        last.ok_or_else(|| ConnectError::Console(format!("{NAME} wasn't asked.")))
    }

    /// Names of the datasets that there are.
    fn has_dataset(&mut self) -> Result<bool, ConnectError> {
        let reply = self.ask("get_datasets", &json!({}))?;
        let found: Option<Value> = reply.json().filter(|_| reply.is_success());
        let Some(found) = found else { return Err(refusal(&reply)) };
        let sets = found.pointer("/reply").and_then(Value::as_array).into_iter().flatten();
        let names = sets.filter_map(|set| {
            let named = ["Dataset Name", "dataset_name", "name"].iter().find_map(|name| set.get(name));
            named.unwrap_or(set).as_str()
        });
        Ok(names.into_iter().any(|name| name == self.target.dataset))
    }

    fn make_dataset(&mut self) -> Result<(), ConnectError> {
        let schema: BTreeMap<&str, &str> = COLUMNS
            .iter()
            .map(|column| (*column, if NUMBERS.contains(column) { "number" } else { "text" }))
            .collect();
        let data = json!({ "dataset_name": self.target.dataset, "dataset_type": "lookup", "dataset_schema": schema });
        let reply = self.ask("add_dataset", &data)?;
        match reply.is_success() || is_there(&reply) {
            true => Ok(()),
            false => Err(refusal(&reply)),
        }
    }

    /// Asks about the dataset. One that was just made is missing for some seconds.
    fn ask_of_dataset(&mut self, path: &str, data: &Value) -> Result<Reply, ConnectError> {
        let mut look = 0;
        loop {
            let reply = self.ask(path, data)?;
            look += 1;
            if reply.is_success() {
                return Ok(reply);
            }
            if !is_missing(&reply) || !self.is_new || look == LOOKS {
                return Err(refusal(&reply));
            }
            self.caller.pause(Duration::from_secs(u64::from(look.min(5))));
        }
    }

    fn stored(&mut self, limit: usize) -> Result<Vec<Map<String, Value>>, ConnectError> {
        let data = json!({ "dataset_name": self.target.dataset, "limit": limit });
        let reply = self.ask_of_dataset("lookups/get_data", &data)?;
        #[derive(Deserialize)]
        struct Said {
            reply: Found,
        }
        match reply.json::<Said>() {
            Some(said) => Ok(said.reply.data),
            None => Err(refusal(&reply)),
        }
    }
}

fn lower(reply: &Reply) -> String {
    reply.text().to_lowercase()
}

/// Says that the dataset isn't there (yet).
fn is_missing(reply: &Reply) -> bool {
    let text = lower(reply);
    !reply.is_success()
        && (text.contains("not found") || text.contains("no schema") || text.contains("does not exist"))
}

/// Says that the dataset is there already.
fn is_there(reply: &Reply) -> bool {
    !reply.is_success() && lower(reply).contains("already exist")
}

fn refusal(reply: &Reply) -> ConnectError {
    let todo = match reply.status {
        401 => "Check cortex.key_id, cortex.key_type and PEERBENCH_CORTEX_KEY, and this machine's clock.",
        402 => "The tenant's licence doesn't include lookup datasets.",
        403 => "Give the key's role the permission Data Management.",
        _ => "Check cortex.url and cortex.dataset.",
    };
    ConnectError::Console(format!("{NAME} refused: {}. {todo}", reply.said()))
}

impl Console for Cortex {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self) -> String {
        format!("{} {}", self.target.url, self.target.dataset)
    }

    fn holding(&self) -> Holding {
        Holding::Replaces
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn prepare(&mut self, _: Option<&str>, notes: &mut Vec<String>) -> Result<Option<String>, ConnectError> {
        if !self.has_dataset()? {
            self.make_dataset()?;
            self.is_new = true;
            notes.push(format!("The dataset {} is new.", self.target.dataset));
        }
        Ok(None)
    }

    fn send(&mut self, batch: &[Encoded<'_>], _: &mut Vec<String>) -> Result<(), ConnectError> {
        if self.batches > 0 {
            self.caller.pause(BETWEEN);
        }
        self.batches = self.batches.saturating_add(1);
        let rows: Vec<&ConsoleRow> = batch.iter().map(|encoded| encoded.row).collect();
        let data = json!({ "dataset_name": self.target.dataset, "key_fields": [ROW_KEY], "data": rows });
        self.ask_of_dataset("lookups/add_data", &data).map(drop)
    }

    fn remove(&mut self, keys: &[String], _: &mut Vec<String>) -> Result<(), ConnectError> {
        // All filters or none are carried out, and one that finds nothing counts: only rows that are there are named.
        let stored = self.stored(100_000)?;
        let there: BTreeSet<&str> = stored.iter().filter_map(|row| row.get(ROW_KEY)?.as_str()).collect();
        let filters: Vec<Value> = keys
            .iter()
            .filter(|key| there.contains(key.as_str()))
            .map(|key| json!({ ROW_KEY: key }))
            .collect();
        if filters.is_empty() {
            return Ok(());
        }
        let data = json!({ "dataset_name": self.target.dataset, "filters": filters });
        self.ask_of_dataset("lookups/remove_data", &data).map(drop)
    }

    fn verify(&mut self, rows: &[ConsoleRow], notes: &mut Vec<String>) -> Result<(), ConnectError> {
        let stored = self.stored(100_000)?;
        let by_key: BTreeMap<&str, &Map<String, Value>> =
            stored.iter().filter_map(|row| Some((row.get(ROW_KEY)?.as_str()?, row))).collect();
        let (mut dropped, mut missing) = (BTreeSet::new(), 0_usize);
        for row in rows {
            let Some(stored) = by_key.get(row.row_key.as_str()) else {
                missing += 1;
                continue;
            };
            let Ok(Value::Object(sent)) = serde_json::to_value(row) else { continue };
            let lost = sent.into_iter().filter(|(name, _)| stored.get(name).is_none_or(Value::is_null));
            dropped.extend(lost.map(|(name, _)| name));
        }
        if missing > 0 {
            return Err(ConnectError::Unfinished(format!(
                "{NAME} took all rows, but {missing} of {} aren't in the dataset. Run the command again.",
                rows.len()
            )));
        }
        if !dropped.is_empty() {
            notes.push(format!(
                "The dataset {} drops {} silently, because it was made without them. Delete the dataset and the state file; the \
                 next push makes it anew.",
                self.target.dataset,
                dropped.into_iter().collect::<Vec<_>>().join(", ")
            ));
        }
        Ok(())
    }
}
