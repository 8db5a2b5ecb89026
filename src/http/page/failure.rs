//! Refusals as people read them: a sentence, what to do, and a link. Whoever has no session is sent to sign in and back.

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, http::Method};
use askama::Template;

use super::{
    assets::{Assets, addresses},
    paths::{self, ROOT},
    refusal::{Refusal, is_stale},
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
    refusal: Refusal,
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
        refusal: Refusal::of(problem),
        next: next(problem, request),
        request_id,
    };
    let mut response = HttpResponse::build(problem.kind().status());
    for (name, value) in problem.headers() {
        response.insert_header((name.clone(), value.clone()));
    }
    with_headers(&mut response).body(page.render().unwrap_or_else(|_| problem.detail().to_owned()))
}

fn next(problem: &Problem, request: &HttpRequest) -> (&'static str, String) {
    let path = request.path();
    match problem.kind() {
        _ if is_stale(problem) => ("Back to the first page", first_page(request)),
        Kind::NothingContributed => ("Upload a snapshot", paths::DATA.to_owned()),
        Kind::NotPublished | Kind::NotVerified | Kind::UnderReview => {
            ("Read what will be published, and what others can learn", paths::PROMISE.to_owned())
        }
        Kind::InsufficientScope | Kind::Suspended => ("Sign in as another client", paths::SIGN_IN.to_owned()),
        Kind::Unavailable | Kind::TooManyRequests if request.method() == Method::GET => {
            ("Try again", request.uri().to_string())
        }
        Kind::InvalidRequest if request.method() == Method::GET && !request.query_string().is_empty() => {
            ("Show it without that choice", path.to_owned())
        }
        _ if request.method() == Method::POST => ("Back to the form", paths::page_of(path)),
        _ if path.starts_with(paths::DATA) && path != paths::DATA => {
            ("Back to your snapshots", paths::DATA.to_owned())
        }
        _ => ("Back to the overview", ROOT.to_owned()),
    }
}

/// The address of a list without the place in it.
fn first_page(request: &HttpRequest) -> String {
    let parts = form_urlencoded::parse(request.query_string().as_bytes());
    let kept = parts.filter(|(name, _)| name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    if query.is_empty() { request.path().to_owned() } else { format!("{}?{query}", request.path()) }
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
        assert_eq!(next(&Problem::busy(), &request), ("Try again", "/app/gaps?cohort=all".to_owned()));
        let post = TestRequest::post().uri("/app/data/check").to_http_request();
        let large = Problem::new(Kind::TooLarge, "");
        assert_eq!(next(&large, &post), ("Back to the form", paths::DATA.to_owned()));
        let stale = Problem::parameter("cursor", "x");
        let request = TestRequest::with_uri("/app/gaps?cohort=all&cursor=1.2").to_http_request();
        assert_eq!(next(&stale, &request), ("Back to the first page", "/app/gaps?cohort=all".to_owned()));
    }
}
