//! TLS both ways: a console that only the settings' CA vouches for, and a page that is served with a certificate and lets in
//! whoever has one.

use std::{fs, path::Path, sync::Arc, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use ureq::{
    Agent,
    tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig},
};

use super::{
    installed::serve,
    receivers::splunk::{Splunk, TOKEN},
    world::{Settings, World},
};
use crate::support::console::Ran;

/// A CA, a server's certificate for this machine and a client's, in PEM.
pub struct Pki {
    pub ca: String,
    server: (String, String),
    client: (String, String),
}

impl Pki {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate for its own issuer if both have the same name.
        params.distinguished_name.push(DnType::CommonName, "CA of a test");
        let ca = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let signed = |names: &[&str]| {
            let key = KeyPair::generate().unwrap();
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
            (certificate.pem(), key.serialize_pem())
        };
        Self { ca, server: signed(&["127.0.0.1", "localhost"]), client: signed(&["analyst"]) }
    }

    pub fn config(&self) -> Arc<rustls::ServerConfig> {
        let (certificate, key) = &self.server;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            );
        Arc::new(config.unwrap())
    }

    /// A client that trusts the CA, with or without a certificate of its own.
    fn agent(&self, with_certificate: bool) -> Agent {
        let ca = Certificate::from_pem(self.ca.as_bytes()).unwrap();
        let own = with_certificate.then(|| {
            let certificate = Certificate::from_pem(self.client.0.as_bytes()).unwrap();
            ClientCert::new_with_certs(
                &[certificate],
                PrivateKey::from_pem(self.client.1.as_bytes()).unwrap(),
            )
        });
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .root_certs(RootCerts::new_with_certs(&[ca]))
            .client_cert(own)
            .build();
        let config = Agent::config_builder().tls_config(tls).timeout_global(Some(Duration::from_secs(60)));
        config.http_status_as_error(false).build().new_agent()
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

#[test]
fn tls_is_verified_and_served() {
    let world = World::new();
    let (pki, other) = (Pki::new(), Pki::new());
    let folder = world.service.folder();
    write(folder, "ca.pem", &pki.ca);
    write(folder, "other.pem", &other.ca);
    write(folder, "cert.pem", &pki.server.0);
    write(folder, "key.pem", &pki.server.1);

    let splunk = Splunk::start_with_tls(pki.config());
    let settings = |ca: &[&str]| -> Settings {
        let ca = ca.iter().map(|file| ("PEERBENCH_CONSOLE_CA_FILE", (*file).to_owned()));
        let fixed =
            [("PEERBENCH_SPLUNK_URL", splunk.base.clone()), ("PEERBENCH_SPLUNK_TOKEN", TOKEN.to_owned())];
        fixed.into_iter().chain(ca).collect()
    };
    assert!(splunk.base.starts_with("https://"));
    for wrong in [&[][..], &["other.pem"]] {
        world.push("splunk", &settings(wrong), &[]).failed(3, &["Splunk at 127.0.0.1 doesn't answer"]);
    }
    world.push("splunk", &settings(&["key.pem"]), &[]).failed(1, &["other than certificates"]);
    assert_eq!(splunk.take(|collector| collector.requests), 0, "nobody else gets the token");
    world.push("splunk", &settings(&["ca.pem"]), &[]).done();
    assert_eq!(splunk.take(|collector| collector.events.len()), world.rows().len());

    let tls = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
    let served = serve(&world, &tls, &[]);
    let get = |agent: &Agent, base: &str| {
        agent.get(format!("{base}/rows")).call().map(|answer| answer.status().as_u16())
    };
    assert_eq!(get(&pki.agent(false), &served.1).unwrap(), 200);
    assert!(get(&other.agent(false), &served.1).is_err());

    let mutual = serve(&world, &[&tls[..], &["--client-ca", "ca.pem"]].concat(), &[]);
    assert!(get(&pki.agent(false), &mutual.1).is_err(), "whoever has no certificate is kept out");
    assert_eq!(get(&pki.agent(true), &mutual.1).unwrap(), 200);

    write(folder, "wrong.pem", &other.server.1);
    let arguments = ["console", "serve", "checkpoint", "--tls-cert", "cert.pem", "--tls-key", "wrong.pem"];
    Ran::of(&mut world.command(&arguments, &Vec::new())).failed(2, &["The certificate can't be used"]);
}
