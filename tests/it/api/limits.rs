//! Rate limits per client and address, and the figures on their own listener.

use crate::support::{Store, people::Profile, server::Service};

#[test]
fn each_client_has_its_own_quota() {
    let service = Service::start_with(
        Store::Sqlite,
        &[("PEERBENCH_RATE_LIMIT_PER_CLIENT", "4"), ("PEERBENCH_RATE_LIMIT_PER_ADDRESS", "1000")],
    );
    let (a, b) = (service.member(&Profile::named("A")).http, service.member(&Profile::named("B")).http);
    // The token was the first request.
    let first = a.get("/v1/snapshots").expect(200);
    assert_eq!(first.header("ratelimit-policy"), Some("\"client\";q=4;w=60"));
    assert!(
        first.header("ratelimit").unwrap().starts_with("\"client\";r=2;t="),
        "{:?}",
        first.header("ratelimit")
    );
    a.get("/v1/snapshots").expect(200);
    a.get("/v1/snapshots").expect(200);
    let refused = a.get("/v1/snapshots");
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").unwrap().starts_with("\"client\";r=0;t="));
    refused.problem(429, "too-many-requests");
    b.get("/v1/snapshots").expect(200);
}

#[test]
fn guessing_has_a_quota_and_health_has_none() {
    let service = Service::start_with(
        Store::Sqlite,
        &[("PEERBENCH_RATE_LIMIT_PER_ADDRESS", "5"), ("PEERBENCH_RATE_LIMIT_FAILURES_PER_ADDRESS", "5")],
    );
    let http = service.anonymous();
    let guess = [("grant_type", "client_credentials"), ("client_id", "x"), ("client_secret", "y")];
    for _ in 0..5 {
        http.post_form("/oauth/token", &guess).expect(401);
    }
    http.post_form("/oauth/token", &guess).problem(429, "too-many-requests");
    http.with_token("guess").get("/v1/snapshots").problem(429, "too-many-requests");
    for _ in 0..5 {
        http.get("/v1/scales").expect(200);
    }
    for path in ["/v1/scales", "/nowhere"] {
        http.get(path).problem(429, "too-many-requests");
    }
    for _ in 0..20 {
        http.get("/health/live").expect(200);
    }
}

#[test]
fn figures_are_served_apart_and_name_no_tenant() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_METRICS_LISTEN", "127.0.0.1:0")]);
    let member = service.member(&Profile::named("Acme"));
    member.http.get("/v1/snapshots").expect(200);
    member.http.get("/v1/snapshots/01a20bd7-6820-7085-91c7-d703078d34cd").expect(404);
    service.anonymous().get("/metrics").problem(404, "not-found");
    let figures = service.metrics().get("/metrics").expect(200);
    let text = figures.text();
    assert!(text.contains("peerbench_http_requests_total{"), "{text}");
    assert!(text.contains("route=\"/v1/snapshots/{id}\""), "{text}");
    for secret in [member.organisation.as_str(), &member.credentials.id, "01a20bd7"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
