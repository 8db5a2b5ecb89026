//! The member's snapshots: from the rule exports that the user names, or from those that the project carries.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use super::rules::{self, RuleFile};
use crate::{
    cli::Failure,
    domain::{
        attack::{Catalogues, TechniqueId},
        calendar::Month,
        snapshot::{AdapterVersion, Snapshot, Source},
        technology::Registry,
    },
    sources::{Complete, Context, Input, MAX_TECHNIQUES, Options, Reading, build, collect, reader},
};

/// One feed: where it is from, how many rules it holds, and the snapshot that leaves.
#[derive(Debug)]
pub struct Feed {
    /// As the user named it.
    pub from: String,
    pub rules: usize,
    pub snapshot: Snapshot,
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Snapshot { header, cells } = &self.snapshot;
        let techniques: BTreeSet<TechniqueId> = cells.iter().map(|cell| cell.technique).collect();
        let techniques = techniques.len();
        let Self { from, rules, .. } = self;
        write!(
            f,
            "Reading {from}: {rules} rules, {techniques} techniques, {} technologies.",
            header.technologies.len()
        )
    }
}

/// The facts that snapshots are checked against.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub catalogues: &'a Catalogues,
    pub registry: &'a Registry,
    pub period: Month,
}

/// A feed for each path; without paths, one of Splunk and one of Sigma from the files that the project carries.
pub fn feeds(paths: &[PathBuf], facts: Facts<'_>) -> Result<Vec<Feed>, Failure> {
    let mut feeds: Vec<Feed> = Vec::new();
    if paths.is_empty() {
        for (source, files) in [(Source::Splunk, rules::SPLUNK), (Source::Sigma, rules::SIGMA)] {
            feeds.push(feed(
                &format!("the project's {source} rules"),
                source,
                &carried(source, files)?,
                1,
                facts,
            )?);
        }
    }
    for path in paths {
        let (source, reading) = read(path)?;
        let before = feeds.iter().filter(|feed| feed.snapshot.header.producer.source == source).count();
        let number = u8::try_from(before + 1)
            .map_err(|_| Failure::usage("The demo takes fewer than 100 exports of one product."))?;
        feeds.push(feed(&path.display().to_string(), source, &reading, number, facts)?);
    }
    Ok(feeds)
}

/// Reads one file or folder.
fn read(path: &Path) -> Result<(Source, Reading), Failure> {
    let collected = collect(&[path.to_owned()], None, &|_| {})
        .map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
    for error in &collected.errors {
        eprintln!("left out: {error}");
    }
    Ok((collected.source, collected.reading))
}

/// Reads files that are part of the program.
fn carried(source: Source, files: &[RuleFile]) -> Result<Reading, Failure> {
    let reader = reader(source);
    let mut all = Reading::default();
    for file in files {
        all.append((reader.read)(&[Input::new(file.path, file.text)]).map_err(Failure::refused)?);
    }
    Ok(all)
}

fn feed(
    from: &str,
    source: Source,
    reading: &Reading,
    number: u8,
    facts: Facts<'_>,
) -> Result<Feed, Failure> {
    let options = Options {
        source,
        feed: number,
        adapter: env!("CARGO_PKG_VERSION").parse::<AdapterVersion>().map_err(Failure::refused)?,
        basis: reading.basis(),
        period: facts.period,
        attack: None,
        technologies: Vec::new(),
        complete: Complete::Default,
        mappings: Vec::new(),
        max_techniques: MAX_TECHNIQUES,
        scale: None,
    };
    let context = Context { catalogues: facts.catalogues, registry: facts.registry };
    let built =
        build(reading, &options, context).map_err(|error| Failure::refused(format!("{from}: {error}.")))?;
    Ok(Feed { from: from.to_owned(), rules: reading.rules.len(), snapshot: built.snapshot })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{snapshot::CellValue, technology};

    fn own(paths: &[PathBuf]) -> Result<Vec<Feed>, Failure> {
        let catalogues = Catalogues::bundled();
        let period = "2026-11".parse().unwrap();
        feeds(paths, Facts { catalogues: &catalogues, registry: technology::bundled(), period })
    }

    #[test]
    fn the_carried_rules_make_two_feeds_that_say_something() {
        let feeds = own(&[]).unwrap();
        let sources: Vec<Source> = feeds.iter().map(|feed| feed.snapshot.header.producer.source).collect();
        assert_eq!(sources, [Source::Splunk, Source::Sigma]);
        let technologies: BTreeSet<&str> =
            feeds.iter().flat_map(|f| &f.snapshot.header.technologies).map(String::as_str).collect();
        for id in [
            "aws.cloudtrail",
            "kubernetes.audit",
            "linux.auditd",
            "microsoft.365",
            "microsoft.windows",
            "okta.identity",
            "paloalto.ngfw",
        ] {
            assert!(technologies.contains(id), "{id} is not among {technologies:?}");
        }
        let covered: BTreeSet<_> = feeds
            .iter()
            .flat_map(|feed| &feed.snapshot.cells)
            .filter(|cell| matches!(cell.value, CellValue::Value(value) if value > 0))
            .map(|cell| cell.technique.parent())
            .collect();
        assert!((35..=60).contains(&covered.len()), "{} techniques", covered.len());
    }

    #[test]
    fn what_is_switched_off_or_out_of_use_counts_for_nothing() {
        let named: Vec<String> = own(&[])
            .unwrap()
            .iter()
            .flat_map(|f| &f.snapshot.cells)
            .map(|c| c.technique.to_string())
            .collect();
        // The disabled search names T1588.002, the deprecated rule T1546.002.
        assert!(named.iter().all(|id| id != "T1588.002" && id != "T1546.002"));
    }

    #[test]
    fn each_path_is_a_feed_of_its_own() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rules");
        let feeds = own(&[folder.join("sigma"), folder.join("splunk"), folder.join("sigma")]).unwrap();
        let numbers: Vec<(Source, u8)> = feeds
            .iter()
            .map(|f| (f.snapshot.header.producer.source, f.snapshot.header.producer.feed))
            .collect();
        assert_eq!(numbers, [(Source::Sigma, 1), (Source::Splunk, 1), (Source::Sigma, 2)]);
    }

    #[test]
    fn a_path_without_rules_is_refused_by_name() {
        let error = own(&[PathBuf::from("no-such-folder")]).unwrap_err();
        assert!(error.to_string().contains("no-such-folder"), "{error}");
    }
}
