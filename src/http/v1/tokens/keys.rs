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
};

/// A key set (RFC 7517).
#[derive(Serialize, ToSchema)]
struct KeySet<'a> {
    #[schema(value_type = Vec<Object>)]
    keys: Vec<&'a Jwk>,
}

/// The public keys of the tokens
#[utoipa::path(
    tag = "tokens",
    operation_id = "jwks",
    responses((status = 200, description = "The keys that tokens are checked with.", body = KeySet<'_>)),
)]
#[get("/.well-known/jwks.json")]
pub async fn keys(request: HttpRequest, service: Service) -> Result<HttpResponse, Problem> {
    let keys = service.tokens().keys().public().into();
    reply::json(&request, &KeySet { keys }, Cache::Public)
}
