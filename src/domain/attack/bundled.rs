//! The ATT&CK versions that the binary carries. The files are written by `peerbench catalogue bundle`.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::{Catalogue, ComponentTable, TechniqueId, compact};

const TEXT_18_1: &str = include_str!("../../../catalogue/attack/18.1.json");
const TEXT_19_0: &str = include_str!("../../../catalogue/attack/19.0.json");
const TEXT_COMPONENTS: &str = include_str!("../../../catalogue/attack/components-18.1.json");

const TEXT_FORMER_NAMES: &str = include_str!("../../../catalogue/attack/former-names.json");

static V18_1: LazyLock<Arc<Catalogue>> = LazyLock::new(|| read(TEXT_18_1));
static V19_0: LazyLock<Arc<Catalogue>> = LazyLock::new(|| read(TEXT_19_0));

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
static COMPONENTS: LazyLock<ComponentTable> = LazyLock::new(|| {
    compact::components_from_json(TEXT_COMPONENTS).expect("the bundled component table is readable")
});

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
static FORMER_NAMES: LazyLock<BTreeMap<String, TechniqueId>> =
    LazyLock::new(|| serde_json::from_str(TEXT_FORMER_NAMES).expect("the bundled names are readable"));

#[expect(clippy::expect_used, reason = "the text is part of the program, and the tests read it")]
fn read(text: &str) -> Arc<Catalogue> {
    Arc::new(compact::from_json(text).expect("a bundled catalogue is readable"))
}

/// ATT&CK 18.1, on which applicability is defined.
pub fn v18_1() -> Arc<Catalogue> {
    Arc::clone(&V18_1)
}

/// ATT&CK 19.0.
pub fn v19_0() -> Arc<Catalogue> {
    Arc::clone(&V19_0)
}

/// All bundled versions, oldest first.
pub fn catalogues() -> Vec<Arc<Catalogue>> {
    vec![v18_1(), v19_0()]
}

/// The data components of 18.1's analytics.
pub fn components() -> &'static ComponentTable {
    &COMPONENTS
}

/// Names that techniques had in versions that aren't bundled, in lower case.
pub fn former_names() -> &'static BTreeMap<String, TechniqueId> {
    &FORMER_NAMES
}
