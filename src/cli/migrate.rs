//! `peerbench migrate`: makes the embedded database where there is none, and brings the schema up to date.

use super::{
    Failure, app,
    output::{self, counted},
};
use crate::settings::Settings;

pub fn run(settings: &Settings) -> Result<(), Failure> {
    let (_, applied) = app::migrated(settings)?;
    let outcome = match applied.as_slice() {
        [] => "The database is up to date".to_owned(),
        applied => format!("{} applied", counted(applied.len(), "migration", "migrations")),
    };
    output::text(&format!("{outcome}: {}\n", settings.database_url().without_password()))
}
