//! Fact by fact: techniques, tactics, groups and data components of each version.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use peerbench::domain::attack::{Catalogue, PlatformSet, TechniqueId, bundled};

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
    let used: BTreeSet<_> = catalogue
        .groups()
        .iter()
        .flat_map(|group| group.techniques.iter().map(|t| (group.id.to_string(), t.to_string())))
        .collect();
    let direct: BTreeSet<_> = table(folder, "group_techniques.csv")
        .into_iter()
        .filter(|row| listed(&row["via"]).contains("direct"))
        .map(|row| (row["group_id"].clone(), row["technique_id"].clone()))
        .collect();
    assert_eq!(used, direct);
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
    all_agree(&bundled::v19_0(), "enterprise-19.0-from-misp");
}

#[test]
fn an_official_stix_2_0_bundle_agrees_with_the_tables() {
    let Some(catalogue) = v15_0() else { return };
    all_agree(&catalogue, "enterprise-15.0");
}

#[test]
fn the_bundled_versions_have_the_published_counts() {
    for (catalogue, active, parents, subs, tactics, groups) in
        [(bundled::v18_1(), 691, 216, 475, 14, 172), (bundled::v19_0(), 697, 222, 475, 15, 176)]
    {
        assert_eq!(catalogue.active().count(), active);
        assert_eq!(catalogue.active().filter(|t| !t.id.is_sub()).count(), parents);
        assert_eq!(catalogue.active().filter(|t| t.id.is_sub()).count(), subs);
        assert_eq!(catalogue.tactics().len(), tactics);
        assert_eq!(catalogue.groups().len(), groups);
    }
}

#[test]
fn the_component_table_agrees_with_the_log_sources() {
    let Some(folder) = attack("enterprise-18.1") else { return };
    let mut theirs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in table(&folder, "technique_log_sources.csv") {
        if !row["data_component_id"].is_empty() {
            theirs.entry(row["technique"].clone()).or_default().insert(row["data_component_id"].clone());
        }
    }
    let ours: BTreeMap<String, BTreeSet<String>> = bundled::components()
        .techniques
        .iter()
        .map(|(technique, components)| (technique.to_string(), components.iter().collect()))
        .collect();
    assert_eq!(ours, theirs);
}
