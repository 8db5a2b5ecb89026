//! Collects the readings of the files below some paths, whichever product they are of.

use std::path::PathBuf;

use super::{
    files::{self, CollectError, Collected, Progress},
    products::{READERS, reader},
};
use crate::domain::snapshot::Source;

/// Reads everything below `paths`, as files of the product that the user named or of the one that each file's content
/// tells. `progress` is called from any thread.
pub fn collect(
    paths: &[PathBuf],
    from: Option<Source>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Collected, CollectError> {
    files::collect(paths, READERS, from.map(reader), progress)
}
