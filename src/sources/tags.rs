//! Techniques for one's own rules that name none, or the wrong ones, from a file that stays on the user's machine.

use thiserror::Error;

use super::{
    formats::wildcard::fits,
    reading::{Reading, Rule},
    technique_ids::Mentions,
};

/// The lines of such a file, in order.
#[derive(Debug, Default)]
pub struct Tags(Vec<Tag>);

#[derive(Debug)]
struct Tag {
    line: usize,
    /// A rule's name or id in lower case, `*` standing for anything.
    rule: String,
    /// True to add to the techniques that the rule names, false to replace them.
    adds: bool,
    techniques: Mentions,
}

/// A line that cannot be used.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{line}: {reason}")]
pub struct TagsError {
    line: usize,
    reason: &'static str,
}

impl Tags {
    /// Reads `RULE = TECHNIQUES` (instead of what the rule names) and `RULE += TECHNIQUES` (beside it), one a line; `#`
    /// starts a comment. The last `=` counts: a rule's name may hold one itself.
    pub fn parse(text: &str) -> Result<Self, TagsError> {
        let mut tags = Vec::new();
        for (line, number) in text.trim_start_matches('\u{feff}').lines().map(str::trim).zip(1..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |reason| TagsError { line: number, reason };
            let (rule, list) = line.rsplit_once('=').ok_or(refuse("is not RULE = TECHNIQUES."))?;
            let (rule, adds) = rule.strip_suffix('+').map_or((rule, false), |rule| (rule, true));
            let mut techniques = Mentions::default();
            techniques.add_text(list.trim());
            if rule.trim().is_empty() {
                return Err(refuse("has no rule before the last =."));
            }
            if !techniques.malformed.is_empty() || (techniques.is_empty() && adds) {
                return Err(refuse(
                    "names something that is not a technique ID, such as T1059 or T1059.001.",
                ));
            }
            tags.push(Tag { line: number, rule: rule.trim().to_lowercase(), adds, techniques });
        }
        Ok(Self(tags))
    }

    /// Applies every line in order; the numbers of those that fit no rule.
    pub fn apply(&self, reading: &mut Reading) -> Vec<usize> {
        let mut unused: Vec<&Tag> = self.0.iter().collect();
        for rule in &mut reading.rules {
            let names = [Some(rule.name.to_lowercase()), rule.id.as_deref().map(str::to_lowercase)];
            for tag in &self.0 {
                if names.iter().flatten().any(|name| *name == tag.rule || fits(&tag.rule, name)) {
                    tag.apply(rule);
                    unused.retain(|other| other.line != tag.line);
                }
            }
        }
        unused.into_iter().map(|tag| tag.line).collect()
    }
}

impl Tag {
    fn apply(&self, rule: &mut Rule) {
        if !self.adds {
            rule.techniques = Mentions::default();
        }
        rule.techniques.merge(self.techniques.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{products::splunk, reading::Input};

    fn tagged(tags: &str) -> (Vec<String>, Vec<usize>) {
        let conf = "[Threat - A = B - Rule]\nsearch = x\n[threat - c [x]]\naction.correlationsearch.annotations = \
                    {\"mitre_attack\": [\"T1078\"]}\n[other]\nsearch = y\n";
        let mut reading = splunk::read(&[Input::new("savedsearches.conf", conf)]).unwrap();
        let unused = Tags::parse(tags).unwrap().apply(&mut reading);
        let ids =
            |rule: &Rule| rule.techniques.ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        (reading.rules.iter().map(ids).collect(), unused)
    }

    #[test]
    fn lines_replace_and_add_by_name_and_wildcard() {
        let (ids, unused) =
            tagged("# own\n\nthreat - a = b - rule = T1059.001, T1027\nThreat -* += T1110\nnone = T1003\n");
        assert_eq!(ids, ["T1027 T1059.001 T1110", "T1078 T1110", ""]);
        assert_eq!(unused, [5]);
        assert_eq!(tagged("Threat - C [x] = T1003\nother=\n").0, ["", "T1003", ""]);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, line) in [("T1059", 1), ("a = T1059\n= T1003", 2), ("a = T105", 1), ("a += ", 1)] {
            assert_eq!(Tags::parse(text).unwrap_err().line, line, "{text}");
        }
    }
}
