//! `GET /.well-known/oauth-authorization-server`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::{Path as _, ToSchema};

use super::{issue, keys};
use crate::{
    domain::access::Scope,
    http::{
        extract::service::Service,
        problem::Problem,
        reply::{self, Cache},
    },
};

/// Authorization server metadata (RFC 8414).
#[derive(Serialize, ToSchema)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    grant_types_supported: [&'static str; 1],
    response_types_supported: [&'static str; 0],
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

/// Where tokens come from
#[utoipa::path(
    tag = "tokens",
    operation_id = "authorization_server",
    responses((status = 200, description = "Authorization server metadata (RFC 8414).", body = Metadata)),
)]
#[get("/.well-known/oauth-authorization-server")]
pub async fn metadata(request: HttpRequest, service: Service) -> Result<HttpResponse, Problem> {
    let issuer = service.tokens().issuer().trim_end_matches('/');
    let metadata = Metadata {
        issuer: service.tokens().issuer().to_owned(),
        token_endpoint: format!("{issuer}{}", issue::issue::path()),
        jwks_uri: format!("{issuer}{}", keys::keys::path()),
        scopes_supported: Scope::ALL.map(Scope::name).into(),
        grant_types_supported: ["client_credentials"],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    };
    reply::json(&request, &metadata, Cache::Public)
}
