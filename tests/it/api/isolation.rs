//! Isolation, over every operation of the OpenAPI document: no token, another scope, another tenant's id. An operation
//! that is added without being named here fails.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{
    Store,
    client::Client,
    on_both,
    people::{Credentials, Member, Profile},
    server::Service,
};

on_both!(every_operation_keeps_strangers_out);

struct Operation {
    id: String,
    method: String,
    path: String,
    scope: Option<String>,
}

fn operations(api: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                scope: operation["security"][0]["oauth"][0].as_str().map(str::to_owned),
            });
        }
    }
    all
}

/// What each name in a path stands for, of the other tenant's; a number of a release is nobody's own.
fn foreign(operation: &Operation, ids: &BTreeMap<&str, String>) -> String {
    let resource = match operation.id.as_str() {
        "read_snapshot" | "withdraw_snapshot" | "diff_snapshots" => "snapshot",
        "revoke_client" | "read_client" | "update_client" | "add_client_secret" | "remove_client_secret" => {
            "client"
        }
        "read_release" | "read_release_table" | "admin_read_table" => "release",
        "decide_gap" | "forget_gap" => "technique",
        id if id.starts_with("admin_") => "organisation",
        id => panic!("{id} has a name in its path: say here whose it is"),
    };
    let value = &ids[resource];
    operation
        .path
        .replace("{id}", value)
        .replace("{other}", value)
        .replace("{number}", value)
        .replace("{cohort}", "all")
        .replace("{client}", &ids["client"])
        .replace("{secret}", &ids["client"])
        .replace("{technique}", &ids["technique"])
}

/// A body that the operation would take.
fn body(operation: &Operation) -> Option<Value> {
    Some(match operation.id.as_str() {
        "create_snapshot" | "check_snapshot" => snapshot(),
        "compare_path" => json!({"techniques": []}),
        "decide_gap" => json!({"status": "open"}),
        "compare_what_if" => json!({"remove_technology": ["okta.identity"]}),
        "compare_techniques_of_set" | "compare_gaps_of_set" | "compare_summary_of_set" => {
            json!({"techniques": ["T1059"]})
        }
        "update_organisation" => json!({"name": "Taken over"}),
        "create_client" | "admin_create_client" => json!({}),
        "update_client" => json!({"name": "Taken over"}),
        "admin_clear_quarantine" => json!({"organisations": []}),
        "admin_update_organisation" => json!({"standing": "suspended"}),
        "admin_create_organisation" => {
            json!({"name": "New", "sector": "finance", "size": "small", "region": "europe"})
        }
        _ => return None,
    })
}

fn call(http: &Client, operation: &Operation, path: &str) -> crate::support::client::Answer {
    let draft = http.request(&operation.method, path);
    match body(operation) {
        Some(body) => draft.json(&body).send(),
        None => draft.send(),
    }
}

fn narrowed(service: &Service, credentials: &Credentials, scope: &str) -> Client {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", credentials.id.as_str()),
        ("client_secret", credentials.secret.as_str()),
        ("scope", scope),
    ];
    let token = service.anonymous().post_form("/oauth/token", &fields).expect(200).json();
    service.anonymous().with_token(token["access_token"].as_str().unwrap())
}

fn actions(member: &Member) -> Vec<String> {
    let log = member.http.get("/v1/organisation/audit?limit=1000").expect(200).json();
    log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap().to_owned())
        .collect()
}

fn every_operation_keeps_strangers_out(store: Store) {
    let service = Service::start(store);
    let (a, b) = (service.member(&Profile::named("A")), service.member(&Profile::named("B")));
    let created = b.http.post("/v1/snapshots", &snapshot()).expect(201).json();
    let ids = BTreeMap::from([
        ("snapshot", created["snapshot"]["id"].as_str().unwrap().to_owned()),
        ("client", b.credentials.id.clone()),
        ("organisation", b.organisation.clone()),
        ("release", "1".to_owned()),
        // A technique is nobody's, so one that doesn't exist stands for a foreign one.
        ("technique", "T9999".to_owned()),
    ]);
    let before = actions(&b);
    let operations = operations(&service.anonymous().get("/openapi.json").expect(200).json());
    assert!(operations.len() > 35, "{}", operations.len());
    let mut refused_ids = 0;
    for operation in operations.iter().filter(|operation| operation.scope.is_some()) {
        let scope = operation.scope.as_deref().unwrap();
        let named = operation.path.contains('{');
        let path = if named { foreign(operation, &ids) } else { operation.path.clone() };
        let at = format!("{} {}", operation.method, operation.path);
        call(&service.anonymous(), operation, &path).problem(401, "unauthenticated");
        for other in
            ["snapshots:write", "snapshots:read", "comparisons:read", "organisation:admin", "gaps:write"]
        {
            if other != scope {
                let http = narrowed(&service, &a.credentials, other);
                call(&http, operation, &path).problem(403, "insufficient-scope");
            }
        }
        if scope.starts_with("platform:") {
            call(&a.http, operation, &path).problem(403, "insufficient-scope");
        } else if named {
            let answer = call(&a.http, operation, &path);
            assert_eq!(answer.status, 404, "{at}: {}", answer.text());
            answer.problem(404, "not-found");
            let nobodys = operation.id.starts_with("read_release")
                || ["decide_gap", "forget_gap"].contains(&operation.id.as_str());
            refused_ids += usize::from(!nobodys);
        }
    }
    assert!(refused_ids >= 4, "{refused_ids}");
    assert_eq!(actions(&b), before, "B's log shows nothing of it");
    let refused = actions(&a).iter().filter(|action| *action == "access.refused").count();
    assert!(refused >= refused_ids, "A's log has every try: {refused}");
    assert_eq!(b.http.get("/v1/organisation").expect(200).json()["name"], "B");
    b.http.get(&format!("/v1/snapshots/{}", ids["snapshot"])).expect(200);
}

#[test]
fn an_operators_client_has_no_organisation_to_read() {
    let service = Service::start(Store::Sqlite);
    let operator = service.operator();
    for path in ["/v1/snapshots", "/v1/organisation", "/v1/comparisons/summary"] {
        operator.get(path).problem(403, "insufficient-scope");
    }
}

/// The scope of an operation stands in its handler's signature, and only the extractor that it names opens the door:
/// no handler takes the server's shared state itself.
#[test]
fn no_handler_goes_around_the_door() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/v1")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for way_around in ["Context", "web::Data", "app_data"] {
                assert!(!text.contains(way_around), "{} names {way_around}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 30);
}
