//! Tests of what is read, what is refused and where; neither the order of members nor damage changes that.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{grammar::MAX_ERRORS, *};
use crate::domain::{
    attack::Catalogues,
    calendar::Month,
    scale::Scale,
    snapshot::{Basis, Cell, CellValue, DOMAIN, Header, Producer, SCHEMA, Source},
    technology,
};

fn sample() -> Value {
    json!({
        "schema": SCHEMA, "period": "2026-11",
        "attack": {"domain": DOMAIN, "version": "18.1"},
        "producer": {"source": "splunk", "feed": 1, "adapter": "0.1.0"},
        "basis": "validated", "window_days": 180, "scale": "rule-count/1",
        "technologies": ["microsoft.windows", "aws.cloudtrail", "other.unknown"],
        "complete": ["microsoft.windows"],
        "cells": [
            {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
            {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
            {"technique": "T1059", "technology": "microsoft.windows", "value": 0},
        ],
    })
}

fn read(text: &str) -> Parsed {
    parse_bytes(text.as_bytes())
}

fn parse_bytes(text: &[u8]) -> Parsed {
    let catalogues = Catalogues::bundled();
    let current = Month::new(2026, 11).unwrap();
    parse(text, Context { catalogues: &catalogues, registry: technology::bundled(), current })
}

/// The errors of a refused text, as `pointer: detail`.
fn refused(text: &str) -> Vec<String> {
    let errors = read(text).unwrap_err().errors;
    errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail)).collect()
}

/// An object's text with its members in another order.
fn shuffled(object: &Map<String, Value>, order: &[usize]) -> String {
    let mut members: Vec<_> = object.iter().collect();
    for (at, other) in order.iter().enumerate().take(members.len()) {
        let other = other % members.len();
        members.swap(at, other);
    }
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn a_snapshot_is_read_and_its_lists_are_sorted() {
    let snapshot = read(&sample().to_string()).unwrap();
    assert_eq!(snapshot.header.technologies, ["aws.cloudtrail", "microsoft.windows", "other.unknown"]);
    assert_eq!(snapshot.header.window_days, Some(180));
    let cells: Vec<_> =
        snapshot.cells.iter().map(|cell| (cell.technology, cell.technique.to_string(), cell.value)).collect();
    let expected = [
        (0, "T1530".to_owned(), CellValue::NotAssessed),
        (1, "T1059".to_owned(), CellValue::Value(0)),
        (1, "T1059.001".to_owned(), CellValue::Value(5)),
    ];
    assert_eq!(cells, expected);
}

#[test]
fn words_are_values_of_a_scale_of_words() {
    let mut words = sample();
    words["scale"] = "outcome/1".into();
    words["cells"] = json!([{"technique": "T1059", "technology": "microsoft.windows", "value": "alerted"}]);
    assert_eq!(read(&words.to_string()).unwrap().cells[0].value, CellValue::Value(2));
    words["cells"] = json!([{"technique": "T1059", "technology": "microsoft.windows", "value": 2}]);
    let expected = "/cells/0/value: must be one of none, logged, alerted, blocked on the scale outcome/1";
    assert_eq!(refused(&words.to_string()), [expected]);
}

#[test]
fn each_error_says_where_it_is_and_what_is_expected() {
    let text = sample().to_string();
    for (usual, odd, expected) in [
        (
            "\"value\":5",
            "\"value\":5.0",
            "/cells/1/value: must be an integer from 0 to 20 on the scale rule-count/1",
        ),
        (
            "\"value\":5",
            "\"value\":-0",
            "/cells/1/value: must be an integer from 0 to 20 on the scale rule-count/1",
        ),
        (
            "\"value\":5",
            "\"value\":21",
            "/cells/1/value: must be an integer from 0 to 20 on the scale rule-count/1",
        ),
        (
            "\"value\":5",
            "\"value\":null",
            "/cells/1/value: must be an integer from 0 to 20 on the scale rule-count/1",
        ),
        (
            "\"value\":5",
            "\"value\":\"5\"",
            "/cells/1/value: must be an integer from 0 to 20 on the scale rule-count/1",
        ),
        (
            "\"value\":5",
            "\"value\":[5]",
            "/cells/1/value: must be an integer from 0 to 20 on the scale rule-count/1",
        ),
        (
            "\"value\":5",
            "\"value\":5,\"state\":\"not_assessed\"",
            "/cells/1: must have exactly one of value and state",
        ),
        (
            "\"value\":5",
            "\"value\":5,\"ru/l~e\":{\"x\":[]}",
            "/cells/1/ru~1l~0e: unknown field: only technique, technology, value, state are allowed",
        ),
        ("\"state\":\"not_assessed\"", "\"state\":\"unknown\"", "/cells/0/state: must be \"not_assessed\""),
        ("\"state\":\"not_assessed\"", "\"state\":null", "/cells/0/state: must be \"not_assessed\""),
        ("\"T1059.001\"", "\"T1059\"", "/cells/2: this technique and technology are listed twice"),
        (
            "\"T1059.001\"",
            "\"T9999\"",
            "/cells/1/technique: unknown technique in the snapshot's ATT&CK version",
        ),
        ("\"T1059.001\"", "\"t1059\"", "/cells/1/technique: must be a technique id as in T1059.001"),
        ("\"window_days\":180", "\"window_days\":null", "/window_days: must be an integer from 1 to 3660"),
        ("\"feed\":1", "\"feed\":0", "/producer/feed: must be an integer from 1 to 99"),
        ("\"2026-11\"", "\"2026-12\"", "/period: is in the future"),
        ("\"2026-11\"", "[]", "/period: must be a string"),
        ("[\"microsoft.windows\"]", "{}", "/complete: must be an array"),
        (
            "[\"microsoft.windows\"]",
            "[\"other.unknown\"]",
            "/complete/0: only a technology of the registry can be complete",
        ),
        ("{\"domain\":\"enterprise-attack\",\"version\":\"18.1\"}", "18.1", "/attack: must be an object"),
    ] {
        assert!(text.contains(usual), "{usual}");
        assert_eq!(refused(&text.replacen(usual, odd, 1)), [expected], "{odd}");
    }
}

#[test]
fn all_errors_come_together_in_the_order_of_the_grammar() {
    let mut odd = sample();
    let object = odd.as_object_mut().unwrap();
    object.remove("cells");
    object.insert("comment".to_owned(), json!("of our own"));
    object.insert("schema".to_owned(), json!("other/1"));
    object.insert("technologies".to_owned(), json!(["aws.cloudtrail", "aws.cloudtrail", 1, "acme.siem"]));
    let fields = "schema, period, attack, producer, basis, scale, technologies, complete, cells, window_days";
    let expected = [
        format!("/comment: unknown field: only {fields} are allowed"),
        "/cells: required field is missing".to_owned(),
        "/schema: must be \"coverage-snapshot/1\"".to_owned(),
        "/technologies/1: is listed twice".to_owned(),
        "/technologies/2: must be a string".to_owned(),
        "/technologies/3: unknown technology: see GET /v1/technologies, or use other.<family> or other.unknown"
            .to_owned(),
        "/complete/0: must also be one of /technologies".to_owned(),
    ];
    assert_eq!(refused(&odd.to_string()), expected);
}

#[test]
fn what_is_no_object_or_no_json_is_said_once() {
    for text in ["[]", "1", "null", "\"{}\"", "[{\"a\":[{}]}]"] {
        assert_eq!(refused(text), [": a snapshot is a JSON object"], "{text}");
    }
    assert_eq!(refused("{"), [": not valid JSON at line 1, column 1"]);
    let errors = parse_bytes(b"{\n\"\xff\": 1}").unwrap_err().errors;
    assert_eq!(errors[0].detail, "not valid JSON at line 2, column 2");
    let twice = format!("{}{{}}", sample());
    assert!(refused(&twice)[0].starts_with(": not valid JSON at line 1"), "{twice}");
}

#[test]
fn a_member_that_comes_twice_is_refused_wherever_it_is() {
    let text = sample().to_string();
    let first = |member: &str| text.replacen('{', &format!("{{{member},"), 1);
    for (member, at) in [
        ("\"scale\":\"percent/1\"", "/scale"),
        ("\"cells\":[{\"rule\":1}]", "/cells"),
        ("\"attack\":7", "/attack"),
        ("\"period\":[[[]]]", "/period"),
    ] {
        let expected = format!("{at}: is there twice");
        assert!(refused(&first(member)).contains(&expected), "{member}: {:?}", refused(&first(member)));
    }
    for (from, to, at) in [
        ("\"value\":5", "\"value\":50,\"value\":5", "/cells/1/value"),
        ("\"feed\":", "\"feed\":9,\"feed\":", "/producer/feed"),
    ] {
        let twice = refused(&text.replacen(from, to, 1));
        assert_eq!(twice, [format!("{at}: is there twice")]);
    }
}

#[test]
fn what_a_refusal_keeps_is_bounded() {
    let many = |cell: &str, count: usize| {
        let cells = vec![cell; count].join(",");
        sample().to_string().replacen("\"cells\":[", &format!("\"cells\":[{cells},"), 1)
    };
    let errors = refused(&many("{\"a\":{}}", 1000));
    assert_eq!(errors.len(), MAX_ERRORS + 1);
    assert_eq!(errors[0], "/cells/0/a: unknown field: only technique, technology, value, state are allowed");
    // Each cell has four errors: the field, the two that are missing, and neither value nor state.
    assert_eq!(
        errors[MAX_ERRORS],
        ": there are more than 200 errors; the rest of the snapshot was not checked"
    );
    // Where the cells come last, nor is it read, so it may be anything.
    let mut header = sample();
    header.as_object_mut().unwrap().remove("cells");
    let header = header.to_string();
    let ended = format!("{},\"cells\":[{}] no JSON", header.trim_end_matches('}'), "[],".repeat(201));
    assert_eq!(refused(&ended).last(), errors.last());
    let mut large = sample();
    let catalogues = Catalogues::bundled();
    let catalogue = catalogues.get("18.1".parse().unwrap()).unwrap();
    let technologies: Vec<&str> =
        technology::bundled().technologies().iter().map(|known| known.id.as_str()).collect();
    let cell = |technology: &str| {
        let technology = technology.to_owned();
        catalogue
            .active()
            .map(move |known| json!({"technique": known.id, "technology": technology, "value": 1}))
    };
    let cells: Vec<Value> =
        technologies.iter().flat_map(|technology| cell(technology)).take(MAX_CELLS + 1).collect();
    assert_eq!(cells.len(), MAX_CELLS + 1);
    (large["technologies"], large["cells"]) = (json!(technologies), json!(cells));
    assert_eq!(refused(&large.to_string()), ["/cells: has more than 50000 items"]);
    large["cells"].as_array_mut().unwrap().pop();
    assert!(read(&large.to_string()).is_ok());
    let fields: Vec<String> = (0..1000).map(|number| format!("\"{number}\":0")).collect();
    let errors = refused(&sample().to_string().replacen('{', &format!("{{{},", fields.join(",")), 1));
    assert_eq!(errors, [": an object has more than 200 unknown fields"]);
    let technologies: Vec<String> = (0..=MAX_TECHNOLOGIES).map(|number| number.to_string()).collect();
    let mut odd = sample();
    odd["technologies"] = json!(technologies);
    assert_eq!(refused(&odd.to_string())[0], "/technologies: has more than 200 items");
    let name = "n".repeat(10_000);
    assert!(refused(&many(&format!("{{\"{name}\":0}}"), 1))[0].len() < 200);
    // Deeper than a reader that calls itself could go.
    assert_eq!(
        refused(&many(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), 1)),
        ["/cells/0: must be an object"]
    );
}

fn snapshots() -> impl Strategy<Value = Snapshot> {
    let techniques = ["T1003", "T1059", "T1059.001", "T1071.004", "T1530", "T1566"];
    let technologies =
        ["aws.cloudtrail", "linux.auditd", "microsoft.windows", "okta.identity", "other.unknown"];
    let place = (0..technologies.len(), 0..techniques.len());
    let cells = proptest::collection::btree_map(place, (0..8_i8, any::<bool>()), 0..20);
    let header = (1..=11_u8, 1..=99_u8, proptest::option::of(1..=3660_u16), 0..3_usize, any::<bool>());
    (cells, header).prop_map(move |(cells, (month, feed, window_days, scale, complete))| {
        let scale = [Scale::RuleCount, Scale::Dettect, Scale::PartialFull][scale];
        let (low, high) = if scale.words().is_empty() { scale.range() } else { (0, 2) };
        let cell = |((technology, technique), (value, assessed)): ((usize, usize), (i8, bool))| Cell {
            technology: technology.try_into().unwrap(),
            technique: techniques[technique].parse().unwrap(),
            value: match assessed {
                true => CellValue::Value((low + value).min(high)),
                false => CellValue::NotAssessed,
            },
        };
        let complete: &[&str] = if complete { &["aws.cloudtrail", "microsoft.windows"] } else { &[] };
        let header = Header {
            period: Month::new(2026, month).unwrap(),
            attack: "18.1".parse().unwrap(),
            producer: Producer { source: Source::Sigma, feed, adapter: "1.2.3".parse().unwrap() },
            basis: Basis::Deployed,
            window_days,
            scale,
            technologies: technologies.map(str::to_owned).to_vec(),
            complete: complete.iter().map(|name| (*name).to_owned()).collect(),
        };
        Snapshot { header, cells: cells.into_iter().map(cell).collect() }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_whatever_order_its_members_come(
        snapshot in snapshots(),
        order in proptest::collection::vec(0_usize..10, 10),
        backwards: bool,
    ) {
        prop_assert_eq!(read(&serde_json::to_string(&snapshot).unwrap()), Ok(snapshot.clone()));
        let mut wire = serde_json::to_value(&snapshot).unwrap();
        if backwards {
            for list in ["cells", "technologies", "complete"] {
                wire[list].as_array_mut().unwrap().reverse();
            }
        }
        prop_assert_eq!(read(&shuffled(wire.as_object().unwrap(), &order)), Ok(snapshot));
    }

    /// A refusal doesn't depend on the order of the members either, so that both ways of reading the cells agree.
    #[test]
    fn damage_is_refused_alike_in_whatever_order_its_members_come(
        at in 0_usize..900,
        with in "[\\[\\]{}\",:0-9a-z.T_-]{0,3}",
        length in 0_usize..4,
        order in proptest::collection::vec(0_usize..10, 10),
    ) {
        let mut text = sample().to_string();
        let start = at.min(text.len());
        text.replace_range(start..(start + length).min(text.len()), &with);
        let outcome = read(&text);
        if let Err(Refused { errors, .. }) = &outcome {
            prop_assert!(!errors.is_empty() && errors.len() <= MAX_ERRORS + 1);
        }
        if let Ok(Value::Object(object)) = serde_json::from_str(&text) {
            prop_assert_eq!(read(&shuffled(&object, &order)), outcome);
        }
    }
}
