//! Tokens of Microsoft Entra ID for an application, by its client secret.

use serde::Deserialize;

use super::{
    ConnectError, address,
    call::{Call, Caller, usual},
};
use crate::domain::named::named;

const NAME: &str = "Microsoft Entra ID";

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

    /// The scope of Azure Monitor, which takes rows.
    pub fn monitor(self) -> &'static str {
        match self {
            Self::Public => "https://monitor.azure.com/.default",
            Self::UsGovernment => "https://monitor.azure.us/.default",
            Self::China => "https://monitor.azure.cn/.default",
        }
    }

    /// The scope of Azure Resource Manager, which lists rules.
    pub fn management(self) -> &'static str {
        match self {
            Self::Public => "https://management.azure.com/.default",
            Self::UsGovernment => "https://management.usgovcloudapi.net/.default",
            Self::China => "https://management.chinacloudapi.cn/.default",
        }
    }
}

/// An application of a tenant.
#[derive(Clone)]
pub struct Application {
    pub tenant_id: String,
    pub client_id: String,
    pub client_secret: String,
    pub cloud: Cloud,
    /// Another address of the token service than the cloud's.
    pub login: Option<String>,
}

/// The names of an application's settings, for messages.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    pub tenant_id: &'static str,
    pub login: &'static str,
    /// The settings to check if no token is issued.
    pub all: &'static str,
}

/// The token of an application for one scope.
pub struct Tokens {
    application: Application,
    named: Named,
    url: String,
    scope: &'static str,
    token: Option<String>,
}

impl Tokens {
    /// # Errors
    /// Refuses an address without TLS, and a tenant that can't be a part of an address.
    pub fn new(application: Application, scope: &'static str, named: Named) -> Result<Self, ConnectError> {
        let login = application.login.as_deref().unwrap_or(application.cloud.login());
        let login = address::checked(named.login, login)?;
        let tenant = address::part(named.tenant_id, &application.tenant_id, "")?;
        let url = format!("{login}/{tenant}/oauth2/v2.0/token");
        Ok(Self { application, named, url, scope, token: None })
    }

    /// Returns the token in use, or a new one.
    ///
    /// # Errors
    /// Fails if none is issued. The message repeats nothing that was sent.
    pub fn token(&mut self, caller: &Caller) -> Result<String, ConnectError> {
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
            .append_pair("client_id", &self.application.client_id)
            .append_pair("client_secret", &self.application.client_secret)
            .append_pair("scope", self.scope)
            .finish();
        let make = || Call {
            method: "POST",
            url: self.url.clone(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: form.clone().into_bytes(),
        };
        let reply = caller.send(NAME, make, usual)?;
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
            "{NAME} issued no token: {}. Check {}, which may have expired.",
            why.trim(),
            self.named.all
        )))
    }

    /// Gives up the token in use, which the service no longer takes.
    pub fn renew(&mut self) {
        self.token = None;
    }
}
