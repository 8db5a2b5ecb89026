//! Rules out of a SIEM by its own read API, as they would be exported by hand.

use serde_json::Value;

use super::{
    ConnectError, address,
    call::{Call, Caller, Reply, usual},
};
use crate::domain::named::named;

/// Rules of a page of Elastic's.
const PAGE: usize = 1_000;
/// More pages than any product has rules.
const PAGES: usize = 100;

named! {
    /// A product whose rules can be exported.
    pub enum RuleSource("source of rules") {
        Splunk = "splunk",
        Elastic = "elastic",
    }
}

/// A file of an export, as the product sent it.
#[derive(Debug)]
pub struct RuleFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The API of a product, and the token that reads it.
pub struct RuleApi {
    source: RuleSource,
    caller: Caller,
    url: String,
    token: String,
}

impl RuleSource {
    fn name_of_product(self) -> &'static str {
        match self {
            Self::Splunk => "Splunk",
            Self::Elastic => "Elastic Security",
        }
    }
}

impl RuleApi {
    /// # Errors
    /// Refuses an address without TLS.
    pub fn new(source: RuleSource, caller: Caller, url: &str, token: &str) -> Result<Self, ConnectError> {
        let url = address::checked("sync.url", url)?;
        Ok(Self { source, caller, url, token: token.to_owned() })
    }

    /// Reads all rules.
    ///
    /// # Errors
    /// Fails if the product can't be reached, refuses the token or doesn't send everything.
    pub fn export(&self) -> Result<Vec<RuleFile>, ConnectError> {
        match self.source {
            RuleSource::Splunk => {
                let reply = self.ask("/servicesNS/-/-/saved/searches?output_mode=json&count=0")?;
                Ok(vec![RuleFile { name: "saved_searches.json".to_owned(), bytes: reply.body }])
            }
            RuleSource::Elastic => {
                let mut files = Vec::new();
                for page in 1..=PAGES {
                    // The order of creation, so that a rule that is new meanwhile moves none to another page.
                    let order = "sort_field=created_at&sort_order=asc";
                    let reply = self.ask(&format!(
                        "/api/detection_engine/rules/_find?per_page={PAGE}&page={page}&{order}"
                    ))?;
                    let total = reply.json::<Value>().and_then(|found| found.get("total")?.as_u64());
                    let Some(total) = total.and_then(|total| usize::try_from(total).ok()) else {
                        return Err(ConnectError::Console(
                            "The answer isn't Elastic's: it doesn't say how many rules there are. Check sync.url.".to_owned(),
                        ));
                    };
                    files.push(RuleFile { name: format!("rules-{page:03}.json"), bytes: reply.body });
                    if page.saturating_mul(PAGE) >= total {
                        return Ok(files);
                    }
                }
                Err(ConnectError::Console("Elastic Security has more rules than can be read.".to_owned()))
            }
        }
    }

    fn ask(&self, path: &str) -> Result<Reply, ConnectError> {
        let scheme = match self.source {
            RuleSource::Splunk => "Bearer",
            RuleSource::Elastic => "ApiKey",
        };
        let make = || Call {
            method: "GET",
            url: format!("{}{path}", self.url),
            headers: vec![
                ("authorization", format!("{scheme} {}", self.token)),
                ("accept", "application/json".to_owned()),
            ],
            body: Vec::new(),
        };
        let reply = self.caller.send(self.source.name_of_product(), make, usual)?;
        if reply.is_success() { Ok(reply) } else { Err(self.refusal(&reply)) }
    }

    fn refusal(&self, reply: &Reply) -> ConnectError {
        let todo = match (reply.status, self.source) {
            (401, _) => "Check PEERBENCH_SYNC_TOKEN, which may have expired.",
            (403, RuleSource::Splunk) => {
                "Give the token's user the capability to read the saved searches of all apps."
            }
            (403, RuleSource::Elastic) => "Give the API key the privilege to read rules.",
            _ => "Check sync.url.",
        };
        let product = self.source.name_of_product();
        ConnectError::Console(format!(
            "{product} didn't send its rules ({}). {todo} Nothing was uploaded.",
            reply.status
        ))
    }
}
