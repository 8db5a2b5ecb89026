//! `PATCH /v1/admin/organisations/{id}`

use actix_web::{HttpRequest, HttpResponse, patch, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::platforms;
use crate::{
    app::{
        set_standing::{SetStandingError, set_standing_if},
        update_organisation::{Change, UpdateOrganisationError, update_organisation_if},
    },
    domain::{
        named::UnknownName,
        organisation::{Organisation, OrganisationId, Standing},
    },
    http::{
        extract::{access::Operator, body::Body, dimensions::WithDimensions},
        problem::{FieldError, Problem},
        reply::{self, Precondition},
        v1::organisation::item::OrganisationItem,
    },
    wire::names,
};

/// A change to an organisation. Omitted properties stay as they are. Change the standing in a request of its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganisationChange {
    /// New standing of the organisation.
    #[schema(value_type = Option<names::Standing>)]
    standing: Option<String>,
    /// New control group of the organisation.
    #[schema(example = "example-holding")]
    control_group: Option<String>,
    /// New list of ATT&CK platforms that the organisation runs.
    #[schema(value_type = Option<Vec<names::Platform>>)]
    platforms: Option<Vec<String>>,
    /// Writer that uploads for the organisation from now on. Empty for itself. Snapshots keep the writer of their upload.
    #[schema(example = "Example Integrator")]
    writer: Option<String>,
}

enum Asked {
    Standing(Standing),
    Profile(Change),
}

/// Update an organisation
///
/// Verifies or suspends an organisation, or changes its profile. A new profile takes effect in the next release; published
/// releases stay as they are.
#[utoipa::path(
    operation_id = "admin_update_organisation",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(
        ("id" = String, Path, description = "ID of the organisation."),
        ("If-Match" = Option<String>, Header, description = "Entity tag that you read. Nothing changes if the current one differs."),
    ),
    request_body(content = OrganisationChange, content_type = "application/json"),
    responses(
        (status = 200, description = "The organisation after the change.", body = OrganisationItem),
        (status = 412, description = "The resource has changed since you read it."),
    ),
)]
#[patch("/v1/admin/organisations/{id}")]
pub async fn update(
    operator: Operator,
    request: HttpRequest,
    id: web::Path<OrganisationId>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let precondition = Precondition::of(&request);
    let id = id.into_inner();
    let body = body.receive_json().await?;
    let changed = operator.run(move |platform| {
        let (app, caller) = (&platform.app, &platform.caller);
        let may = |now: &Organisation| precondition.holds(&OrganisationItem::for_operator(now.clone()));
        Ok::<_, Problem>(match &read(body.json()?)? {
            Asked::Standing(standing) => set_standing_if(app, caller, &id, *standing, &may)?,
            Asked::Profile(change) => update_organisation_if(app, caller, &id, change, &may)?,
        })
    });
    reply::changed(&OrganisationItem::for_operator(changed.await?))
}

fn read(asked: WithDimensions<OrganisationChange, Option<String>>) -> Result<Asked, Problem> {
    let OrganisationChange { standing, control_group, platforms, writer } = asked.fields;
    let platforms = platforms.map(|names| platforms::read(&names)).transpose().map_err(Problem::invalid)?;
    let dimensions = asked.dimensions.into_iter();
    let dimensions = dimensions.filter_map(|(dimension, value)| Some((dimension, value?))).collect();
    let change = Change { dimensions, control_group, platforms, writer };
    let Some(standing) = standing else { return Ok(Asked::Profile(change)) };
    if change != Change::default() {
        let detail = "must be changed in a request of its own, so that a request takes effect completely or not at all";
        return Err(Problem::invalid([FieldError::at("/standing", detail)]));
    }
    match standing.parse() {
        Ok(standing) => Ok(Asked::Standing(standing)),
        Err(error) => Err(unknown(error)),
    }
}

fn unknown(error: UnknownName) -> Problem {
    Problem::invalid([FieldError::at("/standing", error.to_string())])
}

impl From<SetStandingError> for Problem {
    fn from(error: SetStandingError) -> Self {
        match error {
            SetStandingError::UnknownOrganisation => Self::not_found("organisation"),
            SetStandingError::Stale => Self::stale(),
            SetStandingError::Store(error) => error.into(),
        }
    }
}

impl From<UpdateOrganisationError> for Problem {
    fn from(error: UpdateOrganisationError) -> Self {
        match error {
            UpdateOrganisationError::UnknownOrganisation => Self::not_found("organisation"),
            UpdateOrganisationError::Stale => Self::stale(),
            UpdateOrganisationError::Invalid(errors) => Self::invalid(errors),
            UpdateOrganisationError::Store(error) => error.into(),
        }
    }
}
