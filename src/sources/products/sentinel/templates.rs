//! The techniques of rules that were exported without them: exports of 2021 have none, but name the template that a
//! rule was made from. A folder of templates, as YAML, as the REST interface lists them, or as a table, tells them.

use std::{collections::BTreeMap, path::PathBuf};

use super::READER;
use crate::sources::{
    detect::Reader,
    files::{self, CollectError},
    formats::{table, text},
    reading::{Input, Place, ReadError, Reading, Rule},
    technique_ids::Mentions,
};

/// The reader of templates. They aren't rules, so exports aren't tried on it.
const TEMPLATES: Reader = Reader {
    claims: |name| (READER.claims)(name) || name.ends_with(".csv"),
    recognises: |text| (READER.recognises)(text) || is_table(text),
    read,
    crosswalk: None,
    ..READER
};

/// Template id -> techniques.
#[derive(Debug, Default)]
pub struct Templates(BTreeMap<String, Mentions>);

/// Reads the templates below the paths. Files that hold none or cannot be read do not matter.
pub fn load(paths: &[PathBuf]) -> Result<Templates, CollectError> {
    let collected = files::collect(paths, &[&TEMPLATES], Some(&TEMPLATES), &|_| {})?;
    let mut templates = Templates::default();
    for rule in collected.reading.rules {
        if let Some(id) = rule.id {
            templates.0.entry(id).or_default().merge(rule.techniques);
        }
    }
    Ok(templates)
}

impl Templates {
    /// Gives the rules without techniques those of their templates; how many got some.
    pub fn recover(&self, reading: &mut Reading) -> usize {
        let mut recovered = 0;
        for rule in reading.rules.iter_mut().filter(|rule| rule.techniques.is_empty()) {
            let techniques = rule.template.as_ref().and_then(|id| self.0.get(id));
            if let Some(techniques) = techniques.filter(|techniques| !techniques.is_empty()) {
                rule.techniques = techniques.clone();
                recovered += 1;
            }
        }
        recovered
    }
}

const ID: [&str; 2] = ["template_id", "id"];

fn is_table(text: &str) -> bool {
    let headings = table::headings(text);
    table::has(&headings, &ID) && table::has(&headings, &["techniques"])
}

fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let [input] = inputs else { return Ok(Reading::default()) };
    let text = text::decode(input)?;
    if !is_table(&text) {
        return super::read(inputs, "alertRuleTemplates");
    }
    let mut reading = Reading::default();
    table::rows(&text, |row| {
        let mut techniques = Mentions::default();
        row.get(&["techniques"]).into_iter().for_each(|list| techniques.add_text(list));
        reading.rules.push(Rule {
            id: row.get(&ID).map(str::to_lowercase),
            techniques,
            ..Rule::new("", Place::line(&input.name, row.line()))
        });
        Ok(())
    })?;
    Ok(reading)
}
