//! Settings of the consoles that rows are pushed to. A secret is a variable of the environment or the content of a file.

use std::path::PathBuf;

use super::section::{Secret, section};

section! {
    /// Requests to consoles, and pages for them.
    Console("console") {
        /// PEM file with the CAs that are trusted instead of the public ones.
        ca_file: Option<PathBuf> = None,
        /// Password of the page that `console serve` serves with `--user`. Prefer the environment variable
        /// `PEERBENCH_CONSOLE_PASSWORD` or `password_file`.
        password: Option<Secret> = None,
        /// File that holds the password and nothing else.
        password_file: Option<PathBuf> = None,
    }
}

section! {
    /// Splunk's HTTP Event Collector, for `console push splunk`.
    Splunk("splunk") {
        /// Address of the collector, such as `https://splunk.example:8088`.
        url: Option<String> = None,
        /// Token of the collector. Prefer the environment variable `PEERBENCH_SPLUNK_TOKEN` or `token_file`.
        token: Option<Secret> = None,
        /// File that holds the token and nothing else.
        token_file: Option<PathBuf> = None,
        /// Index. The token's default index if unset.
        index: Option<String> = None,
    }
}

section! {
    /// Microsoft Sentinel's data collection rule, for `console push sentinel`.
    Sentinel("sentinel") {
        /// Logs ingestion endpoint, such as `https://peerbench-x1y2.westeurope-1.ingest.monitor.azure.com`.
        endpoint: Option<String> = None,
        /// Immutable ID of the data collection rule, beginning with `dcr-`.
        rule_id: Option<String> = None,
        /// Stream of the rule.
        stream: String = "Custom-PeerbenchComparison".to_owned(),
        /// ID of the Entra tenant.
        tenant_id: Option<String> = None,
        /// ID of the application that may publish to the rule.
        client_id: Option<String> = None,
        /// Secret of the application. Prefer the environment variable `PEERBENCH_SENTINEL_CLIENT_SECRET` or
        /// `client_secret_file`.
        client_secret: Option<Secret> = None,
        /// File that holds the secret and nothing else.
        client_secret_file: Option<PathBuf> = None,
        /// Cloud of the workspace: `public`, `us-government` or `china`.
        cloud: String = "public".to_owned(),
        /// Address of the token service. The cloud's if unset.
        login: Option<String> = None,
    }
}

section! {
    /// A lookup dataset of Cortex XSIAM or XDR, for `console push cortex`.
    Cortex("cortex") {
        /// Address of the API, such as `https://api-tenant.xdr.eu.paloaltonetworks.com`.
        url: Option<String> = None,
        /// ID of the API key.
        key_id: Option<String> = None,
        /// API key. Prefer the environment variable `PEERBENCH_CORTEX_KEY` or `key_file`.
        key: Option<Secret> = None,
        /// File that holds the key and nothing else.
        key_file: Option<PathBuf> = None,
        /// Kind of the key: `standard` or `advanced`.
        key_type: String = "advanced".to_owned(),
        /// Name of the dataset. It is created if it doesn't exist.
        dataset: String = "peerbench_comparison".to_owned(),
    }
}

section! {
    /// Sumo Logic, for `console push sumo`.
    Sumo("sumo") {
        /// Address of an HTTP source, which is a secret. Prefer the environment variable `PEERBENCH_SUMO_SOURCE_URL` or
        /// `source_url_file`.
        source_url: Option<Secret> = None,
        /// File that holds the address of the HTTP source and nothing else.
        source_url_file: Option<PathBuf> = None,
        /// Address of the API, such as `https://api.eu.sumologic.com`, for `--lookup` and `--dashboard`.
        api_url: Option<String> = None,
        /// ID of the access key.
        access_id: Option<String> = None,
        /// Access key. Prefer the environment variable `PEERBENCH_SUMO_ACCESS_KEY` or `access_key_file`.
        access_key: Option<Secret> = None,
        /// File that holds the access key and nothing else.
        access_key_file: Option<PathBuf> = None,
        /// ID of the lookup table. One is created if unset, and the state file remembers it.
        lookup_id: Option<String> = None,
    }
}

section! {
    /// The round trip of `peerbench sync`.
    Sync("sync") {
        /// Product that the rules come from: `splunk`, `elastic`, `sentinel`, `sumo` or `cortex`.
        source: Option<String> = None,
        /// Address of its API: Splunk's management port, such as `https://splunk.example:8089`; Kibana; Sentinel's workspace at
        /// Azure Resource Manager, `https://management.azure.com/subscriptions/…/workspaces/NAME`; Sumo Logic's, such as
        /// `https://api.eu.sumologic.com`; or Cortex's, such as `https://api-tenant.xdr.eu.paloaltonetworks.com`.
        url: Option<String> = None,
        /// ID of the account that the token belongs to: the Entra application's client ID, Sumo Logic's access ID, or the ID of
        /// Cortex's key. Splunk and Elastic have none.
        account: Option<String> = None,
        /// Kind of Cortex's key: `standard` or `advanced`.
        key_type: String = "advanced".to_owned(),
        /// ID of the Entra tenant that Sentinel's application belongs to.
        tenant_id: Option<String> = None,
        /// Cloud of Sentinel's workspace: `public`, `us-government` or `china`.
        cloud: String = "public".to_owned(),
        /// Address of Entra's token service. The cloud's if unset.
        login: Option<String> = None,
        /// Token of Splunk, API key of Elastic or Cortex, secret of the Entra application, or access key of Sumo Logic. Prefer the
        /// environment variable `PEERBENCH_SYNC_TOKEN` or `token_file`.
        token: Option<Secret> = None,
        /// File that holds the token and nothing else.
        token_file: Option<PathBuf> = None,
        /// Folder for the snapshot and the state files, which only its owner can read.
        folder: PathBuf = PathBuf::from("peerbench-sync"),
        /// Arguments for `peerbench snapshot build`, such as `--map` and `--technology`.
        build: Option<Vec<String>> = None,
        /// Technologies that the snapshot may name. A snapshot that names others isn't uploaded. All if unset.
        technologies: Option<Vec<String>> = None,
        /// Consoles that rows are pushed to afterwards.
        push: Option<Vec<String>> = None,
        /// Cohort of the rows that are pushed. All members if unset.
        cohort: Option<String> = None,
    }
}
