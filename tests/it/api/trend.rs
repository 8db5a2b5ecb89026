//! Trends and changes over several releases: the own side as of each cut-off, breaks, and what a withdrawal leaves.

use std::sync::Arc;

use chrono::TimeDelta;
use peerbench::{
    app::{App, Parts, join_community::upload, publish_release::publish_release_anyway},
    domain::{
        access::ClientId,
        attack::Catalogues,
        calendar::Month,
        organisation::OrganisationId,
        snapshot::{Context, parse},
        technology,
    },
    environment::{Clock as _, FixedClock, SystemClock},
};
use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{
    Store,
    client::Client,
    on_both,
    people::{Member, Profile},
    server::Service,
    settled::settle_in,
};

on_both!(a_trend_is_as_of_each_cut_off_and_breaks_with_the_version);

/// The latest release's days before now, and those of the two before it.
const DAYS: [i64; 3] = [22, 14, 6];

/// A community with three releases: the first in ATT&CK 18.1, the others in 19.2. The member covers one technique more
/// before each of the last two. Returns the ids of its snapshots.
fn three_releases(service: &Service, member: &Member) -> [String; 3] {
    let cli = |arguments: &[&str]| assert!(service.run(arguments).status.success(), "{arguments:?}");
    ["19.0", "19.1", "19.2"].iter().for_each(|version| cli(&["catalogue", "disable", version]));
    let now = SystemClock.now();
    let clock = Arc::new(FixedClock::at(now - TimeDelta::days(40)));
    let app = || {
        let mut parts = service.parts();
        parts.parameters.release_days = 7;
        parts.parameters.give_min_techniques = 1;
        App::new(Parts { clock: Arc::<FixedClock>::clone(&clock), ..parts }).unwrap()
    };
    settle_in(&app(), &clock, 60);
    let owner = OrganisationId::new(&member.organisation);
    let extended = [vec![], vec!["T1003.001"], vec!["T1003.001", "T1021.001", "T1053.005"]];
    let mut ids = Vec::new();
    for (days, more) in DAYS.into_iter().zip(extended) {
        clock.set(now - TimeDelta::days(days + 1));
        if days == DAYS[1] {
            ["19.0", "19.1", "19.2"].iter().for_each(|version| cli(&["catalogue", "enable", version]));
        }
        let app = app();
        let mut document = snapshot();
        document["period"] = "2026-10".into();
        let cells = document["cells"].as_array_mut().unwrap();
        cells.extend(
            more.iter().map(|id| json!({"technique": id, "technology": "microsoft.windows", "value": 3})),
        );
        let catalogues = Catalogues::bundled();
        let current = Month::of(clock.now()).unwrap();
        let context = Context { catalogues: &catalogues, registry: technology::bundled(), current };
        let parsed = parse(document.to_string().as_bytes(), context).unwrap();
        ids.push(upload(&app, &owner, &parsed).unwrap().to_string());
        clock.set(now - TimeDelta::days(days));
        // The server is running already, with the clock of now.
        publish_release_anyway(&app, &ClientId::new("test")).unwrap();
    }
    ids.try_into().unwrap()
}

fn points(http: &Client, query: &str) -> Vec<Value> {
    let answer = http.get(&format!("/v1/comparisons/trend{query}")).expect(200).json();
    answer["items"].as_array().unwrap().clone()
}

fn numbers(points: &[Value], name: &str) -> Vec<Option<i64>> {
    points.iter().map(|point| point["own"][name].as_i64()).collect()
}

fn a_trend_is_as_of_each_cut_off_and_breaks_with_the_version(store: Store) {
    let service = Service::start_with(store, &[("PEERBENCH_PRIVACY_RELEASE_DAYS", "7")]);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    let ids = three_releases(&service, &member);

    let trend = points(http, "");
    assert_eq!(trend.len(), 3);
    assert_eq!(numbers(&trend, "covered"), [Some(2), Some(3), Some(5)]);
    assert!(trend[0].get("own_change").is_none() && trend[0].get("break").is_none(), "{}", trend[0]);
    assert_eq!(
        (&trend[0]["release"]["attack"], &trend[1]["release"]["attack"]),
        (&json!("18.1"), &json!("19.2"))
    );
    assert_eq!(trend[1]["break"], json!(["attack"]));
    assert!(trend[1].get("peers_change").is_none() && trend[1].get("difference_change").is_none());
    assert!(
        trend[1]["own_change"].is_i64(),
        "the own side is computed again in the later version: {}",
        trend[1]
    );
    assert!(trend[2].get("break").is_none(), "{}", trend[2]);
    let share = |point: &Value| point["own"]["share"].as_i64().unwrap();
    assert_eq!(trend[2]["own_change"].as_i64(), Some(share(&trend[2]) - share(&trend[1])));
    let p50 = |point: &Value| point["peers"]["p50"].as_i64().unwrap();
    let moved = p50(&trend[2]) - p50(&trend[1]);
    assert_eq!(trend[2]["peers_change"].as_i64(), Some(moved));
    assert_eq!(trend[2]["meaningful"], moved.abs() > 5);

    // A technique that was renumbered is one series; a tactic that a version doesn't have says so.
    let technique = points(http, "?measure=technique:T1562.001");
    assert_eq!(
        technique[0]["own"]["status"], "not_assessed",
        "18.1 has no T1685, which several techniques became"
    );
    assert_eq!(numbers(&technique, "score"), [None, Some(50), Some(50)], "T1562.001 is T1685 now");
    assert_eq!(technique[1]["own_change"], 0, "as if the earlier snapshot had been read in 19.2");
    let tactic = points(http, "?measure=tactic:stealth");
    assert_eq!(
        (&tactic[0]["own"]["status"], &tactic[0]["peers"]["status"]),
        (&json!("not_assessed"), &json!("not_released"))
    );
    let counted = points(http, "?measure=technology:microsoft.windows&from=2");
    assert_eq!(numbers(&counted, "count"), [Some(3), Some(5)]);
    assert_eq!(counted[1]["own_change"], 2);
    assert_eq!(points(http, "?from=2&to=2").len(), 1);

    changes(http);
    forms(http);
    refusals(http);
    matches_the_command(&service, &member);

    // What was withdrawn leaves no trace: the snapshot that it replaced counts again, as if the other had never been.
    http.delete(&format!("/v1/snapshots/{}", ids[1])).expect(204);
    assert_eq!(numbers(&points(http, ""), "covered"), [Some(2), Some(2), Some(5)]);
    http.delete(&format!("/v1/snapshots/{}", ids[0])).expect(204);
    let gone = points(http, "");
    assert_eq!(numbers(&gone, "covered"), [None, None, Some(5)]);
    assert_eq!(gone[0]["own"], json!({"status": "not_assessed"}));
    assert!(gone[2].get("own_change").is_none());
}

fn changes(http: &Client) {
    let answer = http.get("/v1/comparisons/changes?since=2&limit=1000").expect(200).json();
    let items = answer["items"].as_array().unwrap();
    assert_eq!((&answer["since"]["number"], &answer["release"]["number"]), (&json!(2), &json!(3)));
    assert_eq!(answer["total"], items.len());
    let of = |measure: &str| items.iter().find(|item| item["measure"] == measure);
    let technique = of("technique:T1053").expect("it was covered since");
    assert_eq!(technique["then"]["own"]["score"], 0);
    assert_eq!(technique["own_change"], technique["now"]["own"]["score"]);
    assert!(
        of("technique:T1003").is_none(),
        "it has not moved: its peers' row is {:?}",
        of("technique:T1003")
    );
    assert_eq!(of("technology:microsoft.windows").unwrap()["own_change"], 2);
    let distance = |item: &Value| {
        let peers = item["peers_change"].as_i64().filter(|_| item["meaningful"] == true);
        item["own_change"].as_i64().unwrap_or(0).abs().max(peers.unwrap_or(0).abs())
    };
    assert!(items.windows(2).all(|pair| distance(&pair[0]) >= distance(&pair[1])), "most moved first");
    let broken = http.get("/v1/comparisons/changes?since=1&limit=1000").expect(200).json();
    assert_eq!(broken["break"], json!(["attack"]));
    assert!(broken["items"].as_array().unwrap().iter().all(|item| item.get("peers_change").is_none()));
    let kinds = http.get("/v1/comparisons/changes?since=2&kind=technology").expect(200).json();
    assert!(kinds["items"].as_array().unwrap().iter().all(|item| item["technology"].is_string()));
    let page = http.get("/v1/comparisons/changes?since=2&limit=1").expect(200).json();
    let next = http
        .get(&format!("/v1/comparisons/changes?since=2&limit=1&cursor={}", page["next"].as_str().unwrap()));
    assert_eq!(next.expect(200).json()["items"][0], items[1]);
    let latest = http.get("/v1/comparisons/changes?since=3").problem(400, "invalid-request");
    let detail = latest["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("is the latest") && detail.contains("an earlier release"), "{latest}");
}

/// Every row of CSV is complete in itself, and asking again answers from memory.
fn forms(http: &Client) {
    for (path, rows) in [("trend?measure=overall", 3), ("changes?since=2&limit=1000", 0)] {
        let json = http.get(&format!("/v1/comparisons/{path}")).expect(200);
        assert_eq!(json.body, http.get(&format!("/v1/comparisons/{path}")).expect(200).body);
        let csv = http.get(&format!("/v1/comparisons/{path}&format=csv")).expect(200).text();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), json.json()["items"].as_array().unwrap().len());
        assert!(records.len() >= rows);
        for name in ["measure", "release", "cut_off", "attack", "basis", "cohort_asked", "cohort"] {
            let at = headers.iter().position(|header| header == name).unwrap();
            assert!(records.iter().all(|record| !record[at].is_empty()), "{name}: {csv}");
        }
    }
}

fn refusals(http: &Client) {
    for (query, parameter) in [
        ("trend?measure=everything", "measure"),
        ("trend?measure=technique:T9999", "measure"),
        ("trend?measure=tactic:defense-evasion", "measure"),
        ("trend?measure=group:nobody", "measure"),
        ("trend?measure=technology:nobody.nothing", "measure"),
        ("trend?from=0", "from"),
        ("trend?from=3&to=2", "from"),
        ("trend?basis=observed", "basis"),
        ("trend?since=1", "since"),
        ("trend?column=identity", "column"),
        ("trend?measure=tactic:execution&column=okta.identity", "column"),
        ("changes?since=3", "since"),
        ("changes", "since"),
        ("changes?since=first", "since"),
        ("changes?since=1&kind=cell", "kind"),
        ("changes?since=1&cursor=eA", "cursor"),
    ] {
        let problem = http.get(&format!("/v1/comparisons/{query}")).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}: {problem}");
    }
    for query in [
        "trend?to=9",
        "changes?since=9",
        "trend?cohort=sector:health",
        "changes?since=1&cohort=sector:health",
    ] {
        http.get(&format!("/v1/comparisons/{query}")).problem(404, "not-found");
    }
}

/// The command line prints the service's numbers.
fn matches_the_command(service: &Service, member: &Member) {
    let run = |arguments: &[&str]| {
        let mut command = service.command(arguments);
        command.env("PEERBENCH_CLIENT_ID", &member.credentials.id);
        command.env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret);
        crate::support::console::Ran::of(&mut command).done()
    };
    let trend = run(&["trend", "technology:microsoft.windows", "--format", "json"]).json();
    let answer =
        member.http.get("/v1/comparisons/trend?measure=technology:microsoft.windows").expect(200).json();
    assert_eq!(trend, answer);
    let text = run(&["trend"]).out;
    assert!(text.starts_with("Overall over 3 releases, compared with all members\n"), "{text}");
    assert!(text.contains("Release 2 can't be joined to the one before: another ATT&CK version."), "{text}");
    let text = run(&["changes", "--since", "2"]).out;
    assert!(text.starts_with("What changed since release 2, compared with all members\n"), "{text}");
    assert!(text.contains("technique:T1053 "), "{text}");
    assert_eq!(run(&["changes"]).out, text, "the release before the latest is the usual one");
    assert!(!text.contains('\u{1b}'), "no colours where nobody looks");
}
