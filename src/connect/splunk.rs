//! Splunk's HTTP Event Collector. It appends; where the token asks for acknowledgement, a batch counts when it is indexed.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::json;

use super::{
    ConnectError, address,
    call::{Call, Caller, Reply, Verdict},
    console::{Console, Encoded, Holding, Limits},
};
use crate::wire::console::ConsoleRow;

const NAME: &str = "Splunk";
/// Splunk takes a megabyte; what is in front may take less.
const LIMITS: Limits = Limits { rows: 10_000, bytes: 900_000 };
/// The code of "Success", and of "HEC is healthy".
const SUCCESS: i64 = 0;
const HEALTHY: i64 = 17;
/// "Internal server error" and "Server is busy".
const PASSING: [i64; 2] = [8, 9];
const INCORRECT_INDEX: i64 = 7;
/// Questions after an acknowledgement before it counts as lost, a second apart.
const LOOKS: u32 = 20;

/// The place that events go to.
pub struct Splunk {
    caller: Caller,
    url: String,
    token: String,
    /// The token's default index if `None`.
    index: Option<String>,
    /// The channel of this process's acknowledgements.
    channel: String,
    looks: u32,
}

/// An answer of the collector.
#[derive(Debug, Deserialize)]
struct Said {
    code: i64,
    #[serde(default)]
    text: String,
    #[serde(rename = "ackId")]
    ack_id: Option<u64>,
    #[serde(rename = "invalid-event-number")]
    invalid: Option<u64>,
}

impl Splunk {
    /// # Errors
    /// Refuses an address without TLS and a name that no index can have.
    pub fn new(caller: Caller, url: &str, token: &str, index: Option<&str>) -> Result<Self, ConnectError> {
        let url = address::checked("splunk.url", url)?;
        if !index.is_none_or(is_index) {
            return Err(ConnectError::Refused(
                "The setting splunk.index is no index name: lower-case letters, digits, `_` and `-`, not beginning with `_` \
                 or `-`. Nothing was sent."
                    .to_owned(),
            ));
        }
        let channel = uuid::Builder::from_random_bytes(caller.random()).into_uuid().to_string();
        let (token, index) = (token.to_owned(), index.map(str::to_owned));
        Ok(Self { caller, url, token, index, channel, looks: LOOKS })
    }

    fn call(&self, method: &'static str, path: &str, body: Vec<u8>) -> Call {
        Call {
            method,
            url: format!("{}/services/collector{path}", self.url),
            headers: vec![
                ("authorization", format!("Splunk {}", self.token)),
                ("x-splunk-request-channel", self.channel.clone()),
                ("content-type", "application/json".to_owned()),
            ],
            body,
        }
    }

    /// Waits until a batch is indexed.
    fn acknowledged(&self, id: u64) -> Result<(), ConnectError> {
        #[derive(Deserialize)]
        struct Acks {
            acks: BTreeMap<String, bool>,
        }
        let path = format!("/ack?channel={}", self.channel);
        let body = json!({ "acks": [id] }).to_string().into_bytes();
        for look in 0..self.looks {
            if look > 0 {
                self.caller.pause(Duration::from_secs(1));
            }
            let reply = self.caller.send(NAME, || self.call("POST", &path, body.clone()), judge)?;
            let acks: Option<Acks> = reply.json().filter(|_| reply.is_success());
            let Some(acks) = acks else { return Err(refusal(&reply)) };
            if acks.acks.get(&id.to_string()) == Some(&true) {
                return Ok(());
            }
        }
        Err(ConnectError::Unfinished(format!(
            "Splunk took a batch but hasn't acknowledged it within {} seconds. Run the command again: it sends the batch again.",
            self.looks
        )))
    }
}

/// 429, 5xx and the codes for a busy server pass.
fn judge(reply: &Reply) -> Verdict {
    let code = reply.json::<Said>().map(|said| said.code);
    match (reply.status, code) {
        (_, Some(code)) if PASSING.contains(&code) => Verdict::Again,
        (429 | 500..=599, _) => Verdict::Again,
        _ => Verdict::Take,
    }
}

/// Says what a refusal means and what to do.
fn refusal(reply: &Reply) -> ConnectError {
    let Some(said) = reply.json::<Said>() else {
        return ConnectError::Console(format!(
            "The answer isn't Splunk's: {}. Is splunk.url the address of the HTTP Event Collector?",
            reply.said()
        ));
    };
    let todo = match said.code {
        1 => "Enable the token.",
        2..=4 => "Check PEERBENCH_SPLUNK_TOKEN.",
        INCORRECT_INDEX => "Check splunk.index, and allow the index for the token.",
        5 | 6 | 12 | 13 | 15 => "This version of Splunk takes events in another form.",
        10 | 11 | 14 | 16 => "Check the token's setting for acknowledgement.",
        _ => "See Splunk's log.",
    };
    let place = said.invalid.map(|number| format!(", event {number}")).unwrap_or_default();
    ConnectError::Console(format!(
        "Splunk refused the rows: {} (code {}{place}). {todo}",
        said.text, said.code
    ))
}

fn is_index(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    (1..=80).contains(&name.len()) && name.chars().all(fits) && !name.starts_with(['_', '-'])
}

impl Console for Splunk {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self) -> String {
        format!("{} {}", self.url, self.index.as_deref().unwrap_or_default())
    }

    fn holding(&self) -> Holding {
        Holding::Appends
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn encode(&self, row: &ConsoleRow) -> Result<Vec<u8>, ConnectError> {
        // The latest change of either side, so that the latest event of a key is the current one.
        let time = row.cut_off.max(row.as_of).timestamp_millis();
        let mut event = json!({
            "time": format!("{}.{:03}", time / 1000, time % 1000),
            "host": "peerbench",
            "source": "peerbench",
            "sourcetype": "peerbench:comparison",
            "event": row,
        });
        if let (Some(index), Some(event)) = (&self.index, event.as_object_mut()) {
            event.insert("index".to_owned(), index.as_str().into());
        }
        Ok(event.to_string().into_bytes())
    }

    fn prepare(&mut self, _: Option<&str>, _: &mut Vec<String>) -> Result<Option<String>, ConnectError> {
        let reply = self.caller.send(NAME, || self.call("GET", "/health", Vec::new()), judge)?;
        match reply.json::<Said>() {
            Some(said) if said.code == HEALTHY => Ok(None),
            _ => Err(refusal(&reply)),
        }
    }

    fn send(&mut self, batch: &[Encoded<'_>], _: &mut Vec<String>) -> Result<(), ConnectError> {
        // Objects follow each other without commas and without a list.
        let body: Vec<u8> = batch.iter().flat_map(|row| row.bytes.iter().copied().chain([b'\n'])).collect();
        let reply = self.caller.send(NAME, || self.call("POST", "/event", body.clone()), judge)?;
        match reply.json::<Said>() {
            // A success of HTTP with another code is a refusal.
            Some(said) if reply.is_success() && said.code == SUCCESS => match said.ack_id {
                Some(id) => self.acknowledged(id),
                None => Ok(()),
            },
            _ => Err(refusal(&reply)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_index_has_are_refused() {
        assert!(is_index("main") && is_index("peer-bench_1"));
        for name in ["", "_internal", "-x", "Main", "a b", "a,b"] {
            assert!(!is_index(name), "{name}");
        }
    }
}
