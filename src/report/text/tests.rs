//! The page and the list, from made-up answers of a service.

use serde_json::{Value, json};

use super::*;

fn released(p25: u8, p50: u8, p75: u8) -> Value {
    json!({"status": "released", "cohort": "sector:finance", "column": "any", "members": "50-99",
           "coverage": "most", "p25": p25, "p50": p50, "p75": p75})
}

fn at(band: &str) -> Value {
    json!({"band": band, "percentile_estimate": 50})
}

fn envelope() -> Value {
    json!({
        "release": {"number": 3, "cut_off": "2026-11-02T10:00:00Z", "published_at": "2026-11-02T10:05:00Z",
                    "attack": "19.0"},
        "cohort": "sector:finance", "members": "50-99", "basis": "deployed", "preset": "default",
        "scales": ["rule-count/1"],
        "levels": {"none": "score 0", "partial": "score 1 to 74", "full": "score 75 and more"},
        "snapshots": [], "denominator": {"set": "parent techniques", "column": "any", "applies": 2, "assessed": 1},
    })
}

fn with<T: serde::de::DeserializeOwned>(parts: Value) -> T {
    let mut answer = envelope();
    answer.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    serde_json::from_value(answer).unwrap()
}

fn gap() -> Value {
    json!({"technique": "T1059", "name": "Command and Scripting Interpreter",
        "own": {"status": "assessed", "score": 29, "level": "partial"}, "peers": released(20, 45, 70),
        "difference_to_median": -15})
}

fn page() -> Page {
    let own = json!({"status": "assessed", "count": 6, "step": {"from": 5, "to": 7}});
    let hidden = json!({"technology": "okta.identity", "name": "Okta", "family": "identity",
        "own": own, "peers": {"status": "not_released"},
        "fallback": {"own": own, "position": at("p25_p50"), "peers": {"status": "released",
            "cohort": "all", "column": "okta.identity", "members": "30-49", "p25": 5, "p50": 8, "p75": 80,
            "coded": {"p75": "high"},
            "steps": {"p25": {"from": 5, "to": 7}, "p50": {"from": 8, "to": 11}, "p75": {"from": 80}}}}});
    let nothing = json!({"technology": "box.content", "name": "", "own": {"status": "not_assessed"},
        "peers": {"status": "not_released"}});
    let summary = with(json!({
        "overall": {"name": "Overall", "own": {"status": "assessed", "share": 24, "covered": 43, "of": 180, "unknown": 12},
            "peers": {"status": "released", "cohort": "sector:finance", "column": "any", "members": "50-99",
                      "p25": 10, "p50": 25, "p75": 90, "coded": {"p25": "low", "p75": "high"}},
            "position": at("around_p50")},
        "tactics": [{"tactic": "execution", "name": "Execution",
            "own": {"status": "assessed", "share": 50, "covered": 1, "of": 2, "unknown": 0},
            "peers": released(20, 45, 70), "position": at("p50_p75")}],
        "gaps": [gap()],
        "technologies": [hidden, nothing],
    }));
    Page { name: "Harbour Mutual".to_owned(), summary }
}

#[test]
fn a_list_of_techniques_is_a_table() {
    let text = Techniques(with(json!({"items": [gap()]}))).to_string();
    assert!(text.starts_with(
        "Your techniques compared with sector:finance (50-99 members)\nRelease 3, cut-off 2026-11-02, ATT&CK 19.0. Your values \
         are today's.\n"
    ));
    assert!(text.contains("T1059      Command and Scripting Interpreter   29   20   45   70"), "{text}");
    assert!(text.contains("most of your peers cover it"), "{text}");
    assert!(!text.contains("Not listed"), "{text}");
    let empty = Techniques(with(json!({"items": []}))).to_string();
    assert!(empty.ends_with("\n\nNo technique is in this list.\n"), "{empty}");
    let hiding = json!({"items": [gap()], "hidden": {"few": 131, "less_than_half": 1}});
    let hiding = Techniques(with(hiding)).to_string();
    for line in [
        "Not listed: 131 techniques that few of your peers cover (`--coverage few` lists them)",
        "Not listed: 1 technique that fewer than half of your peers cover (`--coverage less_than_half` lists it)",
    ] {
        assert!(hiding.contains(line), "{hiding}");
    }
}

#[test]
fn the_heading_names_the_cohort_whose_numbers_are_shown() {
    let mut page = page();
    page.summary.envelope.members = None;
    let everybody = json!({"name": "Overall", "own": {"status": "not_assessed"}, "peers": {"status": "not_released"},
        "fallback": {"own": {"status": "not_assessed"}, "peers": {"status": "released", "cohort": "all",
            "column": "any", "members": "100-199", "p25": 20, "p50": 30, "p75": 40}}});
    page.summary.overall = serde_json::from_value(everybody).unwrap();
    let text = page.to_string();
    let heading = "Harbour Mutual compared with all members (100-199); sector:finance is not released\n";
    assert!(text.starts_with(heading), "{text}");
    // What the heading says isn't repeated, and what differs from it is said.
    assert!(
        text.contains("below the median\n") && text.contains("above the median (sector:finance)\n"),
        "{text}"
    );
}

#[test]
fn techniques_below_the_median_that_are_not_listed_are_counted() {
    let mut page = page();
    let said = "Below the median: the techniques in which your score is below your peers' median\n";
    assert!(page.to_string().contains(said), "{page}");
    page.summary.gap_count = 57;
    let said = "Furthest below the median: 1 of the 57 techniques in which your score is below your peers' median (`peerbench \
                compare --techniques` lists all)";
    assert!(page.to_string().contains(said), "{page}");
}

#[test]
fn a_page_says_where_one_stands() {
    let text = page().to_string();
    assert!(text.starts_with(
        "Harbour Mutual compared with sector:finance (50-99 members)\nRelease 3, cut-off 2026-11-02, ATT&CK 19.0. Your values \
         are today's.\n"
    ));
    for part in [
        "You cover 24% of applicable techniques (43 of 180; 12 not assessed).",
        "Your peers: lower quartile ≤10%, median 25%, upper quartile ≥90%.",
        "at the median",
        "Applicable: parent techniques.\n",
        "Execution   50   20   45   70  ····━━━━━┃●━━━━······  above the median",
        "T1059      Command and Scripting Interpreter   29   20   45   70",
        "most of your peers cover it",
        "Okta",
        "Scores run from 0 (not covered) to 100; on the scale rule-count/1, one enabled rule scores 29, two 50, four 75.",
        "Okta           6  5-7  8-11  ≥80",
        "below the median (all members)",
        "box.content    ?    -     -    -  ·····················  too few peers to publish",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_row_of_a_coarser_column_says_so() {
    let own = json!({"status": "assessed", "score": 50, "level": "partial"});
    let mut asked = gap();
    asked["peers"]["column"] = "identity".into();
    let fallback = json!({"technique": "T1018", "name": "Remote System Discovery",
        "own": {"status": "assessed", "score": 0, "level": "none"}, "peers": {"status": "not_released"},
        "fallback": {"own": own, "peers": released(10, 45, 70), "difference_to_median": 5}});
    let mut list = with::<Comparison>(json!({"items": [asked, fallback]}));
    list.envelope.denominator.column = "identity".to_owned();
    let text = Techniques(list).to_string();
    let line = |id: &str| text.lines().find(|line| line.contains(id)).unwrap().to_owned();
    assert!(line("T1059").ends_with("most of your peers cover it"), "{text}");
    assert!(line("T1018").ends_with("most of your peers cover it (through any technology)"), "{text}");
    assert!(
        line("T1018").contains("Remote System Discovery             50"),
        "the own score of the same column: {text}"
    );
}

#[test]
fn tables_without_rows_are_left_out() {
    let mut page = page();
    page.summary.technologies.clear();
    assert!(!page.to_string().contains("By technology"));
}

#[test]
fn a_number_that_is_coded_to_an_end_never_stands_as_exact() {
    let peers = json!({"status": "released", "cohort": "sector:finance", "column": "any", "members": "50-99",
        "coverage": "quarter", "p25": 10, "p50": 10, "p75": 90, "coded": {"p25": "low", "p50": "low", "p75": "high"}});
    let through = json!({"technology": "microsoft.windows", "name": "Windows", "coverage": "most", "p50": 90,
        "coded": {"p50": "high"}, "cohort": "sector:finance"});
    let gap = json!({"technique": "T1059", "name": "Command and Scripting Interpreter", "tactics": [],
        "own": {"status": "assessed", "score": 0, "level": "none"}, "peers": peers, "distance": 45, "threat": 50,
        "feasibility": "ready", "through": [through], "fragile": false, "priority": 34, "status": "open"});
    let gaps = with::<crate::wire::gap::Gaps>(json!({"items": [gap], "behind": 1, "unknown": 0}));
    let list = GapList(gaps.clone()).to_string();
    assert!(list.contains("p75 ≥90") && list.contains("peers use microsoft.windows (≥90)"), "{list}");
    let first = CloseFirst(gaps.clone()).to_string();
    assert!(first.contains("(p75 ≥90)") && first.contains("Windows (median ≥90)"), "{first}");
    assert!(crate::report::story::why(&gaps.items[0]).contains("You score 0, their median is ≤10."));
    let csv = String::from_utf8(crate::report::Representation::Csv.write(&gaps).unwrap()).unwrap();
    assert!(csv.contains("p25=low p50=low p75=high") && csv.contains("microsoft.windows=>=90"), "{csv}");
    let entry = json!({"technique": "T1059", "attack": "19.2", "decided_on": "2026-11-20", "status": "open",
        "name": "Command and Scripting Interpreter", "own": 0, "p50": 10, "coded": {"p50": "low"}});
    let book = BookText(with(json!({ "items": [entry] }))).to_string();
    assert!(book.contains("0  ≤10  open"), "{book}");
}

#[test]
fn a_target_that_is_known_as_a_bound_is_named_as_one() {
    let found = |own: u32, end: &str, needed: u32| {
        let value = if end == "low" { 10 } else { 90 };
        let peers = json!({"status": "released", "cohort": "all", "column": "any", "p50": value, "coded": {"p50": end}});
        fewest_told(&with(
            json!({"measure": "tactic:impact", "name": "Impact", "target": "p50", "target_value": value,
            "own": own, "covered": 1, "of": 20, "peers": peers, "needed": needed, "reachable": true, "bound": 95,
            "changes": []}),
        ))
    };
    let at =
        "Impact: you are at 5% (1 of 20), which is within your peers' median of ≤10%. No change is needed.";
    assert_eq!(found(5, "low", 0), at);
    assert_eq!(
        found(25, "low", 0),
        "Impact: you are at 25% (1 of 20), which reaches your peers' median of ≤10%."
    );
    let far = "Impact: you are at 5% (1 of 20). 17 more techniques would reach your peers' median of ≥90%.";
    assert_eq!(found(5, "high", 17), far);
}
