//! What the commands on the database itself have in common: they open it, and what works on it, as the settings say.

use std::sync::Arc;

use super::{Failure, output::counted};
use crate::{
    app::{App, Parts, Probes},
    auth::{Keys, make_private_dir},
    domain::{
        dimension::{Dimension, Dimensions},
        release::{Overrides, ParameterError, Parameters},
        technology,
    },
    environment::{SystemClock, SystemEntropy},
    settings::{Privacy, Settings},
    store::{Db, OpenOptions},
};

/// What to do about a database whose schema is not this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Make the embedded database where there is none, and bring the schema up to date.
    Migrate,
    /// Refuse, and name the command that does it.
    Require,
}

/// The use cases on the configured database, with the data directory's keys and the computer's clock.
pub fn open(settings: &Settings, schema: Schema) -> Result<App, Failure> {
    // What is refused is refused before anything is made.
    parameters(&settings.privacy)?;
    Ok(App::new(parts(settings, database(settings, schema)?)?)?)
}

/// The configured database, its schema up to date.
pub fn database(settings: &Settings, schema: Schema) -> Result<Db, Failure> {
    if schema == Schema::Migrate {
        return migrated(settings).map(|(db, _)| db);
    }
    let db = Db::open(settings.database_url().reveal(), options(settings))?;
    match db.pending_migrations()?.as_slice() {
        [] => Ok(db),
        pending => Err(Failure::remote(format!(
            "The database's schema is not this program's: {} not applied yet. Back the database up and run \
             `peerbench migrate`.",
            counted(pending.len(), "migration is", "migrations are")
        ))),
    }
}

/// The configured database, made where it is embedded and not there, and the migrations that it just had.
pub fn migrated(settings: &Settings) -> Result<(Db, Vec<String>), Failure> {
    if settings.database.url.is_none() {
        let data_dir = &settings.general.data_dir;
        make_private_dir(data_dir).map_err(|error| {
            Failure::remote(format!("The data directory {} cannot be made: {error}.", data_dir.display()))
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
    }
}

/// What an [`App`] on this database is made of; the caller may replace what it wants otherwise.
pub fn parts(settings: &Settings, db: Db) -> Result<Parts, Failure> {
    let entropy = Arc::new(SystemEntropy);
    let dimensions = match &settings.dimensions.sectors {
        Some(sectors) => {
            Dimensions::default().with(Dimension::SECTOR, sectors.clone()).map_err(Failure::usage)?
        }
        None => Dimensions::default(),
    };
    let issuer = settings.auth.issuer.clone();
    Ok(Parts {
        db,
        clock: Arc::new(SystemClock),
        registry: Arc::new(technology::bundled().clone()),
        dimensions,
        parameters: parameters(&settings.privacy)?,
        keys: Arc::new(Keys::open(&settings.general.data_dir, entropy.as_ref())?),
        issuer: issuer.unwrap_or_else(|| format!("http://{}", settings.general.listen)),
        entropy,
        probes: Probes::default(),
    })
}

/// The privacy parameters that the settings ask for, within their limits.
pub fn parameters(privacy: &Privacy) -> Result<Parameters, Failure> {
    let small = |name: &str, value: Option<u32>| {
        let narrow = |value| {
            u8::try_from(value).map_err(|_| {
                Failure::usage(format!("The setting privacy.{name} is {value}, which is no score."))
            })
        };
        value.map(narrow).transpose()
    };
    let changes = Overrides {
        k: privacy.k,
        d: privacy.d,
        m: privacy.m,
        release_days: privacy.release_days,
        round_step: small("round_step", privacy.round_step)?,
        code_low: small("code_low", privacy.code_low)?,
        code_high: small("code_high", privacy.code_high)?,
        jitter_below_100: privacy.jitter,
        jitter_below_500: None,
        tail_min: privacy.tail_min,
        max_cg_share: privacy.max_cg_share,
        tails_min_n: privacy.tails_min_n,
        pairs_min_n: privacy.pairs_min_n,
        freshness_days: privacy.freshness_days,
        new_organisation_wait_days: privacy.new_organisation_wait_days,
    };
    let preset = privacy
        .preset
        .parse()
        .map_err(|error| Failure::usage(format!("The setting privacy.preset cannot be used: {error}.")))?;
    Parameters::new(preset, &changes).map_err(|ParameterError { name, value, limit }| {
        let name = name.trim_end_matches("_below_100");
        Failure::usage(format!("The setting privacy.{name} is {value}: it must be {limit}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::Preset;

    #[test]
    fn settings_change_the_presets_parameters() {
        let privacy = Privacy {
            preset: "small-community".to_owned(),
            k: Some(12),
            jitter: Some(3),
            ..Privacy::default()
        };
        let expected =
            Parameters { k: 12, jitter_below_100: 3, ..Parameters::preset(Preset::SmallCommunity) };
        assert_eq!(parameters(&privacy).unwrap(), expected);
    }

    #[test]
    fn what_is_refused_is_named() {
        for (privacy, name) in [
            (Privacy { preset: "loose".to_owned(), ..Privacy::default() }, "small-community"),
            (Privacy { k: Some(9), ..Privacy::default() }, "privacy.k is 9"),
            (Privacy { jitter: Some(0), ..Privacy::default() }, "privacy.jitter is 0"),
            (Privacy { round_step: Some(300), ..Privacy::default() }, "privacy.round_step"),
        ] {
            let refused = parameters(&privacy).unwrap_err();
            assert!(matches!(&refused, Failure::Usage(text) if text.contains(name)), "{refused}");
        }
    }
}
