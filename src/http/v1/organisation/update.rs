//! `PATCH /v1/organisation`

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;

use super::item::OrganisationItem;
use crate::{
    app::rename_organisation::{RenameOrganisationError, rename_organisation},
    http::{
        extract::{
            access::{Access, OrganisationAdmin},
            body::Body,
        },
        problem::Problem,
        reply,
    },
};

/// What an organisation can change about itself. Its profile is the operator's to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// Display name, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// Rename the own organisation
///
/// The display name only: the profile is the operator's to change.
#[utoipa::path(
    operation_id = "update_organisation",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    request_body(content = Rename, content_type = "application/json"),
    responses((status = 200, description = "The organisation as it is now.", body = OrganisationItem)),
)]
#[patch("/v1/organisation")]
pub async fn update(access: Access<OrganisationAdmin>, body: Body) -> Result<HttpResponse, Problem> {
    let Rename { name } = body.json().await?;
    let renamed = access.run(move |inside| rename_organisation(&inside.app, &inside.member, &name));
    reply::result(&OrganisationItem::for_itself(renamed.await?))
}

impl From<RenameOrganisationError> for Problem {
    fn from(error: RenameOrganisationError) -> Self {
        match error {
            RenameOrganisationError::UnknownOrganisation => Self::not_found("organisation"),
            RenameOrganisationError::Invalid(error) => Self::invalid([error]),
            RenameOrganisationError::Store(error) => error.into(),
        }
    }
}
