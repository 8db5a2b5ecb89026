//! `PATCH /v1/organisation`

use actix_web::{HttpRequest, HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;

use super::item::OrganisationItem;
use crate::{
    app::rename_organisation::{RenameOrganisationError, rename_organisation_if},
    domain::organisation::Organisation,
    http::{
        extract::{
            access::{Access, OrganisationAdmin},
            body::Body,
        },
        problem::Problem,
        reply::{self, Precondition},
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
    params(("If-Match" = Option<String>, Header, description = "Entity tag that you read. Nothing changes if the current one differs.")),
    request_body(content = Rename, content_type = "application/json"),
    responses(
        (status = 200, description = "Your organisation with its new name.", body = OrganisationItem),
        (status = 412, description = "The resource has changed since you read it."),
    ),
)]
#[patch("/v1/organisation")]
pub async fn update(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let precondition = Precondition::of(&request);
    let body = body.receive_json().await?;
    let renamed = access.run(move |inside| {
        let Rename { name } = body.json()?;
        let item = |organisation: &Organisation, under_review| {
            OrganisationItem::for_itself(organisation.clone()).reviewed(under_review)
        };
        let may = |now: &Organisation, under_review| precondition.holds(&item(now, under_review));
        let (renamed, under_review) = rename_organisation_if(&inside.app, &inside.member, &name, &may)?;
        Ok::<_, Problem>(item(&renamed, under_review))
    });
    reply::changed(&renamed.await?)
}

impl From<RenameOrganisationError> for Problem {
    fn from(error: RenameOrganisationError) -> Self {
        match error {
            RenameOrganisationError::UnknownOrganisation => Self::not_found("organisation"),
            RenameOrganisationError::Stale => Self::stale(),
            RenameOrganisationError::Invalid(error) => Self::invalid([error]),
            RenameOrganisationError::Store(error) => error.into(),
        }
    }
}
