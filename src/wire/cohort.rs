//! The cohorts of an organisation's profile.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{answer::ReleaseOf, names};
use crate::{
    app::read_comparison::OwnCohorts,
    domain::{release::Band, snapshot::Basis},
};

/// The cohorts of your organisation's profile.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CohortList)]
pub struct CohortList {
    /// Release that the statuses are of: the latest.
    pub release: ReleaseOf,
    /// Kind of evidence that the statuses are of.
    #[schema(value_type = names::BenchmarkedBasis)]
    pub basis: Basis,
    /// The cohorts, coarse to fine.
    pub items: Vec<CohortItem>,
}

/// A cohort of your organisation's profile.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Cohort)]
pub struct CohortItem {
    /// ID of the cohort.
    #[schema(example = "sector:finance")]
    pub cohort: String,
    /// Status in the latest release.
    #[schema(value_type = names::ReleaseStatus)]
    pub status: String,
    /// Number of independent members, as a band. Absent if the cohort isn't released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::MemberBand>)]
    pub members: Option<Band>,
}

impl From<&OwnCohorts> for CohortList {
    fn from(own: &OwnCohorts) -> Self {
        let items = own.items.iter().map(|one| CohortItem {
            cohort: one.cohort.to_string(),
            status: if one.members.is_some() { "released" } else { "not_released" }.to_owned(),
            members: one.members,
        });
        Self { release: ReleaseOf::from(own.published.as_ref()), basis: own.basis, items: items.collect() }
    }
}
