//! Technique ids in whatever style products and people write them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::formats::literal;
use crate::domain::attack::TechniqueId;

/// Structure inside structure inside a string: more levels than any product writes.
const MAX_DEPTH: usize = 6;

/// The techniques that a rule names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The ids as written, but for the letter's case.
    pub ids: BTreeSet<TechniqueId>,
    /// Texts that look like an id and are none, e.g. `T105` or `T1059.01`.
    pub malformed: BTreeSet<String>,
    /// Other text where a technique belongs: a name such as `PowerShell`, or nothing known.
    pub names: BTreeSet<String>,
}

impl Mentions {
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.malformed.is_empty() && self.names.is_empty()
    }

    /// Reads a value that stands where techniques belong: a text, a list, an object with an id among its members.
    pub fn add_value(&mut self, value: &Value) {
        self.value(value, 0);
    }

    /// Reads a text that stands where techniques belong: one technique, a list with commas, semicolons or bars, JSON,
    /// or Python's notation.
    pub fn add_text(&mut self, text: &str) {
        self.text(text, 0);
    }

    fn value(&mut self, value: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::String(text) => self.text(text, depth),
            Value::Array(items) => items.iter().for_each(|item| self.value(item, depth + 1)),
            Value::Object(members) => {
                // {"id": "T1059.001", "name": "PowerShell"}: the name beside an id adds nothing.
                let mut inner = Self::default();
                members.values().for_each(|member| inner.value(member, depth + 1));
                if !inner.ids.is_empty() {
                    inner.names.clear();
                }
                self.merge(inner);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, text: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match literal::parse(text) {
            Some(inner) => self.value(&inner, depth + 1),
            None => text.split([',', ';', '|', '\n']).for_each(|part| self.part(part)),
        }
    }

    /// One part of a list: the ids in it, or the text itself.
    fn part(&mut self, part: &str) {
        let part = part.trim_matches(|c: char| c.is_whitespace() || "[](){}'\"".contains(c));
        let mut found = false;
        let mut broken = false;
        for candidate in candidates(part) {
            match candidate {
                Ok(id) => {
                    found = true;
                    self.add_id(id);
                }
                Err(text) => {
                    broken = true;
                    self.malformed.insert(text.to_owned());
                }
            }
        }
        if !found && !broken && !part.is_empty() {
            self.names.insert(part.to_owned());
        }
    }

    /// Adds the ids of a tag that may be something else: a tag without an id is no mention of a technique.
    pub fn add_tag(&mut self, tag: &str) {
        for candidate in candidates(tag) {
            match candidate {
                Ok(id) => self.add_id(id),
                Err(text) => {
                    self.malformed.insert(text.to_owned());
                }
            }
        }
    }

    /// Adds the ids of a text that describes techniques, such as `T1059.001 - PowerShell, or another`. Without any it
    /// is taken for a name.
    pub fn add_described(&mut self, text: &str) {
        let mut found = Self::default();
        found.add_tag(text);
        if found.is_empty() {
            found.add_text(text);
        }
        self.merge(found);
    }

    fn add_id(&mut self, id: TechniqueId) {
        self.ids.insert(id);
    }

    pub fn merge(&mut self, mut other: Self) {
        self.ids.append(&mut other.ids);
        self.malformed.append(&mut other.malformed);
        self.names.append(&mut other.names);
    }
}

/// Every place in `text` that starts like an id: a `T` or `t` that continues no word, and a digit.
fn candidates(text: &str) -> impl Iterator<Item = Result<TechniqueId, &str>> {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(start) = bytes.get(from..)?.iter().position(|b| b.eq_ignore_ascii_case(&b't')) {
            let start = from + start;
            from = start + 1;
            let continues = start
                .checked_sub(1)
                .and_then(|before| bytes.get(before))
                .is_some_and(|before| before.is_ascii_alphanumeric() || !before.is_ascii());
            if continues && !is_glued(text, start) || !bytes.get(start + 1).is_some_and(u8::is_ascii_digit) {
                continue;
            }
            let (end, id) = candidate(text, start);
            from = end;
            return Some(id.ok_or_else(|| text.get(start..end).unwrap_or_default()));
        }
        None
    })
}

/// Returns true if what comes before the candidate at `start` is the word of a tag whose dot was forgotten.
fn is_glued(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    ["attack", "technique"].iter().any(|tag| word.eq_ignore_ascii_case(tag))
}

/// The end of the candidate at `start`, and its id if it is one.
fn candidate(text: &str, start: usize) -> (usize, Option<TechniqueId>) {
    let bytes = text.as_bytes();
    let run = |from: usize| {
        bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count())
    };
    let digits = |from: usize, count: usize| {
        text.get(from..from + count).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?.parse::<u16>().ok()
    };
    let after_parent = start + 1 + run(start + 1);
    let separated = bytes.get(after_parent).is_some_and(|b| b"._/-".contains(b));
    let sub = match separated && bytes.get(after_parent + 1).is_some_and(u8::is_ascii_digit) {
        true => run(after_parent + 1),
        false => 0,
    };
    let parent = (after_parent - start == 5).then(|| digits(start + 1, 4)).flatten();
    // `T1059-2024` or `T1078/365`: only a dot says for sure that a sub-technique was meant.
    let said_sub = sub > 0 && (sub == 3 || bytes.get(after_parent) == Some(&b'.'));
    if !said_sub {
        return (after_parent, parent.and_then(|parent| TechniqueId::new(parent, 0)));
    }
    let end = after_parent + 1 + sub;
    let number = (sub == 3).then(|| digits(after_parent + 1, 3)).flatten().filter(|number| *number > 0);
    (end, parent.zip(number).and_then(|(parent, number)| TechniqueId::new(parent, number)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn said(text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
        let mut mentions = Mentions::default();
        mentions.add_text(text);
        let texts = |set: BTreeSet<String>| set.into_iter().collect();
        let ids = mentions.ids.iter().map(ToString::to_string).collect();
        (ids, texts(mentions.malformed), texts(mentions.names))
    }

    #[test]
    fn every_style_gives_the_same_ids() {
        for text in [
            "T1059.001,T1078",
            "t1059.001|t1078",
            "T1059.001; T1078",
            r#"["T1059.001", "T1078"]"#,
            "['T1059.001', 'T1078']",
            "(u'T1059.001', u'T1078')",
            r#""[\"T1059.001\", \"T1078\"]""#,
            "attack.t1059.001, attack.T1078",
            "attackt1059.001, AttackT1078",
            "T1059_001\nT1078",
            "T1059.001 - PowerShell, T1078 - Valid Accounts",
            "https://attack.mitre.org/techniques/T1059/001/, https://attack.mitre.org/techniques/T1078/",
            r#"[{"id": "T1059.001", "name": "PowerShell"}, {"id": "T1078"}]"#,
            "[T1059.001, T1078]",
        ] {
            assert_eq!(said(text), (vec!["T1059.001".into(), "T1078".into()], vec![], vec![]), "{text}");
        }
    }

    #[test]
    fn what_looks_like_an_id_and_is_none_is_malformed() {
        for text in ["T105", "T10591", "T1059.01", "T1059.0011", "T1059.000", "T1059x"] {
            assert_eq!(said(text), (vec![], vec![text.to_owned()], vec![]), "{text}");
        }
    }

    #[test]
    fn names_are_kept_and_emptiness_says_nothing() {
        assert_eq!(said("PowerShell, T1078").2, ["PowerShell"]);
        assert_eq!(said(r#"["Scheduled Task/Job"]"#).2, ["Scheduled Task/Job"]);
        for text in ["", r#"[""]"#, "[]", "null", "\"\"", " , "] {
            let empty = text != "null";
            assert_eq!(said(text).2.is_empty(), empty, "{text}");
        }
        let mut mentions = Mentions::default();
        mentions.add_value(&json!(null));
        assert!(mentions.is_empty());
    }

    #[test]
    fn words_tactics_and_numbers_are_no_ids() {
        for text in
            ["TA0005", "CVE-2021-1675", "get1059", "noattackt1059", "TLP.RED", "attack.ta0002", "tlp.amber"]
        {
            let mut mentions = Mentions::default();
            mentions.add_tag(text);
            assert!(mentions.is_empty(), "{text}");
        }
        assert_eq!(said("T1059-2024").0, ["T1059"]);
        assert_eq!(said("T1059.exe").0, ["T1059"]);
        assert_eq!(said("T1059. T1078.").0, ["T1059", "T1078"]);
    }

    #[test]
    fn hostile_nesting_ends() {
        let deep = "[".repeat(20) + "'T1059'" + &"]".repeat(20);
        assert!(said(&deep).0.is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}") {
            said(&text);
        }

        #[test]
        fn an_id_is_found_in_any_surrounding(number in 1000_u16..9999, sub in 1_u16..999, before in "[a-s ]{0,5}[ .(]", after in "[ ),:]{0,3}") {
            let id = format!("T{number}.{sub:03}");
            prop_assert_eq!(said(&format!("{before}{id}{after}")).0, vec![id]);
        }
    }
}
