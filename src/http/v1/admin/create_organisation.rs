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
            access::Operator, body::Body, dimensions::WithDimensions, idempotency::IdempotencyKey,
            json::media_type,
        },
        problem::{FieldError, Problem},
        reply::{Cache, Created},
        v1::organisation::item::OrganisationItem,
    },
    wire::names,
};

/// A new organisation. It contributes once it is verified.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewOrganisation)]
#[serde(deny_unknown_fields)]
struct OrganisationRequest {
    /// Display name, 1 to 200 characters.
    #[schema(example = "Example Bank", min_length = 1, max_length = 200)]
    name: String,
    /// Control group that related organisations share. The organisation's own if omitted.
    #[schema(example = "example-holding")]
    control_group: Option<String>,
    /// ATT&CK platforms that the organisation runs. All if omitted.
    #[serde(default)]
    #[schema(value_type = Vec<names::Platform>)]
    platforms: Vec<String>,
    /// Writer that uploads for the organisation, such as an integrator. Itself if omitted. Uploads of one writer for several
    /// organisations count as one change, unless the operator trusts the writer.
    #[schema(example = "Example Integrator")]
    writer: Option<String>,
}

/// The organisations that a CSV file added.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportedOrganisations)]
struct Imported {
    /// IDs of the new organisations, in the order of the file.
    ids: Vec<String>,
}

/// The new organisation, or the organisations that a CSV file added.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the two answers of one operation")]
enum CreatedOrganisations {
    One(OrganisationItem),
    Several(Imported),
}

/// Create organisations
///
/// Creates one organisation from JSON, or several from CSV. A CSV file has the same names as columns, with platforms
/// separated by `;`, and is imported completely or not at all. For CSV, the pointer of an error is `/line/column`.
#[utoipa::path(
    operation_id = "admin_create_organisation",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Unique key of the request, 1 to 200 visible ASCII characters. A repetition with the same key does nothing twice.")),
    request_body(
        content((OrganisationRequest = "application/json"), (String = "text/csv")),
        description = "One organisation as JSON, or several as CSV.",
    ),
    responses((
        status = 201,
        description = "The new organisation, or the IDs of all that the CSV file added.",
        body = CreatedOrganisations,
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
    let created = if media_type(&request) == "text/csv" {
        let body = body.receive().await?;
        operator
            .run(move |platform| {
                let csv = body.decode()?;
                let ids = import_organisations(&platform.app, &platform.caller, &csv, key.0.as_deref())?;
                let imported = Imported { ids: ids.iter().map(ToString::to_string).collect() };
                Created::of(path, &imported, &imported)
            })
            .await?
    } else {
        let body = body.receive_json().await?;
        operator
            .run(move |platform| {
                let new = read(body.json()?)?;
                let created = create_organisation(&platform.app, &platform.caller, &new, key.0.as_deref())?;
                let item = OrganisationItem::for_operator(created);
                Created::of(format!("{path}/{}", item.id), &item, &item)
            })
            .await?
    };
    Ok(created.respond(Cache::Private))
}

fn read(asked: WithDimensions<OrganisationRequest, String>) -> Result<NewOrganisation, Problem> {
    let WithDimensions { fields, dimensions } = asked;
    let OrganisationRequest { name, control_group, platforms, writer } = fields;
    let platforms = platforms::read(&platforms).map_err(Problem::invalid)?;
    Ok(NewOrganisation { name, dimensions, control_group, platforms, writer })
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
