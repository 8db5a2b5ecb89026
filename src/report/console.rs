//! Console rows in the forms that consoles read: JSON, one JSON object a line, and CSV.

use csv::Writer;
use serde_json::{Map, Value};

use super::{WriteError, rows::harmless};
use crate::{
    domain::named::named,
    wire::console::{COLUMNS, ConsoleRow, ConsoleRows},
};

named! {
    /// The form of console rows.
    pub enum RowsForm("form") {
        Json = "json",
        Ndjson = "ndjson",
        Csv = "csv",
    }
}

impl RowsForm {
    /// The media type of an answer.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// Says whether the form has a place for the cursor of the next page.
    pub fn holds_next(self) -> bool {
        self == Self::Json
    }

    /// The bytes of a page.
    pub fn write(self, rows: &ConsoleRows) -> Result<Vec<u8>, WriteError> {
        match self {
            Self::Json => Ok(serde_json::to_vec(rows)?),
            Self::Ndjson => ndjson(&rows.items),
            Self::Csv => csv(&rows.items),
        }
    }
}

/// One JSON object a line.
pub fn ndjson(rows: &[ConsoleRow]) -> Result<Vec<u8>, WriteError> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row)?;
        text.push(b'\n');
    }
    Ok(text)
}

/// A heading and one row a line; what is absent is empty.
pub fn csv(rows: &[ConsoleRow]) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in rows {
        let members = serde_json::to_value(row)?;
        let members = members.as_object();
        writer.write_record(COLUMNS.iter().map(|column| cell(members, column)))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

fn cell(members: Option<&Map<String, Value>>, column: &str) -> String {
    match members.and_then(|members| members.get(column)) {
        Some(Value::String(text)) => harmless(text),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::console::NUMBERS;

    /// A row with every member.
    fn full() -> Value {
        json!({
            "row_key": "a", "row_version": "b", "kind": "technique", "item": "T1059", "name": "Interpreter",
            "tactics": "execution,stealth", "release": 2, "cut_off": "2026-11-28T00:00:00Z", "attack": "19.2",
            "as_of": "2026-11-27T00:00:00Z", "basis": "deployed", "cohort_asked": "all", "cohort_shown": "all",
            "column_shown": "any", "members": "50-99", "own": 50, "own_status": "assessed", "covered": 1, "can_see": 5,
            "peer_status": "released", "coverage": "most", "p10": 10, "p25": 20, "p50": 45, "p75": 70, "p90": 90,
            "coded": "p25=low", "confidence": "B", "position": "p50_p75", "percentile_estimate": 55, "difference": -5,
            "same_since": 2, "link": "https://peerbench.example.org/app"
        })
    }

    fn row(change: impl FnOnce(&mut Map<String, Value>)) -> ConsoleRow {
        let mut row = full();
        change(row.as_object_mut().unwrap());
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn every_member_has_a_column_that_every_console_takes() {
        let members = serde_json::to_value(row(|_| ())).unwrap();
        let members: Vec<&String> = members.as_object().unwrap().keys().collect();
        let mut columns = COLUMNS;
        columns.sort_unstable();
        assert_eq!(members, columns.iter().collect::<Vec<_>>());
        let numbers: Vec<&str> = COLUMNS.into_iter().filter(|column| full()[column].is_number()).collect();
        assert_eq!(numbers, NUMBERS);
        // Names that one of the consoles keeps for itself.
        let reserved = [
            "id",
            "title",
            "type",
            "tenantid",
            "uniqueid",
            "_resourceid",
            "_subscriptionid",
            "_time",
            "pkv",
            "mt",
        ];
        for column in COLUMNS {
            let letters = column.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            assert!(
                letters && column.starts_with(|c: char| c.is_ascii_alphabetic()) && column.len() <= 45,
                "{column}"
            );
            assert!(!reserved.contains(&column.to_ascii_lowercase().as_str()), "{column}");
        }
    }

    #[test]
    fn what_is_absent_is_empty_and_no_text_is_a_formula() {
        let rows = [
            row(|row| {
                row.remove("own");
                row.insert("name".to_owned(), json!("=1+1, \"quoted\""));
            }),
            row(|_| ()),
        ];
        let text = String::from_utf8(csv(&rows).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].contains("\"'=1+1, \"\"quoted\"\"\"") && lines[1].contains("50-99,,assessed"),
            "{text}"
        );
        assert!(lines[2].contains("50-99,50,assessed") && lines[2].contains(",-5,"), "{text}");
        let text = String::from_utf8(ndjson(&rows).unwrap()).unwrap();
        assert_eq!(
            text.lines().map(|line| serde_json::from_str::<ConsoleRow>(line).unwrap()).collect::<Vec<_>>(),
            rows
        );
    }
}
