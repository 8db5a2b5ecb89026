//! One published release, without its tables.

use thiserror::Error;

use super::App;
use crate::store::{
    StoreError,
    release::{self, Release},
};

/// Why there is nothing to read.
#[derive(Debug, Error)]
pub enum ReadReleaseError {
    #[error("there is no such release")]
    UnknownRelease,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

pub fn read_release(app: &App, number: u32) -> Result<Release, ReadReleaseError> {
    app.db.read(|conn| release::get(conn, number))?.ok_or(ReadReleaseError::UnknownRelease)
}
