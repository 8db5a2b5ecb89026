//! `GET /.well-known/jwks.json`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::Jwk,
    http::{
        extract::service::Service,
        problem::Problem,
        reply::{self, Cache},
    },
    wire::names,
};

/// The public keys of the service as a key set (RFC 7517).
#[derive(Serialize, ToSchema)]
#[schema(as = SigningKeySet)]
struct KeySet<'a> {
    /// Public keys that tokens and releases are signed with.
    #[schema(value_type = Vec<SigningKey>)]
    keys: Vec<&'a Jwk>,
}

/// A public key as a JSON Web Key (RFC 7517, RFC 8037).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the key of `auth`, which knows no API document")]
struct SigningKey {
    /// Type of the key.
    #[schema(value_type = names::KeyType)]
    kty: String,
    /// Curve of the key.
    #[schema(value_type = names::KeyCurve)]
    crv: String,
    /// Signature algorithm of the key.
    #[schema(value_type = names::KeyAlgorithm)]
    alg: String,
    /// Use of the key.
    #[schema(rename = "use", value_type = names::KeyUse)]
    usage: String,
    /// Thumbprint of the key (RFC 7638), which signatures name.
    #[schema(example = "NYtS8wCJT0LnMlhFYzHfdbyDZS4b8tEWMgJTLDIjyCw")]
    kid: String,
    /// The public key in base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

/// Read the public keys
///
/// Returns the public keys that access tokens and the manifests of releases are signed with.
#[utoipa::path(
    tag = "tokens",
    operation_id = "jwks",
    responses((status = 200, description = "The public keys of the service.", body = KeySet<'_>)),
)]
#[get("/.well-known/jwks.json")]
pub async fn keys(request: HttpRequest, service: Service) -> Result<HttpResponse, Problem> {
    let keys = service.tokens().keys().public().into();
    reply::json(&request, &KeySet { keys }, Cache::Public)
}
