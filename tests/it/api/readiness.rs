//! How far the next release is, as the operator reads it.

use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{Store, community::settle, on_both, people::Profile, server::Service};

on_both!(readiness_counts_contributors_and_names_whom_to_remind);

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
    assert_eq!(why(&new.organisation), Some(json!("waiting")));
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
    assert!(text.contains(&format!("Silent ({}): has uploaded nothing", silent.organisation)), "{text}");
}
