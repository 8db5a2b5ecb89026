//! Cortex XSIAM and XDR: correlation rules and BIOCs, which are two lists, page by page.

use serde_json::json;

use super::{
    listing::Listing,
    product::{self, PAGES, Product, list, number},
};
use crate::connect::{
    ConnectError,
    call::{Call, Caller, usual},
    cortex_key::Key,
};

/// Rules of a page. The service takes no more.
const PAGE: usize = 100;

pub struct Cortex {
    pub url: String,
    pub key: Key,
}

impl Product for Cortex {
    fn name(&self) -> &'static str {
        "Cortex"
    }

    fn todo(&self, status: u16) -> &'static str {
        match status {
            401 => {
                "Check sync.account, sync.key_type and PEERBENCH_SYNC_TOKEN, which may have expired, and this machine's clock."
            }
            402 => "The tenant's licence doesn't include these rules.",
            403 => "Give the key's role the permission to see correlation rules and BIOCs.",
            _ => "Check sync.url.",
        }
    }

    fn read(&self, caller: &Caller) -> Result<Vec<Listing>, ConnectError> {
        // One after the other: the API wants no calls at the same time.
        Ok(vec![self.list(caller, "correlations")?, self.list(caller, "bioc")?])
    }
}

impl Cortex {
    fn list(&self, caller: &Caller, kind: &'static str) -> Result<Listing, ConnectError> {
        let mut listing = Listing::new(kind);
        for _ in 0..PAGES {
            let from = listing.count();
            let asked =
                json!({ "extended_view": true, "search_from": from, "search_to": from.saturating_add(PAGE) });
            let make = || Call {
                method: "POST",
                url: format!("{}/public_api/v1/{kind}/get", self.url),
                headers: self.key.headers(caller),
                body: json!({ "request_data": asked }).to_string().into_bytes(),
            };
            let reply = caller.send(self.name(), make, usual)?;
            let answer = product::json(self, &reply)?;
            // Some versions put the answer into a member `reply`.
            let answer = answer.get("reply").unwrap_or(&answer);
            let rules = list(self, answer, "/objects")?;
            // The document doesn't say whether the count is of the page or of the list. A larger one is of the list.
            let total = number(answer, "/objects_count").filter(|total| *total > rules.len());
            // So the end is a page without anything new.
            if listing.add(reply.body, rules, &["rule_id", "id"], total) == 0 {
                break;
            }
        }
        Ok(listing)
    }
}
