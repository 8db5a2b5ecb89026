//! Splunk: the saved searches of all apps, in one answer.

use super::{
    listing::Listing,
    product::{Product, json, list, number},
};
use crate::connect::{
    ConnectError,
    call::{Call, Caller, usual},
};

const PATH: &str = "/servicesNS/-/-/saved/searches?output_mode=json&count=0";

pub struct Splunk {
    /// Management port.
    pub url: String,
    pub token: String,
}

impl Product for Splunk {
    fn name(&self) -> &'static str {
        "Splunk"
    }

    fn todo(&self, status: u16) -> &'static str {
        match status {
            401 => "Check PEERBENCH_SYNC_TOKEN, which may have expired.",
            403 => "Give the token's user the capability to read the saved searches of all apps.",
            _ => "Check sync.url.",
        }
    }

    fn read(&self, caller: &Caller) -> Result<Vec<Listing>, ConnectError> {
        let make = || Call {
            method: "GET",
            url: format!("{}{PATH}", self.url),
            headers: vec![
                ("authorization", format!("Bearer {}", self.token)),
                ("accept", "application/json".to_owned()),
            ],
            body: Vec::new(),
        };
        let reply = caller.send(self.name(), make, usual)?;
        let answer = json(self, &reply)?;
        let mut listing = Listing::new("saved_searches");
        let searches = list(self, &answer, "/entry")?;
        listing.add(reply.body, searches, &["id"], number(&answer, "/paging/total"));
        Ok(vec![listing])
    }
}
