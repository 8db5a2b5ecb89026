//! Microsoft Sentinel: the Logs Ingestion API of Azure Monitor, with a token of Entra ID. It appends.

use super::{
    ConnectError, address,
    call::{Call, Caller, Reply, compressed, usual},
    console::{Console, Encoded, Holding, Limits},
    entra::{Application, Named, Tokens},
};

const NAME: &str = "Microsoft Sentinel";
const SETTINGS: Named = Named {
    tenant_id: "sentinel.tenant_id",
    login: "sentinel.login",
    all: "sentinel.tenant_id, sentinel.client_id and the secret",
};
const API_VERSION: &str = "2023-01-01";
/// The API takes a megabyte before compression.
const LIMITS: Limits = Limits { rows: 10_000, bytes: 950_000 };

/// The stream that rows go to, and the application that sends them.
#[derive(Clone)]
pub struct Target {
    /// The logs ingestion endpoint of the data collection rule or of its data collection endpoint.
    pub endpoint: String,
    /// The immutable ID of the data collection rule.
    pub rule_id: String,
    pub stream: String,
    pub application: Application,
}

/// The stream that rows go to.
pub struct Sentinel {
    caller: Caller,
    /// Address of the stream.
    url: String,
    target: String,
    tokens: Tokens,
}

impl Sentinel {
    /// # Errors
    /// Refuses addresses without TLS, and IDs that can't be a part of an address.
    pub fn new(caller: Caller, target: Target) -> Result<Self, ConnectError> {
        let endpoint = address::checked("sentinel.endpoint", &target.endpoint)?;
        let rule = address::part("sentinel.rule_id", &target.rule_id, "dcr-")?;
        let stream = address::part("sentinel.stream", &target.stream, "Custom-")?;
        let scope = target.application.cloud.monitor();
        let tokens = Tokens::new(target.application.clone(), scope, SETTINGS)?;
        let url = format!("{endpoint}/dataCollectionRules/{rule}/streams/{stream}?api-version={API_VERSION}");
        Ok(Self { caller, url, target: format!("{endpoint} {rule} {stream}"), tokens })
    }

    fn post(&self, token: &str, body: &[u8]) -> Result<Reply, ConnectError> {
        let make = || Call {
            method: "POST",
            url: self.url.clone(),
            headers: vec![
                ("authorization", format!("Bearer {token}")),
                ("accept", "application/json".to_owned()),
                ("content-type", "application/json".to_owned()),
                ("content-encoding", "gzip".to_owned()),
            ],
            body: body.to_vec(),
        };
        self.caller.send(NAME, make, usual)
    }
}

fn refusal(reply: &Reply) -> ConnectError {
    let todo = match reply.status {
        400 => {
            "Deploy the template again: the stream has other columns, or the rule or the stream has another name."
        }
        401 => "The token isn't valid for this endpoint. Check sentinel.cloud and sentinel.endpoint.",
        403 => {
            "Give the application the role Monitoring Metrics Publisher on the data collection rule, and wait half an hour."
        }
        404 => "Check sentinel.endpoint, sentinel.rule_id and sentinel.stream.",
        413 => "The batch is too large for the endpoint.",
        _ => "See the data collection rule's diagnostics.",
    };
    ConnectError::Console(format!("{NAME} refused the rows: {}. {todo}", reply.said()))
}

impl Console for Sentinel {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self) -> String {
        self.target.clone()
    }

    fn holding(&self) -> Holding {
        Holding::Appends
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn prepare(&mut self, _: Option<&str>, _: &mut Vec<String>) -> Result<Option<String>, ConnectError> {
        match self.tokens.token(&self.caller) {
            Ok(_) => Ok(None),
            Err(error) => Err(error.and("No row was sent.")),
        }
    }

    fn send(&mut self, batch: &[Encoded<'_>], _: &mut Vec<String>) -> Result<(), ConnectError> {
        let mut body = b"[".to_vec();
        for (position, row) in batch.iter().enumerate() {
            if position > 0 {
                body.push(b',');
            }
            body.extend(&row.bytes);
        }
        body.push(b']');
        let body = compressed(&body)?;
        let token = self.tokens.token(&self.caller)?;
        let mut reply = self.post(&token, &body)?;
        if reply.status == 401 {
            // The token may have expired since.
            self.tokens.renew();
            let token = self.tokens.token(&self.caller)?;
            reply = self.post(&token, &body)?;
        }
        match reply.status {
            200 | 204 => Ok(()),
            _ => Err(refusal(&reply)),
        }
    }
}
