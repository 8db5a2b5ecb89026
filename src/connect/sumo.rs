//! Sumo Logic: an HTTP source, which appends, and the import of the dashboard.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::{
    ConnectError, address,
    call::{Call, Caller, Reply, compressed, usual},
    console::{Console, Encoded, Holding, Limits},
};

pub(super) const NAME: &str = "Sumo Logic";
/// Sumo Logic asks for a hundred kilobytes to a megabyte before compression.
const LIMITS: Limits = Limits { rows: 10_000, bytes: 900_000 };
const BUDGET: &str = "Sumo Logic answers 200 even if an exhausted ingest budget drops the rows. Look for them in \
                      _sourceCategory=peerbench/comparison. If they aren't there, delete the state file and push again.";
/// Questions after a job, each a little later.
pub(super) const LOOKS: u32 = 20;

/// An HTTP source.
pub struct Sumo {
    caller: Caller,
    /// The address is the secret.
    source: String,
}

impl Sumo {
    /// # Errors
    /// Refuses an address without TLS, without repeating it.
    pub fn new(caller: Caller, source: &str) -> Result<Self, ConnectError> {
        let source = address::checked("sumo.source_url", source)?;
        Ok(Self { caller, source })
    }
}

impl Console for Sumo {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self) -> String {
        // The state file keeps only a digest of it.
        self.source.clone()
    }

    fn holding(&self) -> Holding {
        Holding::Appends
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn send(&mut self, batch: &[Encoded<'_>], notes: &mut Vec<String>) -> Result<(), ConnectError> {
        let lines: Vec<u8> = batch.iter().flat_map(|row| row.bytes.iter().copied().chain([b'\n'])).collect();
        let body = compressed(&lines)?;
        let make = || Call {
            method: "POST",
            url: self.source.clone(),
            headers: vec![
                ("content-type", "application/x-ndjson".to_owned()),
                ("content-encoding", "gzip".to_owned()),
                ("x-sumo-category", "peerbench/comparison".to_owned()),
                ("x-sumo-name", "peerbench".to_owned()),
                ("x-sumo-host", "peerbench".to_owned()),
            ],
            body: body.clone(),
        };
        let reply = self.caller.send(NAME, make, usual)?;
        match reply.status {
            200 => {
                notes.push(BUDGET.to_owned());
                Ok(())
            }
            401 | 403 | 404 => Err(ConnectError::Console(format!(
                "{NAME} doesn't know the address of the HTTP source ({}). Check PEERBENCH_SUMO_SOURCE_URL.",
                reply.status
            ))),
            _ => Err(ConnectError::Console(format!("{NAME} refused the rows: {}.", reply.said()))),
        }
    }
}

/// Sumo Logic's API, with an access key.
pub struct Api {
    pub(super) caller: Caller,
    pub(super) url: String,
    authorization: String,
}

impl Api {
    /// # Errors
    /// Refuses an address without TLS.
    pub fn new(caller: Caller, url: &str, access_id: &str, access_key: &str) -> Result<Self, ConnectError> {
        let url = address::checked("sumo.api_url", url)?;
        let authorization = format!("Basic {}", BASE64_STANDARD.encode(format!("{access_id}:{access_key}")));
        Ok(Self { caller, url, authorization })
    }

    pub(super) fn ask(
        &self,
        method: &'static str,
        path: &str,
        media_type: &str,
        body: &[u8],
    ) -> Result<Reply, ConnectError> {
        let make = || Call {
            method,
            url: format!("{}/api{path}", self.url),
            headers: vec![
                ("authorization", self.authorization.clone()),
                ("content-type", media_type.to_owned()),
                ("accept", "application/json".to_owned()),
            ],
            body: body.to_vec(),
        };
        self.caller.send(NAME, make, usual)
    }

    /// Asks, and reads the ID that a success answers with.
    pub(super) fn id(
        &self,
        method: &'static str,
        path: &str,
        media_type: &str,
        body: &[u8],
    ) -> Result<String, ConnectError> {
        #[derive(Deserialize)]
        struct Made {
            id: String,
        }
        let reply = self.ask(method, path, media_type, body)?;
        match reply.json::<Made>().filter(|_| reply.is_success()) {
            Some(made) => Ok(made.id),
            None => Err(refusal(&reply)),
        }
    }

    /// The folder of the key's owner.
    pub(super) fn personal_folder(&self) -> Result<String, ConnectError> {
        self.id("GET", "/v2/content/folders/personal", "application/json", &[])
    }

    /// Waits until a job has ended. `path` is that of its status.
    pub(super) fn finished(&self, path: &str) -> Result<(), ConnectError> {
        for look in 1..=LOOKS {
            let reply = self.ask("GET", path, "application/json", &[])?;
            let Some(job) = reply.json::<Value>().filter(|_| reply.is_success()) else {
                return Err(refusal(&reply));
            };
            match job.get("status").and_then(Value::as_str).unwrap_or_default() {
                "Success" => return Ok(()),
                "Pending" | "InProgress" => self.caller.pause(Duration::from_millis(250) * look.min(20)),
                // Some rows or parts were left out.
                _ => {
                    return Err(ConnectError::Console(format!(
                        "{NAME} didn't finish the job: {}.",
                        reply.said()
                    )));
                }
            }
        }
        Err(ConnectError::Unfinished(format!(
            "{NAME} is still at work on the job. Run the command again later."
        )))
    }

    /// Imports the dashboard into the folder of the key's owner, in the place of an earlier one.
    ///
    /// # Errors
    /// Fails if Sumo Logic refuses it or doesn't finish.
    pub fn import_dashboard(&self, dashboard: &[u8]) -> Result<(), ConnectError> {
        let folder = self.personal_folder()?;
        let import = format!("/v2/content/folders/{folder}/import");
        let job = self.id("POST", &format!("{import}?overwrite=true"), "application/json", dashboard)?;
        self.finished(&format!("{import}/{job}/status"))
    }
}

pub(super) fn refusal(reply: &Reply) -> ConnectError {
    let todo = match reply.status {
        401 => {
            "Check sumo.access_id and PEERBENCH_SUMO_ACCESS_KEY, which may have expired, and the region in sumo.api_url."
        }
        403 => "Give the key's role the capabilities to manage content and lookup tables.",
        404 => "Check sumo.api_url and sumo.lookup_id.",
        _ => "Check sumo.api_url.",
    };
    ConnectError::Console(format!("{NAME} refused: {}. {todo}", reply.said()))
}
