//! `GET /v1/organisation`

use actix_web::{HttpRequest, HttpResponse, get};

use super::item::OrganisationItem;
use crate::{
    app::read_organisation::{ReadOrganisationError, read_own_organisation},
    http::{
        extract::access::{Access, OrganisationAdmin},
        problem::Problem,
        reply::{self, Cache},
    },
};

/// Read your organisation
///
/// Returns your organisation with its profile and standing.
#[utoipa::path(
    operation_id = "read_organisation",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    responses((status = 200, description = "Your organisation and its profile.", body = OrganisationItem)),
)]
#[get("/v1/organisation")]
pub async fn read(access: Access<OrganisationAdmin>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let found = access.run(|inside| read_own_organisation(&inside.app, &inside.member));
    let (organisation, under_review) = found.await?;
    let item = OrganisationItem::for_itself(organisation).reviewed(under_review);
    reply::json(&request, &item, Cache::Private)
}

impl From<ReadOrganisationError> for Problem {
    fn from(error: ReadOrganisationError) -> Self {
        match error {
            ReadOrganisationError::UnknownOrganisation => Self::not_found("organisation"),
            ReadOrganisationError::Store(error) => error.into(),
        }
    }
}
