//! Failed authentication, and what one organisation or address may ask: nobody's excess locks others out.

use crate::support::{
    Store, on_both,
    people::{Credentials, Profile},
    server::Service,
};

on_both!(garbage_locks_nobody_out);

fn garbage_locks_nobody_out(store: Store) {
    let service = Service::start_with(
        store,
        &[
            ("PEERBENCH_RATE_LIMIT_PER_CLIENT", "600"),
            ("PEERBENCH_RATE_LIMIT_PER_ADDRESS", "120"),
            ("PEERBENCH_RATE_LIMIT_FAILURES_PER_ADDRESS", "20"),
            ("PEERBENCH_RATE_LIMIT_FAILURES_PER_CLIENT", "5"),
        ],
    );
    let member = service.member(&Profile::named("Acme"));
    let http = service.anonymous();
    let guess = |id: &str| {
        let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "pbs_x")];
        http.post_form("/oauth/token", &fields)
    };
    let mut seen = [0, 0];
    for number in 0..130 {
        let answer = match number % 3 {
            0 => http.post_form("/oauth/token", &[("nonsense", "1")]),
            1 => guess(&format!("nobody-{number}")),
            _ => http.with_token("no.token.here").get("/v1/snapshots"),
        };
        match answer.status {
            429 => {
                assert!(answer.header("retry-after").is_some());
                seen[1] += 1;
            }
            400 | 401 => seen[0] += 1,
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert!(seen[0] >= 20 && seen[1] >= 80, "{seen:?}");
    // From the same address.
    let again = service.signed_in(&member.credentials);
    again.get("/v1/snapshots").expect(200);
    http.get("/v1/scales").expect(200);

    // One client's id is slowed down for this address, and no other's.
    let other = service.member(&Profile::named("Other"));
    for _ in 0..12 {
        guess(&member.credentials.id);
    }
    let fields = |of: &Credentials| {
        [
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", of.id.clone()),
            ("client_secret", of.secret.clone()),
        ]
    };
    let ask = |of: &Credentials| {
        let fields = fields(of);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        http.post_form("/oauth/token", &fields)
    };
    ask(&member.credentials).problem(429, "too-many-requests");
    ask(&other.credentials).expect(200);
    again.get("/v1/snapshots").expect(200);
}

#[test]
fn an_organisations_clients_share_its_quota_of_requests() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_RATE_LIMIT_PER_ORGANISATION", "12")]);
    let (a, b) = (service.member(&Profile::named("A")), service.member(&Profile::named("B")));
    let second = service.client_of(&a.organisation);
    let mut refused = 0;
    for number in 0..20 {
        let http = if number % 2 == 0 { &a.http } else { &second };
        let answer = http.get("/v1/snapshots");
        if answer.status == 429 {
            assert!(answer.header("ratelimit-policy").unwrap().starts_with("\"organisation\""));
            refused += 1;
        }
    }
    assert!(refused >= 8, "{refused}");
    b.http.get("/v1/snapshots").expect(200);
}

#[test]
fn a_proxy_that_is_not_trusted_is_told_of_once() {
    let service = Service::start(Store::Sqlite);
    for _ in 0..3 {
        let draft = service.anonymous();
        draft.request("GET", "/v1/scales").header("x-forwarded-for", "192.0.2.1").send().expect(200);
    }
    assert_eq!(service.log().matches("http.forwarded_for").count(), 1, "{}", service.log());
    let trusted = Service::start_with(Store::Sqlite, &[("PEERBENCH_HTTP_FORWARDED_FOR", "true")]);
    let http = trusted.anonymous();
    http.request("GET", "/v1/scales").header("x-forwarded-for", "192.0.2.1").send().expect(200);
    assert!(!trusted.log().contains("http.forwarded_for"));
}
