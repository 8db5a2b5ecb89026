//! The form of an answer that is no list of comparisons: JSON or CSV, as the query or `Accept` says.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::list::{accepted, following};
use crate::{http::answers::Answer, report::Representation};

/// The form that a query names, else the one that `Accept` prefers.
pub fn asked(request: &HttpRequest, named: Option<Representation>) -> Representation {
    named.unwrap_or_else(|| accepted(request))
}

/// Sends a kept answer in its form.
pub fn respond(request: &HttpRequest, form: Representation, answer: &Arc<Answer>) -> HttpResponse {
    let mut response = answer.respond(request);
    let headers = response.headers_mut();
    // What is answered depends on `Accept`, which caches must know.
    headers.append(header::VARY, header::HeaderValue::from_static("accept"));
    if !form.holds_next()
        && let Some(link) = answer.next.as_ref().and_then(|next| following(request, next).parse().ok())
    {
        headers.insert(header::LINK, link);
    }
    response
}
