//! Console rows: the numbers of the comparison line by line, in every form, with keys, versions, windows and pages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::sample::{snapshot, snapshot_with};
use crate::support::{Store, client::Client, community::settle, on_both, people::Profile, server::Service};

on_both!(rows_say_what_the_comparison_says);

const ROWS: &str = "/v1/console/rows";

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap_or_else(|| panic!("no items: {answer}"))
}

fn all(http: &Client, query: &str) -> Vec<Value> {
    items(&http.get(&format!("{ROWS}?limit=1000{query}")).expect(200).json()).clone()
}

/// The items of a comparison whose rows few peers cover, too.
fn compared(http: &Client, list: &str, query: &str) -> Vec<Value> {
    let path = format!("/v1/comparisons/{list}?limit=1000{query}");
    let mut found = items(&http.get(&path).expect(200).json()).clone();
    if list == "techniques" {
        for coverage in ["few", "less_than_half"] {
            let more = http.get(&format!("{path}&coverage={coverage}")).expect(200).json();
            found.extend(items(&more).clone());
        }
    }
    found
}

fn rows_say_what_the_comparison_says(store: Store) {
    let service = Service::start(store);
    settle(&service, 160);
    let operator = service.operator();
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    http.get(ROWS).problem(403, "nothing-contributed");
    http.post("/v1/snapshots", &snapshot()).expect(201);
    http.get(ROWS).problem(404, "not-published");
    operator.request("POST", "/v1/admin/releases").send().expect(201);
    let uploaded = http.get("/v1/snapshots").expect(200).json()["items"][0]["uploaded_at"].clone();

    for query in ["", "&cohort=sector:finance", "&column=endpoint"] {
        every_number_is_the_comparisons(http, query, &uploaded);
    }
    every_form_has_the_same_rows(http);
    pages_join(http);
    keys_and_versions(http);
    refusals(http);

    // A client that reads comparisons and nothing else.
    let asked = json!({"name": "Splunk app", "scopes": ["comparisons:read"]});
    let created = http.post("/v1/organisation/clients", &asked).expect(201).json();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", created["client_id"].as_str().unwrap()),
        ("client_secret", created["client_secret"].as_str().unwrap()),
    ];
    let token = service.anonymous().post_form("/oauth/token", &fields).expect(200).json();
    let console = service.anonymous().with_token(token["access_token"].as_str().unwrap());
    assert_eq!(all(&console, ""), all(http, ""));
}

/// The side of an item that says something.
fn shown(item: &Value) -> &Value {
    match item["fallback"].is_object() {
        true => &item["fallback"],
        false => item,
    }
}

fn every_number_is_the_comparisons(http: &Client, query: &str, uploaded: &Value) {
    let summary = http
        .get(&format!("/v1/comparisons/summary?{query}").replace("&column=endpoint", ""))
        .expect(200)
        .json();
    let rows = all(http, query);
    let mut seen = 0;
    let with_column = |list: &str| if list == "techniques" { query } else { "" };
    for (kind, list, id) in [
        ("technique", "techniques", "technique"),
        ("technology", "technologies", "technology"),
        ("tactic", "tactics", "tactic"),
        ("family", "families", "family"),
        ("group", "groups", "group"),
        ("summary", "", ""),
    ] {
        let of_kind: Vec<&Value> = rows.iter().filter(|row| row["kind"] == kind).collect();
        // Only rows of techniques have a column to choose.
        let chooses = if kind == "technique" { query } else { &query.replace("&column=endpoint", "") };
        assert_eq!(
            of_kind.iter().map(|row| (*row).clone()).collect::<Vec<_>>(),
            all(http, &format!("{chooses}&kind={kind}")),
            "{kind}"
        );
        let cohort = if query.contains("cohort") { query } else { "" };
        let lines = match list {
            "" => vec![summary["overall"].clone()],
            list => compared(
                http,
                list,
                &format!("{cohort}{}", if cohort.is_empty() { with_column(list) } else { "" }),
            ),
        };
        assert_eq!(of_kind.len(), lines.len(), "{kind} {query}");
        let lines: BTreeMap<&str, &Value> =
            lines.iter().map(|line| (line[id].as_str().unwrap_or("overall"), line)).collect();
        for row in of_kind {
            let line = lines[row["item"].as_str().unwrap()];
            let side = shown(line);
            let (own, peers) = (&side["own"], &side["peers"]);
            let number =
                ["score", "share", "count"].iter().map(|name| &own[name]).find(|number| number.is_u64());
            assert_eq!(row.get("own"), number, "{row} {line}");
            assert_eq!(
                (&row["own_status"], &row["peer_status"]),
                (&own["status"], &peers["status"]),
                "{row}"
            );
            let through = if own["through"].is_object() { &own["through"] } else { own };
            assert_eq!(row.get("covered"), through.get("covered"), "{row} {line}");
            assert_eq!(row.get("can_see"), through.get("can_see").or(through.get("of")), "{row} {line}");
            for name in ["members", "coverage", "p10", "p25", "p50", "p75", "p90", "confidence", "same_since"]
            {
                assert_eq!(row.get(name), peers.get(name), "{name}: {row} {line}");
            }
            assert_eq!(row.get("cohort_shown"), peers.get("cohort"), "{row}");
            assert_eq!(row.get("column_shown"), peers.get("column"), "{row}");
            assert_eq!(row.get("difference"), side.get("difference_to_median"), "{row}");
            assert_eq!(row.get("position"), side["position"].get("band"), "{row}");
            assert_eq!(row.get("percentile_estimate"), side["position"].get("percentile_estimate"), "{row}");
            let tactics = line["tactics"].as_array().map(|tactics| {
                tactics.iter().map(|tactic| tactic.as_str().unwrap()).collect::<Vec<_>>().join(",")
            });
            assert_eq!(row["tactics"].as_str(), tactics.as_deref(), "{row}");
            assert_eq!((&row["name"], &row["basis"]), (&line["name"], &summary["basis"]));
            assert_eq!(row["release"], summary["release"]["number"]);
            assert_eq!(row["cut_off"], summary["release"]["cut_off"]);
            assert_eq!(row["attack"], summary["release"]["attack"]);
            assert_eq!((&row["cohort_asked"], &row["as_of"]), (&summary["cohort"], uploaded));
            for (name, value) in row.as_object().unwrap() {
                assert!(
                    value.is_string() || value.is_u64() || (name == "difference" && value.is_i64()),
                    "{name}: {row}"
                );
            }
            let link = row["link"].as_str().unwrap().strip_prefix(crate::support::server::ISSUER).unwrap();
            assert_eq!(http.clone().undocumented().get(link).status, 303, "the page asks to sign in: {link}");
            seen += 1;
        }
    }
    assert_eq!(seen, rows.len());
    assert!(seen > 300, "{seen}");
}

fn every_form_has_the_same_rows(http: &Client) {
    let rows = all(http, "");
    let ndjson = http.get(&format!("{ROWS}?limit=1000&format=ndjson")).expect(200);
    assert_eq!(ndjson.header("content-type"), Some("application/x-ndjson"));
    let lines: Vec<Value> = ndjson.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, rows);
    let csv =
        http.request("GET", &format!("{ROWS}?limit=1000")).header("accept", "text/csv").send().expect(200);
    let text = csv.text();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let mut count = 0;
    for (record, row) in reader.records().zip(&rows) {
        for (heading, cell) in headings.iter().zip(record.unwrap().iter()) {
            let expected = match &row[heading] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            assert_eq!(cell, expected, "{heading}");
        }
        count += 1;
    }
    assert_eq!(count, rows.len());
    let link = http.get(&format!("{ROWS}?limit=10&format=ndjson")).expect(200);
    assert!(link.header("link").unwrap().ends_with("rel=\"next\""));
}

fn pages_join(http: &Client) {
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = http.get(&format!("{ROWS}?limit=150{cursor}")).expect(200).json();
        assert_eq!(
            page.as_object().unwrap().keys().filter(|name| *name != "next").collect::<Vec<_>>(),
            ["items"]
        );
        paged.extend(items(&page).clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, all(http, ""));
}

/// Windows meet the moments of the release and of the own change, and nothing else; keys stay and versions change.
fn keys_and_versions(http: &Client) {
    let key = |row: &Value| row["row_key"].as_str().unwrap().to_owned();
    let rows = all(http, "");
    let keys: BTreeSet<String> = rows.iter().map(key).collect();
    assert_eq!(keys.len(), rows.len(), "each row has its own key");
    let of_finance: BTreeSet<String> = all(http, "&cohort=sector:finance").iter().map(key).collect();
    assert!(keys.is_disjoint(&of_finance), "the cohort is part of the key");

    let answer = http.get(ROWS).expect(200);
    let tag = answer.header("etag").unwrap().to_owned();
    http.request("GET", ROWS).header("if-none-match", &tag).send().expect(304);

    // A release counts when the hour that it is dated to is over, and a change of the own side a minute later.
    let release = http.get("/v1/releases/1").expect(200).json();
    let later = |text: &Value, minutes| {
        let moment: DateTime<Utc> = text.as_str().unwrap().parse().unwrap();
        (moment + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Micros, true)
    };
    let (published, changed) = (later(&release["published_at"], 65), later(&rows[0]["as_of"], 1));
    let window = |since: &str, until: &str| all(http, &format!("&since={since}&until={until}")).len();
    assert!(changed < published);
    assert_eq!(window(&published, "2999-01-01"), rows.len(), "a window begins with its `since`");
    assert_eq!(window("2000-01-01", &changed), 0, "and ends before its `until`");
    assert_eq!(window("2000-01-01", &published), rows.len());
    assert_eq!(window(&changed, &published), rows.len());
    let between = later(&rows[0]["as_of"], 2);
    assert_eq!(window(&between, &published), 0);
    for nothing in ["2998-01-01", "2000-01-01"] {
        assert_eq!(window(nothing, &nothing.replace("01-01", "01-02")), 0);
    }

    http.post("/v1/snapshots", &snapshot_with(20)).expect(201);
    let after = all(http, "");
    assert_ne!(http.get(ROWS).expect(200).header("etag"), Some(tag.as_str()));
    assert_eq!(keys, after.iter().map(key).collect(), "keys stay");
    let versions = |rows: &[Value]| -> BTreeSet<String> {
        rows.iter().map(|row| row["row_version"].as_str().unwrap().to_owned()).collect()
    };
    assert!(versions(&rows).is_disjoint(&versions(&after)), "every row says as of when it is");
    // A withdrawal changes the own side, too.
    let newest = http.get("/v1/snapshots").expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    let as_of = after[0]["as_of"].as_str().unwrap().to_owned();
    http.delete(&format!("/v1/snapshots/{newest}")).expect(204);
    let withdrawn = all(http, "");
    assert!(withdrawn[0]["as_of"].as_str().unwrap() > as_of.as_str());
    let own = |rows: &[Value]| rows.iter().map(|row| row["own"].clone()).collect::<Vec<_>>();
    assert_eq!(own(&withdrawn), own(&rows));

    // A cursor belongs to its list.
    let next = http.get(&format!("{ROWS}?limit=5")).expect(200).json()["next"].as_str().unwrap().to_owned();
    http.post("/v1/snapshots", &snapshot_with(1)).expect(201);
    let stale = http.get(&format!("{ROWS}?limit=5&cursor={next}")).problem(400, "invalid-request");
    assert_eq!(stale["errors"][0]["parameter"], "cursor");
}

fn refusals(http: &Client) {
    for (query, parameter) in [
        ("kind=cell", "kind"),
        ("basis=observed", "basis"),
        ("column=nobody.nothing", "technology"),
        ("column=endpoint&kind=tactic", "column"),
        ("since=yesterday", "since"),
        ("since=2026-11-28T10:00:00", "since"),
        ("since=2026-11-02&until=2026-11-01", "until"),
        ("limit=0", "limit"),
        ("sort=id", "sort"),
        ("format=xml", "format"),
    ] {
        let problem = http.get(&format!("{ROWS}?{query}")).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}");
    }
    http.get(&format!("{ROWS}?cohort=sector:health")).problem(404, "not-found");
    http.get(&format!("{ROWS}?cohort=sector:health&since=2998-01-01")).problem(404, "not-found");
}
