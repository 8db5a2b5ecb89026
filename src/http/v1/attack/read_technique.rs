//! `GET /v1/attack/{version}/techniques/{id}`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{
        attack::{Catalogue, Technique, TechniqueId},
        technology::Family,
    },
    http::{
        extract::facts::Facts,
        problem::Problem,
        reply::{self, Cache},
    },
    wire::names,
};

/// A technique or sub-technique of an ATT&CK version, with everything that the catalogue relates to it.
#[derive(Serialize, ToSchema)]
#[schema(as = TechniqueDetail)]
struct Detail {
    /// ID of the technique or sub-technique.
    #[schema(example = "T1059.001")]
    id: String,
    /// Name in this ATT&CK version.
    #[schema(example = "PowerShell")]
    name: String,
    /// Status in this ATT&CK version.
    #[schema(value_type = names::TechniqueStatus)]
    status: &'static str,
    /// Techniques that took its place. Absent if it is active or withdrawn without a successor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<Related>>)]
    successors: Vec<Related>,
    /// Parent technique. Absent for a parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Related>)]
    parent: Option<Related>,
    /// Sub-techniques of a parent, by ID.
    #[schema(value_type = Vec<Related>)]
    sub_techniques: Vec<Related>,
    /// Short names of its tactics, in matrix order.
    #[schema(example = json!(["execution"]))]
    tactics: Vec<String>,
    /// Platforms that it applies to.
    #[schema(value_type = Vec<names::Platform>)]
    platforms: Vec<&'static str>,
    /// Technologies that can see it: those that a rule for it can be written for.
    technologies: Vec<SeeingTechnology>,
    /// Threat groups that ATT&CK attributes it to, by ID. For a parent, its sub-techniques count.
    groups: Vec<UsingGroup>,
    /// Address of its page at MITRE.
    #[schema(example = "https://attack.mitre.org/techniques/T1059/001/")]
    url: String,
}

/// A technique that another one refers to.
#[derive(Serialize, ToSchema)]
#[schema(as = RelatedTechnique)]
struct Related {
    /// ID of the technique.
    #[schema(example = "T1059")]
    id: String,
    /// Name in this ATT&CK version.
    #[schema(example = "Command and Scripting Interpreter")]
    name: String,
    /// Address of the technique in this service.
    #[schema(example = "/v1/attack/19.2/techniques/T1059")]
    href: String,
}

/// A technology that can see a technique.
#[derive(Serialize, ToSchema)]
struct SeeingTechnology {
    /// ID of the technology.
    #[schema(example = "microsoft.windows")]
    id: String,
    /// Name for people to read.
    #[schema(example = "Windows event logs and Sysmon")]
    name: String,
    /// Family of the technology.
    #[schema(value_type = names::TechnologyFamily)]
    family: Family,
}

/// A threat group that uses a technique.
#[derive(Serialize, ToSchema)]
struct UsingGroup {
    /// ID of the threat group.
    #[schema(example = "G0016")]
    id: String,
    /// Name that MITRE uses.
    #[schema(example = "APT29")]
    name: String,
    /// True if ATT&CK attributes it to the group only through campaigns.
    through_campaigns: bool,
}

impl Detail {
    fn new(technique: &Technique, catalogue: &Catalogue, facts: &Facts) -> Result<Self, Problem> {
        let id = technique.id;
        let related = |id: TechniqueId| {
            let name = catalogue.get(id).map_or_else(String::new, |technique| technique.name.clone());
            let href = format!("/v1/attack/{}/techniques/{id}", catalogue.version());
            Related { id: id.to_string(), name, href }
        };
        let status = match (technique.revoked, technique.deprecated) {
            (true, _) => "revoked",
            (_, true) => "deprecated",
            _ => "active",
        };
        // A successor may have been revoked itself; what is in force now is what a reader needs.
        let chain = technique.revoked_by.map(|next| catalogue.resolve(next).unwrap_or(next));
        let successors = chain.into_iter().chain(technique.split_into.iter().copied());
        let registry = facts.registry();
        let applicability = facts.applicability(catalogue.version())?;
        let seeing = applicability.technologies_of(id).filter_map(|position| registry.get(position));
        let seeing = seeing.map(|technology| SeeingTechnology {
            id: technology.id.clone(),
            name: technology.name.clone(),
            family: technology.family,
        });
        let is_meant = |used: &TechniqueId| *used == id || (!id.is_sub() && used.parent() == id);
        let using = catalogue.groups().iter().filter(|group| group.techniques.iter().any(is_meant));
        let using = using.map(|group| UsingGroup {
            id: group.id.to_string(),
            name: group.name.clone(),
            through_campaigns: !group.direct().any(|used| is_meant(&used)),
        });
        let tactic =
            |position: &u8| Some(catalogue.tactics().get(usize::from(*position))?.short_name.clone());
        Ok(Self {
            id: id.to_string(),
            name: technique.name.clone(),
            status,
            successors: successors.map(related).collect(),
            parent: id.is_sub().then(|| related(id.parent())),
            sub_techniques: match id.is_sub() || !technique.is_active() {
                true => Vec::new(),
                false => catalogue.subs(id).map(|sub| related(sub.id)).collect(),
            },
            tactics: technique.tactics.iter().filter_map(tactic).collect(),
            platforms: technique.platforms.iter().map(|platform| platform.name()).collect(),
            technologies: if technique.is_active() { seeing.collect() } else { Vec::new() },
            groups: using.collect(),
            url: format!("https://attack.mitre.org/techniques/{}/", id.to_string().replace('.', "/")),
        })
    }
}

/// Read a technique
///
/// Returns a technique or sub-technique of an ATT&CK version, also one that was revoked or withdrawn: `successors` points to
/// the techniques that took its place.
#[utoipa::path(
    operation_id = "read_technique",
    tag = "facts",
    params(
        ("version" = String, Path, description = "ATT&CK version, as `GET /v1/attack/versions` lists it.", example = "19.2"),
        ("id" = String, Path, description = "ID of the technique or sub-technique.", example = "T1059.001"),
    ),
    responses((status = 200, description = "The technique with what the catalogue relates to it.", body = Detail)),
)]
#[get("/v1/attack/{version}/techniques/{id}")]
pub async fn read_technique(
    request: HttpRequest,
    facts: Facts,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (version, id) = path.into_inner();
    let catalogue = facts.catalogue(&version)?;
    let id: Option<TechniqueId> = id.to_ascii_uppercase().parse().ok();
    let technique = id.and_then(|id| catalogue.get(id)).ok_or_else(|| Problem::absent("technique"))?;
    reply::json(&request, &Detail::new(technique, catalogue, &facts)?, Cache::Public)
}
