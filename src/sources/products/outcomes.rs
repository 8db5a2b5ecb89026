//! Outcomes of detection tests (an attack simulation, a purple team) as CSV: technique, technology, outcome.

use std::sync::Arc;

use crate::{
    domain::{
        scale::Scale,
        snapshot::{Basis, Source},
    },
    sources::{
        detect::{Reader, TAGS},
        formats::{table, text},
        reading::{Entries, Evidence, Input, Place, ReadError, Reading, Scored},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Outcomes,
    claims: |name| name.ends_with(".csv"),
    recognises: |text| {
        let headings = table::headings(text);
        table::has(&headings, TECHNIQUE) && table::has(&headings, OUTCOME)
    },
    read,
    layers: &[],
    forms: "tables with the columns technique and outcome, VECTR's among them",
    untagged: TAGS,
    crosswalk: None,
};

const TECHNIQUE: &[&str] =
    &["technique", "technique_id", "attack_id", "mitre_id", "mitreid", "mitre_technique", "mitre_attack_id"];
const TECHNOLOGY: &[&str] = &["technology", "log_source", "data_source", "product"];
const OUTCOME: &[&str] = &["outcome", "result", "value", "status"];
/// A column of VECTR: whether the activity was found in the logs, though nothing alerted.
const LOGGED: &[&str] = &["activity_logged"];

/// The words of the scale, with what test platforms write for them; lower-case letters and digits only.
const OUTCOMES: [(&[&str], f64); 4] = [
    (&["none", "missed", "notdetected", "undetected", "nodetection"], 0.0),
    (&["logged", "telemetry", "log", "localtelemetry", "centraltelemetry"], 1.0),
    (&["alerted", "detected", "alert", "detection"], 2.0),
    (&["blocked", "prevented", "block", "prevention"], 3.0),
];

/// Words for a test that wasn't made, or isn't finished.
const UNTESTED: [&str; 20] = [
    "tbd",
    "na",
    "notapplicable",
    "nottested",
    "untested",
    "inprogress",
    "pending",
    "planned",
    "notperformed",
    "notstarted",
    "notrun",
    "notexecuted",
    "skipped",
    "paused",
    "abandoned",
    "unknown",
    "todo",
    "scheduled",
    "null",
    "",
];

/// Reads one file.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let evidence = Some(Evidence { basis: Basis::Validated, scale: Scale::Outcome });
    let mut reading = Reading { evidence, ..Reading::default() };
    for input in inputs {
        let text = text::decode(input)?;
        let headings = table::headings(&text);
        if !table::has(&headings, TECHNIQUE) || !table::has(&headings, OUTCOME) {
            let reason = "has no columns technique and outcome in its first line.";
            return Err(ReadError::new(&input.name, Some(1), reason));
        }
        let columns = [TECHNIQUE, TECHNOLOGY, OUTCOME, LOGGED].map(|names| table::column(&headings, names));
        let mut entries = Entries::default();
        table::rows(&text, |row| {
            let fields = columns.map(|column| row.at(column));
            entries.add(&mut reading.scores, &fields, || entry(&input.name, row.line(), fields))
        })?;
    }
    Ok(reading)
}

/// The entry of a row, by its fields for technique, technology, outcome and logs.
fn entry(file: &Arc<str>, line: usize, fields: [Option<&str>; 4]) -> Result<Scored, ReadError> {
    let [technique, technology, outcome, logged] = fields;
    let mut techniques = Mentions::default();
    technique.into_iter().for_each(|text| techniques.add_text(text));
    let said = outcome.map(score).unwrap_or(Some(None));
    let score = said.ok_or_else(|| {
                let reason = "the outcome is none of none, logged, alerted and blocked, nor one that stands for a test \
                              that wasn't made, such as n/a or nothing: write one of them.";
                ReadError::new(file, Some(line), reason)
            })?;
    let logged = logged.is_some_and(|word| plain(word) == "yes");
    Ok(Scored {
        place: Place::line(file, line),
        times: 1,
        techniques,
        score: score.map(|score| if logged { score.max(1.0) } else { score }),
        enabled: true,
        sources: technology.map(str::to_owned).into_iter().collect(),
        one_of: Vec::new(),
        systems: Vec::new(),
    })
}

/// Lower-case letters and digits of a word.
fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The outcome that a field says, `Some(None)` for no test; `None` for what is neither. Of several the best counts.
fn score(field: &str) -> Option<Option<f64>> {
    let said = |word: &str| {
        let word = plain(word);
        let known = OUTCOMES.iter().find(|(words, _)| words.contains(&word.as_str()));
        known.map(|(_, score)| Some(*score)).or(UNTESTED.contains(&word.as_str()).then_some(None))
    };
    if let Some(whole) = said(field) {
        return Some(whole);
    }
    let parts: Vec<&str> =
        field.split(['&', '+', ',', '/', ';', '|']).flat_map(|part| part.split(" and ")).collect();
    let scores: Option<Vec<Option<f64>>> = parts.into_iter().map(said).collect();
    Some(scores?.into_iter().flatten().reduce(f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Entry = (String, Option<f64>, Vec<String>);

    fn entries(text: &str) -> Result<Vec<Entry>, String> {
        let reading = read(&[Input::new("tests.csv", text)]).map_err(|error| error.to_string())?;
        let id = |scored: &Scored| scored.techniques.ids.iter().map(ToString::to_string).collect();
        Ok(reading.scores.iter().map(|scored| (id(scored), scored.score, scored.sources.clone())).collect())
    }

    #[test]
    fn outcomes_are_read_whatever_the_columns_are_called_and_ordered() {
        let expected = [
            ("T1059.001".to_owned(), Some(2.0), vec!["microsoft.windows".to_owned()]),
            ("T1003".to_owned(), None, vec![]),
            ("T1110".to_owned(), Some(0.0), vec!["AWS CloudTrail".to_owned()]),
        ];
        for text in [
            "technique,technology,outcome\nT1059.001,microsoft.windows,alerted\nT1003,,\nT1110,AWS CloudTrail,none\n",
            "Result;Test;Log Source;Technique ID\nDetected;a;microsoft.windows;t1059.001\n;b;;T1003\nMissed;c;AWS CloudTrail;T1110",
        ] {
            assert!((READER.recognises)(text));
            assert_eq!(entries(text).unwrap(), expected);
        }
    }

    #[test]
    fn platforms_have_words_of_their_own() {
        for (words, expected) in [
            (vec!["NotDetected", "not detected", "None"], Some(0.0)),
            (vec!["Detected", "Alerted", "Logged, Alerted", "Alerted and Logged"], Some(2.0)),
            (vec!["Blocked & Alerted", "Prevented", "blocked/alerted"], Some(3.0)),
            (vec!["TBD", "N/A", "In Progress", "InProgress", "Not Applicable", "-"], None),
        ] {
            for word in words {
                assert_eq!(score(word), Some(expected), "{word}");
            }
        }
        assert_eq!(score("Completed"), None);
        assert_eq!(score("Alerted & Completed"), None);
    }

    #[test]
    fn a_table_of_vectr_has_its_columns() {
        let text = "Campaign,MitreID,Status,Outcome,Activity Logged,Command\n\
                    a,T1059,Completed,NotDetected,Yes,\"x\ny\"\n\
                    a,T1003,Completed,Blocked,,\n\
                    a,,Completed,NotDetected,,\n\
                    a,T1110,InProgress,TBD,,\n";
        assert!((READER.recognises)(text));
        let said: Vec<(String, Option<f64>)> =
            entries(text).unwrap().into_iter().map(|(id, score, _)| (id, score)).collect();
        let expected = [("T1059", Some(1.0)), ("T1003", Some(3.0)), ("", Some(0.0)), ("T1110", None)];
        assert_eq!(said, expected.map(|(id, score)| (id.to_owned(), score)));
    }

    #[test]
    fn an_unknown_outcome_is_refused_with_its_line() {
        let error = entries("technique,outcome\nT1059,blocked\nT1003,secret\n").unwrap_err();
        assert!(
            error.starts_with("tests.csv:3: the outcome is none of") && !error.contains("secret"),
            "{error}"
        );
        assert!(entries("technique,score\nT1059,1\n").unwrap_err().starts_with("tests.csv:1:"));
    }
}
