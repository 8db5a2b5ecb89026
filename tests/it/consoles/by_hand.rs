//! The receivers, standing for whoever follows a console's README by hand.

use std::{thread, time::Duration};

use super::{
    receivers::{
        cortex::{self, Cortex},
        entra::{CLIENT, SECRET, TENANT},
        sentinel::{RULE, Sentinel},
        siem::Rules,
        splunk::{self, Splunk},
        sumo::{self, Sumo},
    },
    rule_export,
    samples::{self, PRODUCTS},
};

#[test]
#[ignore = "stands until it is ended, for walks by hand: see CONTRIBUTING.md"]
fn the_receivers_stand() {
    let (splunk, sentinel, cortex, sumo) =
        (Splunk::start(), Sentinel::start(), Cortex::start(), Sumo::start());
    for (name, value) in [
        ("SPLUNK_URL", splunk.base.as_str()),
        ("SPLUNK_TOKEN", splunk::TOKEN),
        ("SENTINEL_ENDPOINT", &sentinel.base),
        ("SENTINEL_LOGIN", &sentinel.base),
        ("SENTINEL_RULE_ID", RULE),
        ("SENTINEL_TENANT_ID", TENANT),
        ("SENTINEL_CLIENT_ID", CLIENT),
        ("SENTINEL_CLIENT_SECRET", SECRET),
        ("CORTEX_URL", &cortex.base),
        ("CORTEX_KEY_ID", cortex::KEY_ID),
        ("CORTEX_KEY", cortex::KEY),
        ("SUMO_SOURCE_URL", &sumo.source()),
        ("SUMO_API_URL", &sumo.base),
        ("SUMO_ACCESS_ID", sumo::ACCESS_ID),
        ("SUMO_ACCESS_KEY", sumo::ACCESS_KEY),
    ] {
        println!("export PEERBENCH_{name}='{value}'");
    }
    let siems = PRODUCTS.map(|product| (product, Rules::start(samples::of(product))));
    for (product, siem) in &siems {
        let (section, secret) = rule_export::settings(product, &siem.base);
        println!("# sync.toml for {product}, with PEERBENCH_SYNC_TOKEN='{secret}':\n{section}");
    }
    let mut last = String::new();
    loop {
        thread::sleep(Duration::from_secs(1));
        let now = format!(
            "# Splunk {} events, Sentinel {} rows, Cortex {} rows, Sumo Logic {} lines, {} tables, {} dashboards",
            splunk.take(|collector| collector.events.len()),
            sentinel.take(|workspace| workspace.rows.len()),
            cortex.take(|tenant| tenant.datasets.values().map(|dataset| dataset.rows.len()).sum::<usize>()),
            sumo.take(|account| account.lines.len()),
            sumo.take(|account| account.tables.len()),
            sumo.take(|account| account.dashboards.len()),
        );
        if now != last {
            println!("{now}");
            last = now;
        }
    }
}
