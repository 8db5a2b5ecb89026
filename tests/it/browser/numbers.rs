//! The page, the API and the command line have the same numbers, and a number that is coded to an end or to a step never looks
//! exact.

use serde_json::Value;

use super::{demo::Demo, driver::Chromium};

const COHORT: &str = "sector:finance";
const QUARTILES: [(&str, &str); 3] =
    [("lower quartile", "p25"), ("median", "p50"), ("upper quartile", "p75")];

/// A published number as the page writes it.
fn written(row: &Value, quantile: &str) -> Option<String> {
    let step = &row["steps"][quantile];
    if let Some(from) = step["from"].as_u64() {
        return Some(match step["to"].as_u64() {
            None => format!("≥{from}"),
            Some(to) if to == from => from.to_string(),
            Some(to) => format!("{from}–{to}"),
        });
    }
    let sign = match row["coded"][quantile].as_str() {
        Some("low") => "≤",
        Some("high") => "≥",
        _ => "",
    };
    row[quantile].as_u64().map(|value| format!("{sign}{value}"))
}

/// The side of a line that is shown, and whether it is the asked one.
fn shown(item: &Value) -> &Value {
    let is_asked = item["peers"]["status"] == "released" || item["fallback"].is_null();
    if is_asked { item } else { &item["fallback"] }
}

fn quartiles(row: &Value) -> String {
    let told = QUARTILES.iter().filter_map(|(name, of)| Some(format!("{name} {}", written(row, of)?)));
    format!("peers: {}", told.collect::<Vec<_>>().join(", "))
}

/// A line of strips as its text is read: the name, the own number, the quartiles and the median.
fn line(item: &Value) -> String {
    let side = shown(item);
    let name = item["name"].as_str().unwrap();
    let (own, unit) = match (&side["own"]["share"], &side["own"]["count"]) {
        (Value::Number(share), _) => (share.to_string(), "%"),
        (_, Value::Number(count)) => (count.to_string(), ""),
        _ => ("–".to_owned(), ""),
    };
    match written(&side["peers"], "p50") {
        Some(p50) => format!("{name} {own}{unit} {} {p50}{unit} ", quartiles(&side["peers"])),
        None => format!("{name} {own}{unit} "),
    }
}

/// The content of elements, told apart, with what isn't unfolded.
fn contents(browser: &Chromium, selector: &str) -> String {
    let found = browser.run(&format!(
        "[...document.querySelectorAll('{selector}')].map(one => one.textContent).join(' | ')"
    ));
    found.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn has(text: &str, wanted: &str) {
    assert!(text.contains(wanted), "{wanted}: {text}");
}

pub fn three_agree(demo: &Demo, browser: &Chromium) {
    let at = |view: &str| {
        let sign = if view.contains('?') { '&' } else { '?' };
        browser.go(&demo.url(&format!("{view}{sign}cohort=sector%3Afinance")));
        browser.text()
    };
    let asked = |path: &str| {
        let sign = if path.contains('?') { '&' } else { '?' };
        demo.api().get(&format!("/v1/comparisons/{path}{sign}cohort={COHORT}")).expect(200).json()
    };
    let command =
        |arguments: &[&str]| demo.command(&[arguments, &["--cohort", COHORT, "--format", "json"]].concat());

    // The overview.
    let summary = asked("summary");
    let printed = command(&["compare"]);
    let printed = printed.get("summary").unwrap_or(&printed);
    let text = at("/app");
    has(&text, &format!("You cover {}% of applicable", summary["overall"]["own"]["share"]));
    has(&text, &format!("covers {}% or", summary["overall"]["peers"]["p50"]));
    assert_eq!(summary["overall"], printed["overall"]);
    has(&text, &line(&summary["overall"]));
    for part in ["tactics", "technologies"] {
        assert_eq!(summary[part], printed[part]);
        for item in summary[part].as_array().unwrap() {
            has(&text, &line(item));
        }
    }
    let coded = ["tactics", "technologies"].map(|part| {
        let lines = summary[part].as_array().unwrap().iter().map(line).collect::<String>();
        lines.contains('≤') || lines.contains('–')
    });
    assert_eq!(coded, [true, true], "the demo has coded numbers of both kinds");

    // The lists.
    for (view, list) in [("/app/technologies", "technologies"), ("/app/groups", "groups")] {
        let found = asked(&format!("{list}?limit=1000"));
        assert_eq!(found["items"], command(&["compare", "--list", list])["items"], "{list}");
        let text = at(view);
        let assessed = |item: &&Value| shown(item)["own"]["status"] == "assessed";
        for item in found["items"].as_array().unwrap().iter().filter(assessed) {
            has(&text, &line(item));
        }
    }

    // The gaps, and the technique of the first one.
    let gaps = asked("gaps?limit=50");
    assert_eq!(gaps["items"], command(&["gaps", "--limit", "50"])["items"]);
    let text = at("/app/gaps");
    for gap in gaps["items"].as_array().unwrap() {
        let (technique, name) = (gap["technique"].as_str().unwrap(), gap["name"].as_str().unwrap());
        let own = &gap["own"]["score"];
        has(&text, &format!("{} {technique} {name} {own} {}", gap["priority"], quartiles(&gap["peers"])));
        if let Some(p50) = written(&gap["peers"], "p50") {
            has(&text, &format!("(median {p50})"));
        }
    }
    let gap = gaps["items"].as_array().unwrap().iter().find(|gap| gap["through"].is_array()).unwrap();
    let text = at(&format!("/app/techniques/{}", gap["technique"].as_str().unwrap()));
    let p50 = written(&gap["peers"], "p50").unwrap();
    has(&text, &format!("you: {}, median: {p50}", gap["own"]["score"]));
    has(
        &text,
        &format!("Any of your technologies {} {} {p50} ", gap["own"]["score"], quartiles(&gap["peers"])),
    );
    for through in gap["through"].as_array().unwrap() {
        let own = through["own"].as_u64().map_or("–".to_owned(), |own| own.to_string());
        has(&text, &format!("{} {own} peers: ", through["name"].as_str().unwrap()));
        if let Some(p50) = written(through, "p50") {
            has(&text, &format!(", median {p50}, "));
        }
    }

    // The matrix.
    browser.go(&demo.url("/app/matrix?cohort=sector%3Afinance&numbers=yes"));
    let cells = contents(browser, ".matrix a.cell");
    for item in asked("techniques?limit=1000")["items"].as_array().unwrap() {
        let side = shown(item);
        let Some(p50) = written(&side["peers"], "p50") else { continue };
        let own = side["own"]["score"].as_u64().map_or("–".to_owned(), |own| own.to_string());
        let (technique, name) = (item["technique"].as_str().unwrap(), item["name"].as_str().unwrap());
        has(&cells, &format!("{technique} {name}you {own}, median {p50}: "));
    }

    // The trend, and the fewest changes, of a count that is published as steps.
    let measure = "technology:microsoft.windows";
    let trend = asked(&format!("trend?measure={measure}"));
    assert_eq!(trend["items"], command(&["trend", measure])["items"]);
    browser.go(&demo.url(&format!("/app/trend?cohort=sector%3Afinance&measure={measure}")));
    let rows = contents(browser, "tbody td");
    for point in trend["items"].as_array().unwrap() {
        let peers = QUARTILES.map(|(_, of)| written(&shown(point)["peers"], of).unwrap());
        has(&rows, &peers.join(" | "));
    }
    let last = trend["items"].as_array().unwrap().last().unwrap();
    let p50 = written(&shown(last)["peers"], "p50").unwrap();
    has(&browser.text(), &format!("the median of your peers stayed at {p50}."));
    let fewest = asked(&format!("fewest-changes?measure={measure}"));
    assert_eq!(fewest["changes"], command(&["fewest-changes", "--measure", measure])["changes"]);
    let text = at(&format!("/app/what-if?measure={measure}"));
    let p50 = written(&fewest["peers"], "p50").unwrap().replace('–', "-");
    has(&text, &format!("more techniques would reach your peers' median of {p50}."));
    for change in fewest["changes"].as_array().unwrap() {
        has(&text, &format!("reaches {}", change["reaches"]));
    }
}
