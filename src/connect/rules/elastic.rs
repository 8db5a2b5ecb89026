//! Elastic Security: the rules of one space of Kibana, page by page.

use super::{
    listing::Listing,
    product::{PAGES, Product, json, list, number, other},
};
use crate::connect::{
    ConnectError,
    call::{Call, Caller, usual},
};

/// Rules of a page.
const PAGE: usize = 1_000;

pub struct Elastic {
    /// Kibana, with the path of the space if it isn't the default one.
    pub url: String,
    pub key: String,
}

impl Product for Elastic {
    fn name(&self) -> &'static str {
        "Elastic Security"
    }

    fn todo(&self, status: u16) -> &'static str {
        match status {
            401 => "Check PEERBENCH_SYNC_TOKEN, which may have expired.",
            403 => "Give the API key the privilege to read rules.",
            _ => "Check sync.url.",
        }
    }

    fn read(&self, caller: &Caller) -> Result<Vec<Listing>, ConnectError> {
        let mut listing = Listing::new("rules");
        for page in 1..=PAGES {
            let make = || Call {
                method: "GET",
                // The order of creation, so that a rule that is new meanwhile moves none to another page.
                url: format!(
                    "{}/api/detection_engine/rules/_find?per_page={PAGE}&page={page}&sort_field=created_at&sort_order=asc",
                    self.url
                ),
                headers: vec![
                    ("authorization", format!("ApiKey {}", self.key)),
                    ("accept", "application/json".to_owned()),
                ],
                body: Vec::new(),
            };
            let reply = caller.send(self.name(), make, usual)?;
            let answer = json(self, &reply)?;
            let total = number(&answer, "/total").ok_or_else(|| other(self))?;
            let new = listing.add(reply.body, list(self, &answer, "/data")?, &["id", "rule_id"], Some(total));
            if new == 0 || listing.count() >= total {
                break;
            }
        }
        Ok(vec![listing])
    }
}
