//! Outcomes of detection tests (an attack simulation, a purple team) as CSV: technique, technology, outcome.

use crate::{
    domain::{
        scale::Scale,
        snapshot::{Basis, Source},
    },
    sources::{
        detect::Reader,
        formats::{table, text},
        reading::{Evidence, Input, Place, ReadError, Reading, Scored},
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
    crosswalk: None,
};

const TECHNIQUE: &[&str] = &["technique", "technique_id", "attack_id", "mitre_id", "mitre_technique"];
const TECHNOLOGY: &[&str] = &["technology", "log_source", "data_source", "product"];
const OUTCOME: &[&str] = &["outcome", "result", "value", "status"];

/// The words of the scale, with what test platforms write for them.
const OUTCOMES: [(&[&str], f64); 4] = [
    (&["none", "missed", "not detected"], 0.0),
    (&["logged", "telemetry"], 1.0),
    (&["alerted", "detected"], 2.0),
    (&["blocked", "prevented"], 3.0),
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
        table::rows(&text, |row| {
            let mut techniques = Mentions::default();
            row.get(TECHNIQUE).into_iter().for_each(|text| techniques.add_text(text));
            let score = match row.get(OUTCOME) {
                None => None,
                Some(word) => Some(score(word).ok_or_else(|| {
                    let reason =
                        "the outcome is none of none, logged, alerted and blocked (empty: not tested).";
                    ReadError::new(&input.name, Some(row.line), reason)
                })?),
            };
            reading.scores.push(Scored {
                place: Place::line(&input.name, row.line),
                techniques,
                score,
                enabled: true,
                sources: row.get(TECHNOLOGY).map(str::to_owned).into_iter().collect(),
                one_of: Vec::new(),
                systems: Vec::new(),
            });
            Ok(())
        })?;
    }
    Ok(reading)
}

fn score(word: &str) -> Option<f64> {
    let said = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    OUTCOMES.iter().find(|(words, _)| said(words)).map(|(_, score)| *score)
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
    fn an_unknown_outcome_is_refused_with_its_line() {
        let error = entries("technique,outcome\nT1059,blocked\nT1003,secret\n").unwrap_err();
        assert!(
            error.starts_with("tests.csv:3: the outcome is none of") && !error.contains("secret"),
            "{error}"
        );
        assert!(entries("technique,score\nT1059,1\n").unwrap_err().starts_with("tests.csv:1:"));
    }
}
