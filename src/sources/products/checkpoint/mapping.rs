//! A table of one's own: which techniques a blade or product covers, and in which action of its profile.

use std::sync::Arc;

use crate::sources::{
    formats::table::{self, has},
    reading::{Place, Reading, Rule},
    technique_ids::Mentions,
};

const BLADE: &[&str] = &["blade", "product"];
const TECHNIQUE: &[&str] = &["technique", "techniques", "technique_id", "mitre_technique"];
const ACTION: &[&str] = &["action", "profile_action"];
const NAME: &[&str] = &["protection", "protection_name"];

pub fn is_mapping(headings: &[String]) -> bool {
    (has(headings, BLADE) || has(headings, NAME))
        && has(headings, TECHNIQUE)
        && !has(headings, &["outcome", "result", "value", "status"])
}

/// Reads every row as a rule.
pub fn table(file: &Arc<str>, text: &str, reading: &mut Reading) {
    let read: Result<(), std::convert::Infallible> = table::rows(text, |row| {
        let mut techniques = Mentions::default();
        row.get(TECHNIQUE).into_iter().for_each(|text| techniques.add_text(text));
        let off =
            |action: &str| ["inactive", "off", "disabled"].iter().any(|off| action.eq_ignore_ascii_case(off));
        let place = Place::line(file, row.line());
        reading.rules.push(Rule {
            enabled: row.get(ACTION).map(|action| !off(action)).into(),
            techniques,
            sources: vec![format!("blade:{}", row.get(BLADE).unwrap_or("IPS"))],
            ..Rule::new(row.get(NAME).unwrap_or_default(), place)
        });
        Ok(())
    });
    let Ok(()) = read;
}
