//! Small bundles that the tests write themselves, in the shape of MITRE's.

use serde_json::{Value, json};

use super::*;

fn reference(id: &str) -> Value {
    json!([{"source_name": "capec", "external_id": "CAPEC-1"}, {"source_name": "mitre-attack", "external_id": id}])
}

fn tactic() -> Value {
    json!({"type": "x-mitre-tactic", "id": "x-mitre-tactic--1", "name": "Execution",
           "x_mitre_shortname": "execution", "external_references": reference("TA0002")})
}

fn matrix(domain: &str) -> Value {
    json!({"type": "x-mitre-matrix", "id": "x-mitre-matrix--1", "name": "Matrix",
           "tactic_refs": ["x-mitre-tactic--1"], "external_references": reference(domain)})
}

fn technique(id: &str, stix: &str) -> Value {
    json!({"type": "attack-pattern", "id": format!("attack-pattern--{stix}"), "name": id, "description": "text",
           "x_mitre_platforms": ["Windows", "Azure AD"], "x_mitre_domains": ["enterprise-attack"],
           "kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": "execution"},
                                 {"kill_chain_name": "another-chain", "phase_name": "elsewhere"}],
           "external_references": reference(id)})
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

fn relation(kind: &str, source: &str, target: &str) -> Value {
    json!({"type": "relationship", "id": "relationship--1", "relationship_type": kind,
           "source_ref": source, "target_ref": target})
}

fn bundle(objects: &[Value]) -> Vec<u8> {
    let mut all = vec![tactic(), matrix("enterprise-attack")];
    all.extend_from_slice(objects);
    text(all)
}

fn text(objects: Vec<Value>) -> Vec<u8> {
    serde_json::to_vec(
        &json!({"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": objects}),
    )
    .unwrap()
}

fn version(text: &str) -> Option<AttackVersion> {
    Some(text.parse().unwrap())
}

fn read_as_1_0(objects: &[Value]) -> Result<Catalogue, StixError> {
    read(&bundle(objects), version("1.0"))
}

fn id(text: &str) -> TechniqueId {
    text.parse().unwrap()
}

#[test]
fn facts_are_taken_and_text_is_not() {
    let catalogue = read_as_1_0(&[technique("T1000", "a")]).unwrap();
    let technique = catalogue.get(id("T1000")).unwrap();
    assert_eq!((technique.name.as_str(), technique.stix.as_str()), ("T1000", "attack-pattern--a"));
    assert_eq!(technique.tactics, [0]);
    assert_eq!(
        technique.platforms.iter().collect::<Vec<_>>(),
        [Platform::IdentityProvider, Platform::Windows],
        "under the current names"
    );
    assert_eq!(catalogue.tactics()[0].id, "TA0002");
}

#[test]
fn the_version_is_stated_given_or_asked_for() {
    let collection = |version: &str| json!({"type": "x-mitre-collection", "id": "x-mitre-collection--1", "x_mitre_version": version});
    let stated = bundle(&[technique("T1000", "a"), collection("17.1")]);
    assert_eq!(read(&stated, None).unwrap().version(), version("17.1").unwrap());
    assert_eq!(read(&stated, version("17.1")).unwrap().version(), version("17.1").unwrap());
    let conflict = read(&stated, version("18.1")).unwrap_err();
    assert!(conflict.to_string().contains("says that it is ATT&CK 17.1, not 18.1"), "{conflict}");
    let silent = bundle(&[technique("T1000", "a")]);
    assert!(matches!(read(&silent, None), Err(StixError::NoVersion)));
    let odd = read(&bundle(&[technique("T1000", "a"), collection("next")]), None).unwrap_err();
    assert!(matches!(odd, StixError::MalformedVersion { .. }), "{odd}");
}

#[test]
fn only_a_whole_enterprise_bundle_is_read() {
    let refused = |bytes: &[u8]| read(bytes, version("1.0")).unwrap_err();
    let whole = bundle(&[technique("T1000", "a")]);
    assert!(matches!(refused(&whole[..whole.len() - 10]), StixError::Truncated { line: 1, .. }));
    assert!(matches!(refused(b""), StixError::Truncated { .. }));
    assert!(matches!(refused(b"<html></html>"), StixError::Json(_)));
    assert!(matches!(refused(br#"{"type": "bundle", "objects": [{}]}"#), StixError::Json(_)));
    assert!(
        matches!(refused(br#"{"type": "indicator"}"#), StixError::NotABundle(kind) if kind == "indicator")
    );
    assert!(matches!(refused(&text(vec![technique("T1000", "a")])), StixError::NoMatrix));
    let other = refused(&text(vec![tactic(), matrix("ics-attack"), technique("T1000", "a")]));
    assert!(matches!(&other, StixError::OtherDomain(domain) if domain == "ics-attack"), "{other}");
    let marked = with(matrix("enterprise-attack"), "x_mitre_domains", json!(["mobile-attack"]));
    assert!(matches!(refused(&text(vec![tactic(), marked])), StixError::OtherDomain(_)));
    let bare = with(matrix("enterprise-attack"), "tactic_refs", json!([]));
    assert!(matches!(refused(&text(vec![bare])), StixError::NoTactics));
    let missing = refused(&text(vec![matrix("enterprise-attack"), technique("T1000", "a")]));
    assert!(
        matches!(&missing, StixError::MissingTactic(tactic) if tactic == "x-mitre-tactic--1"),
        "{missing}"
    );
    assert!(matches!(refused(&bundle(&[])), StixError::Contradiction(CatalogueError::Empty)));
}

#[test]
fn what_this_program_cannot_place_is_refused_if_it_is_in_force() {
    let platform = with(technique("T1000", "a"), "x_mitre_platforms", json!(["Quantum"]));
    let error = read_as_1_0(std::slice::from_ref(&platform)).unwrap_err().to_string();
    assert!(error.contains("T1000") && error.contains("\"Quantum\""), "{error}");
    let phases = json!([{"kill_chain_name": "mitre-attack", "phase_name": "dreaming"}]);
    let tactic = with(technique("T1000", "a"), "kill_chain_phases", phases);
    let error = read_as_1_0(std::slice::from_ref(&tactic)).unwrap_err().to_string();
    assert!(error.contains("\"dreaming\""), "{error}");
    for old in [platform, tactic] {
        let inactive = with(old, "x_mitre_deprecated", json!(true));
        assert!(read_as_1_0(&[technique("T1001", "b"), inactive]).is_ok());
    }
    let number = technique("T10", "c");
    assert!(matches!(read_as_1_0(&[number]), Err(StixError::MalformedTechnique { .. })));
}

#[test]
fn techniques_of_other_domains_and_sources_are_left_out() {
    let mobile = with(technique("T1400", "m"), "x_mitre_domains", json!(["mobile-attack"]));
    let older = with(
        technique("T0800", "i"),
        "external_references",
        json!([{"source_name": "mitre-ics-attack", "external_id": "T0800"}]),
    );
    let catalogue = read_as_1_0(&[technique("T1000", "a"), mobile, older]).unwrap();
    assert_eq!(catalogue.all().map(|t| t.id).collect::<Vec<_>>(), [id("T1000")]);
}

#[test]
fn successors_come_from_relationships_in_force() {
    let gone = |text: &str, stix: &str| with(technique(text, stix), "revoked", json!(true));
    let by = |from: &str, to: &str| {
        relation("revoked-by", &format!("attack-pattern--{from}"), &format!("attack-pattern--{to}"))
    };
    let catalogue = read_as_1_0(&[
        technique("T1000", "a"),
        technique("T1001", "b"),
        gone("T1002", "c"),
        gone("T1003", "d"),
        gone("T1004", "e"),
        by("c", "a"),
        by("c", "a"),
        by("d", "b"),
        by("d", "a"),
        with(by("e", "a"), "x_mitre_deprecated", json!(true)),
        by("b", "a"),
    ])
    .unwrap();
    let get = |text: &str| catalogue.get(id(text)).unwrap();
    assert_eq!(get("T1002").revoked_by, Some(id("T1000")), "said twice is said once");
    assert_eq!(
        (get("T1003").revoked_by, get("T1003").split_into.as_slice()),
        (None, &[id("T1000"), id("T1001")][..])
    );
    assert_eq!(get("T1004").revoked_by, None, "the relationship is no longer in force");
    assert_eq!(get("T1001").revoked_by, None, "the technique is not revoked");
    assert_eq!(catalogue.resolve(id("T1003")), None);
}

#[test]
fn groups_have_what_they_use_directly_and_is_in_force() {
    let group = |stix: &str, id: &str| {
        json!({"type": "intrusion-set", "id": format!("intrusion-set--{stix}"), "name": id,
               "external_references": reference(id)})
    };
    let uses = |from: &str, to: &str| relation("uses", from, &format!("attack-pattern--{to}"));
    let catalogue = read_as_1_0(&[
        technique("T1000", "a"),
        technique("T1001", "b"),
        with(technique("T1002", "c"), "revoked", json!(true)),
        with(technique("T1003", "d"), "x_mitre_deprecated", json!(true)),
        relation("revoked-by", "attack-pattern--c", "attack-pattern--b"),
        group("1", "G0001"),
        with(group("2", "G0002"), "revoked", json!(true)),
        group("3", "G0003"),
        uses("intrusion-set--1", "a"),
        uses("intrusion-set--1", "c"),
        uses("intrusion-set--1", "d"),
        uses("malware--1", "b"),
        with(uses("intrusion-set--3", "a"), "revoked", json!(true)),
    ])
    .unwrap();
    let groups: Vec<_> =
        catalogue.groups().iter().map(|g| (g.id.to_string(), g.techniques.clone())).collect();
    assert_eq!(
        groups,
        [("G0001".to_owned(), vec![id("T1000"), id("T1001")]), ("G0003".to_owned(), Vec::new())]
    );
}

#[test]
fn an_id_that_is_listed_twice_means_the_active_object() {
    let old = with(technique("T1000", "old"), "revoked", json!(true));
    for objects in [[old.clone(), technique("T1000", "new")], [technique("T1000", "new"), old]] {
        let catalogue = read_as_1_0(&objects).unwrap();
        assert_eq!(catalogue.get(id("T1000")).unwrap().stix, "attack-pattern--new");
    }
    let twice = read_as_1_0(&[technique("T1000", "a"), technique("T1000", "b")]).unwrap_err();
    assert!(matches!(twice, StixError::Contradiction(CatalogueError::DuplicateTechnique(_))), "{twice}");
}

#[test]
fn components_come_from_the_analytics_of_strategies_in_force() {
    let analytic = |stix: &str, component: &str| {
        json!({"type": "x-mitre-analytic", "id": format!("x-mitre-analytic--{stix}"),
               "x_mitre_log_source_references": [
                   {"x_mitre_data_component_ref": format!("x-mitre-data-component--{component}")}]})
    };
    let component = |number: &str| {
        json!({"type": "x-mitre-data-component", "id": format!("x-mitre-data-component--{number}"),
               "external_references": reference(&format!("DC{number}"))})
    };
    let strategy = json!({"type": "x-mitre-detection-strategy", "id": "x-mitre-detection-strategy--1",
                          "x_mitre_analytic_refs": ["x-mitre-analytic--1", "x-mitre-analytic--2"]});
    let bytes = bundle(&[
        technique("T1000", "a"),
        technique("T1001", "b"),
        component("0032"),
        component("0064"),
        analytic("1", "0032"),
        with(analytic("2", "0064"), "x_mitre_deprecated", json!(true)),
        strategy,
        relation("detects", "x-mitre-detection-strategy--1", "attack-pattern--a"),
    ]);
    let table = Bundle::parse(&bytes).unwrap().components(version("1.0")).unwrap();
    assert_eq!(table.of(id("T1000")).iter().collect::<Vec<_>>(), ["DC0032"]);
    assert!(table.of(id("T1001")).is_empty());
    assert_eq!(table.techniques.len(), 1);
}
