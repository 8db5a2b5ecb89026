//! Administration: members by JSON and by CSV, their standing and profile, their clients.

use serde_json::json;

use crate::support::{
    Store, on_both,
    people::{Credentials, Profile},
    server::Service,
};

on_both!(the_operator_administers_members, a_member_administers_itself, what_was_read_is_what_is_changed);

fn the_operator_administers_members(store: Store) {
    let service = Service::start(store);
    let operator = service.operator();
    let bank = json!({"name": "Bank", "sector": "finance", "size": "large", "region": "europe",
        "control_group": "holding", "platforms": ["Windows", "Linux"]});
    let post = || operator.request("POST", "/v1/admin/organisations").header("idempotency-key", "bank");
    let created = post().json(&bank).send().expect(201);
    assert_eq!(post().json(&bank).send().expect(201).json(), created.json(), "a repetition");
    let location = created.header("location").unwrap().to_owned();
    let item = created.json();
    assert_eq!((&item["standing"], &item["control_group"]), (&json!("unverified"), &json!("holding")));
    assert_eq!(operator.get(&location).expect(200).json(), item);
    assert_eq!(operator.get(&location).header("etag"), created.header("etag"));

    let verified = operator.patch(&location, &json!({"standing": "verified"})).expect(200).json();
    assert_eq!(verified["standing"], "verified");
    let moved = operator.patch(&location, &json!({"sector": "health", "platforms": []})).expect(200).json();
    assert_eq!(
        (&moved["sector"], &moved["size"], &moved["platforms"]),
        (&json!("health"), &json!("large"), &json!([]))
    );
    for (change, pointers) in [
        (json!({"sector": "magic", "region": "moon"}), vec!["/sector", "/region"]),
        (json!({"platforms": ["Windows", "BeOS"]}), vec!["/platforms/1"]),
        (json!({"standing": "loved"}), vec!["/standing"]),
        (json!({"standing": "verified", "sector": "finance"}), vec!["/standing"]),
        (json!({"name": "Other"}), vec!["/name"]),
    ] {
        let problem = operator.patch(&location, &change).problem(422, "invalid");
        let found: Vec<&str> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(found, pointers, "{change}");
    }
    assert_eq!(operator.get(&location).expect(200).json(), moved, "nothing that was refused happened");

    let csv = |text: &str| {
        operator
            .request("POST", "/v1/admin/organisations")
            .header("content-type", "text/csv")
            .body(text)
            .send()
    };
    let header = "name,sector,size,region,control_group,platforms\n";
    let refused = csv(&format!("{header}A,finance,small,europe,,\nB,magic,small,europe,,BeOS\n"))
        .problem(422, "invalid");
    assert!(
        refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .all(|error| error["pointer"].as_str().unwrap().starts_with("/3/"))
    );
    let added =
        csv(&format!("{header}A,finance,small,europe,,Windows;Linux\nB,health,small,europe,,\n")).expect(201);
    assert_eq!(added.json()["ids"].as_array().unwrap().len(), 2);
    let all = operator.get("/v1/admin/organisations").expect(200).json();
    assert_eq!(all["items"].as_array().unwrap().len(), 3);

    let clients = format!("{location}/clients");
    let client = operator.post(&clients, &json!({"scopes": ["snapshots:read"]})).expect(201);
    assert_eq!(client.header("cache-control"), Some("no-store"));
    let client = client.json();
    let credentials = Credentials {
        id: client["client_id"].as_str().unwrap().to_owned(),
        secret: client["client_secret"].as_str().unwrap().to_owned(),
    };
    service.signed_in(&credentials).get("/v1/snapshots").expect(200);
    let listed = operator.get(&clients).expect(200).json();
    assert_eq!(listed["items"][0]["client_id"], client["client_id"]);
    assert_eq!(listed["items"][0].get("client_secret"), None);
    let stranger = service.member(&Profile::named("Stranger"));
    operator.delete(&format!("{clients}/{}", stranger.credentials.id)).problem(404, "not-found");
    stranger.http.get("/v1/snapshots").expect(200);
    operator.delete(&format!("{clients}/{}", credentials.id)).expect(204);
    service
        .anonymous()
        .post_form(
            "/oauth/token",
            &[
                ("grant_type", "client_credentials"),
                ("client_id", &credentials.id),
                ("client_secret", &credentials.secret),
            ],
        )
        .expect(401);
    operator.post(&clients, &json!({"scopes": ["platform:admin"]})).problem(422, "invalid");
    for path in ["/v1/admin/organisations/nobody", "/v1/admin/organisations/nobody/clients"] {
        operator.get(path).problem(404, "not-found");
    }
    operator.post("/v1/admin/organisations/nobody/clients", &json!({})).problem(404, "not-found");
    operator
        .patch("/v1/admin/organisations/nobody", &json!({"standing": "verified"}))
        .problem(404, "not-found");
}

fn a_member_administers_itself(store: Store) {
    let service = Service::start(store);
    let member = service
        .member(&Profile { control_group: Some("secret-holding".to_owned()), ..Profile::named("Acme") });
    let http = &member.http;
    let own = http.get("/v1/organisation").expect(200);
    assert!(!own.text().contains("secret-holding"), "who belongs together is the operator's to know");
    let own = own.json();
    assert_eq!(
        (&own["name"], &own["sector"], &own["standing"]),
        (&json!("Acme"), &json!("finance"), &json!("verified"))
    );
    assert_eq!(
        http.patch("/v1/organisation", &json!({"name": "Acme Group"})).expect(200).json()["name"],
        "Acme Group"
    );
    http.patch("/v1/organisation", &json!({"name": "  "})).problem(422, "invalid");
    http.patch("/v1/organisation", &json!({"name": "X", "region": "africa"})).problem(422, "invalid");
    assert_eq!(http.get("/v1/organisation").expect(200).json()["region"], "europe");

    let post = || http.request("POST", "/v1/organisation/clients").header("idempotency-key", "one");
    let first = post().json(&json!({"scopes": ["snapshots:read"]})).send().expect(201).json();
    let again = post().json(&json!({"scopes": ["snapshots:read"]})).send().expect(201).json();
    assert_eq!(first["client_id"], again["client_id"]);
    assert_eq!(again.get("client_secret"), None, "a secret is shown once");
    let location = format!("/v1/organisation/clients/{}", first["client_id"].as_str().unwrap());
    let credentials = Credentials {
        id: first["client_id"].as_str().unwrap().to_owned(),
        secret: first["client_secret"].as_str().unwrap().to_owned(),
    };
    let reader = service.signed_in(&credentials);
    reader.get("/v1/snapshots").expect(200);
    http.delete(&location).expect(204);
    reader.get("/v1/snapshots").problem(401, "unauthenticated");
    http.delete("/v1/organisation/clients/nobody").problem(404, "not-found");
    let listed = http.get("/v1/organisation/clients").expect(200).json();
    let revoked =
        listed["items"].as_array().unwrap().iter().filter(|client| client.get("revoked_at").is_some());
    assert_eq!(revoked.count(), 1, "{listed}");
}

fn what_was_read_is_what_is_changed(store: Store) {
    let service = Service::start(store);
    let (member, operator) = (service.member(&Profile::named("Acme")), service.operator());
    let platform = format!("/v1/admin/organisations/{}", member.organisation);
    for (http, path, changes) in [
        (
            &member.http,
            "/v1/organisation",
            [json!({"name": "A"}), json!({"name": "B"}), json!({"name": "C"})],
        ),
        (
            &operator,
            platform.as_str(),
            [json!({"region": "africa"}), json!({"standing": "suspended"}), json!({"standing": "verified"})],
        ),
    ] {
        for body in changes {
            let read = || http.get(path).expect(200);
            let patch = |tag: &str| http.request("PATCH", path).header("if-match", tag).json(&body).send();
            let before = read();
            let tag = before.header("etag").unwrap().to_owned();
            for other in ["\"other\"", &format!("W/{tag}")] {
                patch(other).problem(412, "precondition-failed");
            }
            assert_eq!(read().body, before.body, "{path}");
            let changed = patch(&format!("\"other\", {tag}")).expect(200);
            assert_ne!(changed.body, before.body, "{path}");
            assert_eq!(read().header("etag"), changed.header("etag"), "{path}");
            patch(&tag).problem(412, "precondition-failed");
            // A tag that names a coding is of the same state.
            let packed = http.request("GET", path).header("accept-encoding", "gzip").send().expect(200);
            patch(packed.header("etag").unwrap()).expect(200);
        }
    }
}
