//! Counting the rules of a public library: how many name each technique, by the technologies that they read.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    error::BuildError, options::Context, report::LeftOut, techniques::Resolver, technologies::Reach,
};
use crate::{
    domain::{
        attack::{Catalogue, TechniqueId},
        library::{About, Library, Technologies},
        technology::TechnologyRef,
    },
    sources::{crosswalk::Crosswalk, products::reader, reading::Reading, repeats::repeats},
};

/// Counts of a library, and what no technique was found for.
#[derive(Debug, Clone)]
pub struct Counted {
    pub library: Library,
    pub left_out: LeftOut,
    /// Raw log sources of no known technology -> number of rules that name them.
    pub unmapped_sources: BTreeMap<String, usize>,
}

/// Counts every rule once: disabled ones too, as vendors ship theirs, and those that only hunt or feed other rules. A rule counts
/// for each technique of the catalogue's version that it names, and for the parents of these.
pub fn count_library(
    reading: &Reading,
    about: About,
    catalogue: &Catalogue,
    context: Context<'_>,
) -> Result<Counted, BuildError> {
    if reading.rules.is_empty() || !reading.scores.is_empty() {
        return Err(BuildError::NotALibrary);
    }
    let resolver = Resolver::new(catalogue, context.catalogues);
    let crosswalk = Crosswalk::new(reader(about.source), &[], context.registry)?;
    let again: HashSet<usize> = repeats(reading).iter().map(|repeat| repeat.left_out).collect();
    let mut left_out = LeftOut::of(reading);
    let mut unmapped_sources = BTreeMap::<String, usize>::new();
    let mut techniques = BTreeMap::<TechniqueId, BTreeMap<Technologies, u32>>::new();
    let (mut rules, mut with_technique) = (0, 0);
    for (_, rule) in reading.rules.iter().enumerate().filter(|(position, _)| !again.contains(position)) {
        rules += 1;
        let named = resolver.resolve(&rule.techniques, &mut left_out);
        if named.is_empty() {
            continue;
        }
        with_technique += 1;
        let reach = Reach::of(&rule.sources, &rule.one_of, &crosswalk);
        for name in &reach.unmapped {
            *unmapped_sources.entry(name.clone()).or_default() += 1;
        }
        let known = |one: &TechnologyRef| match one {
            TechnologyRef::Known(_) => Some(context.registry.name_of(*one)),
            TechnologyRef::Other(_) => None,
        };
        let reads: Technologies = reach.any().filter_map(known).collect();
        let with_parents: BTreeSet<TechniqueId> = named.iter().flat_map(|id| [*id, id.parent()]).collect();
        for id in with_parents {
            *techniques.entry(id).or_default().entry(reads.clone()).or_default() += 1;
        }
    }
    let library = Library { about, attack: catalogue.version(), rules, with_technique, techniques };
    Ok(Counted { library, left_out, unmapped_sources })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{attack::Catalogues, snapshot::Source, technology},
        sources::{
            reading::{Enabled, Place, Rule, Silent},
            technique_ids::Mentions,
        },
    };

    fn rule(techniques: &[&str], sources: &[&str]) -> Rule {
        let mut mentions = Mentions::default();
        techniques.iter().for_each(|text| mentions.add_text(text));
        Rule {
            techniques: mentions,
            sources: sources.iter().map(|text| (*text).to_owned()).collect(),
            ..Rule::new("secret", Place::line(&"secret.yml".into(), 1))
        }
    }

    fn counted(rules: Vec<Rule>) -> Result<Counted, BuildError> {
        let catalogues = Catalogues::bundled();
        let context = Context { catalogues: &catalogues, registry: technology::bundled() };
        let about = About {
            id: "own".to_owned(),
            name: "Own rules".to_owned(),
            source: Source::Splunk,
            repository: "https://example.org/rules".to_owned(),
            commit: "0".repeat(40),
            date: "2026-11-01".parse().unwrap(),
            licence: "MIT".to_owned(),
        };
        let catalogue = catalogues.get("19.2".parse().unwrap()).unwrap();
        count_library(&Reading { rules, ..Reading::default() }, about, catalogue, context)
    }

    #[test]
    fn every_rule_counts_once_for_a_technique_and_its_parent() {
        let windows = "sourcetype:WinEventLog:Security";
        let Counted { library, unmapped_sources, .. } = counted(vec![
            rule(&["T1059.001", "T1059.003", "T1059"], &[windows]),
            Rule { enabled: Enabled::No, silent: Some(Silent::Hunting), ..rule(&["T1059.001"], &[windows]) },
            rule(&["T1059.001"], &["sourcetype:nobody:knows"]),
            // Carried from an earlier version.
            rule(&["T1562.001"], &["sourcetype:aws:cloudtrail", windows]),
            rule(&["TA0001"], &[windows]),
            rule(&[], &[windows]),
        ])
        .unwrap();
        let id = |text: &str| text.parse::<TechniqueId>().unwrap();
        assert_eq!((library.rules, library.with_technique, library.parents()), (6, 4, 2));
        let through = |text: &str, own: &str| library.rules_through(id(text), |one| one == own);
        assert_eq!((library.rules(id("T1059")), through("T1059", "microsoft.windows")), (3, 2));
        assert_eq!((library.rules(id("T1059.001")), through("T1059.001", "microsoft.windows")), (3, 2));
        assert_eq!((library.rules(id("T1059.003")), library.rules(id("T1005"))), (1, 0));
        for own in ["microsoft.windows", "aws.cloudtrail"] {
            assert_eq!(through("T1685", own), 1, "{own}");
        }
        assert_eq!(through("T1685", "okta.identity"), 0);
        assert_eq!(library.rules_through(id("T1685"), |_| true), 1);
        assert_eq!(unmapped_sources.get("sourcetype:nobody:knows"), Some(&1), "{unmapped_sources:?}");
        let text = library.to_json().unwrap();
        assert_eq!(Library::from_json(&text).unwrap(), library);
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn what_has_no_rules_is_no_library() {
        assert!(matches!(counted(Vec::new()), Err(BuildError::NotALibrary)));
    }
}
