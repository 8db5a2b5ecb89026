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
    wire::names,
};

/// The metadata of the authorization server (RFC 8414).
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorizationServerMetadata)]
struct Metadata {
    /// Issuer that tokens name in `iss`.
    #[schema(example = "https://bench.example")]
    issuer: String,
    /// Address of the token endpoint.
    #[schema(example = "https://bench.example/oauth/token")]
    token_endpoint: String,
    /// Address of the public keys.
    #[schema(example = "https://bench.example/.well-known/jwks.json")]
    jwks_uri: String,
    /// Scopes that clients can request.
    #[schema(value_type = Vec<names::ScopeName>)]
    scopes_supported: Vec<&'static str>,
    /// Grant types of the token endpoint.
    #[schema(value_type = Vec<names::GrantType>)]
    grant_types_supported: [&'static str; 1],
    /// Response types of the authorization endpoint; none, as the service has no such endpoint.
    #[schema(value_type = Vec<String>, max_items = 0)]
    response_types_supported: [&'static str; 0],
    /// Ways to send the client's secret.
    #[schema(value_type = Vec<names::ClientAuthentication>)]
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

/// Read the authorization server metadata
///
/// Returns the addresses, scopes and grant types that OAuth libraries look up.
#[utoipa::path(
    tag = "tokens",
    operation_id = "authorization_server",
    responses((status = 200, description = "The metadata of the authorization server (RFC 8414).", body = Metadata)),
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
