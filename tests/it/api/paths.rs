//! Paths over HTTP: named ones, lists, threat groups, Attack Flows and layers, and what is refused.

use std::{collections::BTreeMap, fs, sync::Arc};

use peerbench::{
    domain::{
        attack::Catalogues,
        facts::Facts,
        path::{self, ShownBy},
        technology,
    },
    sources::paths::read,
};
use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{
    Store, client::Client, community::settle, on_both, people::Profile, server::Service,
    shared_data::shared_data,
};

on_both!(paths_are_compared_step_by_step);

fn get(http: &Client, query: &str) -> Vec<Value> {
    let answer = http.get(&format!("/v1/comparisons/paths{query}")).expect(200).json();
    answer["items"].as_array().unwrap().clone()
}

fn post(http: &Client, document: &Value) -> Value {
    http.request("POST", "/v1/comparisons/paths").json(document).send().expect(200).json()["items"][0].clone()
}

fn paths_are_compared_step_by_step(store: Store) {
    let service = Service::start(store);
    settle(&service, 60);
    service.run_json(&["release", "publish", "--format", "json"]);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    http.get("/v1/comparisons/paths").problem(403, "nothing-contributed");
    http.post("/v1/snapshots", &snapshot()).expect(201);

    let named = get(http, "");
    assert_eq!(named.len(), 5);
    for path in &named {
        let steps = path["steps"].as_array().unwrap();
        assert!((5..=9).contains(&steps.len()), "{path}");
        assert_eq!(path["whole"]["steps"], steps.len());
        let with_rule = |step: &&Value| step["own"]["score"].as_i64().is_some_and(|score| score > 0);
        let numbers: Vec<&Value> = steps.iter().filter(with_rule).map(|step| &step["step"]).collect();
        assert_eq!(json!(numbers), path["whole"]["with_rule"]);
        let half = |step: &&Value| step["coverage"] == "half" || step["coverage"] == "most";
        let numbers: Vec<&Value> = steps.iter().filter(half).map(|step| &step["step"]).collect();
        assert_eq!(json!(numbers), path["whole"]["peers"]["half"]);
    }
    let one = get(http, &format!("?path={}", named[0]["path"].as_str().unwrap()));
    assert_eq!(one, named[..1]);

    // The sample has rules for PowerShell and for T1562.001, which is T1685 now.
    let list = get(http, "?steps=T1566;T1059.001|T1204;T1562.001;TA0008");
    let [list] = list.as_slice() else { panic!("{list:?}") };
    let scores: Vec<&Value> =
        list["steps"].as_array().unwrap().iter().map(|step| &step["own"]["score"]).collect();
    assert_eq!(scores, [&json!(0), &json!(82), &json!(50), &json!(0)], "{list}");
    assert_eq!(list["steps"][1]["covered_through"], json!(["microsoft.windows"]));
    assert_eq!(list["whole"]["first_step_with_rule"], 2);
    assert_eq!(list["whole"]["longest_stretch"], json!({"from": 1, "to": 1, "steps": 1, "not_assessed": 0}));
    assert_eq!(list["moved"], json!([{"from": "T1562.001", "to": "T1685"}]));

    let groups = get(http, "?group=Cozy%20Bear,G0102");
    assert_eq!(groups.len(), 2);
    assert_eq!((&groups[0]["source"], &groups[0]["name"]), (&json!("group"), &json!("APT29 (G0016)")));
    assert_eq!(groups[0]["steps"][0]["name"], "Reconnaissance");

    let csv = http.get("/v1/comparisons/paths?format=csv").expect(200).text();
    let steps: usize = named.iter().map(|path| path["steps"].as_array().unwrap().len()).sum();
    assert_eq!(csv.lines().count(), steps + 1, "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.contains(",1,20")), "each row names its release: {csv}");

    brought(http);
    refusals(http);
    the_command_says_the_same(&service, &member);
}

fn the_command_says_the_same(service: &Service, member: &crate::support::people::Member) {
    let run = |arguments: &[&str]| {
        let mut command = service.command(arguments);
        command.env("PEERBENCH_CLIENT_ID", &member.credentials.id);
        command.env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret);
        crate::support::console::Ran::of(&mut command)
    };
    let flow = flow();
    let file = service.folder().join("flow.json");
    fs::write(&file, flow.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let answer = run(&["paths", file, "--format", "json"]).done().json();
    assert_eq!(answer["items"][0], post(&member.http, &flow));
    let text = run(&["paths", file]).done().out;
    assert!(text.starts_with("=a night shift, compared with all members\n"), "{text}");
    assert!(text.contains("You have a rule for 1 of 3 steps.\n  You'd first see it at step 1."), "{text}");
    assert!(text.contains("Left out, of another domain than Enterprise: AML.T0051."), "{text}");
    let table = run(&["paths", file, "--format", "csv"]).done().out;
    assert!(table.contains(",'=a night shift,flow,"), "no formula: {table}");
    let named = run(&["paths", "--format", "json"]).done().json();
    assert_eq!(named, member.http.get("/v1/comparisons/paths").expect(200).json());
    run(&["paths", "no-such-path"]).failed(1, &["path: unknown path", "edge-to-ransomware"]);
    run(&["paths", "no-such.afb"]).failed(1, &["no-such.afb: "]);
    fs::write(service.folder().join("empty.json"), "{}").unwrap();
    run(&["paths", "empty.json"]).failed(1, &["empty.json: ", "neither an Attack Flow"]);
}

/// Three steps, of which one is unknown and one is a choice; one action is of another domain.
fn flow() -> Value {
    json!({"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "attack-flow", "id": "attack-flow--1", "name": "=a night shift", "start_refs": ["attack-action--1"]},
        {"type": "attack-action", "id": "attack-action--1", "name": "Script", "technique_id": "T1059.001",
         "effect_refs": ["attack-action--2", "attack-action--5"]},
        {"type": "attack-action", "id": "attack-action--2", "name": "Something", "tactic_id": "TA0008",
         "effect_refs": ["attack-condition--1"]},
        {"type": "attack-condition", "id": "attack-condition--1", "description": "Rights?",
         "on_true_refs": ["attack-action--3"], "on_false_refs": ["attack-action--4"]},
        {"type": "attack-action", "id": "attack-action--3", "name": "Take", "technique_id": "T1530"},
        {"type": "attack-action", "id": "attack-action--4", "name": "Leave", "technique_id": "T1485"},
        {"type": "attack-action", "id": "attack-action--5", "name": "Prompt", "technique_id": "AML.T0051"},
    ]})
}

fn brought(http: &Client) {
    let path = post(http, &flow());
    let steps = path["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Script", "Something", "Take or Leave"]);
    assert_eq!(steps[1]["own"], json!({"status": "not_assessed"}));
    assert_eq!(steps[2]["ways"].as_array().unwrap().len(), 2);
    assert_eq!(
        path["left_out"],
        json!([{"written": "AML.T0051", "name": "Prompt", "reason": "other_domain"}])
    );
    assert_eq!((&path["source"], &path["ordered"]), (&json!("flow"), &json!(true)));

    let layer = json!({"name": "mine", "domain": "enterprise-attack", "versions": {"layer": "4.5"}, "techniques": [
        {"techniqueID": "T1059.001", "color": "#f00"}, {"techniqueID": "T1530", "color": "#f00"}, {"techniqueID": "T1003"}]});
    let path = post(http, &layer);
    assert_eq!((&path["ordered"], &path["whole"]["steps"]), (&json!(false), &json!(2)));
    assert!(
        path["whole"].get("first_step_with_rule").is_none() && path["whole"].get("longest_stretch").is_none()
    );
}

fn refusals(http: &Client) {
    for (query, parameter) in [
        ("path=nowhere", "path"),
        ("group=nobody", "group"),
        ("steps=T9999", "steps"),
        ("steps=", "steps"),
        ("steps=T1059&path=supply-chain", "path"),
        ("cohort=nonsense", "cohort"),
        ("technique=T1059", "technique"),
    ] {
        let problem = http.get(&format!("/v1/comparisons/paths?{query}")).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}: {problem}");
    }
    let many = http.get(&format!("/v1/comparisons/paths?steps={}T1059", "T1059;".repeat(2_000)));
    let many = many.problem(400, "invalid-request");
    assert!(many["errors"][0]["detail"].as_str().unwrap().contains("at most 1000"), "{many}");

    let send = |body: String| {
        http.request("POST", "/v1/comparisons/paths")
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    for (document, pointer) in [
        (json!({"techniques": [], "domain": "ics-attack"}), "/domain"),
        (json!({"techniques": [], "domain": "enterprise-attack"}), ""),
        (
            json!({"type": "bundle", "objects": [{"type": "attack-flow"}, {"type": "attack-action", "name": "x"}]}),
            "",
        ),
        (
            json!({"type": "bundle", "objects": [{"type": "attack-flow"}, {"type": "attack-action", "technique_id": "AML.T0051"}]}),
            "",
        ),
        (json!({"schema": "attack_flow_v2", "objects": 7}), "/objects"),
        (json!({}), ""),
    ] {
        let problem = send(document.to_string()).problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{document}: {problem}");
    }
    let nothing = send(flow().to_string().replace("\"T1", "\"AML.T1")).problem(422, "invalid");
    assert!(
        nothing["errors"][0]["detail"].as_str().unwrap().starts_with("nothing to compare: "),
        "{nothing}"
    );
    send("{\"objects\": [".to_owned()).problem(400, "malformed-body");
    send(format!("{{\"techniques\": {}", "[".repeat(200_000))).problem(400, "malformed-body");
    let large = format!("{{\"techniques\": [], \"domain\": \"{}\"}}", "x".repeat(5_000_000));
    send(large).problem(413, "too-large");
    http.request("POST", "/v1/comparisons/paths").body("x").send().problem(415, "unsupported-media-type");
}

fn facts() -> Facts {
    let registry = Arc::new(technology::bundled().clone());
    Facts::new(&Catalogues::bundled(), registry, "19.2".parse().unwrap()).unwrap()
}

/// The techniques of a file's steps, ascending, with repetitions, and the number of unknown ways.
fn techniques(bytes: &[u8], facts: &Facts) -> Result<(Vec<String>, usize), String> {
    let draft = read(bytes).map_err(|error| error.to_string())?;
    let path = path::read(draft, facts).map_err(|error| error.to_string())?;
    let (mut found, mut unknown) = (Vec::new(), 0);
    for way in path.steps.iter().flat_map(|step| &step.ways) {
        match &way.shown_by {
            ShownBy::Techniques(ids) => found.extend(ids.iter().map(ToString::to_string)),
            ShownBy::Unknown => unknown += 1,
            ShownBy::Tactic(_) => panic!("no flow has a tactic's step"),
        }
    }
    found.sort_unstable();
    Ok((found, unknown))
}

#[test]
fn real_flows_have_the_expected_steps_in_every_form() {
    let Some(folder) = shared_data().map(|data| data.join("flows/attack-flow")) else { return };
    let facts = facts();
    let mut expected: BTreeMap<String, (Vec<String>, usize)> = BTreeMap::new();
    let table = fs::read_to_string(folder.join("expected_nodes.csv")).unwrap();
    for record in csv::Reader::from_reader(table.as_bytes()).records().map(Result::unwrap) {
        let (techniques, unknown) = expected.entry(record[0].to_owned()).or_default();
        match (&record[2], &record[4], &record[5]) {
            ("action", "", _) => *unknown += 1,
            ("action", _, "") => {}
            ("action", _, now) => techniques.push(now.to_owned()),
            _ => {}
        }
    }
    assert!(expected.len() >= 6);
    for (file, (mut wanted, unknown)) in expected {
        wanted.sort_unstable();
        let stix = format!("derived-stix/{}", file.replace(".afb", ".json"));
        for name in [file.as_str(), stix.as_str()] {
            let Ok(bytes) = fs::read(folder.join(name)) else { continue };
            match techniques(&bytes, &facts) {
                Ok(found) => assert_eq!(found, (wanted.clone(), unknown), "{name}"),
                Err(error) => {
                    assert!(wanted.is_empty() && error.starts_with("nothing to compare"), "{name}: {error}");
                }
            }
        }
    }
    assert!(techniques(&fs::read(folder.join("stix-example-official.json")).unwrap(), &facts).is_ok());
}

#[test]
fn real_layers_are_sets_of_what_they_mark() {
    let Some(folder) = shared_data().map(|data| data.join("layers")) else { return };
    let facts = facts();
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".json") {
            continue;
        }
        let bytes = fs::read(entry.path()).unwrap();
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let marked = |entry: &&Value| match entry["score"].as_f64() {
            Some(score) => score > 0.0,
            None => entry["color"].as_str().is_some_and(|color| !color.is_empty()),
        };
        let listed = document["techniques"].as_array().unwrap();
        let marked: std::collections::BTreeSet<&str> =
            listed.iter().filter(marked).map(|entry| entry["techniqueID"].as_str().unwrap()).collect();
        let path = path::read(read(&bytes).unwrap(), &facts).unwrap();
        assert!(!path.ordered);
        assert!(!path.steps.is_empty() && path.steps.len() + path.left_out.len() <= marked.len(), "{name}");
        let merged = path.moved.len();
        assert!(path.steps.len() + path.left_out.len() + merged >= marked.len(), "{name}");
        seen += 1;
    }
    assert!(seen >= 5, "{seen}");
}
