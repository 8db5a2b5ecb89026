//! The market: how common a technology is among those of its family, and how often it feeds the SIEM. The shapes
//! are Zipf-like; the order is the author's estimate of the market, not a measurement.

use super::draw::Draw;
use crate::domain::{
    attack::{Platform, PlatformSet},
    snapshot::Source,
    technology::{Family, Registry},
};

/// The commonest technologies of each family, commonest first. What the registry has besides follows at the end.
const ENDPOINT: &[&str] = &[
    "microsoft.windows",
    "linux.syslog",
    "microsoft.defender-endpoint",
    "crowdstrike.falcon",
    "linux.auditd",
    "vmware.vcenter",
    "microsoft.defender-antivirus",
    "apple.macos",
    "sentinelone.singularity",
    "microsoft.sql-server",
    "vmware.esxi",
    "microsoft.iis",
    "paloalto.cortex-xdr",
    "nginx.web",
    "veeam.backup",
    "apache.httpd",
    "trendmicro.vision-one",
    "microsoft.intune",
    "sophos.intercept-x",
    "oracle.database",
    "sap.erp",
    "osquery.osquery",
    "elastic.defend",
];
const IDENTITY: &[&str] = &[
    "microsoft.entra-id",
    "microsoft.active-directory",
    "okta.identity",
    "duo.mfa",
    "microsoft.defender-identity",
    "cyberark.vault",
    "cisco.ise",
    "pingidentity.pingfederate",
];
const CLOUD: &[&str] = &[
    "aws.cloudtrail",
    "microsoft.azure",
    "google.cloud",
    "aws.guardduty",
    "microsoft.defender-cloud",
    "aws.vpc-flow",
    "microsoft.azure-key-vault",
    "wiz.cnapp",
    "oracle.cloud",
];
const NETWORK: &[&str] = &[
    "fortinet.fortigate",
    "paloalto.ngfw",
    "zscaler.zia",
    "cisco.asa",
    "microsoft.dns",
    "checkpoint.firewall",
    "cisco.umbrella",
    "zeek.network",
    "cloudflare.edge",
    "f5.big-ip",
    "paloalto.globalprotect",
    "netskope.security-cloud",
    "darktrace.ndr",
    "suricata.ids",
    "citrix.adc",
    "infoblox.nios",
    "netflow.flow",
];
const EMAIL: &[&str] =
    &["microsoft.defender-office365", "proofpoint.tap", "mimecast.email", "microsoft.exchange"];
const SAAS: &[&str] = &[
    "microsoft.365",
    "google.workspace",
    "github.audit",
    "salesforce.crm",
    "servicenow.platform",
    "microsoft.defender-cloud-apps",
    "atlassian.cloud",
    "slack.audit",
    "zoom.audit",
    "snowflake.data-cloud",
];
const CONTAINER: &[&str] = &["kubernetes.audit", "docker.engine", "aws.eks", "falco.falco"];
const OT: &[&str] = &["claroty.ctd", "nozomi.guardian", "microsoft.defender-iot"];

/// Weight of a connected technology in a SIEM: its pull when a company chooses what to connect,
/// and its share of the rules. What is not listed pulls 0.5.
const PULL: &[(&str, f64)] = &[
    ("microsoft.windows", 18.0),
    ("microsoft.entra-id", 4.0),
    ("microsoft.active-directory", 2.5),
    ("aws.cloudtrail", 4.0),
    ("microsoft.azure", 3.0),
    ("microsoft.365", 3.5),
    ("google.cloud", 2.0),
    ("google.workspace", 1.5),
    ("okta.identity", 3.0),
    ("linux.auditd", 3.5),
    ("linux.syslog", 2.0),
    ("apple.macos", 1.5),
    ("crowdstrike.falcon", 3.5),
    ("microsoft.defender-endpoint", 3.5),
    ("sentinelone.singularity", 2.5),
    ("paloalto.cortex-xdr", 3.0),
    ("fortinet.fortigate", 1.8),
    ("paloalto.ngfw", 1.8),
    ("cisco.asa", 1.2),
    ("checkpoint.firewall", 1.2),
    ("zscaler.zia", 1.2),
    ("kubernetes.audit", 1.5),
    ("github.audit", 1.0),
    ("zeek.network", 1.0),
];

/// Weight of a vendor's own technologies in its SIEM, where they are connected first.
fn favours(source: Source, id: &str) -> f64 {
    let vendor = id.split_once('.').map_or(id, |(vendor, _)| vendor);
    match (source, vendor) {
        (Source::Sentinel, "microsoft") => 2.5,
        (Source::Cortex, "paloalto") | (Source::CheckPoint, "checkpoint") => 4.0,
        (Source::Chronicle, "google") => 3.0,
        (Source::Sumo, "aws" | "okta") | (Source::Elastic, "linux" | "elastic") => 2.0,
        (Source::Splunk, "aws" | "cisco") => 1.5,
        _ => 1.0,
    }
}

/// The registry, ordered by how common each technology is in its family.
pub(super) struct Market {
    /// Per family: (position in the registry, weight).
    families: Vec<(Family, Vec<(u16, f64)>)>,
    pull: Vec<f64>,
}

impl Market {
    pub(super) fn new(registry: &Registry) -> Self {
        let families = Family::ALL.into_iter().map(|family| (family, ranked(registry, family))).collect();
        let pull = registry
            .technologies()
            .iter()
            .map(|technology| PULL.iter().find(|(id, _)| *id == technology.id).map_or(0.5, |(_, pull)| *pull))
            .collect();
        Self { families, pull }
    }

    /// Draws what a company of this sector and size owns: 15 to about 40 positions of the registry, ascending.
    pub(super) fn owned(&self, sector: &str, size: f64, draw: &mut Draw) -> Vec<u16> {
        let mut owned = Vec::new();
        for (family, technologies) in &self.families {
            let (low, high) = match family {
                Family::Endpoint => (5, 10),
                Family::Identity => (2, 4),
                Family::Cloud => (2, 6),
                Family::Network => (4, 8),
                Family::Email => (1, 2),
                Family::Saas => (2, 7),
                Family::Container => (0, 3),
                Family::Ot if matches!(sector, "manufacturing" | "utilities" | "health") => (0, 2),
                Family::Ot => (0, 0),
            };
            let span = f64::from(high - low) * (0.35 + 0.65 * size) * draw.unit() * 1.4;
            let count = low + super::draw::whole(span, high - low);
            let mut scored: Vec<(f64, u16)> =
                technologies.iter().map(|(position, weight)| (draw.race(*weight), *position)).collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0));
            let count = usize::try_from(count).unwrap_or_default();
            owned.extend(scored.into_iter().take(count).map(|(_, position)| position));
        }
        owned.sort_unstable();
        owned
    }

    /// Draws which `count` of the owned technologies feed a SIEM of this source, with their shares of its rules.
    pub(super) fn connected(
        &self,
        registry: &Registry,
        owned: &[u16],
        source: Source,
        count: u32,
        draw: &mut Draw,
    ) -> Vec<(u16, f64)> {
        let mut scored: Vec<(f64, u16, f64)> = owned
            .iter()
            .map(|position| {
                let id = registry.get(*position).map_or("", |technology| technology.id.as_str());
                let pull =
                    self.pull.get(usize::from(*position)).copied().unwrap_or(0.5) * favours(source, id);
                (draw.race(pull), *position, pull * (0.6 * draw.normal()).exp())
            })
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        let count = usize::try_from(count).unwrap_or_default();
        let mut connected: Vec<(u16, f64)> =
            scored.into_iter().take(count).map(|(_, position, share)| (position, share)).collect();
        connected.sort_by_key(|(position, _)| *position);
        connected
    }
}

/// The technologies of a family with Zipf weights, the commonest first.
fn ranked(registry: &Registry, family: Family) -> Vec<(u16, f64)> {
    let common = match family {
        Family::Endpoint => ENDPOINT,
        Family::Identity => IDENTITY,
        Family::Cloud => CLOUD,
        Family::Network => NETWORK,
        Family::Email => EMAIL,
        Family::Saas => SAAS,
        Family::Container => CONTAINER,
        Family::Ot => OT,
    };
    let known = common.iter().filter_map(|id| registry.position(id));
    let rest = registry
        .technologies()
        .iter()
        .filter(|technology| technology.family == family && !common.contains(&technology.id.as_str()))
        .filter_map(|technology| registry.position(&technology.id));
    (1_u32..).zip(known.chain(rest)).map(|(rank, position)| (position, f64::from(rank).powf(-1.2))).collect()
}

/// The ATT&CK platforms that a company with these technologies runs. Everybody has network devices.
pub(super) fn platforms(registry: &Registry, owned: &[u16]) -> PlatformSet {
    owned
        .iter()
        .filter_map(|position| registry.get(*position))
        // An agent that exists for three systems does not mean that all three are there.
        .filter(|technology| !technology.native_detections)
        .flat_map(|technology| technology.platforms.iter())
        .fold(PlatformSet::EMPTY.with(Platform::NetworkDevices).with(Platform::Windows), PlatformSet::with)
}
