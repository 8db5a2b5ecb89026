//! The OpenAPI document: collected from the route table, completed with what holds for every operation.

use actix_web::App;
use utoipa::{
    OpenApi,
    openapi::{
        Content, Object, PathItem, Ref, RefOr, ResponseBuilder, Schema,
        path::{Operation, ParameterIn},
        schema::{ArrayItems, SchemaType, Type},
        security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt as _;

use super::{problem, routes};
use crate::domain::{access::Scope, dimension::Dimension};

/// Name of the security scheme that operations refer to.
const SCHEME: &str = "oauth";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "peerbench",
        description = "Peer benchmarking of MITRE ATT&CK detection coverage: anonymised snapshots in, percentiles \
                       against one's peers out.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(problem::Document<'_>, problem::FieldError)),
    tags(
        (name = "snapshots", description = "Upload, check, read and withdraw coverage snapshots."),
        (name = "comparisons", description = "Where the own organisation stands among its peers."),
        (name = "releases", description = "The published tables of peer statistics."),
        (name = "organisation", description = "The own organisation, its clients and its audit log."),
        (name = "facts", description = "ATT&CK, technologies, scales, schemas and privacy rules: the same for everybody."),
        (name = "tokens", description = "OAuth 2.0 client credentials and the keys of the tokens."),
        (name = "admin", description = "The operator's administration."),
        (name = "service", description = "Health and this document."),
    )
)]
struct Base;

/// The whole document.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    let (_, mut api) =
        App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes::all).split_for_parts();
    let token_path = token_path(&api).unwrap_or_default();
    add_dimensions(&mut api);
    for item in api.paths.paths.values_mut() {
        operations(item).for_each(complete);
    }
    let scopes = Scope::ALL.map(|scope| (scope.name(), meaning(scope)));
    let flow = Flow::ClientCredentials(ClientCredentials::new(token_path, Scopes::from_iter(scopes)));
    let scheme = SecurityScheme::OAuth2(OAuth2::new([flow]));
    api.components.get_or_insert_default().add_security_scheme(SCHEME, scheme);
    api
}

/// The document as it is committed and served: pretty, with a line's end.
pub fn json() -> Result<String, serde_json::Error> {
    text(&document())
}

/// The text of a document.
pub(super) fn text(document: &utoipa::openapi::OpenApi) -> Result<String, serde_json::Error> {
    document.to_pretty_json().map(|text| text + "\n")
}

/// The schemas of bodies with a property for each dimension. They are required after another; where there is none, they
/// are optional.
const WITH_DIMENSIONS: [(&str, Option<&str>); 3] = [
    ("OrganisationItem", Some("standing")),
    ("OrganisationRequest", Some("name")),
    ("OrganisationChange", None),
];

fn add_dimensions(api: &mut utoipa::openapi::OpenApi) {
    let schemas = &mut api.components.get_or_insert_default().schemas;
    for (name, after) in WITH_DIMENSIONS {
        if let Some(RefOr::T(Schema::Object(bare))) = schemas.get(name).cloned() {
            schemas.values_mut().for_each(|schema| describe_copies(schema, &bare, after));
        }
    }
}

/// Adds the dimensions to a schema wherever it stands: a page has its items' schema in it.
fn describe_copies(schema: &mut RefOr<Schema>, bare: &Object, after: Option<&str>) {
    match schema {
        RefOr::T(Schema::Object(object)) if object == bare => describe_dimensions(object, after),
        RefOr::T(Schema::Object(object)) => {
            object.properties.values_mut().for_each(|property| describe_copies(property, bare, after));
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                describe_copies(items, bare, after);
            }
        }
        _ => {}
    }
}

#[expect(deprecated, reason = "the other properties have a single example, too")]
fn describe_dimensions(object: &mut Object, after: Option<&str>) {
    for dimension in Dimension::ALL {
        let property = match after {
            Some(_) => Object::builder()
                .schema_type(SchemaType::Type(Type::String))
                .example(Some(dimension.example().into())),
            None => Object::builder().schema_type(SchemaType::from_iter([Type::String, Type::Null])),
        };
        object.properties.insert(dimension.name().to_owned(), RefOr::T(property.into()));
    }
    if let Some(place) = object.required.iter().position(|required| Some(required.as_str()) == after) {
        let names = Dimension::ALL.map(|dimension| dimension.name().to_owned());
        object.required.splice(place + 1..place + 1, names);
    }
}

fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::SnapshotsWrite => "Upload, check and withdraw the own snapshots.",
        Scope::SnapshotsRead => "Read the own snapshots.",
        Scope::ComparisonsRead => "Read releases, cohorts and the own comparisons.",
        Scope::OrganisationAdmin => "Manage the own organisation's clients and read its audit log.",
        Scope::PlatformAdmin => "Administer the service: the operator alone.",
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// The token endpoint's path stands at its handler; the security scheme repeats it from there.
fn token_path(api: &utoipa::openapi::OpenApi) -> Option<String> {
    let is_token = |item: &PathItem| {
        item.post.as_ref().is_some_and(|operation| operation.operation_id.as_deref() == Some("issue_token"))
    };
    api.paths.paths.iter().find(|(_, item)| is_token(item)).map(|(path, _)| path.clone())
}

/// Adds the problems that an operation can answer because of what it takes.
fn complete(operation: &mut Operation) {
    let has = |place: ParameterIn| {
        operation
            .parameters
            .iter()
            .flatten()
            .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == place))
    };
    let secured = operation.security.as_ref().is_some_and(|security| !security.is_empty());
    let (query, header, path) = (has(ParameterIn::Query), has(ParameterIn::Header), has(ParameterIn::Path));
    let body = operation.request_body.is_some();
    let problems = [
        ("400", query || header || body, "The request cannot be read."),
        ("401", secured, "No valid token came with the request."),
        ("403", secured, "The token's scope or the organisation's standing does not allow this."),
        ("404", path, "There is no such thing, or it is not the caller's."),
        ("408", body, "The body took too long to arrive."),
        ("413", body, "The body is too large, as sent or decompressed."),
        ("415", body, "The body's content type or content coding is not one that is read here."),
        ("422", body, "The content is not valid: `errors` says where and why."),
        ("429", true, "The rate limit is exceeded; `Retry-After` says how long to wait."),
        ("500", true, "The service failed; nothing was changed."),
    ];
    for (status, applies, description) in problems {
        if applies && !operation.responses.responses.contains_key(status) {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            let response =
                ResponseBuilder::new().description(description).content(problem::CONTENT_TYPE, content);
            operation.responses.responses.insert(status.to_owned(), RefOr::T(response.build()));
        }
    }
}
