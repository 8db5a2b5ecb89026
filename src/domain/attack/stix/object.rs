//! The few fields of STIX objects that become facts; everything else is skipped while reading, so that a bundle of
//! 50 MB needs little more memory than its text.

use serde::Deserialize;

pub(super) const DOMAIN: &str = "enterprise-attack";

#[derive(Deserialize)]
pub(super) struct RawBundle {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub objects: Vec<Object>,
}

#[derive(Deserialize)]
pub(super) struct Object {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub id: String,
    name: Option<String>,
    revoked: Option<bool>,
    x_mitre_deprecated: Option<bool>,
    x_mitre_version: Option<String>,
    x_mitre_shortname: Option<String>,
    x_mitre_domains: Option<Vec<String>>,
    x_mitre_platforms: Option<Vec<String>>,
    external_references: Option<Vec<ExternalReference>>,
    kill_chain_phases: Option<Vec<KillChainPhase>>,
    tactic_refs: Option<Vec<String>>,
    relationship_type: Option<String>,
    source_ref: Option<String>,
    target_ref: Option<String>,
    x_mitre_analytic_refs: Option<Vec<String>>,
    x_mitre_log_source_references: Option<Vec<LogSource>>,
    x_reconstructed: Option<bool>,
    definition: Option<Definition>,
}

/// The text of a marking.
#[derive(Deserialize)]
struct Definition {
    statement: Option<String>,
}

#[derive(Deserialize)]
struct ExternalReference {
    source_name: Option<String>,
    external_id: Option<String>,
}

#[derive(Deserialize)]
struct KillChainPhase {
    kill_chain_name: String,
    phase_name: String,
}

#[derive(Deserialize)]
struct LogSource {
    x_mitre_data_component_ref: Option<String>,
}

impl Object {
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub fn is_revoked(&self) -> bool {
        self.revoked.unwrap_or(false)
    }

    pub fn is_deprecated(&self) -> bool {
        self.x_mitre_deprecated.unwrap_or(false)
    }

    pub fn is_active(&self) -> bool {
        !self.is_revoked() && !self.is_deprecated()
    }

    /// The bundle's maker marked the object as put together from other sources than MITRE's.
    pub fn is_reconstructed(&self) -> bool {
        self.x_reconstructed.unwrap_or(false)
    }

    /// The statement of a marking, such as the copyright.
    pub fn statement(&self) -> Option<&str> {
        self.definition.as_ref()?.statement.as_deref()
    }

    pub fn version(&self) -> Option<&str> {
        self.x_mitre_version.as_deref()
    }

    pub fn short_name(&self) -> Option<&str> {
        self.x_mitre_shortname.as_deref()
    }

    /// The id under which ATT&CK publishes the object. Only the source `mitre-attack` is meant: the ids of other
    /// sources (CAPEC, older ICS and mobile ones) are references.
    pub fn attack_id(&self) -> Option<&str> {
        self.external_references
            .iter()
            .flatten()
            .find(|reference| reference.source_name.as_deref() == Some("mitre-attack"))
            .and_then(|reference| reference.external_id.as_deref())
    }

    /// Returns whether the object says that it belongs to other domains only; older bundles do not say.
    pub fn is_of_another_domain(&self) -> bool {
        self.x_mitre_domains
            .as_ref()
            .is_some_and(|domains| !domains.is_empty() && !domains.iter().any(|d| d == DOMAIN))
    }

    pub fn domains(&self) -> &[String] {
        self.x_mitre_domains.as_deref().unwrap_or_default()
    }

    pub fn platforms(&self) -> &[String] {
        self.x_mitre_platforms.as_deref().unwrap_or_default()
    }

    /// Short names of the tactics in the Enterprise matrix.
    pub fn phases(&self) -> impl Iterator<Item = &str> {
        self.kill_chain_phases
            .iter()
            .flatten()
            .filter(|phase| phase.kill_chain_name == "mitre-attack")
            .map(|phase| phase.phase_name.as_str())
    }

    pub fn tactic_refs(&self) -> &[String] {
        self.tactic_refs.as_deref().unwrap_or_default()
    }

    pub fn analytic_refs(&self) -> &[String] {
        self.x_mitre_analytic_refs.as_deref().unwrap_or_default()
    }

    /// STIX ids of the data components that an analytic looks at.
    pub fn component_refs(&self) -> impl Iterator<Item = &str> {
        self.x_mitre_log_source_references
            .iter()
            .flatten()
            .filter_map(|source| source.x_mitre_data_component_ref.as_deref())
    }

    /// Both ends of a relationship of the given type that is still in force.
    pub fn relation(&self, kind: &str) -> Option<(&str, &str)> {
        (self.kind == "relationship" && self.is_active() && self.relationship_type.as_deref() == Some(kind))
            .then_some(())?;
        self.source_ref.as_deref().zip(self.target_ref.as_deref())
    }
}
