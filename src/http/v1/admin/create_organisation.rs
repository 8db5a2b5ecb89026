//! `POST /v1/admin/organisations`: one as JSON, or many as CSV.

use actix_web::{HttpRequest, HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::platforms;
use crate::{
    app::{
        create_organisation::{CreateOrganisationError, NewOrganisation, create_organisation},
        import_organisations::{ImportOrganisationsError, LineError, import_organisations},
    },
    http::{
        extract::{
            access::Operator,
            body::Body,
            dimensions::WithDimensions,
            idempotency::IdempotencyKey,
            json::{self, media_type, require_json},
        },
        problem::{FieldError, Problem},
        reply::{Cache, Created},
        v1::organisation::item::OrganisationItem,
    },
};

/// A new organisation. It takes part once it is verified.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganisationRequest {
    /// Display name, 1 to 200 characters.
    #[schema(example = "Example Bank", min_length = 1, max_length = 200)]
    name: String,
    /// What organisations that belong together share; its own if left out.
    control_group: Option<String>,
    /// The ATT&CK platforms that it runs; all if left out.
    #[serde(default)]
    #[schema(example = json!(["Windows", "Linux"]))]
    platforms: Vec<String>,
}

/// The organisations of a file.
#[derive(Serialize, ToSchema)]
struct Imported {
    /// In the order of the file.
    ids: Vec<String>,
}

/// Add an organisation, or many
///
/// As JSON one; as CSV (the same names as columns, platforms separated by `;`) many, all of them or none. In the errors of a CSV file a pointer is `/line/column`.
#[utoipa::path(
    operation_id = "admin_create_organisation",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "New for every new request; 1 to 200 characters.")),
    request_body(content((OrganisationRequest = "application/json"), (String = "text/csv"))),
    responses((
        status = 201,
        description = "Added: the organisation, or for CSV `{\"ids\": […]}`.",
        body = OrganisationItem,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its entity tag.")),
    )),
)]
#[post("/v1/admin/organisations")]
pub async fn create(
    operator: Operator,
    request: HttpRequest,
    key: IdempotencyKey,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let path = request.path().to_owned();
    if media_type(&request) != "text/csv" {
        require_json(&request)?;
    }
    let body = body.receive().await?;
    let created = if media_type(&request) == "text/csv" {
        operator
            .run(move |platform| {
                let csv = body.decode()?;
                let ids = import_organisations(&platform.app, &platform.caller, &csv, key.0.as_deref())?;
                let imported = Imported { ids: ids.iter().map(ToString::to_string).collect() };
                Created::of(path, &imported, &imported)
            })
            .await?
    } else {
        operator
            .run(move |platform| {
                let new = read(&body.decode()?)?;
                let created = create_organisation(&platform.app, &platform.caller, &new, key.0.as_deref())?;
                let item = OrganisationItem::for_operator(created);
                Created::of(format!("{path}/{}", item.id), &item, &item)
            })
            .await?
    };
    Ok(created.respond(Cache::Private))
}

fn read(body: &[u8]) -> Result<NewOrganisation, Problem> {
    let WithDimensions { fields, dimensions } = json::parse(body)?;
    let OrganisationRequest { name, control_group, platforms } = fields;
    let platforms = platforms::read(&platforms).map_err(Problem::invalid)?;
    Ok(NewOrganisation { name, dimensions, control_group, platforms })
}

impl From<CreateOrganisationError> for Problem {
    fn from(error: CreateOrganisationError) -> Self {
        match error {
            CreateOrganisationError::Invalid(errors) => Self::invalid(errors),
            CreateOrganisationError::KeyReused(error) => error.into(),
            CreateOrganisationError::Store(error) => error.into(),
        }
    }
}

impl From<LineError> for FieldError {
    fn from(error: LineError) -> Self {
        let column = error.column.map(|column| format!("/{column}")).unwrap_or_default();
        Self::at(format!("/{}{column}", error.line), error.detail)
    }
}

impl From<ImportOrganisationsError> for Problem {
    fn from(error: ImportOrganisationsError) -> Self {
        match error {
            ImportOrganisationsError::Invalid(errors) => Self::invalid(errors),
            ImportOrganisationsError::KeyReused(error) => error.into(),
            ImportOrganisationsError::Store(error) => error.into(),
        }
    }
}
