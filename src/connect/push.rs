//! A push: the rows that a console hasn't acknowledged yet, batch by batch, each noted before the next is sent.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    ConnectError,
    console::{Console, Encoded, Holding, Limits},
    state::StateFile,
};
use crate::wire::console::ConsoleRow;

/// The outcome of a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pushed {
    pub console: &'static str,
    pub release: u32,
    pub as_of: DateTime<Utc>,
    /// Rows of the comparison.
    pub rows: usize,
    /// Rows that were sent now.
    pub sent: usize,
    /// Rows that the console no longer needs.
    pub removed: usize,
    /// Remarks for who runs the command.
    pub notes: Vec<String>,
}

/// Sends what the console hasn't acknowledged.
///
/// # Errors
/// Fails if the console refuses or doesn't confirm a batch. What it acknowledged until then is noted.
pub fn push(
    console: &mut dyn Console,
    state: &mut StateFile,
    rows: &[ConsoleRow],
) -> Result<Pushed, ConnectError> {
    let Some(first) = rows.first() else {
        return Err(ConnectError::Refused("The comparison has no rows. Nothing was sent.".to_owned()));
    };
    let mut notes = Vec::new();
    if let Some(under_way) = state.under_way() {
        notes.push(interrupted(console, under_way));
    }
    let gone = state.gone(rows);
    let changed = rows.iter().any(|row| !state.has(row)) || !gone.is_empty();
    let pending: Vec<&ConsoleRow> =
        rows.iter().filter(|row| !state.has(row) || console.takes_all() && changed).collect();
    let (release, as_of) = (first.release, first.as_of);
    let unchanged = pending.is_empty() && gone.is_empty();
    let (sent, removed) = (pending.len(), gone.len());
    if unchanged && state.last() != Some((release, as_of)) {
        // The last push ended after its last batch.
        state.complete(rows)?;
    }
    if !unchanged {
        let known = console.prepare(state.known(), &mut notes)?;
        let encoded = pending.into_iter().map(|row| Ok(Encoded { row, bytes: console.encode(row)? }));
        let encoded: Vec<Encoded<'_>> = encoded.collect::<Result<_, ConnectError>>()?;
        for batch in batches(&encoded, console.limits()) {
            state.begin(batch.len(), known.clone())?;
            console.send(batch, &mut notes)?;
            state.acknowledge(batch.iter().map(|encoded| encoded.row))?;
        }
        if !gone.is_empty() {
            console.remove(&gone, &mut notes)?;
        }
        console.verify(rows, &mut notes)?;
        state.complete(rows)?;
    }
    notes.dedup();
    Ok(Pushed { console: console.name(), release, as_of, rows: rows.len(), sent, removed, notes })
}

fn interrupted(console: &dyn Console, rows: usize) -> String {
    let name = console.name();
    match console.holding() {
        Holding::Replaces => {
            format!(
                "The last push ended while {rows} rows were under way. Sending them again changes nothing in {name}."
            )
        }
        Holding::Appends => format!(
            "The last push ended while {rows} rows were under way. They are sent again, and {name} may hold them twice; \
             searches take the latest of each row_key."
        ),
    }
}

/// Parts of the rows that fit into one request each. A single row that doesn't is a part of its own.
fn batches<'a, 'r>(rows: &'a [Encoded<'r>], limits: Limits) -> Vec<&'a [Encoded<'r>]> {
    let (mut parts, mut rest) = (Vec::new(), rows);
    while !rest.is_empty() {
        let (mut count, mut bytes) = (0_usize, 0_usize);
        for row in rest.iter().take(limits.rows.max(1)) {
            // A comma or a line's end stands between two rows.
            bytes = bytes.saturating_add(row.bytes.len()).saturating_add(1);
            if count > 0 && bytes > limits.bytes {
                break;
            }
            count += 1;
        }
        let (part, after) = rest.split_at(count.max(1).min(rest.len()));
        parts.push(part);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A console with small requests that refuses one of them.
    struct Small {
        limits: Limits,
        refuses: Option<usize>,
        taken: Vec<Vec<String>>,
    }

    impl Console for Small {
        fn name(&self) -> &'static str {
            "Small"
        }

        fn target(&self) -> String {
            String::new()
        }

        fn holding(&self) -> Holding {
            Holding::Appends
        }

        fn limits(&self) -> Limits {
            self.limits
        }

        fn send(&mut self, batch: &[Encoded<'_>], _: &mut Vec<String>) -> Result<(), ConnectError> {
            if self.refuses == Some(self.taken.len()) {
                return Err(ConnectError::Console("no".to_owned()));
            }
            let bytes: usize = batch.iter().map(|row| row.bytes.len() + 1).sum();
            assert!(batch.len() <= self.limits.rows && (bytes <= self.limits.bytes || batch.len() == 1));
            self.taken.push(batch.iter().map(|encoded| encoded.row.row_key.clone()).collect());
            Ok(())
        }
    }

    fn rows() -> Vec<ConsoleRow> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consoles/rows.json");
        let text = std::fs::read_to_string(file).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        serde_json::from_value(document["items"].clone()).unwrap()
    }

    #[test]
    fn batches_keep_the_limits_and_an_acknowledged_one_is_not_sent_again() {
        let rows = rows();
        let keys: Vec<String> = rows.iter().map(|row| row.row_key.clone()).collect();
        for limits in [
            Limits { rows: 5, bytes: 1_000_000 },
            Limits { rows: 1_000, bytes: 2_000 },
            Limits { rows: 9, bytes: 1 },
        ] {
            let folder = tempfile::tempdir().unwrap();
            let open = || StateFile::open(&folder.path().join("state"), "small", "").unwrap();
            let mut console = Small { limits, refuses: Some(2), taken: Vec::new() };
            push(&mut console, &mut open(), &rows).unwrap_err();
            assert_eq!(console.taken.len(), 2);
            // As the next process finds it.
            console.refuses = None;
            let pushed = push(&mut console, &mut open(), &rows).unwrap();
            assert!(pushed.notes[0].contains("rows were under way"), "{:?}", pushed.notes);
            assert!(console.taken.len() > 2);
            assert_eq!(console.taken.concat(), keys, "each row once, in order");
            assert_eq!(push(&mut console, &mut open(), &rows).unwrap().sent, 0);
        }
    }
}
