//! Sumo Logic Cloud SIEM: the rules with the account's changes to them, page by page.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    listing::Listing,
    product::{PAGES, Product, json, list, number, other},
};
use crate::connect::{
    ConnectError,
    call::{Call, Caller, usual},
};

/// Rules of a page. The service may send fewer.
const PAGE: usize = 1_000;

pub struct Sumo {
    pub url: String,
    pub access_id: String,
    pub access_key: String,
}

impl Product for Sumo {
    fn name(&self) -> &'static str {
        "Sumo Logic Cloud SIEM"
    }

    fn todo(&self, status: u16) -> &'static str {
        match status {
            401 => {
                "Check sync.account and PEERBENCH_SYNC_TOKEN, which may have expired, and the region in sync.url."
            }
            403 => "Give the key's role the capability to view Cloud SIEM rules.",
            _ => "Check the region in sync.url.",
        }
    }

    fn read(&self, caller: &Caller) -> Result<Vec<Listing>, ConnectError> {
        let basic = BASE64_STANDARD.encode(format!("{}:{}", self.access_id, self.access_key));
        let mut listing = Listing::new("rules");
        for _ in 0..PAGES {
            let offset = listing.count();
            let make = || Call {
                method: "GET",
                url: format!("{}/api/sec/v1/rules?limit={PAGE}&offset={offset}", self.url),
                headers: vec![
                    ("authorization", format!("Basic {basic}")),
                    ("accept", "application/json".to_owned()),
                ],
                body: Vec::new(),
            };
            let reply = caller.send(self.name(), make, usual)?;
            let answer = json(self, &reply)?;
            let more = answer.pointer("/data/hasNextPage").and_then(Value::as_bool);
            let more = more.ok_or_else(|| other(self))?;
            let total = number(&answer, "/data/total");
            let new = listing.add(reply.body, list(self, &answer, "/data/objects")?, &["id"], total);
            listing.goes_on(more);
            if !more || new == 0 {
                break;
            }
        }
        Ok(vec![listing])
    }
}
