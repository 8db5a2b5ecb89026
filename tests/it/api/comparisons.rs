//! Comparisons over HTTP: who may read, the lists and the summary, filters, pages, CSV, and what does not depend on whom.

use serde_json::{Value, json};

use super::sample::{snapshot, snapshot_with};
use crate::support::{Store, client::Client, community::settle, on_both, people::Profile, server::Service};

on_both!(a_member_reads_where_it_stands);

const LISTS: [&str; 6] = ["techniques", "technologies", "families", "tactics", "groups", "cells"];

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap_or_else(|| panic!("no items: {answer}"))
}

fn a_member_reads_where_it_stands(store: Store) {
    let service = Service::start(store);
    settle(&service, 160);
    let operator = service.operator();
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    http.get("/v1/comparisons/summary").problem(403, "nothing-contributed");
    http.post("/v1/snapshots", &snapshot()).expect(201);
    http.get("/v1/comparisons/summary").problem(404, "not-published");
    http.get("/v1/cohorts").problem(404, "not-published");
    assert_eq!(http.get("/v1/releases").expect(200).json()["items"], json!([]));

    let published = operator.request("POST", "/v1/admin/releases").send().expect(201);
    assert_eq!(published.header("location"), Some("/v1/releases/1"));
    let release = http.get("/v1/releases/1").expect(200).json();
    for (name, value) in published.json().as_object().unwrap() {
        assert_eq!(&release[name], value, "{name}");
    }
    assert_eq!(items(&http.get("/v1/releases").expect(200).json()), &vec![published.json()]);
    http.get("/v1/releases/2").problem(404, "not-found");
    http.get("/v1/releases/first").problem(404, "not-found");

    let cohorts = http.get("/v1/cohorts").expect(200).json();
    assert_eq!(items(&cohorts)[0]["cohort"], "all");
    assert_eq!(
        (&items(&cohorts)[0]["status"], &items(&cohorts)[0]["members"]),
        (&json!("released"), &json!("100-199"))
    );

    let summary = http.get("/v1/comparisons/summary").expect(200).json();
    assert_eq!((&summary["release"]["number"], &summary["cohort"]), (&json!(1), &json!("all")));
    assert_eq!(summary["overall"]["peers"]["status"], "released");
    let [p25, p50, p75] = ["p25", "p50", "p75"].map(|p| summary["overall"]["peers"][p].as_u64().unwrap());
    assert!(p25 <= p50 && p50 <= p75, "{summary}");
    assert!(summary["overall"]["own"]["of"].as_u64().unwrap() > 100, "the denominator is named");
    assert!(!summary["tactics"].as_array().unwrap().is_empty());
    assert!(summary["gaps"].as_array().unwrap().len() <= 10);
    assert_eq!(summary["snapshots"][0]["source"], "splunk");

    for list in LISTS {
        let answer =
            http.get(&format!("/v1/comparisons/{list}?limit=1000&coverage=")).problem(400, "invalid-request");
        assert_eq!(answer["errors"][0]["parameter"], "coverage");
        let answer = http.get(&format!("/v1/comparisons/{list}?limit=1000")).expect(200).json();
        assert!(answer["denominator"]["applies"].as_u64().is_some(), "{list}");
        for item in items(&answer) {
            assert!(
                item["name"].is_string() && item["own"].is_object() && item["peers"]["status"].is_string(),
                "{item}"
            );
            assert!(!item.to_string().contains("null"), "what is missing is left out: {item}");
        }
        let csv = http.get(&format!("/v1/comparisons/{list}?limit=1000&format=csv")).expect(200);
        assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
        assert_eq!(csv.text().lines().count(), items(&answer).len() + 1, "{list}: the same lines");
        let accepted =
            http.request("GET", &format!("/v1/comparisons/{list}?limit=1000")).header("accept", "text/csv");
        assert_eq!(accepted.send().expect(200).body, csv.body, "{list}");
    }

    the_own_side_is_assessed(&summary);
    one_denominator(http, &summary);
    hidden_rows_are_counted(http);
    a_list_refuses_what_it_would_ignore(http);
    the_small_lists_are_tables_too(http);
    counts_are_steps(http);
    pages_and_filters(http);
    refusals(&service, http);

    // The peers' side is the table, whoever uploads what (R8, R20).
    let peers =
        |answer: &Value| -> Vec<Value> { items(answer).iter().map(|item| item["peers"].clone()).collect() };
    let path = "/v1/comparisons/techniques?sort=id&limit=1000";
    let before = http.get(path).expect(200);
    assert_eq!(before.body, http.get(path).expect(200).body);
    http.post("/v1/snapshots", &snapshot_with(20)).expect(201);
    let after = http.get(path).expect(200);
    assert_ne!(before.header("etag"), after.header("etag"), "the own side is of now");
    assert_eq!(peers(&before.json()), peers(&after.json()));
}

fn the_own_side_is_assessed(summary: &Value) {
    let rows = ["tactics", "gaps", "technologies"].map(|list| summary[list].as_array().unwrap());
    for row in rows.into_iter().flatten().chain([&summary["overall"]]) {
        let own = &row["own"];
        let has_number = ["score", "share", "count"].iter().any(|number| own[number].is_u64());
        assert_eq!(own["status"], if has_number { "assessed" } else { "not_assessed" }, "{row}");
        let position = row["position"].as_object().into_iter().flatten();
        let bounds =
            position.filter(|(member, percent)| member.starts_with("percentile_") && percent.is_u64());
        assert_eq!(bounds.count(), usize::from(row["position"].is_object()), "{row}");
    }
}

fn one_denominator(http: &Client, summary: &Value) {
    let overall = &summary["overall"]["own"];
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(summary["denominator"]["applies"], overall["of"]);
    assert_eq!(
        number(&summary["denominator"]["assessed"]),
        number(&overall["of"]) - number(&overall["unknown"])
    );
    for list in ["techniques", "technologies", "families", "tactics", "groups"] {
        let answer = http.get(&format!("/v1/comparisons/{list}?limit=1")).expect(200).json();
        assert_eq!(answer["denominator"], summary["denominator"], "{list}");
    }
    let narrower = http.get("/v1/comparisons/techniques?column=endpoint&limit=1").expect(200).json();
    assert_ne!(narrower["denominator"], summary["denominator"]);
}

fn hidden_rows_are_counted(http: &Client) {
    let answer = http.get("/v1/comparisons/techniques?limit=1000").expect(200).json();
    let few = http.get("/v1/comparisons/techniques?limit=1000&coverage=few").expect(200).json();
    assert!(!items(&few).is_empty());
    assert_eq!(answer["hidden"], json!({"few": items(&few).len()}));
    assert_eq!(few.get("hidden"), None, "whoever asks for them is told all");
    let of_tactic = http.get("/v1/comparisons/techniques?limit=1&tactic=execution").expect(200).json();
    assert!(of_tactic["hidden"]["few"].as_u64() < answer["hidden"]["few"].as_u64(), "{of_tactic}");
    // A table has no place for it.
    let header = |query: &str| {
        let table = http.get(&format!("/v1/comparisons/techniques?limit=1000&format=csv{query}")).expect(200);
        table.header("peerbench-hidden").map(str::to_owned)
    };
    assert_eq!(header(""), Some(format!("few={}", items(&few).len())));
    assert_eq!(header("&coverage=few"), None);
}

/// A technology count is a step in every form, and the position is worked out from steps alone.
fn counts_are_steps(http: &Client) {
    let answer = http.get("/v1/comparisons/technologies?limit=1000").expect(200).json();
    let csv = http.get("/v1/comparisons/technologies?limit=1000&format=csv").expect(200).text();
    let mut compared = 0;
    for (item, line) in items(&answer).iter().zip(csv.lines().skip(1)) {
        let shown = if item["peers"]["status"] == "released" { item } else { &item["fallback"] };
        let (own, peers, position) = (&shown["own"], &shown["peers"], &shown["position"]);
        for (quantile, step) in peers["steps"].as_object().into_iter().flatten() {
            assert_eq!(peers[quantile], step["from"], "{item}");
            let text = match step["to"].as_u64() {
                Some(to) if step["from"] == to => format!("{quantile}={to}"),
                Some(to) => format!("{quantile}={}-{to}", step["from"]),
                None => format!("{quantile}=>={}", step["from"]),
            };
            assert!(line.contains(&text), "{text} is not in {line}");
        }
        let Some(band) = position["band"].as_str() else { continue };
        compared += 1;
        let (count, step) = (own["count"].as_u64().unwrap(), &own["step"]);
        assert!(step["from"].as_u64().unwrap() <= count && step["to"].as_u64().is_none_or(|to| count <= to));
        let is_at = ["p25", "p50", "p75"].iter().any(|quantile| peers[quantile] == step["from"]);
        assert_eq!(band.starts_with("around"), is_at, "{item}");
        assert!(line.contains(&format!(",{band},")), "{line}");
    }
    assert!(compared > 0, "no technology is compared: {answer}");
}

fn pages_and_filters(http: &Client) {
    let all = http.get("/v1/comparisons/techniques?sort=id&limit=1000").expect(200).json();
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            http.get(&format!("/v1/comparisons/techniques?sort=id&limit=40{cursor}")).expect(200).json();
        paged.extend(items(&page).clone());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, items(&all), "pages without gap or overlap");
    let link = http.get("/v1/comparisons/techniques?sort=id&limit=40&format=csv").expect(200);
    assert!(link.header("link").unwrap().ends_with("rel=\"next\""));

    let tactic = http.get("/v1/comparisons/techniques?tactic=execution&limit=1000").expect(200).json();
    assert!(!items(&tactic).is_empty());
    for item in items(&tactic) {
        assert!(item["tactics"].as_array().unwrap().contains(&json!("execution")), "{item}");
    }
    let subs =
        http.get("/v1/comparisons/techniques?granularity=sub&limit=1000&coverage=few").expect(200).json();
    assert!(items(&subs).iter().all(|item| item["technique"].as_str().unwrap().contains('.')));
    for item in items(&subs) {
        assert_eq!(item["peers"].get("p50"), None, "few shows no number: {item}");
    }
    let column = http.get("/v1/comparisons/techniques?column=endpoint&limit=1000").expect(200).json();
    assert_eq!(column["denominator"]["column"], "endpoint");
}

fn refusals(service: &Service, http: &Client) {
    let problem = http
        .get("/v1/comparisons/techniques?cohort=nonsense&basis=hoped&sort=best&granularity=all")
        .problem(400, "invalid-request");
    let named: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["parameter"].as_str().unwrap())
        .collect();
    for parameter in ["cohort", "basis", "sort", "granularity"] {
        assert!(named.contains(&parameter), "{problem}");
    }
    for (path, parameter) in [
        ("basis=observed", "basis"),
        ("tactic=magic", "tactic"),
        ("group=G9999", "group"),
        ("column=nobody.nothing", "technology"),
        ("cursor=eA", "cursor"),
        ("technique=T1059", "technique"),
    ] {
        let problem = http.get(&format!("/v1/comparisons/techniques?{path}")).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{path}");
    }
    http.get("/v1/comparisons/summary?cohort=sector:health").problem(404, "not-found");
    http.get("/v1/comparisons/summary?release=7").problem(404, "not-found");
    let newcomer = service.newcomer(&Profile::named("New")).http;
    newcomer.post("/v1/snapshots", &snapshot()).expect(201);
    newcomer.get("/v1/comparisons/summary").problem(403, "not-verified");
    newcomer.get("/v1/cohorts").problem(403, "not-verified");
}

#[test]
fn the_promise_is_public_and_has_the_numbers_in_force() {
    let service = Service::start_with(
        Store::Sqlite,
        &[("PEERBENCH_PRIVACY_PRESET", "conservative"), ("PEERBENCH_PRIVACY_CODE_LOW", "15")],
    );
    let privacy = service.anonymous().get("/v1/privacy").expect(200).json();
    assert_eq!(privacy["preset"], "conservative");
    assert_eq!((&privacy["parameters"]["k"], &privacy["parameters"]["code_low"]), (&json!(40), &json!(15)));
    assert!(
        privacy["what_others_can_learn"].as_str().unwrap().contains("at least 40 independent organisations")
    );
    assert!(privacy["rules"].as_array().unwrap().len() > 20);
}

/// A parameter belongs to a list or is refused: none is ignored.
fn a_list_refuses_what_it_would_ignore(http: &Client) {
    let takes = |list: &str| -> &[&str] {
        match list {
            "techniques" => {
                &["column", "tactic", "technology", "family", "platform", "group", "set", "granularity"]
            }
            "cells" => &["tactic", "technology", "family", "platform", "group", "granularity"],
            "technologies" => &["technology", "family"],
            "families" => &["family"],
            "tactics" => &["tactic"],
            _ => &["group"],
        }
    };
    let parameters = [
        ("column", "identity"),
        ("tactic", "execution"),
        ("technology", "microsoft.windows"),
        ("family", "endpoint"),
        ("platform", "Windows"),
        ("group", "APT29"),
        ("set", "top:50"),
        ("granularity", "sub"),
    ];
    for list in LISTS {
        let path = format!("/v1/comparisons/{list}");
        let plain = http.get(&format!("{path}?limit=1000")).expect(200).json();
        for (name, value) in parameters {
            let asked = http.get(&format!("{path}?limit=1000&{name}={value}"));
            if takes(list).contains(&name) {
                assert_ne!(asked.expect(200).json(), plain, "{list} ignores {name}");
                continue;
            }
            let problem = asked.problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["parameter"], name, "{list}: {problem}");
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(list) && detail.contains("only to"), "{detail}");
        }
    }
    let problem =
        http.get("/v1/comparisons/groups?column=identity&tactic=execution").problem(400, "invalid-request");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "all at once: {problem}");
    for query in ["kind=tactic&column=identity", "kind=group,summary&column=okta.identity"] {
        let problem = http.get(&format!("/v1/console/rows?{query}")).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], "column", "{problem}");
    }
    for (query, parameter) in
        [("format=html&paper=a4", "paper"), ("format=pdf&drawing=trend", "drawing"), ("layer=word", "layer")]
    {
        let problem = http.get(&format!("/v1/report?{query}")).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{problem}");
    }
}

/// The lists without pages have a table, too, each row complete in itself.
fn the_small_lists_are_tables_too(http: &Client) {
    for (path, list) in [
        ("/v1/cohorts", "items"),
        ("/v1/snapshots", "items"),
        ("/v1/comparisons/fewest-changes?measure=tactic:execution&target=100", "changes"),
    ] {
        let json = http.get(path).expect(200).json();
        let table = http.request("GET", path).header("accept", "text/csv").send().expect(200);
        assert!(table.header("content-type").unwrap().starts_with("text/csv"), "{path}");
        let text = table.text();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), json[list].as_array().unwrap().len(), "{path}: {text}");
        assert!(!records.is_empty(), "{path}");
        for name in ["release", "basis", "cut_off"].iter().filter(|_| path != "/v1/snapshots") {
            let at =
                heads.iter().position(|head| head == name).unwrap_or_else(|| panic!("{path} has no {name}"));
            assert!(records.iter().all(|record| !record[at].is_empty()), "{path}: {text}");
        }
    }
}
