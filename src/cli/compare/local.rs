//! A comparison without a service: a release as it was saved and verified, and snapshots that stay on this computer. The
//! functions are those that the service answers with.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    app::{
        compare::{self, CompareError, Feed, List, Query, Reader},
        published::{Header, Published, Tables, Terms},
    },
    cli::{
        Failure,
        failure::sentence,
        release::saved::{Saved, saved},
    },
    domain::{
        attack::{AttackVersion, Catalogues, Platform},
        calendar::Month,
        cohort::Cohort,
        coverage::{Coverage, contribution},
        dimension::ByDimension,
        facts::Facts,
        organisation::Profile,
        release::{Items, Table},
        snapshot::{self, Basis, Context, Snapshot},
        technology,
    },
    environment::{Clock as _, SystemClock},
    sources::text_of,
    store::release::Release,
    wire::{Comparison, ComparisonSummary},
};

/// A saved release, and the coverage of this computer's snapshots.
pub struct Local {
    published: Published,
    profile: Profile,
    own: Coverage,
    feeds: Vec<Feed>,
}

/// The members of the saved release that are not in its manifest.
#[derive(Deserialize)]
struct ReleaseMore {
    published_at: DateTime<Utc>,
    preset: String,
    #[serde(default)]
    scales: Vec<String>,
    named_in: Option<AttackVersion>,
}

/// The saved organisation: the platforms that it runs.
#[derive(Deserialize)]
struct Organisation {
    platforms: Vec<Platform>,
}

impl Local {
    /// Reads a folder of `release verify --download` and snapshots of one basis.
    pub fn read(
        folder: &Path,
        keys: Option<&Path>,
        files: &[PathBuf],
        query: &Query,
    ) -> Result<Self, Failure> {
        let saved = saved(folder, keys)?;
        if let [changed, ..] = saved.changed().as_slice() {
            return Err(Failure::refused(format!(
                "{changed} is not as it was published in release {}, or is of another service.",
                saved.manifest.release
            )));
        }
        let catalogues = Catalogues::bundled();
        let (published, facts) = published(&saved, &catalogues, folder)?;
        let snapshots = snapshots(files, &catalogues)?;
        let feeds = feeds(files, &snapshots, query.basis, &facts, &published)?;
        let counted: Vec<Snapshot> =
            snapshots.into_iter().filter(|one| one.header.basis == query.basis).collect();
        let contribution =
            contribution(&counted, &facts).map_err(|error| Failure::refused(sentence(&error)))?;
        let profile = profile(&saved, folder, &query.cohort)?;
        let own = Coverage::new(contribution, profile.platforms, &facts);
        Ok(Self { published, profile, own, feeds })
    }

    fn reader(&self) -> Reader<'_> {
        Reader { profile: &self.profile, own: &self.own, feeds: &self.feeds }
    }

    pub fn summary(&self, query: &Query) -> Result<ComparisonSummary, Failure> {
        let summary = compare::summary(&self.published, &self.reader(), query).map_err(refused)?;
        Ok(ComparisonSummary::from(&summary))
    }

    pub fn list(&self, list: List, query: &Query) -> Result<Comparison, Failure> {
        let answer = compare::list(&self.published, &self.reader(), list, query).map_err(refused)?;
        Ok(Comparison::from(&answer))
    }
}

fn refused(error: CompareError) -> Failure {
    Failure::refused(sentence(&error))
}

/// The release with its tables, as the service holds it.
fn published(
    saved: &Saved,
    catalogues: &Catalogues,
    folder: &Path,
) -> Result<(Published, Arc<Facts>), Failure> {
    let cannot = |what: &str| {
        Failure::refused(format!(
            "The saved release can't be compared with: this version can't read its {what}."
        ))
    };
    let manifest = &saved.manifest;
    let attack = manifest.attack.ok_or_else(|| cannot("ATT&CK version"))?;
    let parameters = manifest.parameters.clone().ok_or_else(|| cannot("parameters"))?;
    let cut_off = manifest.cut_off.ok_or_else(|| cannot("cut-off"))?;
    let more: ReleaseMore = serde_json::from_str(&saved.release).map_err(|error| {
        Failure::refused(format!("{} can't be read: {error}.", folder.join("release.json").display()))
    })?;
    let registry = Arc::new(technology::bundled().clone());
    let facts =
        Facts::new(catalogues, registry, attack).map_err(|error| Failure::refused(sentence(&error)))?;
    let facts = more.named_in.and_then(|youngest| facts.as_named_in(youngest)).unwrap_or(facts);
    let facts = Arc::new(facts);
    let mut items = Items::default();
    let mut tables = Tables::new();
    for table in &saved.tables {
        // Another version's basis or cohort is no table of this version's.
        let (Ok(basis), Ok(cohort)) = (table.basis().parse::<Basis>(), table.cohort().parse::<Cohort>())
        else {
            continue;
        };
        let read = Table::from_bytes(basis, cohort.clone(), table.body.as_bytes(), &mut items);
        let read = read.map_err(|error| Failure::refused(format!("{}: {error}.", table.file())))?;
        tables.insert((basis, cohort), Arc::new(read));
    }
    let scales = more.scales.iter().filter_map(|scale| scale.parse().ok()).collect();
    let release = Release {
        number: manifest.release,
        cut_off,
        attack,
        preset: more.preset,
        parameters: String::new(),
        digest: String::new(),
        manifest: String::new(),
        published_at: more.published_at,
    };
    let terms = Terms { parameters, scales, named_in: more.named_in };
    let header = Header { release, terms, catalogue: manifest.catalogue };
    Ok((Published::of_parts(&header, Arc::clone(&facts), tables), facts))
}

/// Reads the snapshots as the service would.
fn snapshots(files: &[PathBuf], catalogues: &Catalogues) -> Result<Vec<Snapshot>, Failure> {
    let current = Month::of(SystemClock.now())
        .ok_or_else(|| Failure::usage("This computer's clock is far from the present."))?;
    let context = Context { catalogues, registry: technology::bundled(), current };
    let read = |file: &PathBuf| {
        let text = text_of(file).map_err(Failure::refused)?;
        snapshot::parse(text.as_bytes(), context).map_err(|refused| {
            let errors: Vec<String> = refused
                .errors
                .iter()
                .take(20)
                .map(|error| format!("\n  {}: {}", error.pointer, error.detail))
                .collect();
            Failure::refused(format!("{} isn't a valid snapshot:{}", file.display(), errors.concat()))
        })
    };
    files.iter().map(read).collect()
}

/// The feeds that count: fresh ones of the asked basis, each once.
fn feeds(
    files: &[PathBuf],
    snapshots: &[Snapshot],
    basis: Basis,
    facts: &Facts,
    published: &Published,
) -> Result<Vec<Feed>, Failure> {
    let (now, days) = (SystemClock.now(), published.terms.parameters.known.freshness_days);
    let mut seen = BTreeSet::new();
    let mut feeds = Vec::new();
    for (file, snapshot) in files.iter().zip(snapshots).filter(|(_, snapshot)| snapshot.header.basis == basis)
    {
        let header = &snapshot.header;
        let refused = |why: &str| Err(Failure::refused(format!("{} {why}", file.display())));
        if !seen.insert((header.producer.source, header.producer.feed)) {
            return refused("is a second snapshot of its feed: give the latest one of each feed.");
        }
        if !header.period.is_fresh(now, days) {
            return refused("is too old to count: its period ended too long ago.");
        }
        facts.origin(header.attack).map_err(|error| Failure::refused(sentence(&error)))?;
        feeds.push(Feed {
            id: file.display().to_string(),
            producer: header.producer,
            period: header.period,
            basis,
            attack: header.attack,
        });
    }
    if feeds.is_empty() {
        return Err(Failure::refused(format!("None of the snapshots is of the basis {basis}.")));
    }
    Ok(feeds)
}

/// The profile as far as the folder tells: the platforms as saved, and the dimensions of the cohorts that have a table.
fn profile(saved: &Saved, folder: &Path, asked: &Cohort) -> Result<Profile, Failure> {
    let mut dimensions = ByDimension::default();
    let known = saved.tables.iter().filter_map(|table| table.cohort().parse::<Cohort>().ok());
    // What is asked for and isn't saved isn't released: the comparison falls back, as the service's would.
    for cohort in std::iter::once(asked.clone()).chain(known) {
        if let Cohort::One(dimension, value) = cohort {
            dimensions.set(dimension, value);
        }
    }
    if let Cohort::Pair((a, x), (b, y)) = asked {
        for (dimension, value) in [(a, x), (b, y)] {
            if dimensions.get(*dimension).is_none() {
                dimensions.set(*dimension, value.clone());
            }
        }
    }
    let file = folder.join("organisation.json");
    let platforms = match fs::read_to_string(&file) {
        Ok(text) => {
            let organisation: Organisation = serde_json::from_str(&text)
                .map_err(|error| Failure::refused(format!("{} can't be read: {error}.", file.display())))?;
            organisation.platforms.into_iter().collect()
        }
        Err(_) => Default::default(),
    };
    Ok(Profile { dimensions, control_group: String::new(), platforms })
}
