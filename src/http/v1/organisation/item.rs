//! An organisation, as itself and as the operator see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{dimension::ByDimension, organisation::Organisation},
    http::reply::moment,
};

/// An organisation.
#[derive(Serialize, ToSchema)]
pub struct OrganisationItem {
    pub id: String,
    #[schema(example = "Example Bank")]
    name: String,
    /// unverified, verified or suspended. Only verified ones take part.
    #[schema(example = "verified")]
    standing: &'static str,
    #[serde(flatten)]
    #[schema(ignore)]
    dimensions: ByDimension<String>,
    /// Organisations that belong together share one; the operator alone sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    control_group: Option<String>,
    /// The ATT&CK platforms that it runs; all where none is named.
    platforms: Vec<&'static str>,
    #[schema(format = DateTime)]
    created_at: String,
    /// Its contribution was set aside at the last cut-off until the operator has looked at it; said to the organisation
    /// itself, and left out where it is not so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    under_review: bool,
}

impl OrganisationItem {
    /// For the operator.
    pub fn for_operator(organisation: Organisation) -> Self {
        let control_group = Some(organisation.profile.control_group.clone());
        Self { control_group, ..Self::for_itself(organisation) }
    }

    /// The same, where the organisation is under review.
    #[must_use]
    pub fn reviewed(self, under_review: bool) -> Self {
        Self { under_review, ..self }
    }

    /// For the organisation: without the control group, which names who else belongs to it.
    pub fn for_itself(organisation: Organisation) -> Self {
        let profile = organisation.profile;
        Self {
            id: organisation.id.to_string(),
            name: organisation.name,
            standing: organisation.standing.name(),
            dimensions: profile.dimensions,
            control_group: None,
            platforms: profile.platforms.iter().map(|platform| platform.name()).collect(),
            created_at: moment(organisation.created_at),
            under_review: false,
        }
    }
}
