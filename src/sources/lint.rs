//! The faults of rules' technique tags, for whoever keeps the rules: nothing here goes into a snapshot.

use super::{
    build::{Reason, Resolver},
    reading::{Place, ReadError, Reading},
    technique_ids::Mentions,
};
use crate::domain::{
    attack::{Catalogue, Catalogues, TechniqueId},
    named::named,
};

named! {
    /// The kinds of faults.
    pub enum Kind("kind of finding") {
        /// The file cannot be read.
        Unreadable = "unreadable",
        /// The rule names no technique.
        Untagged = "untagged",
        /// The rule names something that is not a technique, or leaves open which.
        Malformed = "malformed",
        /// The rule names a technique that the ATT&CK version has replaced or dropped.
        Outdated = "outdated",
        /// The rule names more techniques than say anything precise.
        OverBroad = "over-broad",
    }
}

impl Kind {
    /// Explains the kind, for whoever sees it for the first time.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unreadable => "The file cannot be read as rules.",
            Self::Untagged => "The rule names no technique, so it doesn't count.",
            Self::Malformed => {
                "The rule names something that is not a technique of Enterprise ATT&CK, or leaves open which."
            }
            Self::Outdated => "The rule names a technique that ATT&CK has replaced or dropped.",
            Self::OverBroad => "The rule names too many techniques to show coverage of any.",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    /// The place of the rule.
    pub place: Place,
    /// The rule's name; empty for a file.
    pub rule: String,
    /// The wrong text, as the file may spell it.
    pub said: Option<String>,
    /// The technique to name instead.
    pub proposed: Option<TechniqueId>,
    /// A sentence.
    pub message: String,
}

/// Everything that is wrong, in the order of the rules, with unreadable files first.
pub fn lint(
    reading: &Reading,
    errors: &[ReadError],
    target: &Catalogue,
    catalogues: &Catalogues,
    max_techniques: usize,
) -> Vec<Finding> {
    let resolver = Resolver::new(target, catalogues);
    let unreadable = errors.iter().map(|error| Finding {
        kind: Kind::Unreadable,
        place: Place { file: error.file.clone(), line: error.line, item: None },
        rule: String::new(),
        said: None,
        proposed: None,
        message: error.reason.clone(),
    });
    let mut findings: Vec<Finding> = unreadable.collect();
    let rules = reading.rules.iter().map(|rule| (rule.name.as_str(), &rule.place, &rule.techniques));
    let scores = reading.scores.iter().map(|scored| ("", &scored.place, &scored.techniques));
    for (name, place, techniques) in rules.chain(scores) {
        let mut found = |kind, said: Option<String>, proposed, message: String| {
            findings.push(Finding {
                kind,
                place: place.clone(),
                rule: name.to_owned(),
                said,
                proposed,
                message,
            });
        };
        mentions(techniques, &resolver, &mut found);
        let count = resolver.raw(techniques).len();
        if max_techniques > 0 && count > max_techniques {
            let message = format!(
                "names {count} techniques; more than {max_techniques} are too broad to show coverage."
            );
            found(Kind::OverBroad, None, None, message);
        }
    }
    findings
}

type Found<'f> = dyn FnMut(Kind, Option<String>, Option<TechniqueId>, String) + 'f;

fn mentions(techniques: &Mentions, resolver: &Resolver<'_>, found: &mut Found<'_>) {
    if techniques.is_empty() {
        found(Kind::Untagged, None, None, "names no technique.".to_owned());
    }
    for text in resolver.malformed(techniques) {
        let what = if resolver.is_tactic(text) { "a tactic, not a technique" } else { "not a technique" };
        found(Kind::Malformed, Some(text.to_owned()), None, format!("{text} is {what}."));
    }
    for name in &techniques.names {
        let ids: Vec<String> = resolver.named(name).map(|id| id.to_string()).collect();
        if ids.len() > 1 {
            let message = format!("{name} may be {}: write the ID.", ids.join(" or "));
            found(Kind::Malformed, Some(name.clone()), None, message);
        }
    }
    let version = resolver.catalogue().version();
    for id in resolver.raw(techniques) {
        let said = Some(id.to_string());
        match resolver.target(id) {
            Ok(target) if target == id => {}
            Ok(target) => {
                let message = format!("{id} is {target} in ATT&CK {version}: write {target}.");
                found(Kind::Outdated, said, Some(target), message);
            }
            Err(Reason::IdsDeprecated) => {
                let message =
                    format!("{id} is deprecated in ATT&CK {version} and has no successor: remove it.");
                found(Kind::Outdated, said, None, message);
            }
            Err(Reason::IdsNotInVersion) => {
                found(Kind::Outdated, said, None, format!("{id} is not in ATT&CK {version}."));
            }
            Err(Reason::IdsOfAnotherMatrix) => {
                found(
                    Kind::Malformed,
                    said,
                    None,
                    format!("{id} belongs to another matrix than Enterprise."),
                );
            }
            Err(_) => {
                found(Kind::Malformed, said, None, format!("{id} is not a technique of Enterprise ATT&CK."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{products::sigma, reading::Input};

    fn found(version: &str, tags: &str, most: usize) -> Vec<(Kind, Option<String>, Option<String>)> {
        let text = format!("title: A\ntags: [{tags}]\nlogsource: {{product: windows}}\ndetection: {{}}\n");
        let reading = sigma::read(&[Input::new("a.yml", text)]).unwrap();
        let catalogues = Catalogues::bundled();
        let target = catalogues.get(version.parse().unwrap()).unwrap();
        let findings = lint(&reading, &[], target, &catalogues, most);
        findings.into_iter().map(|f| (f.kind, f.said, f.proposed.map(|id| id.to_string()))).collect()
    }

    #[test]
    fn each_kind_is_found_with_what_to_write_instead() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found("19.0", "attack.t1059.001", 12), []);
        assert_eq!(found("19.0", "attack.execution", 12), [(Kind::Untagged, None, None)]);
        assert_eq!(
            found("19.0", "attack.t1562.001", 12),
            [(Kind::Outdated, text("T1562.001"), text("T1685"))]
        );
        assert_eq!(found("18.1", "attack.t1562.001", 12), []);
        assert_eq!(found("18.1", "attack.t1685", 12), [(Kind::Outdated, text("T1685"), None)]);
        assert_eq!(found("19.0", "attack.t1034", 12).len(), 1);
        assert_eq!(found("19.0", "attack.t105, attack.t0859", 12).len(), 2);
        assert_eq!(found("19.0", "attack.t1059, attack.t1078", 1), [(Kind::OverBroad, None, None)]);
    }

    #[test]
    fn files_that_cannot_be_read_come_first() {
        let catalogues = Catalogues::bundled();
        let target = catalogues.canonical().unwrap();
        let error = ReadError::new(&"a.yml".into(), Some(3), "is not valid YAML from here on.");
        let findings = lint(&Reading::default(), &[error], target, &catalogues, 12);
        assert_eq!((findings[0].kind, findings[0].place.line), (Kind::Unreadable, Some(3)));
    }
}
