//! The promise: the privacy rules in force, in the words of `GET /v1/privacy`. Everybody may read it.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    assets::{Assets, addresses},
    reply::html,
};
use crate::{
    app::privacy_terms::PrivacyTerms,
    http::{
        extract::{service::Service, visit::Guest},
        problem::Problem,
    },
};

#[derive(Template)]
#[template(path = "promise.html")]
struct Promise {
    assets: &'static Assets,
    terms: PrivacyTerms,
    is_signed_in: bool,
}

pub async fn promise(service: Service, guest: Guest) -> Result<HttpResponse, Problem> {
    let terms = service.privacy_terms();
    html(&Promise { assets: addresses(), terms, is_signed_in: guest.session.is_some() })
}
