//! Tokens: RFC 6749's client credentials, and what they stop being good for at once.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::support::{
    Store, on_both,
    people::{Credentials, Profile},
    server::Service,
};

on_both!(credentials_become_tokens_and_stop_doing_so);

fn credentials_become_tokens_and_stop_doing_so(store: Store) {
    let service = Service::start(store);
    let member = service.member(&Profile::named("Acme"));
    let Credentials { id, secret } = member.credentials.clone();
    let http = service.anonymous();
    let ask = |fields: &[(&str, &str)]| http.post_form("/oauth/token", fields);
    let grant = ("grant_type", "client_credentials");

    let answer = ask(&[grant, ("client_id", &id), ("client_secret", &secret), ("scope", "snapshots:read")])
        .expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = answer.json();
    assert_eq!((token["token_type"].as_str(), token["expires_in"].as_u64()), (Some("Bearer"), Some(900)));
    assert_eq!(token["scope"], "snapshots:read");
    let narrow = http.with_token(token["access_token"].as_str().unwrap());
    narrow.get("/v1/snapshots").expect(200);
    let refused = narrow.get("/v1/organisation");
    assert!(refused.header("www-authenticate").unwrap().contains("error=\"insufficient_scope\""));
    refused.problem(403, "insufficient-scope");

    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")));
    let form =
        http.request("POST", "/oauth/token").header("content-type", "application/x-www-form-urlencoded");
    form.header("authorization", &basic).body("grant_type=client_credentials").send().expect(200);

    for (fields, status, error) in [
        (vec![grant, ("client_id", &id), ("client_secret", "pbs_wrong")], 401, "invalid_client"),
        (vec![grant, ("client_id", "nobody"), ("client_secret", &secret)], 401, "invalid_client"),
        (vec![grant], 401, "invalid_client"),
        (vec![("grant_type", "password"), ("client_id", &id)], 400, "unsupported_grant_type"),
        (vec![("client_id", &id), ("client_secret", &secret)], 400, "invalid_request"),
        (
            vec![grant, ("client_id", &id), ("client_secret", &secret), ("scope", "platform:admin")],
            400,
            "invalid_scope",
        ),
    ] {
        let answer = ask(&fields).expect(status);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.json()["error"], error, "{fields:?}");
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }

    for bearer in ["", "x", "a.b.c", &format!("{}x", token["access_token"].as_str().unwrap())] {
        let answer = http.with_token(bearer).get("/v1/snapshots");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer realm="), "{bearer}");
        answer.problem(401, "unauthenticated");
    }

    assert!(service.run(&["organisation", "suspend", &member.organisation]).status.success());
    member.http.get("/v1/snapshots").problem(403, "suspended");
    assert_eq!(
        ask(&[grant, ("client_id", &id), ("client_secret", &secret)]).expect(400).json()["error"],
        "unauthorized_client"
    );
    assert!(service.run(&["organisation", "verify", &member.organisation]).status.success());
    member.http.get("/v1/snapshots").expect(200);
    assert!(service.run(&["client", "revoke", &id]).status.success());
    member.http.get("/v1/snapshots").problem(401, "unauthenticated");
    assert_eq!(
        ask(&[grant, ("client_id", &id), ("client_secret", &secret)]).expect(401).json()["error"],
        "invalid_client"
    );

    let log = service.log();
    assert!(
        !log.contains(&secret) && !log.contains(token["access_token"].as_str().unwrap()),
        "no secret is logged"
    );
}

#[test]
fn the_service_says_where_tokens_come_from_and_how_they_are_checked() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_AUTH_ISSUER", "https://bench.example")]);
    let http = service.anonymous();
    let metadata = http.get("/.well-known/oauth-authorization-server").expect(200).json();
    assert_eq!(metadata["issuer"], "https://bench.example");
    assert_eq!(metadata["token_endpoint"], "https://bench.example/oauth/token");
    assert_eq!(metadata["jwks_uri"], "https://bench.example/.well-known/jwks.json");
    let keys = http.get("/.well-known/jwks.json").expect(200).json();
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none(), "the private part stays");
}
