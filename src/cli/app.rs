//! The common part of all commands on the database: opening it as the settings say.

use std::time::Duration;

use super::{Failure, failure::sentence, output::counted};
use crate::{
    app::{App, Parts, Quotas},
    auth::{Keys, make_private_dir},
    domain::{
        dimension::{Dimension, Dimensions},
        release::{Lattice, ParameterError, Parameters},
    },
    environment::SystemEntropy,
    settings::{Privacy, Settings},
    store::{Db, OpenOptions},
};

/// The action to take on a database whose schema is not this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Make the embedded database where there is none, and bring the schema up to date.
    Migrate,
    /// Refuse, and name the command that does it.
    Require,
}

/// Opens the use cases on the configured database, with the data directory's keys and the computer's clock.
pub fn open(settings: &Settings, schema: Schema) -> Result<App, Failure> {
    // What is refused is refused before anything is made.
    parameters(&settings.privacy)?;
    Ok(App::new(parts(settings, database(settings, schema)?)?)?)
}

/// Opens the configured database, its schema up to date.
pub fn database(settings: &Settings, schema: Schema) -> Result<Db, Failure> {
    if schema == Schema::Migrate {
        return migrated(settings).map(|(db, _)| db);
    }
    let db = Db::open(settings.database_url().reveal(), options(settings))?;
    match db.pending_migrations()?.as_slice() {
        [] => Ok(db),
        pending => Err(Failure::remote(format!(
            "The database needs a migration: {} not applied yet. Back the database up, then run `peerbench migrate`.",
            counted(pending.len(), "migration is", "migrations are")
        ))),
    }
}

/// Opens the configured database, creating an embedded one, and returns the migrations just applied.
pub fn migrated(settings: &Settings) -> Result<(Db, Vec<String>), Failure> {
    if settings.database.url.is_none() {
        let data_dir = &settings.general.data_dir;
        make_private_dir(data_dir).map_err(|error| {
            Failure::remote(format!("Can't create the data directory {}: {error}.", data_dir.display()))
        })?;
    }
    let db = Db::open(settings.database_url().reveal(), OpenOptions { create: true, ..options(settings) })?;
    let applied = db.migrate()?;
    Ok((db, applied))
}

fn options(settings: &Settings) -> OpenOptions {
    OpenOptions {
        create: false,
        pool_size: settings.database.pool_size,
        prepared_statements: settings.database.prepared_statements,
        wait: Duration::from_secs(settings.database.wait_seconds),
        statement: Duration::from_secs(settings.database.statement_seconds),
    }
}

/// Assembles the parts of an [`App`] on this database; the caller may replace some.
pub fn parts(settings: &Settings, db: Db) -> Result<Parts, Failure> {
    let dimensions = match &settings.dimensions.sectors {
        Some(sectors) => {
            Dimensions::default().with(Dimension::SECTOR, sectors.clone()).map_err(Failure::usage)?
        }
        None => Dimensions::default(),
    };
    Lattice::new(&dimensions, true).map_err(Failure::usage)?;
    let parameters = parameters(&settings.privacy)?;
    let keys = Keys::open(&settings.general.data_dir, &SystemEntropy)?;
    let issuer = settings.auth.issuer.clone();
    let issuer = issuer.unwrap_or_else(|| format!("http://{}", settings.general.listen));
    let quota = &settings.quota;
    let quotas = Quotas {
        feeds: quota.feeds,
        snapshots: quota.snapshots,
        stored_bytes: quota.stored_bytes,
        clients: quota.clients,
    };
    Ok(Parts { dimensions, parameters, quotas, ..Parts::new(db, keys, issuer) })
}

/// Returns the privacy parameters that the settings ask for, within their limits.
pub fn parameters(privacy: &Privacy) -> Result<Parameters, Failure> {
    let preset = privacy
        .preset
        .parse()
        .map_err(|error| Failure::usage(format!("The setting privacy.preset is invalid: {error}.")))?;
    let changes = privacy.changes.iter().map(|(name, value)| (*name, *value));
    Parameters::new(preset, changes).map_err(|error| match error {
        ParameterError::Refused { name, value, limit } => {
            Failure::usage(format!("The setting privacy.{name} is {value}, but must be {limit}."))
        }
        unknown @ ParameterError::Unknown(_) => Failure::usage(sentence(&unknown)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::Preset;

    #[test]
    fn settings_change_the_presets_parameters() {
        let privacy =
            Privacy { preset: "small-community".to_owned(), changes: [("k", 12), ("jitter", 3)].into() };
        let expected =
            Parameters { k: 12, jitter_below_100: 3, ..Parameters::preset(Preset::SmallCommunity) };
        assert_eq!(parameters(&privacy).unwrap(), expected);
    }

    #[test]
    fn what_is_refused_is_named() {
        let with = |name, value| Privacy { changes: [(name, value)].into(), ..Privacy::default() };
        for (privacy, name) in [
            (Privacy { preset: "loose".to_owned(), ..Privacy::default() }, "small-community"),
            (with("k", 9), "privacy.k is 9"),
            (with("jitter", 0), "privacy.jitter is 0"),
            (with("round_step", 300), "privacy.round_step is 300"),
        ] {
            let refused = parameters(&privacy).unwrap_err();
            assert!(matches!(&refused, Failure::Usage(text) if text.contains(name)), "{refused}");
        }
    }
}
