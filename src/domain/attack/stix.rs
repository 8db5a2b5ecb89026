//! Reads Enterprise ATT&CK from a STIX 2.0 or 2.1 bundle, as MITRE publishes it. Pure: bytes in, facts out.

use std::collections::{BTreeMap, HashMap, HashSet};

use thiserror::Error;

use super::{
    AttackVersion, Catalogue, CatalogueError, ComponentTable, Group, Platform, PlatformSet, Tactic,
    Technique, TechniqueId, notice::last_year,
};
use crate::domain::technology::ComponentSet;

mod object;

use object::{DOMAIN, Object, RawBundle};

/// The reason why a file is not a usable bundle of Enterprise ATT&CK. The text says what to do.
#[derive(Debug, Error)]
pub enum StixError {
    #[error(
        "The file ends in the middle of its JSON text (line {line}, column {column}): it is truncated; download it again."
    )]
    Truncated { line: usize, column: usize },
    #[error("The file is not a readable STIX bundle: {0}.")]
    Json(serde_json::Error),
    #[error("The file is a STIX object of type {0:?}, not a bundle.")]
    NotABundle(String),
    #[error(
        "The bundle is of the ATT&CK domain {0:?}; only Enterprise ATT&CK (enterprise-attack) can be imported."
    )]
    OtherDomain(String),
    #[error("The bundle has no x-mitre-matrix object, so the order of its tactics is unknown.")]
    NoMatrix,
    #[error("The matrix of the bundle lists no tactics.")]
    NoTactics,
    #[error("The matrix names the tactic {0}, which is not in the bundle or incomplete.")]
    MissingTactic(String),
    #[error(
        "The bundle does not say which ATT&CK version it is (it has no x-mitre-collection object): give the version, \
         as in 18.1."
    )]
    NoVersion,
    #[error(
        "The bundle says {stated:?} where its ATT&CK version should be: expected major.minor, as in 18.1."
    )]
    MalformedVersion { stated: String },
    #[error("The bundle says that it is ATT&CK {stated}, not {given} as given.")]
    VersionConflict { stated: AttackVersion, given: AttackVersion },
    #[error("The attack-pattern {stix} has the ATT&CK id {id:?}, which is not a technique ID.")]
    MalformedTechnique { stix: String, id: String },
    #[error(
        "Technique {technique} is of the platform {platform:?}, which this version of the program does not know."
    )]
    UnknownPlatform { technique: TechniqueId, platform: String },
    #[error(
        "Technique {technique} is in the tactic {tactic:?}, which the matrix of the bundle does not list."
    )]
    UnknownTactic { technique: TechniqueId, tactic: String },
    #[error("The bundle contradicts itself: {0}.")]
    Contradiction(#[from] CatalogueError),
}

/// A bundle that has been read and is of Enterprise ATT&CK.
pub struct Bundle {
    objects: Vec<Object>,
    version: Option<AttackVersion>,
}

/// Reads one version of Enterprise ATT&CK. `version` is needed where the bundle does not state it (STIX 2.0, rebuilt
/// bundles), and has to agree where it does.
pub fn read(bytes: &[u8], version: Option<AttackVersion>) -> Result<Catalogue, StixError> {
    Bundle::parse(bytes)?.catalogue(version)
}

impl Bundle {
    /// Reads JSON text (not compressed) and checks that it is a bundle of the Enterprise domain.
    pub fn parse(bytes: &[u8]) -> Result<Self, StixError> {
        let raw: RawBundle = serde_json::from_slice(bytes).map_err(|error| {
            if error.is_eof() {
                StixError::Truncated { line: error.line(), column: error.column() }
            } else {
                StixError::Json(error)
            }
        })?;
        if raw.kind != "bundle" {
            return Err(StixError::NotABundle(raw.kind));
        }
        let objects = raw.objects;
        let matrices = || objects.iter().filter(|object| object.kind == "x-mitre-matrix");
        if !matrices().any(is_enterprise_matrix) {
            return Err(match matrices().next() {
                Some(other) => StixError::OtherDomain(
                    other
                        .attack_id()
                        .or(other.domains().first().map(String::as_str))
                        .unwrap_or("?")
                        .to_owned(),
                ),
                None => StixError::NoMatrix,
            });
        }
        let version = stated_version(&objects)?;
        Ok(Self { objects, version })
    }

    /// The version that the bundle states, if it does.
    pub fn version(&self) -> Option<AttackVersion> {
        self.version
    }

    /// The facts of the bundle. See [`read`] for `version`.
    pub fn catalogue(&self, version: Option<AttackVersion>) -> Result<Catalogue, StixError> {
        let version = self.agreed_version(version)?;
        let tactics = self.tactics()?;
        let ids = self.technique_ids()?;
        let successors = self.successors(&ids);
        let mut techniques: BTreeMap<TechniqueId, Technique> = BTreeMap::new();
        for object in self.of_kind("attack-pattern") {
            let Some(id) = ids.get(object.id.as_str()).copied() else { continue };
            let technique = technique(object, id, &tactics, successors.get(object.id.as_str()))?;
            // Old bundles list a few ids twice, once under an object that was revoked: the id means the active one.
            match techniques.get(&id) {
                Some(other) if other.is_active() && technique.is_active() => {
                    return Err(CatalogueError::DuplicateTechnique(id).into());
                }
                Some(other) if other.is_active() || !technique.is_active() => {}
                _ => {
                    techniques.insert(id, technique);
                }
            }
        }
        let groups = self.groups(&ids);
        let mut catalogue = Catalogue::new(version, tactics, techniques.into_values().collect(), Vec::new())?;
        catalogue.set_groups(groups);
        let year = self.of_kind("marking-definition").filter_map(Object::statement).find_map(last_year);
        Ok(match year {
            Some(year) => catalogue.copyrighted(year),
            None => catalogue,
        })
    }

    /// Collects the data components that the analytics of each active technique name; empty before ATT&CK 18.
    pub fn components(&self, version: Option<AttackVersion>) -> Result<ComponentTable, StixError> {
        let version = self.agreed_version(version)?;
        let ids = self.technique_ids()?;
        let by_stix: HashMap<&str, &Object> =
            self.objects.iter().map(|object| (object.id.as_str(), object)).collect();
        let active = |stix: &str| by_stix.get(stix).copied().filter(|object| object.is_active());
        let mut techniques: BTreeMap<TechniqueId, ComponentSet> = BTreeMap::new();
        for (strategy, target) in self.objects.iter().filter_map(|object| object.relation("detects")) {
            let (Some(strategy), Some(_), Some(id)) = (active(strategy), active(target), ids.get(target))
            else {
                continue;
            };
            let components = strategy
                .analytic_refs()
                .iter()
                .filter_map(|analytic| active(analytic))
                .flat_map(Object::component_refs)
                .filter_map(|component| by_stix.get(component).and_then(|object| object.attack_id()));
            for component in components {
                // What the table has no number for cannot be in a technology's set either.
                let _ = techniques.entry(*id).or_default().insert(component);
            }
        }
        Ok(ComponentTable { version, techniques })
    }

    fn agreed_version(&self, given: Option<AttackVersion>) -> Result<AttackVersion, StixError> {
        match (self.version, given) {
            (Some(stated), Some(given)) if stated != given => {
                Err(StixError::VersionConflict { stated, given })
            }
            (stated, given) => stated.or(given).ok_or(StixError::NoVersion),
        }
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// In the order of the matrix.
    fn tactics(&self) -> Result<Vec<Tactic>, StixError> {
        let matrix = self.of_kind("x-mitre-matrix").find(|matrix| is_enterprise_matrix(matrix));
        let refs = matrix.ok_or(StixError::NoMatrix)?.tactic_refs();
        if refs.is_empty() {
            return Err(StixError::NoTactics);
        }
        refs.iter()
            .map(|stix| {
                let object = self.of_kind("x-mitre-tactic").find(|tactic| tactic.id == *stix);
                object
                    .and_then(|object| {
                        Some(Tactic {
                            id: object.attack_id()?.to_owned(),
                            short_name: object.short_name()?.to_owned(),
                            name: object.name().to_owned(),
                        })
                    })
                    .ok_or_else(|| StixError::MissingTactic(stix.clone()))
            })
            .collect()
    }

    /// STIX id -> technique id, of the Enterprise domain.
    fn technique_ids(&self) -> Result<HashMap<&str, TechniqueId>, StixError> {
        let mut ids = HashMap::new();
        for object in self.of_kind("attack-pattern").filter(|object| !object.is_of_another_domain()) {
            let Some(text) = object.attack_id() else { continue };
            let id = text.parse().map_err(|_| StixError::MalformedTechnique {
                stix: object.id.clone(),
                id: text.to_owned(),
            })?;
            ids.insert(object.id.as_str(), id);
        }
        Ok(ids)
    }

    /// Collects what each technique (by STIX id) was revoked by: ascending, without repeats.
    fn successors(&self, ids: &HashMap<&str, TechniqueId>) -> HashMap<&str, Vec<TechniqueId>> {
        let mut successors: HashMap<&str, Vec<TechniqueId>> = HashMap::new();
        for (source, target) in self.objects.iter().filter_map(|object| object.relation("revoked-by")) {
            if let Some(target) = ids.get(target) {
                successors.entry(source).or_default().push(*target);
            }
        }
        for targets in successors.values_mut() {
            targets.sort_unstable();
            targets.dedup();
        }
        successors
    }

    /// Active groups with what they use, directly or in campaigns that are attributed to them; software is not counted.
    fn groups(&self, ids: &HashMap<&str, TechniqueId>) -> Vec<Group> {
        let campaigns = self.of_kind("campaign").filter(|campaign| campaign.is_active());
        let campaigns: HashSet<&str> = campaigns.map(|campaign| campaign.id.as_str()).collect();
        let mut used: HashMap<&str, Vec<TechniqueId>> = HashMap::new();
        for (source, target) in self.objects.iter().filter_map(|object| object.relation("uses")) {
            let counts = source.starts_with("intrusion-set--") || campaigns.contains(source);
            if let (true, Some(technique)) = (counts, ids.get(target)) {
                used.entry(source).or_default().push(*technique);
            }
        }
        let mut in_campaigns: HashMap<&str, Vec<TechniqueId>> = HashMap::new();
        for (campaign, group) in self.objects.iter().filter_map(|object| object.relation("attributed-to")) {
            if let (true, Some(techniques)) = (campaigns.contains(campaign), used.get(campaign)) {
                in_campaigns.entry(group).or_default().extend(techniques);
            }
        }
        self.of_kind("intrusion-set")
            .filter(|object| object.is_active() && !object.is_of_another_domain())
            .filter_map(|object| {
                let mut techniques = used.remove(object.id.as_str()).unwrap_or_default();
                let mut through_campaigns = in_campaigns.remove(object.id.as_str()).unwrap_or_default();
                through_campaigns.retain(|id| !techniques.contains(id));
                through_campaigns.sort_unstable();
                techniques.extend(&through_campaigns);
                Some(Group {
                    id: object.attack_id()?.parse().ok()?,
                    name: object.name().to_owned(),
                    techniques,
                    through_campaigns,
                    reconstructed: object.is_reconstructed(),
                })
            })
            .collect()
    }
}

fn is_enterprise_matrix(matrix: &Object) -> bool {
    matrix.attack_id() == Some(DOMAIN) && !matrix.is_of_another_domain()
}

fn stated_version(objects: &[Object]) -> Result<Option<AttackVersion>, StixError> {
    let stated = objects.iter().find(|object| object.kind == "x-mitre-collection").and_then(Object::version);
    stated
        .map(|text| text.parse().map_err(|_| StixError::MalformedVersion { stated: text.to_owned() }))
        .transpose()
}

fn technique(
    object: &Object,
    id: TechniqueId,
    tactics: &[Tactic],
    successors: Option<&Vec<TechniqueId>>,
) -> Result<Technique, StixError> {
    let mut positions = Vec::new();
    for phase in object.phases() {
        let position = tactics.iter().position(|tactic| tactic.short_name == phase);
        match position.and_then(|position| u8::try_from(position).ok()) {
            Some(position) => positions.push(position),
            // What is no longer in force may still name a tactic that was renamed since.
            None if !object.is_active() => {}
            None => return Err(StixError::UnknownTactic { technique: id, tactic: phase.to_owned() }),
        }
    }
    positions.sort_unstable();
    positions.dedup();
    let mut platforms = PlatformSet::EMPTY;
    for name in object.platforms() {
        match name.parse::<Platform>() {
            Ok(platform) => platforms = platforms.with(platform),
            Err(_) if !object.is_active() => {}
            Err(_) => {
                return Err(StixError::UnknownPlatform { technique: id, platform: name.clone() });
            }
        }
    }
    let successors = successors.map(Vec::as_slice).unwrap_or_default();
    let (revoked_by, split_into) = match successors {
        _ if !object.is_revoked() => (None, Vec::new()),
        [] => (None, Vec::new()),
        [one] => (Some(*one), Vec::new()),
        several => (None, several.to_vec()),
    };
    Ok(Technique {
        id,
        stix: object.id.clone(),
        name: object.name().to_owned(),
        tactics: positions,
        platforms,
        revoked_by,
        split_into,
        revoked: object.is_revoked(),
        deprecated: object.is_deprecated(),
        reconstructed: object.is_reconstructed(),
    })
}

#[cfg(test)]
mod tests;
