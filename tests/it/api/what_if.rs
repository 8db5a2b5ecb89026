//! What if, and the fewest changes that reach a target: the same numbers as an upload, bounds, and nothing that stays.

use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{
    Store,
    client::Client,
    community::settle,
    on_both,
    people::{Member, Profile},
    server::Service,
};

on_both!(changes_are_compared_as_if_they_were_uploaded, the_fewest_changes_reach_the_target);

const WHAT_IF: &str = "/v1/comparisons/what-if";

fn world(store: Store) -> (Service, Member) {
    let service = Service::start(store);
    settle(&service, 80);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    let mut current = snapshot();
    current["attack"]["version"] = "19.2".into();
    current["cells"] = json!([
        {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
        {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
    ]);
    member.http.post("/v1/snapshots", &current).expect(201);
    (service, member)
}

fn added(technique: &str, technology: &str, count: u32) -> Value {
    json!({"technique": technique, "technology": technology, "count": count})
}

fn changes_are_compared_as_if_they_were_uploaded(store: Store) {
    let (_service, member) = world(store);
    let http = &member.http;
    let before = http.get("/v1/comparisons/summary").expect(200).json();
    let asked = json!({"add": [
        added("T1059.001", "microsoft.windows", 1), added("T1053", "microsoft.windows", 2),
        added("T1078", "aws.cloudtrail", 4),
    ]});
    let found = http.post(WHAT_IF, &asked).expect(200);
    assert_eq!(found.header("cache-control"), Some("no-store"));
    let found = found.json();
    assert_eq!(found["overall"]["before"]["own"], before["overall"]["own"]);
    assert_eq!(found["not_applied"], json!([]));
    let levels: Vec<(&str, &str, &str)> = found["techniques"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let level = |side: &str| row[side]["own"]["level"].as_str().unwrap();
            (row["technique"].as_str().unwrap(), level("before"), level("after"))
        })
        .collect();
    assert_eq!(levels, [("T1053", "none", "partial"), ("T1078", "none", "full")]);
    // A rule that changes no level leaves a trace all the same.
    let same = found["same_level"].as_array().unwrap();
    assert_eq!(same.len(), 1, "{same:?}");
    assert_eq!(same[0]["technique"], "T1059.001");
    let score = |side: &str| same[0][side]["own"]["score"].as_u64().unwrap();
    assert_eq!((score("before"), score("after")), (82, 88));
    let table = http.post(&format!("{WHAT_IF}?format=csv"), &asked).expect(200);
    assert!(table.header("content-type").unwrap().starts_with("text/csv"));
    let rows: Vec<String> = table.text().lines().map(str::to_owned).collect();
    let count = |list: &str| found[list].as_array().unwrap().len();
    let lines = 1 + count("tactics") + count("technologies") + count("techniques") + count("same_level");
    assert_eq!(rows.len(), 1 + lines + count("not_applied"), "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("same_level,T1059.001,PowerShell,82,88,")), "{rows:?}");

    refusals(http);
    without_effect(http);
    assert_eq!(http.get("/v1/comparisons/summary").expect(200).json(), before, "nothing is kept");

    let mut uploaded = snapshot();
    uploaded["attack"]["version"] = "19.2".into();
    uploaded["cells"] = json!([
        {"technique": "T1059.001", "technology": "microsoft.windows", "value": 6},
        {"technique": "T1053", "technology": "microsoft.windows", "value": 2},
        {"technique": "T1078", "technology": "aws.cloudtrail", "value": 4},
        {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
    ]);
    // A whole snapshot as a vendor's content says the same.
    let mut pack = uploaded.clone();
    pack["basis"] = "catalog".into();
    let packed = http.post(WHAT_IF, &json!({"snapshots": [pack]})).expect(200).json();
    assert_eq!(packed["overall"], found["overall"]);
    assert_eq!(packed["tactics"], found["tactics"]);

    http.post("/v1/snapshots", &uploaded).expect(201);
    let after = http.get("/v1/comparisons/summary").expect(200).json();
    let same = |line: &Value, row: &Value| {
        let is_asked = row["peers"]["status"] == "released" || row.get("fallback").is_none();
        let side = if is_asked { row } else { &row["fallback"] };
        assert_eq!(line["after"]["own"], side["own"]);
        assert_eq!(line["after"].get("position"), side.get("position"));
        assert_eq!(line["peers"], side["peers"]);
    };
    same(&found["overall"], &after["overall"]);
    for list in ["tactics", "technologies"] {
        let (lines, rows) = (found[list].as_array().unwrap(), after[list].as_array().unwrap());
        assert_eq!(lines.len(), rows.len(), "{list}");
        lines.iter().zip(rows).for_each(|(line, row)| same(line, row));
    }
}

fn refusals(http: &Client) {
    let refused = |body: &Value| http.post(WHAT_IF, body).problem(422, "invalid");
    let pointers = |body: &Value| -> Vec<String> {
        let problem = refused(body);
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    };
    let many: Vec<Value> = (0..10_000).map(|_| added("T1059", "microsoft.windows", 1)).collect();
    assert_eq!(pointers(&json!({"add": many})), ["/add"]);
    assert_eq!(pointers(&json!({})), [""]);
    let windows = "microsoft.windows";
    for (body, expected) in [
        (json!({"add": [added("T9999", windows, 1)]}), vec!["/add/0/technique"]),
        (json!({"add": [["T1059", windows, 1]]}), vec!["/add/0"]),
        (json!({"add": [added("T1562.001", windows, 1)]}), vec!["/add/0/technique"]),
        (json!({"add": [added("T1059", "nobody.nothing", 1)]}), vec!["/add/0/technology"]),
        (
            json!({"add": [added("T1059", windows, 21), added("T1059", windows, 0)]}),
            vec!["/add/0/count", "/add/1/count"],
        ),
        (json!({"add": [added("T1059", windows, 1), added("T1059", windows, 2)]}), vec!["/add/1"]),
        (
            json!({"add": [added("T1059", windows, 1)], "remove_technology": [windows]}),
            vec!["/add/0/technology"],
        ),
        (
            json!({"add_technology": ["okta.identity"], "remove_technology": ["okta.identity"]}),
            vec!["/add_technology/0"],
        ),
        (json!({"remove_technology": [windows, windows]}), vec!["/remove_technology/1"]),
        (json!({"snapshots": [{"schema": "coverage-snapshot/1", "note": "x"}]}), vec!["/snapshots/0/note"]),
    ] {
        let found = pointers(&body);
        assert!(
            expected.iter().all(|pointer| found.iter().any(|found| found == pointer)),
            "{body}: {found:?}"
        );
    }
    refused(&json!({"add": [{"technique": "T1059", "technology": windows, "note": "x"}]}));
    http.post(&format!("{WHAT_IF}?cohort=sector:health"), &json!({"remove_technology": [windows]}))
        .problem(404, "not-found");
}

fn without_effect(http: &Client) {
    let body = json!({
        "add": [added("T1530", "microsoft.windows", 1), added("T1110", "okta.identity", 1)],
        "add_technology": ["aws.cloudtrail"], "remove_technology": ["paloalto.ngfw"],
    });
    let found = http.post(WHAT_IF, &body).expect(200).json();
    let reasons: Vec<(&str, &str)> = found["not_applied"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["technology"].as_str().unwrap(), change["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        reasons,
        [
            ("paloalto.ngfw", "technology_not_owned"),
            ("aws.cloudtrail", "technology_owned"),
            ("microsoft.windows", "cannot_see"),
            ("okta.identity", "technology_not_owned"),
        ]
    );
    assert_eq!(found["overall"]["before"], found["overall"]["after"]);
    let body = json!({"add": [added("T1110", "okta.identity", 1)], "add_technology": ["okta.identity"]});
    let found = http.post(WHAT_IF, &body).expect(200).json();
    let okta =
        found["technologies"].as_array().unwrap().iter().find(|row| row["technology"] == "okta.identity");
    let okta = okta.unwrap_or_else(|| panic!("no line of Okta: {found}"));
    assert_eq!(okta["before"]["own"]["status"], "not_assessed");
    assert_eq!(okta["after"]["own"]["count"], 1);
}

fn the_fewest_changes_reach_the_target(store: Store) {
    let (_service, member) = world(store);
    let http = &member.http;
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("no number: {value}"));
    for (measure, target) in [
        ("overall", "p50"),
        ("overall", "12"),
        ("tactic:initial-access", "p75"),
        ("tactic:TA0002", "40"),
        ("family:endpoint", "20"),
        ("group:APT29", "30"),
        ("technology:microsoft.windows", "p50"),
        ("technique:T1053", "80"),
    ] {
        let path = format!("/v1/comparisons/fewest-changes?measure={measure}&target={target}");
        let found = http.get(&path).expect(200).json();
        let changes = found["changes"].as_array().unwrap();
        let (aim, bound) = (number(&found["target_value"]), number(&found["bound"]));
        assert_eq!(
            number(&found["needed"]) == 0,
            changes.is_empty() && found["reachable"] == true,
            "{found}"
        );
        if found["reachable"] == false {
            assert!(bound < aim, "{found}");
            continue;
        }
        let Some(last) = changes.last() else { continue };
        assert!(number(&last["reaches"]) >= aim && bound >= aim, "{found}");
        assert!(changes.iter().all(|change| change["feasibility"] != "source_missing"));
        let add: Vec<Value> = changes
            .iter()
            .map(|change| json!({"technique": change["technique"], "technology": change["technology"], "count": change["count"]}))
            .collect();
        let after = http.post(WHAT_IF, &json!({ "add": add })).expect(200).json();
        assert_eq!(after["not_applied"], json!([]), "{measure}");
        let reached = match measure.split_once(':') {
            None => number(&after["overall"]["after"]["own"]["share"]),
            Some(("tactic", _)) => {
                let line =
                    after["tactics"].as_array().unwrap().iter().find(|line| line["name"] == found["name"]);
                number(&line.unwrap()["after"]["own"]["share"])
            }
            Some(("technology", id)) => {
                let mut lines = after["technologies"].as_array().unwrap().iter();
                number(&lines.find(|line| line["technology"] == id).unwrap()["after"]["own"]["count"])
            }
            Some(("technique", id)) => {
                let mut lines = after["techniques"].as_array().unwrap().iter();
                number(&lines.find(|line| line["technique"] == id).unwrap()["after"]["own"]["score"])
            }
            Some(_) => continue,
        };
        assert_eq!(reached, number(&last["reaches"]), "{measure}: {found}");
    }
    // A median that is only known as "this or less" asks nothing of whoever is within it.
    let quarter = http.get("/v1/comparisons/techniques?coverage=quarter").expect(200).json();
    let is_low = |row: &&Value| row["peers"]["coded"]["p50"] == "low" && row["own"]["score"] == 0;
    let low = quarter["items"].as_array().unwrap().iter().find(is_low);
    let low = low.unwrap_or_else(|| panic!("no median is coded low: {quarter}"));
    let changes_to = |target: &str| {
        let id = low["technique"].as_str().unwrap();
        let path = format!("/v1/comparisons/fewest-changes?measure=technique:{id}&target={target}");
        let found = http.get(&path).expect(200).json();
        (found["reachable"].clone(), found["needed"].clone(), found["changes"].as_array().unwrap().len())
    };
    assert_eq!(changes_to("p50"), (true.into(), 0.into(), 0));
    assert_ne!(changes_to("10").1, 0, "a number that is asked for is one");
    let missing =
        http.get("/v1/comparisons/fewest-changes?measure=technology:okta.identity&target=5").expect(200);
    assert_eq!(missing.json()["reachable"], false, "a technology that isn't there");
    for (query, parameter) in [
        ("measure=everything", "measure"),
        ("measure=tactic:magic", "measure"),
        ("measure=group:nobody", "measure"),
        ("measure=technology:nobody.nothing", "measure"),
        ("measure=technique:T9999", "measure"),
        ("target=p33", "target"),
        ("target=101", "target"),
        ("measure=technique:T1200&target=p50", "target"),
    ] {
        let path = format!("/v1/comparisons/fewest-changes?{query}");
        let problem = http.get(&path).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}: {problem}");
    }
}
