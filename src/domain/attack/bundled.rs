//! The ATT&CK versions that the binary carries. The files are written by `peerbench catalogue bundle`.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use serde::Deserialize;

use super::{AttackVersion, Catalogue, ComponentTable, GroupId, TechniqueId, compact};

const TEXT_18_1: &str = include_str!("../../../catalogue/attack/18.1.json");
const TEXT_19_0: &str = include_str!("../../../catalogue/attack/19.0.json");
const TEXT_19_1: &str = include_str!("../../../catalogue/attack/19.1.json");
const TEXT_19_2: &str = include_str!("../../../catalogue/attack/19.2.json");
const TEXT_COMPONENTS_18: &str = include_str!("../../../catalogue/attack/components-18.1.json");
const TEXT_COMPONENTS_19: &str = include_str!("../../../catalogue/attack/components-19.1.json");

const TEXT_FORMER_NAMES: &str = include_str!("../../../catalogue/attack/former-names.json");
const TEXT_GROUP_ALIASES: &str = include_str!("../../../catalogue/attack/group-aliases.json");

static V18_1: LazyLock<Arc<Catalogue>> = LazyLock::new(|| read(TEXT_18_1));
static V19_0: LazyLock<Arc<Catalogue>> = LazyLock::new(|| read(TEXT_19_0));
static V19_1: LazyLock<Arc<Catalogue>> = LazyLock::new(|| read(TEXT_19_1));
static V19_2: LazyLock<Arc<Catalogue>> = LazyLock::new(|| read(TEXT_19_2));

static COMPONENTS_18: LazyLock<ComponentTable> = LazyLock::new(|| read_components(TEXT_COMPONENTS_18));
static COMPONENTS_19: LazyLock<ComponentTable> = LazyLock::new(|| read_components(TEXT_COMPONENTS_19));

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
fn read_components(text: &str) -> ComponentTable {
    compact::components_from_json(text).expect("a bundled component table is readable")
}

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
static FORMER_NAMES: LazyLock<BTreeMap<String, TechniqueId>> =
    LazyLock::new(|| serde_json::from_str(TEXT_FORMER_NAMES).expect("the bundled names are readable"));

#[derive(Deserialize)]
struct GroupAliases {
    groups: BTreeMap<GroupId, Vec<String>>,
}

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
static GROUP_ALIASES: LazyLock<GroupAliases> =
    LazyLock::new(|| serde_json::from_str(TEXT_GROUP_ALIASES).expect("the bundled aliases are readable"));

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
fn read(text: &str) -> Arc<Catalogue> {
    Arc::new(compact::from_json(text).expect("a bundled catalogue is readable"))
}

/// ATT&CK 18.1.
pub fn v18_1() -> Arc<Catalogue> {
    Arc::clone(&V18_1)
}

/// ATT&CK 19.0.
pub fn v19_0() -> Arc<Catalogue> {
    Arc::clone(&V19_0)
}

/// ATT&CK 19.1.
pub fn v19_1() -> Arc<Catalogue> {
    Arc::clone(&V19_1)
}

/// ATT&CK 19.2, of which two groups are put together from other sources than MITRE's file.
pub fn v19_2() -> Arc<Catalogue> {
    Arc::clone(&V19_2)
}

/// All bundled versions, oldest first.
pub fn catalogues() -> Vec<Arc<Catalogue>> {
    vec![v18_1(), v19_0(), v19_1(), v19_2()]
}

/// The text that a bundled catalogue was read from; `None` for any other catalogue.
pub fn text_of(catalogue: &Arc<Catalogue>) -> Option<&'static str> {
    let texts = [(&V18_1, TEXT_18_1), (&V19_0, TEXT_19_0), (&V19_1, TEXT_19_1), (&V19_2, TEXT_19_2)];
    texts.into_iter().find(|(bundled, _)| Arc::ptr_eq(bundled, catalogue)).map(|(_, text)| text)
}

/// The table of data components that decides on the applicability of a version, and the catalogue whose ids it has. 19.0 came
/// without a table and is computed with that of 18.1, as its releases were.
pub fn components(version: AttackVersion) -> (Arc<Catalogue>, &'static ComponentTable) {
    match version >= AttackVersion::CAMPAIGNS_COUNT_FROM {
        true => (v19_1(), &COMPONENTS_19),
        false => (v18_1(), &COMPONENTS_18),
    }
}

/// Names that techniques had in versions that aren't bundled, in lower case.
pub fn former_names() -> &'static BTreeMap<String, TechniqueId> {
    &FORMER_NAMES
}

/// Other names of threat groups, of all bundled versions.
pub fn group_aliases() -> &'static BTreeMap<GroupId, Vec<String>> {
    &GROUP_ALIASES.groups
}
