//! Microsoft Sentinel: the Logs Ingestion API of Azure Monitor, with a token of Entra ID. It appends.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;

use super::{
    ConnectError, address,
    call::{Call, Caller, Reply, usual},
    console::{Console, Encoded, Holding, Limits},
};
use crate::{domain::named::named, wire::console::ConsoleRow};

const NAME: &str = "Microsoft Sentinel";
const ENTRA: &str = "Microsoft Entra ID";
const API_VERSION: &str = "2023-01-01";
/// The API takes a megabyte before compression.
const LIMITS: Limits = Limits { rows: 10_000, bytes: 950_000 };

named! {
    /// The cloud that a workspace is in.
    pub enum Cloud("cloud") {
        Public = "public",
        UsGovernment = "us-government",
        China = "china",
    }
}

impl Cloud {
    fn login(self) -> &'static str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::UsGovernment => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    fn scope(self) -> &'static str {
        match self {
            Self::Public => "https://monitor.azure.com/.default",
            Self::UsGovernment => "https://monitor.azure.us/.default",
            Self::China => "https://monitor.azure.cn/.default",
        }
    }
}

/// The stream that rows go to, and the application that sends them.
#[derive(Clone)]
pub struct Target {
    /// The logs ingestion endpoint of the data collection rule or of its data collection endpoint.
    pub endpoint: String,
    /// The immutable ID of the data collection rule.
    pub rule_id: String,
    pub stream: String,
    pub tenant_id: String,
    pub client_id: String,
    pub client_secret: String,
    pub cloud: Cloud,
    /// Another address of the token service than the cloud's.
    pub login: Option<String>,
}

/// The stream that rows go to.
pub struct Sentinel {
    caller: Caller,
    target: Target,
    login: String,
    token: Option<String>,
}

impl Sentinel {
    /// # Errors
    /// Refuses addresses without TLS, and IDs that can't be a part of an address.
    pub fn new(caller: Caller, mut target: Target) -> Result<Self, ConnectError> {
        target.endpoint = address::checked("sentinel.endpoint", &target.endpoint)?;
        let login = target.login.as_deref().unwrap_or(target.cloud.login());
        let login = address::checked("sentinel.login", login)?;
        for (setting, part, starts) in [
            ("rule_id", &target.rule_id, "dcr-"),
            ("stream", &target.stream, "Custom-"),
            ("tenant_id", &target.tenant_id, ""),
        ] {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
            if part.is_empty() || !part.chars().all(fits) || !part.starts_with(starts) {
                let starts =
                    if starts.is_empty() { String::new() } else { format!(", beginning with {starts}") };
                return Err(ConnectError::Refused(format!(
                    "The setting sentinel.{setting} is invalid: letters, digits, `-`, `_` and `.`{starts}. Nothing was sent."
                )));
            }
        }
        Ok(Self { caller, target, login, token: None })
    }

    /// The token in use, or a new one.
    fn token(&mut self) -> Result<String, ConnectError> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        #[derive(Deserialize)]
        struct Issued {
            access_token: String,
        }
        #[derive(Deserialize)]
        struct Refused {
            error: String,
            #[serde(default)]
            error_codes: Vec<u64>,
        }
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.target.client_id)
            .append_pair("client_secret", &self.target.client_secret)
            .append_pair("scope", self.target.cloud.scope())
            .finish();
        let make = || Call {
            method: "POST",
            url: format!("{}/{}/oauth2/v2.0/token", self.login, self.target.tenant_id),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: form.clone().into_bytes(),
        };
        let reply = self.caller.send(ENTRA, make, usual)?;
        if let Some(issued) = reply.json::<Issued>().filter(|_| reply.is_success()) {
            return Ok(self.token.insert(issued.access_token).clone());
        }
        // A description may repeat what was sent.
        let why = reply.json::<Refused>().map(|refused| {
            let codes: Vec<String> = refused.error_codes.iter().map(|code| format!("AADSTS{code}")).collect();
            format!("{} {}", refused.error, codes.join(" "))
        });
        let why = why.unwrap_or_else(|| reply.status.to_string());
        Err(ConnectError::Console(format!(
            "{ENTRA} issued no token: {}. Check sentinel.tenant_id, sentinel.client_id and the secret, which may have expired. No \
             row was sent.",
            why.trim()
        )))
    }

    fn post(&self, token: &str, body: &[u8]) -> Result<Reply, ConnectError> {
        let Target { endpoint, rule_id, stream, .. } = &self.target;
        let make = || Call {
            method: "POST",
            url: format!(
                "{endpoint}/dataCollectionRules/{rule_id}/streams/{stream}?api-version={API_VERSION}"
            ),
            headers: vec![
                ("authorization", format!("Bearer {token}")),
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
        let Target { endpoint, rule_id, stream, .. } = &self.target;
        format!("{endpoint} {rule_id} {stream}")
    }

    fn holding(&self) -> Holding {
        Holding::Appends
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn encode(&self, row: &ConsoleRow) -> Result<Vec<u8>, ConnectError> {
        // The rule's transformation names the columns, for these rows as for those that the connector polls.
        serde_json::to_vec(row)
            .map_err(|error| ConnectError::Refused(format!("A row can't be written: {error}.")))
    }

    fn prepare(&mut self, _: Option<&str>, _: &mut Vec<String>) -> Result<Option<String>, ConnectError> {
        self.token().map(|_| None)
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
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let body = encoder.write_all(&body).and_then(|()| encoder.finish());
        let body =
            body.map_err(|error| ConnectError::Refused(format!("A batch can't be compressed: {error}.")))?;
        let token = self.token()?;
        let mut reply = self.post(&token, &body)?;
        if reply.status == 401 {
            // The token may have expired since.
            self.token = None;
            let token = self.token()?;
            reply = self.post(&token, &body)?;
        }
        match reply.status {
            200 | 204 => Ok(()),
            _ => Err(refusal(&reply)),
        }
    }
}
