//! Refusals as people read them: a sentence, what to do, and a link. Whoever has no session is sent to sign in and back.

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, http::Method};
use askama::Template;

use super::{
    assets::{Assets, addresses},
    paths::{self, ROOT},
    reply::{see, with_headers},
    sign_in,
};
use crate::http::{
    problem::{Kind, Problem},
    sessions::Unsent,
};

#[derive(Template)]
#[template(path = "failure.html")]
struct Failure<'a> {
    assets: &'static Assets,
    title: &'a str,
    detail: &'a str,
    errors: Vec<String>,
    /// The next step, with its address.
    next: (&'static str, String),
    request_id: &'a str,
}

/// Renders a problem as a page.
pub fn document(problem: &Problem, request: &HttpRequest, request_id: &str) -> HttpResponse {
    if problem.kind() == Kind::Unauthenticated {
        if let Some(unsent) = request.extensions_mut().remove::<Unsent>() {
            return sign_in::again(&unsent);
        }
        let asked = request.uri().path_and_query().map_or_else(|| ROOT.to_owned(), ToString::to_string);
        let back = if request.method() == Method::GET { asked } else { paths::page_of(request.path()) };
        return see(&paths::sign_in_and_back(&back));
    }
    let page = Failure {
        assets: addresses(),
        title: problem.kind().title(),
        detail: problem.detail(),
        errors: problem.errors().iter().map(ToString::to_string).collect(),
        next: next(problem.kind(), request),
        request_id,
    };
    let mut response = HttpResponse::build(problem.kind().status());
    for (name, value) in problem.headers() {
        response.insert_header((name.clone(), value.clone()));
    }
    with_headers(&mut response).body(page.render().unwrap_or_else(|_| problem.detail().to_owned()))
}

fn next(kind: Kind, request: &HttpRequest) -> (&'static str, String) {
    let path = request.path();
    match kind {
        Kind::NothingContributed => ("Upload a snapshot", paths::DATA.to_owned()),
        Kind::NotPublished | Kind::NotVerified | Kind::UnderReview => {
            ("Read what will be published, and what others can learn", paths::PROMISE.to_owned())
        }
        Kind::InsufficientScope | Kind::Suspended => ("Sign in as another client", paths::SIGN_IN.to_owned()),
        Kind::Unavailable | Kind::TooManyRequests if request.method() == Method::GET => {
            ("Try again", request.uri().to_string())
        }
        _ if request.method() == Method::POST => ("Back to the form", paths::page_of(path)),
        _ if path.starts_with(paths::DATA) && path != paths::DATA => {
            ("Back to your snapshots", paths::DATA.to_owned())
        }
        _ => ("Back to the overview", ROOT.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_busy_service_says_so_and_offers_to_try_again() {
        let request = TestRequest::with_uri("/app/gaps?cohort=all").to_http_request();
        let answer = document(&Problem::busy(), &request, "r-1");
        assert_eq!((answer.status().as_u16(), answer.headers().contains_key("retry-after")), (503, true));
        assert_eq!(next(Kind::Unavailable, &request), ("Try again", "/app/gaps?cohort=all".to_owned()));
        let post = TestRequest::post().uri("/app/data/check").to_http_request();
        assert_eq!(next(Kind::TooLarge, &post), ("Back to the form", paths::DATA.to_owned()));
    }
}
