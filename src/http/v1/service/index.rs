//! `GET /`

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, HeaderValue},
};
use serde::Serialize;
use utoipa::{Path as _, ToSchema};

use super::{openapi, ready};
use crate::http::{
    accept::preferred,
    page::paths,
    problem::Problem,
    reply::{self, Cache},
    v1::privacy,
};

/// The address of the interactive documentation.
pub const DOCS: &str = "/docs/";

const JSON: &str = "application/json";
const HTML: &str = "text/html";
const ABOUT: &str = "Peer benchmarking of MITRE ATT&CK detection coverage.";

/// The service and where to start.
#[derive(Serialize, ToSchema)]
struct ServiceIndex {
    /// Name of the program.
    #[schema(example = "peerbench")]
    name: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Purpose of the service in one sentence.
    description: &'static str,
    /// Addresses to start from.
    links: ServiceLinks,
}

/// Addresses to start from, relative to this service.
#[derive(Serialize, ToSchema)]
struct ServiceLinks {
    /// Page for people.
    #[schema(example = "/app")]
    page: &'static str,
    /// Interactive documentation for people.
    #[schema(example = "/docs/")]
    documentation: &'static str,
    /// OpenAPI document for programs.
    #[schema(example = "/openapi.json")]
    openapi: String,
    /// Privacy rules with the parameters in force.
    #[schema(example = "/v1/privacy")]
    privacy: String,
    /// Readiness of the service.
    #[schema(example = "/health/ready")]
    health: String,
}

/// Find the documentation
///
/// Returns links to the documentation, the OpenAPI document, the privacy rules and the health check: JSON for programs, a
/// short HTML page for browsers, which leads to the page for people.
#[utoipa::path(
    operation_id = "read_index",
    tag = "service",
    responses((
        status = 200,
        description = "The service and where to start.",
        content((ServiceIndex = "application/json"), (String = "text/html")),
    )),
)]
#[get("/")]
pub async fn index(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let links = ServiceLinks {
        page: paths::ROOT,
        documentation: DOCS,
        openapi: openapi::openapi::path(),
        privacy: privacy::read::read::path(),
        health: ready::ready::path(),
    };
    let mut response = if preferred(&request, &[JSON, HTML]) == Some(HTML) {
        reply::bytes(&request, "text/html; charset=utf-8", page(&links), Cache::Public)
    } else {
        let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        let index = ServiceIndex { name, version, description: ABOUT, links };
        reply::json(&request, &index, Cache::Public)?
    };
    // The answer depends on `Accept`, which caches must know.
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

fn page(links: &ServiceLinks) -> String {
    let ServiceLinks { page, documentation, openapi, privacy, health } = links;
    let about = ABOUT.replace('&', "&amp;");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"0; url={page}\">\n<title>peerbench</title>\n</head>\n<body>\n\
         <h1>peerbench</h1>\n<p>{about}</p>\n<ul>\n\
         <li><a href=\"{page}\">The page for people</a></li>\n\
         <li><a href=\"{documentation}\">Documentation of the API</a></li>\n\
         <li><a href=\"{openapi}\">OpenAPI document</a></li>\n\
         <li><a href=\"{privacy}\">Privacy rules and parameters</a></li>\n\
         <li><a href=\"{health}\">Health check</a></li>\n</ul>\n</body>\n</html>\n"
    )
}
