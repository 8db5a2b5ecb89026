//! Fact by fact: techniques, tactics, groups and data components of each version.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use peerbench::domain::attack::{Catalogue, Group, PlatformSet, TechniqueId, bundled};

use super::{attack, v15_0};

type Row = BTreeMap<String, String>;

fn table(folder: &Path, name: &str) -> Vec<Row> {
    let path = folder.join(name);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn listed(text: &str) -> BTreeSet<&str> {
    text.split('|').filter(|part| !part.is_empty()).collect()
}

fn techniques_agree(catalogue: &Catalogue, folder: &Path) {
    let rows = table(folder, "attack_techniques.csv");
    assert_eq!(catalogue.all().count(), rows.len());
    for row in &rows {
        let id: TechniqueId = row["id"].parse().unwrap();
        let technique = catalogue.get(id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(technique.name, row["name"], "{id}");
        assert_eq!(technique.stix, row["stix_id"], "{id}");
        assert_eq!(technique.revoked, row["revoked"] == "1", "{id}");
        assert_eq!(technique.deprecated, row["deprecated"] == "1", "{id}");
        assert_eq!(id.is_sub(), row["is_subtechnique"] == "1", "{id}");
        if id.is_sub() && technique.is_active() {
            assert_eq!(id.parent().to_string(), row["parent"], "{id}");
        }
        let tactics: BTreeSet<_> = technique
            .tactics
            .iter()
            .map(|position| catalogue.tactics()[usize::from(*position)].short_name.as_str())
            .collect();
        assert_eq!(tactics, listed(&row["tactics"]), "{id}");
        let platforms: PlatformSet =
            listed(&row["platforms"]).into_iter().map(|name| name.parse().unwrap()).collect();
        assert_eq!(technique.platforms, platforms, "{id}");
        assert_eq!(
            technique.revoked_by.map(|t| t.to_string()).unwrap_or_default(),
            row["revoked_by"],
            "{id}"
        );
        assert!(technique.split_into.is_empty(), "{id}");
        // The table's end of the chain may itself be deprecated; ours has to be active.
        if technique.revoked {
            let end = &row["revoked_by_final"];
            let active_end = catalogue.get(end.parse().unwrap()).is_some_and(|t| t.is_active());
            let resolved = catalogue.resolve(id).map(|t| t.to_string());
            assert_eq!(resolved, active_end.then(|| end.clone()), "{id}");
        }
    }
}

fn tactics_agree(catalogue: &Catalogue, folder: &Path) {
    let ours: Vec<_> =
        catalogue.tactics().iter().map(|t| (t.id.clone(), t.short_name.clone(), t.name.clone())).collect();
    let theirs: Vec<_> = table(folder, "tactics.csv")
        .iter()
        .map(|row| (row["id"].clone(), row["shortname"].clone(), row["name"].clone()))
        .collect();
    assert_eq!(ours, theirs);
}

fn groups_agree(catalogue: &Catalogue, folder: &Path) {
    let ours: BTreeMap<_, _> =
        catalogue.groups().iter().map(|g| (g.id.to_string(), g.name.clone())).collect();
    let theirs: BTreeMap<_, _> = table(folder, "groups.csv")
        .into_iter()
        .filter(|row| row["revoked"] == "0" && row["deprecated"] == "0")
        .map(|row| (row["id"].clone(), row["name"].clone()))
        .collect();
    assert_eq!(ours, theirs);
    let pairs = |of: &dyn Fn(&Group) -> Vec<TechniqueId>| -> BTreeSet<_> {
        let pairs = catalogue.groups().iter().flat_map(|group| of(group).into_iter().map(|t| (group.id, t)));
        pairs.map(|(group, technique)| (group.to_string(), technique.to_string())).collect()
    };
    let rows = table(folder, "group_techniques.csv");
    let via = |way: Option<&str>| -> BTreeSet<_> {
        let rows = rows.iter().filter(|row| way.is_none_or(|way| listed(&row["via"]).contains(way)));
        rows.map(|row| (row["group_id"].clone(), row["technique_id"].clone())).collect()
    };
    assert_eq!(pairs(&|group| group.direct().collect()), via(Some("direct")));
    assert_eq!(pairs(&|group| group.techniques.clone()), via(None));
}

fn all_agree(catalogue: &Catalogue, folder: &str) {
    let Some(folder) = attack(folder) else { return };
    techniques_agree(catalogue, &folder);
    tactics_agree(catalogue, &folder);
    groups_agree(catalogue, &folder);
}

#[test]
fn the_bundled_18_1_agrees_with_the_tables() {
    all_agree(&bundled::v18_1(), "enterprise-18.1");
}

#[test]
fn the_bundled_19_0_agrees_with_the_tables() {
    all_agree(&bundled::v19_0(), "enterprise-19.0");
}

#[test]
fn the_bundled_19_1_and_19_2_agree_with_the_tables() {
    all_agree(&bundled::v19_1(), "enterprise-19.1");
    all_agree(&bundled::v19_2(), "enterprise-19.2");
}

#[test]
fn what_is_reconstructed_is_marked() {
    let marked = |catalogue: &Catalogue| -> Vec<String> {
        let groups = catalogue.groups().iter().filter(|group| group.reconstructed);
        let techniques = catalogue.all().filter(|technique| technique.reconstructed);
        groups.map(|group| group.id.to_string()).chain(techniques.map(|t| t.id.to_string())).collect()
    };
    assert_eq!(marked(&bundled::v19_2()), ["G1056", "G1057"]);
    for catalogue in [bundled::v18_1(), bundled::v19_0(), bundled::v19_1()] {
        assert!(marked(&catalogue).is_empty(), "{}", catalogue.version());
    }
}

#[test]
fn an_official_stix_2_0_bundle_agrees_with_the_tables() {
    let Some(catalogue) = v15_0() else { return };
    all_agree(&catalogue, "enterprise-15.0");
}

#[test]
fn the_bundled_versions_have_the_published_counts() {
    for (catalogue, active, parents, subs, tactics, groups) in [
        (bundled::v18_1(), 691, 216, 475, 14, 172),
        (bundled::v19_0(), 697, 222, 475, 15, 174),
        (bundled::v19_1(), 697, 222, 475, 15, 174),
        (bundled::v19_2(), 697, 222, 475, 15, 176),
    ] {
        assert_eq!(catalogue.active().count(), active);
        assert_eq!(catalogue.active().filter(|t| !t.id.is_sub()).count(), parents);
        assert_eq!(catalogue.active().filter(|t| t.id.is_sub()).count(), subs);
        assert_eq!(catalogue.tactics().len(), tactics);
        assert_eq!(catalogue.groups().len(), groups);
    }
}

#[test]
fn the_component_tables_agree_with_the_log_sources() {
    for version in ["18.1", "19.1", "19.2"] {
        components_agree(version);
    }
}

fn components_agree(version: &str) {
    let Some(folder) = attack(&format!("enterprise-{version}")) else { return };
    let mut theirs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in table(&folder, "technique_log_sources.csv") {
        if !row["data_component_id"].is_empty() {
            theirs.entry(row["technique"].clone()).or_default().insert(row["data_component_id"].clone());
        }
    }
    let (_, table) = bundled::components(version.parse().unwrap());
    let ours: BTreeMap<String, BTreeSet<String>> = table
        .techniques
        .iter()
        .map(|(technique, components)| (technique.to_string(), components.iter().collect()))
        .collect();
    assert_eq!(ours, theirs);
}
