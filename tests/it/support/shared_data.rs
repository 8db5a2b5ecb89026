//! Real input that lies beside the project, not in it. Where it is absent a test that needs it says so and passes,
//! except on CI, which has it.

use std::{env, path::PathBuf};

/// The folder of real input, or `None` after a printed line.
pub fn shared_data() -> Option<PathBuf> {
    let folder = env::var_os("PEERBENCH_SHARED_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(env::var_os("CI").is_none(), "CI is set but {} is not there", folder.display());
    println!("skipped: {} is not there (set PEERBENCH_SHARED_DATA)", folder.display());
    None
}
