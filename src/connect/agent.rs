//! The HTTP client that everything outgoing uses: TLS is verified, redirects aren't followed, and the proxy is the
//! environment's (`HTTPS_PROXY`, `NO_PROXY`).

use std::{path::Path, sync::Arc, time::Duration};

use ureq::{
    Agent, Proxy,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::ConnectError;

/// The CAs that are trusted.
#[derive(Debug, Clone, Default)]
pub enum Trust {
    /// The public ones.
    #[default]
    Public,
    /// These alone.
    Only(Vec<Certificate<'static>>),
}

impl Trust {
    /// Reads the CAs of a PEM file.
    ///
    /// # Errors
    /// Refuses a file that can't be read or holds no certificate.
    pub fn read(path: &Path) -> Result<Self, ConnectError> {
        let refused = |why: String| ConnectError::Refused(format!("The CA file {} {why}.", path.display()));
        let text = std::fs::read(path).map_err(|error| refused(format!("can't be read: {error}")))?;
        let mut certificates = Vec::new();
        for item in parse_pem(&text) {
            match item.map_err(|error| refused(format!("is no PEM file: {error}")))? {
                PemItem::Certificate(certificate) => certificates.push(certificate),
                _ => return Err(refused("holds something other than certificates".to_owned())),
            }
        }
        match certificates.is_empty() {
            true => Err(refused("holds no certificate".to_owned())),
            false => Ok(Self::Only(certificates)),
        }
    }
}

/// Makes a client whose requests end within `timeout`.
pub fn agent(timeout: Duration, trust: &Trust) -> Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let tls = match trust {
        Trust::Public => tls,
        Trust::Only(certificates) => tls.root_certs(RootCerts::new_with_certs(certificates)),
    };
    Agent::config_builder()
        .http_status_as_error(false)
        // A redirect would take credentials elsewhere.
        .max_redirects(0)
        .proxy(Proxy::try_from_env())
        .timeout_global(Some(timeout))
        .tls_config(tls.build())
        .build()
        .new_agent()
}
