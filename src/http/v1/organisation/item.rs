//! An organisation, as its members and as the operator see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{dimension::ByDimension, organisation::Organisation},
    http::reply::moment,
    wire::names,
};

/// An organisation and its profile.
#[derive(Serialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationItem {
    /// ID of the organisation.
    #[schema(example = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    pub id: String,
    /// Display name of the organisation.
    #[schema(example = "Example Bank")]
    name: String,
    /// Standing of the organisation.
    #[schema(value_type = names::Standing)]
    standing: &'static str,
    #[serde(flatten)]
    #[schema(ignore)]
    dimensions: ByDimension<String>,
    /// Control group that related organisations share. Only the operator sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "example-holding")]
    control_group: Option<String>,
    /// Writer that uploads for the organisation, if it doesn't itself. Only the operator sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Example Integrator")]
    writer: Option<String>,
    /// ATT&CK platforms that the organisation runs. Empty means all.
    #[schema(value_type = Vec<names::Platform>)]
    platforms: Vec<&'static str>,
    /// Time of the creation.
    #[schema(format = DateTime)]
    created_at: String,
    /// True if its contribution is quarantined until the operator has reviewed it. Absent otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    under_review: bool,
}

impl OrganisationItem {
    /// Shows an organisation to the operator.
    pub fn for_operator(organisation: Organisation) -> Self {
        let control_group = Some(organisation.profile.control_group.clone());
        let writer = organisation.writer.clone();
        Self { control_group, writer, ..Self::for_itself(organisation) }
    }

    /// Adds whether the organisation is under review.
    #[must_use]
    pub fn reviewed(self, under_review: bool) -> Self {
        Self { under_review, ..self }
    }

    /// Shows an organisation to its members, without the control group, which would name related organisations.
    pub fn for_itself(organisation: Organisation) -> Self {
        let profile = organisation.profile;
        Self {
            id: organisation.id.to_string(),
            name: organisation.name,
            standing: organisation.standing.name(),
            dimensions: profile.dimensions,
            control_group: None,
            writer: None,
            platforms: profile.platforms.iter().map(|platform| platform.name()).collect(),
            created_at: moment(organisation.created_at),
            under_review: false,
        }
    }
}
