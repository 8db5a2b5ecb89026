//! Microsoft Sentinel: the analytics rules of a workspace, from Azure Resource Manager, link by link.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    listing::Listing,
    product::{PAGES, Product, json, list},
};
use crate::connect::{
    ConnectError,
    address::is_same_server,
    call::{Call, Caller, Reply, usual},
    entra::{Application, Named, Tokens},
};

/// The stable versions leave sub-techniques out.
const API_VERSION: &str = "2025-07-01-preview";
const RULES: &str = "/providers/Microsoft.SecurityInsights/alertRules";
const SETTINGS: Named = Named {
    tenant_id: "sync.tenant_id",
    login: "sync.login",
    all: "sync.tenant_id, sync.account and PEERBENCH_SYNC_TOKEN",
};

pub struct Sentinel {
    /// The workspace.
    url: String,
    application: Application,
}

impl Sentinel {
    /// # Errors
    /// Refuses an address of something else than a workspace, and a tenant that can't be a part of an address.
    pub fn new(url: String, application: Application) -> Result<Self, ConnectError> {
        let is_workspace =
            url.to_ascii_lowercase().contains("/providers/microsoft.operationalinsights/workspaces/");
        if !is_workspace || url.contains('?') {
            return Err(ConnectError::Refused(
                "The setting sync.url is no address of a workspace: \
                 https://management.azure.com/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.OperationalInsights/\
                 workspaces/NAME."
                    .to_owned(),
            ));
        }
        tokens(&application)?;
        Ok(Self { url, application })
    }

    fn page(&self, caller: &Caller, tokens: &mut Tokens, url: &str) -> Result<Reply, ConnectError> {
        let mut renewed = false;
        loop {
            let token = tokens.token(caller)?;
            let make = || Call {
                method: "GET",
                url: url.to_owned(),
                headers: vec![
                    ("authorization", format!("Bearer {token}")),
                    ("accept", "application/json".to_owned()),
                ],
                body: Vec::new(),
            };
            let reply = caller.send(self.name(), make, usual)?;
            if reply.status != 401 || renewed {
                return Ok(reply);
            }
            // The token may have expired since.
            renewed = true;
            tokens.renew();
        }
    }
}

fn tokens(application: &Application) -> Result<Tokens, ConnectError> {
    Tokens::new(application.clone(), application.cloud.management(), SETTINGS)
}

impl Product for Sentinel {
    fn name(&self) -> &'static str {
        "Microsoft Sentinel"
    }

    fn todo(&self, status: u16) -> &'static str {
        match status {
            400 => {
                "Azure may no longer know the version of the API that this program asks for: update peerbench."
            }
            401 => "The token isn't valid there. Check sync.cloud and sync.url.",
            403 => "Give the application the role Microsoft Sentinel Reader on the workspace.",
            404 => "Check the subscription, the resource group and the workspace in sync.url.",
            _ => "Check sync.url.",
        }
    }

    fn read(&self, caller: &Caller) -> Result<Vec<Listing>, ConnectError> {
        let mut tokens = tokens(&self.application)?;
        let mut listing = Listing::new("rules");
        let mut seen = BTreeSet::new();
        let mut next = Some(format!("{}{RULES}?api-version={API_VERSION}", self.url));
        while let Some(url) = next.take() {
            if !is_same_server(&self.url, &url) {
                return Err(ConnectError::Console(
                    "Microsoft Sentinel's list goes on at another server, which isn't asked.".to_owned(),
                ));
            }
            let reply = self.page(caller, &mut tokens, &url)?;
            let answer = json(self, &reply)?;
            listing.add(reply.body, list(self, &answer, "/value")?, &["name", "id"], None);
            seen.insert(url);
            let link = answer.get("nextLink").and_then(Value::as_str).filter(|link| !link.is_empty());
            listing.goes_on(link.is_some());
            // A link that leads back never ends.
            next = link.filter(|link| !seen.contains(*link) && seen.len() < PAGES).map(str::to_owned);
        }
        Ok(vec![listing])
    }
}
