//! How far the next release is, as the operator reads it.

use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{Store, community::settle, console::Ran, on_both, people::Profile, server::Service};

on_both!(
    readiness_counts_contributors_and_names_whom_to_remind,
    readiness_counts_exactly_whom_a_release_would,
    a_contribution_that_would_be_set_aside_does_not_count,
);

fn readiness_counts_contributors_and_names_whom_to_remind(store: Store) {
    let service = Service::start(store);
    settle(&service, 12);
    let (silent, unverified) =
        (service.member(&Profile::named("Silent")), service.newcomer(&Profile::named("Unverified")));
    let new = service.member(&Profile::named("New"));
    new.http.post("/v1/snapshots", &snapshot()).expect(201);
    let operator = service.operator();
    let read = |query: &str| operator.get(&format!("/v1/admin/readiness{query}")).expect(200).json();
    let report = read("");
    assert_eq!((&report["release"], &report["needed"]), (&json!(1), &json!(20)));
    assert!(report["due_at"].is_string());
    let number = |value: &Value| value.as_u64().unwrap();
    let cohorts = report["cohorts"].as_array().unwrap();
    assert_eq!(cohorts[0]["cohort"], "all");
    let everybody = number(&cohorts[0]["contributors"]);
    assert!((2..=12).contains(&everybody), "{report}");
    for cohort in cohorts {
        assert_eq!(number(&cohort["contributors"]) + number(&cohort["missing"]), 20, "{cohort}");
    }
    for dimension in ["sector:", "size:", "region:"] {
        let of_dimension = cohorts.iter().filter(|c| c["cohort"].as_str().unwrap().starts_with(dimension));
        assert_eq!(of_dimension.map(|cohort| number(&cohort["contributors"])).sum::<u64>(), everybody);
    }
    let why = |organisation: &str| {
        let remind = report["remind"].as_array().unwrap();
        remind.iter().find(|item| item["organisation"] == organisation).map(|item| item["why"].clone())
    };
    assert_eq!(why(&silent.organisation), Some(json!("never_uploaded")));
    assert_eq!(why(&unverified.organisation), Some(json!("not_verified")));
    assert_eq!(why(&new.organisation), None, "nobody can do anything but wait");
    // Page by page.
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let page = read(&format!("?limit=2{next}"));
        paged.extend(page["remind"].as_array().unwrap().clone());
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(json!(paged), report["remind"]);
    // Nobody has validated anything.
    assert_eq!(
        read("?basis=validated")["cohorts"],
        json!([{"cohort": "all", "contributors": 0, "missing": 20}])
    );
    // The console says the same.
    let console = service.run_json(&["release", "readiness", "--format", "json"]);
    assert_eq!(console["cohorts"], report["cohorts"]);
    let text = service.run(&["release", "readiness"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains(&format!("Silent ({}): ask for a snapshot", silent.organisation)), "{text}");
}

/// The contributors that readiness counts in `all`.
fn counted(service: &Service) -> u64 {
    let report = service.run_json(&["release", "readiness", "--format", "json"]);
    report["cohorts"][0]["contributors"].as_u64().unwrap()
}

fn readiness_counts_exactly_whom_a_release_would(store: Store) {
    let service = Service::start(store);
    let members = settle(&service, 40);
    let before = counted(&service);
    let suspended = members.iter().take_while(|_| counted(&service) == before).map(|member| {
        let id = member.id.as_str();
        assert!(service.run(&["organisation", "suspend", id]).status.success());
        id.to_owned()
    });
    let suspended = suspended.last().unwrap();
    assert_eq!(counted(&service), before - 1, "whoever is suspended doesn't count");
    let report = service.run_json(&["release", "readiness", "--format", "json"]);
    let reminded = report["remind"].as_array().unwrap();
    assert!(reminded.iter().all(|item| item["organisation"] != suspended.as_str()), "{report}");
    // A release with one more than that many needed is refused, and with exactly as many it isn't.
    let publish = |needed: u64| {
        let mut command = service.command(&["release", "publish", "--format", "json"]);
        Ran::of(command.env("PEERBENCH_PRIVACY_K", needed.to_string()))
    };
    publish(before).failed(1, &[&format!("at least {before} independent control groups")]);
    publish(before - 1).done();
}

fn a_contribution_that_would_be_set_aside_does_not_count(store: Store) {
    let service = Service::start(store);
    let members = settle(&service, 30);
    let before = counted(&service);
    // Somebody that contributes replaces its snapshots by one that says the same of everything.
    let (odd, client) = members
        .iter()
        .map(|member| (member, service.client_of(member.id.as_str())))
        .find(|(_, client)| {
            let own = client.get("/v1/snapshots").expect(200).json();
            let deployed =
                own["items"].as_array().unwrap().iter().any(|snapshot| snapshot["basis"] == "deployed");
            deployed && client.get("/v1/comparisons/summary").status == 404
        })
        .expect("a contributor");
    let own = client.get("/v1/snapshots").expect(200).json();
    for snapshot in own["items"].as_array().unwrap() {
        let path = format!("/v1/snapshots/{}", snapshot["id"].as_str().unwrap());
        client.request("DELETE", &path).send().expect(204);
    }
    let mut uniform = snapshot();
    uniform["technologies"] = json!(["microsoft.windows"]);
    uniform["complete"] = json!([]);
    uniform["cells"] = json!([{"technique": "T1059.001", "technology": "microsoft.windows", "value": 2},
                              {"technique": "T1003.001", "technology": "microsoft.windows", "value": 2}]);
    client.post("/v1/snapshots", &uniform).expect(201);
    assert_eq!(counted(&service), before - 1);
    let reminders = || {
        let report = service.run_json(&["release", "readiness", "--format", "json"]);
        let of_it =
            report["remind"].as_array().unwrap().iter().find(|item| item["organisation"] == odd.id.as_str());
        of_it.map(|item| item["why"].clone())
    };
    assert_eq!(reminders(), None, "there is nothing to clear before a cut-off");
    service.run_json(&["release", "publish", "--format", "json"]);
    assert_eq!(reminders(), Some(json!("under_review")));
    let validated = service.run_json(&["release", "readiness", "--basis", "validated", "--format", "json"]);
    let of_it =
        validated["remind"].as_array().unwrap().iter().find(|item| item["organisation"] == odd.id.as_str());
    assert_ne!(
        of_it.map(|item| &item["why"]),
        Some(&json!("under_review")),
        "another basis was not looked at"
    );
    assert_eq!(counted(&service), before - 1);
    assert!(service.run(&["quarantine", "clear", odd.id.as_str()]).status.success());
    assert_eq!((counted(&service), reminders()), (before, None));
}
