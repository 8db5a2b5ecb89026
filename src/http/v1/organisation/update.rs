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

/// A new display name for your organisation.
#[derive(Deserialize, ToSchema)]
#[schema(as = OrganisationRename)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// Display name, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "Example Bank")]
    name: String,
}

/// Rename your organisation
///
/// Changes the display name. Only the operator can change the profile.
#[utoipa::path(
    operation_id = "update_organisation",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    request_body(content = Rename, content_type = "application/json"),
    responses((status = 200, description = "Your organisation with its new name.", body = OrganisationItem)),
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
