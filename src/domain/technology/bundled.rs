//! The registry that the binary carries: `catalogue/technologies.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Registry, Technology};

const TEXT: &str = include_str!("../../../catalogue/technologies.json");

#[derive(Deserialize)]
struct File {
    technologies: Vec<Technology>,
}

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let file: File = serde_json::from_str(TEXT).expect("catalogue/technologies.json is readable");
    Registry::new(file.technologies).expect("catalogue/technologies.json is a registry")
});

/// The closed list of technologies that snapshots may name.
pub fn bundled() -> &'static Registry {
    &REGISTRY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::technology::{Family, Kind};

    #[test]
    fn the_bundled_registry_covers_every_family_and_what_vendors_content_names() {
        let registry = bundled();
        assert!((100..=200).contains(&registry.technologies().len()));
        for family in Family::ALL {
            assert!(registry.technologies().iter().any(|t| t.family == family), "{family}");
        }
        for id in [
            "microsoft.windows",
            "linux.auditd",
            "apple.macos",
            "microsoft.entra-id",
            "microsoft.365",
            "microsoft.azure",
            "aws.cloudtrail",
            "google.cloud",
            "okta.identity",
            "github.audit",
            "kubernetes.audit",
            "paloalto.ngfw",
            "zeek.network",
            "crowdstrike.falcon",
        ] {
            assert!(registry.position(id).is_some(), "{id}");
        }
    }

    #[test]
    fn every_technology_is_usable() {
        for technology in bundled().technologies() {
            assert!(!technology.components.is_empty(), "{} has no data component", technology.id);
            assert!(!technology.platforms.is_empty(), "{} has no platform", technology.id);
            assert!(!technology.name.is_empty(), "{} has no name", technology.id);
        }
    }

    #[test]
    fn products_that_detect_by_themselves_are_marked() {
        let registry = bundled();
        for (id, native) in [
            ("crowdstrike.falcon", true),
            ("microsoft.defender-endpoint", true),
            ("paloalto.cortex-xdr", true),
            ("vectra.ndr", true),
            ("microsoft.windows", false),
            ("aws.cloudtrail", false),
            ("zeek.network", false),
        ] {
            let technology = registry.get(registry.position(id).unwrap()).unwrap();
            assert_eq!(technology.native_detections, native, "{id}");
        }
        assert!(registry.technologies().iter().any(|t| t.kind == Kind::Network));
    }
}
