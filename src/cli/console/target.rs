//! Consoles as the settings describe them.

use std::{path::Path, sync::Arc};

use clap::ValueEnum;

use crate::{
    cli::{Failure, secret_file::secret},
    connect::{
        agent::Trust,
        call::Caller,
        console::Console,
        cortex::{self, Cortex},
        cortex_key::Key,
        entra::Application,
        sentinel::{self, Sentinel},
        splunk::Splunk,
        sumo::{Api, Sumo},
        sumo_lookup::SumoLookup,
    },
    environment::{SystemClock, SystemEntropy},
    settings::Settings,
};

/// A console that takes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pushed {
    Splunk,
    Sentinel,
    Cortex,
    Sumo,
}

impl Pushed {
    pub fn name(self) -> &'static str {
        match self {
            Self::Splunk => "splunk",
            Self::Sentinel => "sentinel",
            Self::Cortex => "cortex",
            Self::Sumo => "sumo",
        }
    }
}

/// Sends requests under the settings' CAs.
pub fn caller(settings: &Settings) -> Result<Caller, Failure> {
    let trust = settings.console.ca_file.as_deref().map_or(Ok(Trust::Public), Trust::read)?;
    Ok(Caller::new(&trust, Arc::new(SystemClock), Arc::new(SystemEntropy)))
}

/// The console that the settings describe; `lookup` asks for Sumo Logic's lookup table.
pub fn console(pushed: Pushed, lookup: bool, settings: &Settings) -> Result<Box<dyn Console>, Failure> {
    let caller = caller(settings)?;
    Ok(match pushed {
        Pushed::Splunk => {
            let of = &settings.splunk;
            let token = secret("splunk.token", of.token.as_ref(), of.token_file.as_deref())?;
            let url = needed("splunk.url", of.url.as_ref())?;
            Box::new(Splunk::new(caller, url, token.reveal(), of.index.as_deref())?)
        }
        Pushed::Sentinel => {
            let of = &settings.sentinel;
            let file = of.client_secret_file.as_deref();
            let secret = secret("sentinel.client_secret", of.client_secret.as_ref(), file)?;
            let target = sentinel::Target {
                endpoint: needed("sentinel.endpoint", of.endpoint.as_ref())?.to_owned(),
                rule_id: needed("sentinel.rule_id", of.rule_id.as_ref())?.to_owned(),
                stream: of.stream.clone(),
                application: Application {
                    tenant_id: needed("sentinel.tenant_id", of.tenant_id.as_ref())?.to_owned(),
                    client_id: needed("sentinel.client_id", of.client_id.as_ref())?.to_owned(),
                    client_secret: secret.reveal().to_owned(),
                    cloud: named("sentinel.cloud", &of.cloud)?,
                    login: of.login.clone(),
                },
            };
            Box::new(Sentinel::new(caller, target)?)
        }
        Pushed::Cortex => {
            let of = &settings.cortex;
            let key = secret("cortex.key", of.key.as_ref(), of.key_file.as_deref())?;
            let target = cortex::Target {
                url: needed("cortex.url", of.url.as_ref())?.to_owned(),
                key: Key {
                    id: needed("cortex.key_id", of.key_id.as_ref())?.to_owned(),
                    secret: key.reveal().to_owned(),
                    kind: named("cortex.key_type", &of.key_type)?,
                },
                dataset: of.dataset.clone(),
            };
            Box::new(Cortex::new(caller, target)?)
        }
        Pushed::Sumo if lookup => {
            Box::new(SumoLookup::new(sumo_api(settings)?, settings.sumo.lookup_id.as_deref())?)
        }
        Pushed::Sumo => {
            let of = &settings.sumo;
            let source = secret("sumo.source_url", of.source_url.as_ref(), of.source_url_file.as_deref())?;
            Box::new(Sumo::new(caller, source.reveal())?)
        }
    })
}

/// Sumo Logic's API as the settings describe it.
pub fn sumo_api(settings: &Settings) -> Result<Api, Failure> {
    let of = &settings.sumo;
    let key = secret("sumo.access_key", of.access_key.as_ref(), of.access_key_file.as_deref())?;
    let (url, id) =
        (needed("sumo.api_url", of.api_url.as_ref())?, needed("sumo.access_id", of.access_id.as_ref())?);
    Ok(Api::new(caller(settings)?, url, id, key.reveal())?)
}

/// The value of a setting that has no default.
pub fn needed<'a>(key: &str, value: Option<&'a String>) -> Result<&'a str, Failure> {
    let variable = format!("PEERBENCH_{}", key.replace('.', "_").to_ascii_uppercase());
    value.map(String::as_str).ok_or_else(|| {
        Failure::Usage(format!("The setting {key} is missing: set {variable}. Nothing was sent."))
    })
}

/// The value of a setting that is one of a few names.
pub fn named<T: std::str::FromStr<Err = crate::domain::named::UnknownName>>(
    key: &str,
    text: &str,
) -> Result<T, Failure> {
    text.parse()
        .map_err(|error| Failure::Usage(format!("The setting {key} is invalid: {error}. Nothing was sent.")))
}

/// Refuses a path whose folder doesn't exist, before anything is sent.
pub fn writable(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match folder.is_dir() && !path.is_dir() {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "{} can't be the state file: it is a folder, or its folder doesn't exist. Nothing was sent.",
            path.display()
        ))),
    }
}
