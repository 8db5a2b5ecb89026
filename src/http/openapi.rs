//! The OpenAPI document: collected from the route table, completed with what holds for every operation.

mod comparisons;
mod dimensions;
mod examples;
mod responses;
mod schemas;
mod snapshot;

use actix_web::App;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    OpenApi,
    openapi::{
        PathItem,
        security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt as _;

use super::{problem, routes};
use crate::{domain::access::Scope, wire::names};

/// Name of the security scheme that operations refer to.
const SCHEME: &str = "oauth";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "peerbench",
        description = "Peer benchmarking of MITRE ATT&CK detection coverage. Organisations upload anonymised coverage \
                       snapshots and read in percentiles where they stand among their peers. Answers say nothing that \
                       isn't described here; what doesn't apply is absent, never null. Every error is a problem document \
                       (RFC 9457), except those of the token endpoint, which have the form of RFC 6749.",
        contact(name = "The operator of this service"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "The service that this document was read from.")),
    components(schemas(
        problem::Document<'_>, problem::FieldError, problem::ProblemType, names::BenchmarkedBasis, names::Coverage,
        names::Granularity, names::ListFormat, names::Platform, names::PositionBand, names::SortOrder,
        names::TechnologyFamily, names::RowsFormat, names::ReportFormat, names::ReportPaper, names::ReportDrawing, names::NavigatorLayerKind,
        names::Feasibility, names::GapStatus, names::GapSortOrder
    )),
    tags(
        (name = "admin", description = "Administration by the operator of the service."),
        (name = "comparisons", description = "Comparisons of your organisation with its peers."),
        (name = "console", description = "Your comparison as flat rows, for SIEM consoles and spreadsheets."),
        (name = "facts", description = "ATT&CK, technologies, scales, schemas and privacy rules, the same for everyone."),
        (name = "gaps", description = "Your own book of gaps, which nobody else sees."),
        (name = "organisation", description = "Your organisation, its clients and its audit log."),
        (name = "releases", description = "Published tables of peer statistics and your cohorts."),
        (name = "service", description = "Documentation and health of the service."),
        (name = "snapshots", description = "Your organisation's coverage snapshots: upload, check, read and withdraw."),
        (name = "tokens", description = "OAuth 2.0 client credentials and the public keys of tokens."),
    )
)]
struct Base;

/// The document's text, its parts in the order in which people read them.
#[derive(Serialize)]
struct Text<'a> {
    openapi: &'a Value,
    info: &'a Value,
    servers: &'a Value,
    tags: &'a Value,
    paths: &'a Value,
    components: &'a Value,
}

/// The operations with their parameters, answers and security, from which the server's route table is made.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    let (_, mut api) =
        App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes::all).split_for_parts();
    let token_path = token_path(&api).unwrap_or_default();
    dimensions::add(&mut api);
    let scopes = Scope::ALL.map(|scope| (scope.name(), meaning(scope)));
    let flow = Flow::ClientCredentials(ClientCredentials::new(token_path, Scopes::from_iter(scopes)));
    let scheme = SecurityScheme::OAuth2(OAuth2::with_description([flow], "OAuth 2.0 client credentials."));
    api.components.get_or_insert_default().add_security_scheme(SCHEME, scheme);
    api
}

/// The document as it is committed and served: pretty, with a line's end.
pub fn json() -> Result<String, serde_json::Error> {
    text(&document())
}

/// The text of a document.
pub(super) fn text(document: &utoipa::openapi::OpenApi) -> Result<String, serde_json::Error> {
    let mut document = serde_json::to_value(document)?;
    complete(&mut document);
    let part = |name: &str| document.get(name).unwrap_or(&Value::Null);
    let text = Text {
        openapi: part("openapi"),
        info: part("info"),
        servers: part("servers"),
        tags: part("tags"),
        paths: part("paths"),
        components: part("components"),
    };
    serde_json::to_string_pretty(&text).map(|text| text + "\n")
}

/// Adds everything that can't be said where an operation or a schema is declared. The tests of the document notice a part
/// that is missing.
fn complete(document: &mut Value) {
    schemas::without_null(document);
    schemas::merge_descriptions(document);
    schemas::name_pages(document);
    schemas::flatten(document);
    snapshot::insert(document);
    comparisons::specialise(document);
    comparisons::refer(document);
    responses::complete(document);
    schemas::list_examples(document);
    examples::add(document);
    schemas::leave_out_unused(document);
    for item in document
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(|paths| paths.values_mut())
    {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
            // An operation without a token says so, too.
            if operation.get("security").is_none() {
                operation["security"] = json!([]);
            }
        }
    }
}

fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::SnapshotsWrite => "Upload, check and withdraw your organisation's snapshots.",
        Scope::SnapshotsRead => "Read your organisation's snapshots.",
        Scope::ComparisonsRead => "Read releases, your cohorts and your comparisons.",
        Scope::OrganisationAdmin => "Manage your organisation's clients and read its audit log.",
        Scope::GapsWrite => "Decide about gaps in your organisation's own book.",
        Scope::PlatformAdmin => "Administer the service. Only clients of the operator have it.",
        Scope::PlatformRead => {
            "Read members, their clients and readiness, for monitoring. Included in `platform:admin`."
        }
    }
}

/// The token endpoint's path stands at its handler; the security scheme repeats it from there.
fn token_path(api: &utoipa::openapi::OpenApi) -> Option<String> {
    let is_token = |item: &PathItem| {
        item.post.as_ref().is_some_and(|operation| operation.operation_id.as_deref() == Some("issue_token"))
    };
    api.paths.paths.iter().find(|(_, item)| is_token(item)).map(|(path, _)| path.clone())
}
