//! Rules out of a SIEM by its own read API, as they would be exported by hand. Only requests that read are sent.

mod cortex;
mod elastic;
mod listing;
mod product;
mod sentinel;
mod splunk;
mod sumo;

use super::{
    ConnectError, address,
    call::Caller,
    cortex_key::{Key, KeyType},
    entra::{Application, Cloud},
};
use crate::domain::named::named;
pub use listing::RuleFile;
use product::{Product, whole};

named! {
    /// A product whose rules can be exported.
    pub enum RuleSource("source of rules") {
        Splunk = "splunk",
        Elastic = "elastic",
        Sentinel = "sentinel",
        Sumo = "sumo",
        Cortex = "cortex",
    }
}

impl RuleSource {
    /// Says that a secret alone isn't enough: it belongs to an account with an ID of its own.
    pub fn has_account(self) -> bool {
        matches!(self, Self::Sentinel | Self::Sumo | Self::Cortex)
    }

    /// Says that an account belongs to a tenant of Entra ID.
    pub fn has_tenant(self) -> bool {
        self == Self::Sentinel
    }
}

/// The API of a product, and what reads it.
pub struct Access {
    pub source: RuleSource,
    pub url: String,
    pub secret: String,
    /// ID of the account that the secret belongs to; empty where a product has none.
    pub account: String,
    pub key_type: KeyType,
    pub tenant_id: String,
    pub cloud: Cloud,
    /// Another address of Entra ID's token service than the cloud's.
    pub login: Option<String>,
}

/// The rules of a product.
pub struct RuleApi {
    caller: Caller,
    product: Box<dyn Product>,
}

impl RuleApi {
    /// # Errors
    /// Refuses an address without TLS.
    pub fn new(caller: Caller, access: Access) -> Result<Self, ConnectError> {
        let Access { source, url, secret, account, key_type, tenant_id, cloud, login } = access;
        let url = address::checked("sync.url", &url)?;
        let product: Box<dyn Product> = match source {
            RuleSource::Splunk => Box::new(splunk::Splunk { url, token: secret }),
            RuleSource::Elastic => Box::new(elastic::Elastic { url, key: secret }),
            RuleSource::Sentinel => {
                let application =
                    Application { tenant_id, client_id: account, client_secret: secret, cloud, login };
                Box::new(sentinel::Sentinel::new(url, application)?)
            }
            RuleSource::Sumo => Box::new(sumo::Sumo { url, access_id: account, access_key: secret }),
            RuleSource::Cortex => {
                Box::new(cortex::Cortex { url, key: Key { id: account, secret, kind: key_type } })
            }
        };
        Ok(Self { caller, product })
    }

    /// Reads all rules, or none.
    ///
    /// # Errors
    /// Fails if the product can't be reached, refuses the credentials or doesn't send everything.
    pub fn export(&self) -> Result<Vec<RuleFile>, ConnectError> {
        whole(self.product.as_ref(), &self.caller).map_err(|error| error.and("Nothing was uploaded."))
    }
}
