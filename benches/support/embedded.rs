//! The use cases on an embedded database of their own, under a clock that stands still until it is set.

use std::{path::Path, sync::Arc};

use peerbench::{
    app::{App, Parts},
    auth::Keys,
    environment::{FixedClock, SystemEntropy},
    store::{Db, OpenOptions},
};

/// On a new database in a folder.
pub fn embedded(folder: &Path, clock: &Arc<FixedClock>) -> App {
    let address = format!("sqlite:{}", folder.join("bench.db").display());
    let db = Db::open(&address, OpenOptions { create: true, ..OpenOptions::default() }).unwrap();
    db.migrate().unwrap();
    let parts = Parts::new(db, Keys::ephemeral(&SystemEntropy).unwrap(), "http://bench");
    App::new(Parts { clock: Arc::<FixedClock>::clone(clock), ..parts }).unwrap()
}
