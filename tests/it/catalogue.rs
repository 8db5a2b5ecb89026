//! The bundled catalogue against MITRE's bundles and against tables of the same facts that an independent script
//! made from them.

mod bundles;
mod facts;
mod migration;

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use peerbench::{
    cli::catalogue::file,
    domain::attack::{AttackVersion, Catalogue},
};

use crate::support::shared_data::shared_data;

fn version(text: &str) -> AttackVersion {
    text.parse().unwrap()
}

/// `attack/` of the real input.
fn attack(name: &str) -> Option<PathBuf> {
    Some(shared_data()?.join("attack").join(name))
}

/// The official STIX 2.0 bundle of ATT&CK 15.0, read once.
static V15_0: LazyLock<Option<Arc<Catalogue>>> = LazyLock::new(|| {
    let path = attack("enterprise-attack-15.0.json.gz")?;
    Some(Arc::new(file::catalogue(&path, Some(version("15.0"))).unwrap()))
});

fn v15_0() -> Option<Arc<Catalogue>> {
    V15_0.clone()
}
