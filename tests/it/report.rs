//! Reports, read with other programs than those that write them: openpyxl and calamine, poppler, librsvg, Python's parsers.
//! Every number must be the API's.

mod hostile;
mod layer;
mod readers;

use serde_json::{Value, json};

use crate::{
    api::sample::snapshot,
    support::{
        Store,
        client::Client,
        community::settle,
        people::{Member, Profile},
        server::Service,
    },
};
use readers::{File, convert, pdf_text, program, read};

/// A service with two releases, and a member that contributed.
fn world() -> (Service, Member) {
    let service = Service::start(Store::Sqlite);
    settle(&service, 160);
    let member = service.member(&Profile::named("Harbour Mutual"));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    for _ in 0..2 {
        service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    }
    (service, member)
}

/// The report in a form, as a file.
fn file(http: &Client, query: &str) -> File {
    let answer = http.get(&format!("/v1/report?{query}")).expect(200);
    File::of(answer.body)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// The side of a line that says something.
fn shown(item: &Value) -> &Value {
    match item.get("fallback") {
        Some(fallback) if item["peers"]["status"] != "released" => fallback,
        _ => item,
    }
}

#[test]
fn every_format_says_what_the_api_says() {
    let (service, member) = world();
    let http = &member.http;
    let report = http.get("/v1/report?format=json").expect(200).json();
    let content = &report["content"];
    assert_eq!((&report["organisation"], &report["status"]), (&json!("Harbour Mutual"), &json!("complete")));
    numbers_are_the_apis(http, content);
    workbook(http, content);
    pdf(http, content);
    svg(http, content);
    html_and_markdown(http, content);
    layer::all(http, content);
    accept_chooses_the_form_and_answers_are_kept(http);
    the_command_writes_what_the_service_answers(&service, &member);
    hostile::no_name_breaks_a_format(http);
}

/// The model of the report is put together from the API's own answers.
fn numbers_are_the_apis(http: &Client, content: &Value) {
    let get = |path: &str| http.get(path).expect(200).json();
    assert_eq!(content["summary"], get("/v1/comparisons/summary"));
    let gaps = get("/v1/comparisons/gaps?limit=1000");
    assert_eq!(content["gaps"]["items"], gaps["items"]);
    assert!(items(&gaps["items"]).len() > 3);
    let groups = get("/v1/comparisons/groups?limit=1000");
    assert_eq!(content["groups"], groups["items"]);
    let listed = get("/v1/comparisons/techniques?limit=1000&sort=id");
    let listed = items(&listed["items"]);
    assert!(listed.len() > 20);
    for item in listed {
        let found = items(&content["techniques"]).iter().find(|one| one["technique"] == item["technique"]);
        assert_eq!(found, Some(item));
    }
    let changes = get("/v1/comparisons/changes?since=1&limit=40");
    assert_eq!(content["changes"]["items"], changes["items"]);
    let trend = get("/v1/comparisons/trend?measure=overall");
    assert_eq!(content["trend"], trend);
    // The matrix has as many techniques as the tactics are out of.
    for tactic in items(&content["summary"]["tactics"]) {
        let name = &tactic["tactic"];
        let within = |item: &&Value| items(&item["tactics"]).contains(name);
        let count = items(&content["techniques"]).iter().filter(within).count();
        assert_eq!(json!(count), tactic["own"]["of"], "{name}");
    }
}

fn workbook(http: &Client, content: &Value) {
    let file = file(http, "format=xlsx");
    let (openpyxl, calamine) = (read("openpyxl", &file), read("calamine", &file));
    let names: Vec<&String> = openpyxl.as_object().unwrap().keys().collect();
    let expected = ["Gaps", "Method", "Summary", "Tactics", "Techniques", "Technologies", "Threat groups"];
    assert_eq!(names, expected);
    for (name, sheet) in openpyxl.as_object().unwrap() {
        assert_eq!(sheet["formulas"], json!([]), "{name}");
        let (one, other) = (items(&sheet["rows"]), items(&calamine[name]["rows"]));
        assert_eq!(one.len(), other.len(), "{name}");
        for (one, other) in one.iter().zip(other) {
            for (one, other) in items(one).iter().zip(items(other)) {
                // Calamine has empty texts where there is nothing, and only numbers with a point.
                let same = one == other
                    || (one.is_null() && *other == json!(""))
                    || (one.is_number() && one.as_f64() == other.as_f64());
                assert!(same, "{name}: {one} {other}");
            }
        }
    }
    let cell = |sheet: &str, row: usize, heading: &str| {
        let rows = items(&openpyxl[sheet]["rows"]);
        let at = items(&rows[0]).iter().position(|one| one == heading);
        items(&rows[row])[at.unwrap_or_else(|| panic!("{sheet} has no {heading}"))].clone()
    };
    let or_null = |value: &Value, name: &str| value.get(name).cloned().unwrap_or(Value::Null);
    // A number that is coded to an end is a text, with which nothing calculates.
    let published = |side: &Value, name: &str| {
        let number = or_null(&side["peers"], name);
        match side["peers"]["coded"][name].as_str() {
            Some("low") => json!(format!("≤{number}")),
            Some(_) => json!(format!("≥{number}")),
            None => number,
        }
    };
    let mut coded = 0;
    for (row, tactic) in (2..).zip(items(&content["summary"]["tactics"])) {
        let side = shown(tactic);
        assert_eq!(cell("Tactics", row, "Your share"), side["own"]["share"]);
        assert_eq!(cell("Tactics", row, "Of"), side["own"]["of"]);
        assert_eq!(cell("Tactics", row, "Median"), published(side, "p50"));
        assert_eq!(cell("Tactics", row, "Upper quartile"), published(side, "p75"));
    }
    let (mut compared, mut bounds) = (0, 0);
    for (row, item) in (1..).zip(items(&content["techniques"])) {
        let side = shown(item);
        assert_eq!(cell("Techniques", row, "ID"), item["technique"]);
        assert_eq!(cell("Techniques", row, "Your score"), or_null(&side["own"], "score"));
        for (heading, name) in [("Lower quartile", "p25"), ("Median", "p50"), ("Upper quartile", "p75")] {
            let expected = published(side, name);
            coded += usize::from(expected.is_string());
            assert_eq!(cell("Techniques", row, heading), expected);
        }
        let (shown, known) =
            (cell("Techniques", row, "Difference to median"), or_null(side, "difference_to_median"));
        match shown.as_str() {
            Some(bound) => {
                assert_eq!(bound[3..], format!("{:+}", known.as_i64().unwrap()));
                let is_above =
                    side["peers"]["coded"]["p50"] == "low" || side["own"]["score"].as_i64().unwrap() > 90;
                assert_eq!(bound.starts_with('≥'), is_above, "{bound}: {side}");
                bounds += 1;
            }
            None if known.is_null() => assert_eq!(shown, known),
            None => {
                let apart = side["own"]["score"].as_i64().unwrap() - side["peers"]["p50"].as_i64().unwrap();
                assert_eq!((&shown, apart), (&known, known.as_i64().unwrap()), "{side}");
            }
        }
        compared += 1;
    }
    assert!(compared > 100 && coded > 100 && bounds > 10, "{compared} {coded} {bounds}");
    for (row, gap) in (1..).zip(items(&content["gaps"]["items"])) {
        assert_eq!(cell("Gaps", row, "ID"), gap["technique"]);
        assert_eq!(cell("Gaps", row, "Priority"), or_null(gap, "priority"));
        assert_eq!(cell("Gaps", row, "Distance"), or_null(gap, "distance"));
        assert_eq!(cell("Gaps", row, "Threat"), gap["threat"]);
    }
    for sheet in ["Tactics", "Techniques", "Technologies", "Threat groups", "Gaps"] {
        let sheet = &openpyxl[sheet];
        assert_eq!(sheet["panes"], "C2");
        assert!(sheet["bars"].as_u64().unwrap() > 0 && sheet["filter"].is_string(), "{sheet}");
    }
}

fn pdf(http: &Client, content: &Value) {
    let share = &content["summary"]["overall"]["own"]["share"];
    for (paper, size) in [("a4", "595"), ("letter", "612")] {
        let file = file(http, &format!("format=pdf&paper={paper}"));
        let text = pdf_text(&file);
        let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "Harbour Mutual".to_owned(),
            format!("You cover {share}% of applicable techniques."),
            "Close these first".to_owned(),
            "What changed since release 1".to_owned(),
            "How this is computed".to_owned(),
            "what isn't promised".to_owned(),
        ] {
            assert!(flowing.contains(&part), "{part} is not in {text}");
        }
        for tactic in items(&content["summary"]["tactics"]) {
            let own = format!("{}%", shown(tactic)["own"]["share"]);
            let name = tactic["name"].as_str().unwrap();
            let line = text.lines().find(|line| line.trim_start().starts_with(name) && line.contains('%'));
            let line = line.unwrap_or_else(|| panic!("{name} is not in {text}"));
            assert!(line.split_whitespace().any(|word| word == own), "{own}: {line}");
        }
        for item in items(&content["techniques"]) {
            assert!(text.contains(item["technique"].as_str().unwrap()), "{item}");
        }
        let about = program("pdfinfo", &[file.path()]);
        assert!(about.contains("Tagged:          yes") && about.contains(size), "{about}");
        let fonts = program("pdffonts", &[file.path()]);
        let fonts: Vec<&str> = fonts.lines().skip(2).collect();
        // The columns after the name and the kind: encoding, embedded, subset, with Unicode.
        assert!(!fonts.is_empty() && fonts.iter().all(|font| font.contains("yes yes yes")), "{fonts:?}");
        let pages = convert::pages(&file);
        assert!((3..=5).contains(&pages.len()), "{} pages", pages.len());
    }
}

fn svg(http: &Client, content: &Value) {
    for drawing in ["heat_map", "tactics", "technologies", "groups", "trend"] {
        let file = file(http, &format!("format=svg&drawing={drawing}"));
        let read = read("xml", &file);
        assert!(read["names"]["title"].as_u64() >= Some(1) && read["names"]["desc"] == json!(1), "{drawing}");
        assert!(read["names"].get("image").is_none() && read["names"].get("script").is_none());
        assert!(convert::is_drawn(&file), "{drawing}");
        if drawing == "heat_map" {
            let texts = items(&read["texts"]);
            for item in items(&content["techniques"]) {
                assert!(texts.contains(&item["technique"]), "{item}");
            }
        }
    }
}

fn html_and_markdown(http: &Client, content: &Value) {
    let page = read("html", &file(http, "format=html"));
    assert_eq!(page["loads"], json!([]), "nothing is loaded");
    let texts = items(&page["text"]);
    let markdown = file(http, "format=markdown").text();
    for tactic in items(&content["summary"]["tactics"]) {
        let own = format!("{}%", shown(tactic)["own"]["share"]);
        let row = format!("| {} | {own} |", tactic["name"].as_str().unwrap());
        assert!(markdown.contains(&row), "{row} is not in {markdown}");
        let at = texts.iter().position(|text| *text == tactic["name"]).expect("the tactic");
        assert!(texts[at..].iter().any(|text| *text == json!(own)));
    }
    let first = items(&content["gaps"]["items"])[0]["technique"].as_str().unwrap();
    assert!(markdown.contains(&format!("1. **{first} ")), "{markdown}");
}

fn accept_chooses_the_form_and_answers_are_kept(http: &Client) {
    for (accept, expected) in [
        ("application/pdf", "application/pdf"),
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("image/svg+xml", "image/svg+xml"),
        ("text/markdown", "text/markdown; charset=utf-8"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
    ] {
        let answer = http.request("GET", "/v1/report").header("accept", accept).send().expect(200);
        assert_eq!(answer.header("content-type"), Some(expected), "{accept}");
        let tag = answer.header("etag").unwrap().to_owned();
        let again = http.request("GET", "/v1/report").header("accept", accept);
        again.header("if-none-match", &tag).send().expect(304);
    }
    let refused = http.get("/v1/report?format=docx&paper=a5&drawing=pie&layer=p99");
    let refused = refused.problem(400, "invalid-request").to_string();
    for name in ["format", "paper", "drawing", "layer"] {
        assert!(refused.contains(&format!("\"parameter\":\"{name}\"")), "{refused}");
    }
    http.get("/v1/report?cohort=sector:health").problem(404, "not-found");
    http.get("/v1/report?release=9").problem(404, "not-found");
    http.get("/v1/report?groups=nobody").problem(400, "invalid-request");
}

fn the_command_writes_what_the_service_answers(service: &Service, member: &Member) {
    let folder = tempfile::TempDir::new().unwrap();
    let environment = [
        ("PEERBENCH_CLIENT_URL", service.base()),
        ("PEERBENCH_CLIENT_ID", member.credentials.id.clone()),
        ("PEERBENCH_CLIENT_SECRET", member.credentials.secret.clone()),
    ];
    for (name, query) in [
        ("report.pdf", "format=pdf&paper=letter"),
        ("report.xlsx", "format=xlsx"),
        ("report.html", "format=html"),
        ("report.md", "format=markdown"),
        ("report.svg", "format=svg"),
    ] {
        let path = folder.path().join(name);
        let mut command = service.command(&["report", "-o", &path.display().to_string()]);
        if name.ends_with("pdf") {
            command.args(["--paper", "letter"]);
        }
        let output = command.envs(environment.clone()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let expected = member.http.get(&format!("/v1/report?{query}")).expect(200).body;
        assert!(std::fs::read(&path).unwrap() == expected, "{name}");
    }
    let mut layer = service.command(&["compare", "--format", "navigator", "--layer", "p50"]);
    let output = layer.envs(environment.clone()).output().unwrap();
    let layer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(layer["versions"]["layer"], "4.5");
    let mut unknown = service.command(&["report", "-o", "report.doc"]);
    assert_eq!(unknown.envs(environment).output().unwrap().status.code(), Some(2));
}
