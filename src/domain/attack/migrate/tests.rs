//! Migration case by case: the real changes from 18.1 to 19.0, and made-up catalogues for what no version does.

use super::*;
use crate::domain::attack::{PlatformSet, Tactic, bundled};

fn id(text: &str) -> TechniqueId {
    text.parse().unwrap()
}

fn ids(texts: &[&str]) -> Vec<TechniqueId> {
    texts.iter().map(|text| id(text)).collect()
}

fn score(value: u8) -> Option<Score> {
    Some(Score::new(value).unwrap())
}

fn cells(list: &[(&str, Option<Score>)]) -> Vec<(TechniqueId, Option<Score>)> {
    list.iter().map(|(technique, score)| (id(technique), *score)).collect()
}

fn migration() -> Migration {
    Migration::between(&bundled::v18_1(), &bundled::v19_0()).unwrap()
}

/// A technique of a made-up catalogue; `stix` is a short stand-in.
fn made_up(text: &str, stix: &str) -> Technique {
    Technique {
        id: id(text),
        stix: stix.to_owned(),
        name: text.to_owned(),
        tactics: vec![0],
        platforms: PlatformSet::all(),
        revoked_by: None,
        split_into: Vec::new(),
        revoked: false,
        deprecated: false,
        reconstructed: false,
    }
}

fn revoked(text: &str, stix: &str, by: &[&str]) -> Technique {
    let (revoked_by, split_into) = match by {
        [one] => (Some(id(one)), Vec::new()),
        other => (None, ids(other)),
    };
    Technique { revoked: true, revoked_by, split_into, ..made_up(text, stix) }
}

fn catalogue(version: &str, techniques: Vec<Technique>) -> Catalogue {
    let tactic =
        Tactic { id: "TA0002".to_owned(), short_name: "execution".to_owned(), name: "Execution".to_owned() };
    Catalogue::new(version.parse().unwrap(), vec![tactic], techniques, Vec::new()).unwrap()
}

#[test]
fn what_did_not_change_keeps_its_cells() {
    let migration = migration();
    assert_eq!(migration.fate(id("T1059.001")), Some(&Fate::Kept));
    let before = cells(&[("T1003.001", score(0)), ("T1059", None), ("T1059.001", score(29))]);
    assert_eq!(migration.apply(&before), before);
    assert_eq!(migration.preview(before.iter().map(|(id, _)| *id)), Preview::default());
}

#[test]
fn every_change_from_18_1_to_19_0_is_followed() {
    let migration = migration();
    let expected = [
        ("T1070.001", "T1685.005"),
        ("T1070.002", "T1685.006"),
        ("T1562", "T1685"),
        ("T1562.001", "T1685"),
        ("T1562.002", "T1685.001"),
        ("T1562.003", "T1690"),
        ("T1562.004", "T1686"),
        ("T1562.006", "T1685"),
        ("T1562.007", "T1686.001"),
        ("T1562.008", "T1685.002"),
        ("T1562.009", "T1688"),
        ("T1562.010", "T1689"),
        ("T1562.011", "T1685.003"),
        ("T1562.012", "T1685.004"),
        ("T1562.013", "T1686.002"),
        ("T1656", "T1684.001"),
        ("T1672", "T1684.002"),
    ];
    for (old, new) in expected {
        assert_eq!(migration.fate(id(old)), Some(&Fate::Moved(id(new))), "{old}");
    }
    let old = bundled::v18_1();
    let moved: Vec<_> =
        old.active().filter(|t| migration.fate(t.id) != Some(&Fate::Kept)).map(|t| t.id).collect();
    let mut listed: Vec<_> = expected.iter().map(|(old, _)| id(old)).collect();
    listed.sort_unstable();
    assert_eq!(moved, listed, "nothing else changes");
}

#[test]
fn many_to_one_takes_the_maximum_of_what_is_assessed() {
    let migration = migration();
    let target = id("T1685");
    for (before, after) in [
        ([score(29), score(65), score(0)], score(65)),
        ([None, None, score(29)], score(29)),
        ([None, score(0), None], score(0)),
        ([None, None, None], None),
    ] {
        let [parent, tools, blocking] = before;
        let result =
            migration.apply(&cells(&[("T1562", parent), ("T1562.001", tools), ("T1562.006", blocking)]));
        assert_eq!(result, [(target, after)]);
    }
    let preview = migration.preview(ids(&["T1562.006", "T1562", "T1562.001", "T1059"]));
    assert_eq!(preview.merged, [(target, ids(&["T1562", "T1562.001", "T1562.006"]))]);
    assert_eq!(preview.moved.len(), 3);
    assert_eq!((preview.split, preview.dropped, preview.lost), Default::default());
}

#[test]
fn a_sub_technique_may_become_a_technique_and_the_other_way_round() {
    let migration = migration();
    let after = migration.apply(&cells(&[("T1562.009", score(50)), ("T1656", score(29))]));
    assert_eq!(after, cells(&[("T1684.001", score(29)), ("T1688", score(50))]));
    let preview = migration.preview(ids(&["T1562.009", "T1656"]));
    assert_eq!(preview.moved, [(id("T1562.009"), id("T1688")), (id("T1656"), id("T1684.001"))]);
    assert!(preview.merged.is_empty());
}

#[test]
fn an_id_without_a_predecessor_is_not_assessed_and_never_zero() {
    let (old, new) = (bundled::v18_1(), bundled::v19_0());
    let migration = migration();
    // Everything of the old version assessed and 0.
    let all: Vec<_> = old.active().map(|technique| (technique.id, score(0))).collect();
    let after: BTreeMap<_, _> = migration.apply(&all).into_iter().collect();
    let without: Vec<_> = new
        .active()
        .map(|technique| technique.id)
        .filter(|technique| !after.contains_key(technique))
        .collect();
    assert_eq!(
        without,
        ids(&["T1027.018", "T1682", "T1683", "T1683.001", "T1683.002", "T1684", "T1686.003", "T1687"])
    );
    assert!(after.keys().all(|technique| new.get(*technique).unwrap().is_active()));
}

#[test]
fn chains_are_followed_to_their_end() {
    // T1073 -> T1574.002 -> T1574.001 and T1150 -> T1547.011 -> T1647, as old rules name them.
    let migration = migration();
    assert_eq!(migration.target(id("T1073")), Some(id("T1574.001")));
    assert_eq!(migration.target(id("T1574.002")), Some(id("T1574.001")));
    assert_eq!(migration.target(id("T1150")), Some(id("T1647")));
    assert_eq!(migration.target(id("T1089")), Some(id("T1685")), "a chain that 19.0 made longer");
}

#[test]
fn tactics_break_where_19_0_renamed_them() {
    let (old, new) = (bundled::v18_1(), bundled::v19_0());
    let short_name = |catalogue: &Catalogue, tactic: &str| {
        catalogue.tactics().iter().find(|t| t.id == tactic).map(|t| t.short_name.clone())
    };
    assert_eq!(short_name(&old, "TA0005").unwrap(), "defense-evasion");
    assert_eq!(short_name(&new, "TA0005").unwrap(), "stealth");
    assert_eq!(short_name(&old, "TA0112"), None);
    assert_eq!(short_name(&new, "TA0112").unwrap(), "defense-impairment");
    let tactics_of = |catalogue: &Catalogue, technique: &str| -> Vec<String> {
        let technique = catalogue.get(id(technique)).unwrap();
        technique
            .tactics
            .iter()
            .map(|position| catalogue.tactics()[usize::from(*position)].short_name.clone())
            .collect()
    };
    assert_eq!(tactics_of(&old, "T1027"), ["defense-evasion"]);
    assert_eq!(tactics_of(&new, "T1027"), ["stealth"]);
    assert_eq!(tactics_of(&old, "T1562"), ["defense-evasion"]);
    assert_eq!(tactics_of(&new, "T1685"), ["defense-impairment"]);
}

#[test]
fn the_values_own_target_takes_part_in_the_maximum() {
    let old = catalogue("1.0", vec![made_up("T1000", "a"), made_up("T1001", "b")]);
    let new = catalogue("2.0", vec![made_up("T1000", "a"), revoked("T1001", "b", &["T1000"])]);
    let migration = Migration::between(&old, &new).unwrap();
    for (own, other, after) in
        [(score(80), score(20), score(80)), (score(20), score(80), score(80)), (None, score(20), score(20))]
    {
        let result = migration.apply(&cells(&[("T1000", own), ("T1001", other)]));
        assert_eq!(result, cells(&[("T1000", after)]));
    }
    assert_eq!(migration.preview(ids(&["T1000", "T1001"])).merged, [(id("T1000"), ids(&["T1000", "T1001"]))]);
}

#[test]
fn a_renumbered_technique_is_followed_by_its_stix_id() {
    let old = catalogue("1.0", vec![made_up("T1000", "a"), made_up("T1001", "b")]);
    // The number T1000 now means something else.
    let new = catalogue("2.0", vec![made_up("T1002", "a"), made_up("T1000", "c"), made_up("T1001", "b")]);
    let migration = Migration::between(&old, &new).unwrap();
    assert_eq!(migration.fate(id("T1000")), Some(&Fate::Moved(id("T1002"))));
    let after = migration.apply(&cells(&[("T1000", score(50)), ("T1001", score(0))]));
    assert_eq!(after, cells(&[("T1001", score(0)), ("T1002", score(50))]));
}

#[test]
fn one_into_several_is_not_assessed_for_each_of_them() {
    let old = catalogue("1.0", vec![made_up("T1000", "a"), made_up("T1001", "b")]);
    let new = catalogue(
        "2.0",
        vec![revoked("T1000", "a", &["T1001", "T1002"]), made_up("T1001", "b"), made_up("T1002", "c")],
    );
    let migration = Migration::between(&old, &new).unwrap();
    let after = migration.apply(&cells(&[("T1000", score(90))]));
    assert_eq!(after, cells(&[("T1001", None), ("T1002", None)]));
    let with_own = migration.apply(&cells(&[("T1000", score(90)), ("T1001", score(20))]));
    assert_eq!(with_own, cells(&[("T1001", score(20)), ("T1002", None)]));
    assert_eq!(migration.preview(ids(&["T1000"])).split, [(id("T1000"), ids(&["T1001", "T1002"]))]);
}

#[test]
fn deprecated_ids_drop_and_ids_without_a_successor_are_lost() {
    let old = catalogue(
        "1.0",
        ["T1000", "T1001", "T1002", "T1003", "T1004"].iter().map(|t| made_up(t, t)).collect(),
    );
    let new = catalogue(
        "2.0",
        vec![
            Technique { deprecated: true, ..made_up("T1000", "T1000") },
            revoked("T1001", "T1001", &[]),
            revoked("T1002", "T1002", &["T1000"]),
            made_up("T1004", "T1004"),
        ],
    );
    let migration = Migration::between(&old, &new).unwrap();
    let fates: Vec<_> = migration.fates().map(|(_, fate)| fate.clone()).collect();
    assert_eq!(fates, [Fate::Dropped, Fate::Lost, Fate::Dropped, Fate::Lost, Fate::Kept]);
    let all: Vec<_> = old.all().map(|technique| technique.id).collect();
    let preview = migration.preview(all);
    assert_eq!(preview.dropped, ids(&["T1000", "T1002"]));
    assert_eq!(preview.lost, ids(&["T1001", "T1003"]));
    let after = migration.apply(&cells(&[("T1000", score(50)), ("T1003", score(50))]));
    assert!(after.is_empty());
    assert_eq!(migration.preview(ids(&["T9999"])).lost, ids(&["T9999"]));
}

#[test]
fn a_cycle_in_damaged_data_ends() {
    let old = catalogue("1.0", vec![made_up("T1000", "a"), made_up("T1002", "c")]);
    let new = catalogue(
        "2.0",
        vec![revoked("T1000", "a", &["T1001"]), revoked("T1001", "b", &["T1000"]), made_up("T1002", "c")],
    );
    let migration = Migration::between(&old, &new).unwrap();
    assert_eq!(migration.fate(id("T1000")), Some(&Fate::Lost));
}

#[test]
fn migration_goes_only_forwards() {
    let error = Migration::between(&bundled::v19_0(), &bundled::v18_1()).unwrap_err();
    assert!(error.to_string().contains("19.0 cannot be migrated to the older 18.1"), "{error}");
    let same = Migration::between(&bundled::v19_0(), &bundled::v19_0()).unwrap();
    assert!(bundled::v19_0().active().all(|technique| same.fate(technique.id) == Some(&Fate::Kept)));
}
