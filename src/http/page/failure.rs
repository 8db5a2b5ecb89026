//! Refusals as people read them: a sentence, what to do, and a link. Whoever has no session is sent to sign in and back.

use actix_web::{HttpRequest, HttpResponse, http::Method};
use askama::Template;

use super::{
    assets::{Assets, addresses},
    paths::{self, ROOT},
    reply::{see, with_headers},
};
use crate::http::problem::{Kind, Problem};

#[derive(Template)]
#[template(path = "failure.html")]
struct Failure<'a> {
    assets: &'static Assets,
    title: &'a str,
    detail: &'a str,
    errors: Vec<String>,
    /// The next step, with its address.
    next: (&'static str, &'static str),
    request_id: &'a str,
}

/// Renders a problem as a page.
pub fn document(problem: &Problem, request: &HttpRequest, request_id: &str) -> HttpResponse {
    if problem.kind() == Kind::Unauthenticated {
        // After a post there is nothing to come back to but the overview.
        let asked = request.uri().path_and_query().map_or_else(|| ROOT.to_owned(), ToString::to_string);
        let back = if request.method() == Method::GET { asked.as_str() } else { ROOT };
        return see(&paths::sign_in_and_back(back));
    }
    let page = Failure {
        assets: addresses(),
        title: problem.kind().title(),
        detail: problem.detail(),
        errors: problem.errors().iter().map(ToString::to_string).collect(),
        next: next(problem.kind()),
        request_id,
    };
    let mut response = HttpResponse::build(problem.kind().status());
    for (name, value) in problem.headers() {
        response.insert_header((name.clone(), value.clone()));
    }
    with_headers(&mut response).body(page.render().unwrap_or_else(|_| problem.detail().to_owned()))
}

fn next(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::NothingContributed => ("See what a snapshot holds and how to upload one", "/docs/"),
        Kind::NotPublished | Kind::NotVerified | Kind::UnderReview => {
            ("Read what will be published, and what others can learn", paths::PROMISE)
        }
        Kind::InsufficientScope | Kind::Suspended => ("Sign in as another client", paths::SIGN_IN),
        _ => ("Back to the overview", ROOT),
    }
}
