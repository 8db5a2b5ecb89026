//! The state that every use case works with.

use std::{fmt, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    admissions::Admissions, contributions::Contributions, earlier::Earlier, probes::Probes,
    published::Published, quotas::Quotas, signing_keys,
};
use crate::{
    auth::{Keys, Tokens},
    domain::{
        applicability::Applicability,
        attack::{AttackVersion, Catalogues, compact},
        dimension::Dimensions,
        facts::{Facts, FactsError},
        release::{Parameters, Preset},
        technology::{self, Registry},
    },
    environment::{Clock, Entropy, SystemClock, SystemEntropy, new_id},
    store::{self, Conn, Db, StoreError},
};

/// The parts of an [`App`].
pub struct Parts {
    /// Migrated.
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub registry: Arc<Registry>,
    pub dimensions: Dimensions,
    /// Privacy parameters of the next release, checked.
    pub parameters: Parameters,
    pub keys: Arc<Keys>,
    /// The service's public base URL.
    pub issuer: String,
    /// No limits by default.
    pub quotas: Quotas,
    pub probes: Probes,
}

impl Parts {
    /// The defaults on this database: the computer's clock and randomness, the bundled technologies, and the default
    /// preset.
    pub fn new(db: Db, keys: impl Into<Arc<Keys>>, issuer: impl Into<String>) -> Self {
        Self {
            db,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            registry: Arc::new(technology::bundled().clone()),
            dimensions: Dimensions::default(),
            parameters: Parameters::preset(Preset::Default),
            keys: keys.into(),
            issuer: issuer.into(),
            quotas: Quotas::default(),
            probes: Probes::default(),
        }
    }
}

/// Shared by all requests.
pub struct App {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub registry: Arc<Registry>,
    pub dimensions: Dimensions,
    pub parameters: Parameters,
    pub tokens: Tokens,
    pub(super) quotas: Quotas,
    pub(super) probes: Probes,
    /// The latest release, once it has been read.
    pub(super) published: ArcSwapOption<Published>,
    pub(super) earlier: Earlier,
    attack: ArcSwap<Attack>,
    pub(super) admissions: Admissions,
    pub(super) contributions: Contributions,
}

/// The ATT&CK versions in use, and what follows from the canonical one.
#[derive(Debug)]
pub struct Attack {
    pub catalogues: Catalogues,
    /// For comparing in the canonical version; `None` where the operator has enabled none.
    pub facts: Option<Arc<Facts>>,
    /// Counts, in this process, how often they were read anew.
    pub edition: u64,
    stamp: Stamp,
}

/// A stamp that changes when the database has other versions, or enables others, than were read.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    imports: Vec<(AttackVersion, DateTime<Utc>)>,
    disabled: Vec<AttackVersion>,
}

/// The reason why the service cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("the database could not be read")]
    Store(#[from] StoreError),
    #[error(
        "the file `release-key` of this data directory is not the one that the database has been used with, and with \
         another key the same data would be published differently: start with that data directory, or put a copy of its \
         `release-key` and `signing-key.pem` into this one"
    )]
    ForeignKey,
    #[error(
        "the file `signing-key.pem` of this data directory is none that the database has been used with: other replicas \
         would refuse its tokens. Put a copy of theirs into this data directory, or, where the old key is lost, run \
         `peerbench keys accept`"
    )]
    ForeignSigningKey,
    #[error("the imported catalogue of ATT&CK {version} is damaged, import it again: {reason}")]
    Catalogue { version: AttackVersion, reason: String },
    #[error(transparent)]
    Facts(#[from] FactsError),
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("db", &self.db).field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

impl App {
    pub fn new(parts: Parts) -> Result<Self, StartError> {
        let Parts { db, clock, entropy, registry, dimensions, parameters, keys, issuer, quotas, probes } =
            parts;
        check_key(&db, &keys)?;
        if !signing_keys::is_known(&db, &keys)? {
            return Err(StartError::ForeignSigningKey);
        }
        let attack = ArcSwap::from_pointee(load_attack(&db, &registry, 0)?);
        let tokens = Tokens::new(keys, issuer);
        let published = ArcSwapOption::empty();
        Ok(Self {
            db,
            clock,
            entropy,
            registry,
            dimensions,
            parameters,
            tokens,
            quotas,
            probes,
            published,
            earlier: Earlier::default(),
            attack,
            admissions: Admissions::default(),
            contributions: Contributions::default(),
        })
    }

    /// The ATT&CK versions of this moment: hold it for as long as one piece of work lasts.
    pub fn attack(&self) -> Arc<Attack> {
        self.attack.load_full()
    }

    /// The facts of one version: shared for the canonical one, made anew for another (a release that was published
    /// before a newer version was imported).
    pub fn facts_for(&self, version: AttackVersion) -> Result<Arc<Facts>, FactsError> {
        let attack = self.attack();
        match &attack.facts {
            Some(facts) if facts.catalogue().version() == version => Ok(Arc::clone(facts)),
            _ => Facts::new(&attack.catalogues, Arc::clone(&self.registry), version).map(Arc::new),
        }
    }

    /// The applicability of a version's techniques: kept for versions up to the canonical one, made anew for later ones.
    pub fn applicability(&self, version: AttackVersion) -> Result<Arc<Applicability>, FactsError> {
        let attack = self.attack();
        match attack.facts.as_ref().and_then(|facts| facts.origin(version).ok()) {
            Some(origin) => Ok(Arc::clone(origin.applicability())),
            None => {
                let catalogue = attack.catalogues.get(version).ok_or(FactsError::Unknown(version))?;
                Ok(Arc::new(Applicability::new(catalogue, &self.registry)))
            }
        }
    }

    /// Reads the catalogues again if another process imported, enabled or disabled one.
    pub fn refresh_attack(&self) -> Result<(), StartError> {
        let known = self.attack.load();
        if self.db.read_together(stamp)? != known.stamp {
            self.attack.store(Arc::new(load_attack(&self.db, &self.registry, known.edition + 1)?));
        }
        Ok(())
    }

    pub fn new_id(&self) -> String {
        new_id(self.clock.as_ref(), self.entropy.as_ref())
    }
}

/// A database is used with one release key. The first one that comes is remembered, by a fingerprint.
fn check_key(db: &Db, keys: &Keys) -> Result<(), StartError> {
    const NAME: &str = "release";
    let own = keys.release().fingerprint_of_key().to_string();
    let known = match db.read(|conn| store::key::fingerprint(conn, NAME))? {
        Some(known) => Some(known),
        None => db.write("remember release key", |conn| {
            store::key::remember(conn, NAME, &own)?;
            store::key::fingerprint(conn, NAME)
        })?,
    };
    if known == Some(own) { Ok(()) } else { Err(StartError::ForeignKey) }
}

fn stamp(conn: &mut Conn) -> Result<Stamp, StoreError> {
    Ok(Stamp { imports: store::catalogue::imports(conn)?, disabled: store::catalogue::disabled(conn)? })
}

/// The bundled versions, and the imported ones on top: an import of a bundled version takes its place.
fn load_attack(db: &Db, registry: &Arc<Registry>, edition: u64) -> Result<Attack, StartError> {
    let mut catalogues = Catalogues::bundled();
    let (stamp, imported) =
        db.read_together(|conn| Ok::<_, StoreError>((stamp(conn)?, store::catalogue::list(conn)?)))?;
    for imported in imported {
        let version = imported.version;
        let catalogue = compact::from_json(&imported.body)
            .map_err(|error| StartError::Catalogue { version, reason: error.to_string() })?;
        catalogues.insert(Arc::new(catalogue), true);
    }
    for version in &stamp.disabled {
        catalogues.enable(*version, false);
    }
    let canonical = catalogues.canonical().map(|catalogue| catalogue.version());
    let facts =
        canonical.map(|version| Facts::new(&catalogues, Arc::clone(registry), version)).transpose()?;
    Ok(Attack { catalogues, facts: facts.map(Arc::new), edition, stamp })
}
