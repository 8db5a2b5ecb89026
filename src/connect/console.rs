//! The interface of a console: the part of a push that each vendor's protocol decides.

use super::ConnectError;
use crate::wire::console::ConsoleRow;

/// The way in which a console holds rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// A row with a known key takes the place of the one before: sending it again changes nothing.
    Replaces,
    /// Every row is added, and searches take the latest of each key.
    Appends,
}

/// The largest batch that a console takes in one request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub rows: usize,
    pub bytes: usize,
}

/// A row as it is sent.
#[derive(Debug, Clone)]
pub struct Encoded<'a> {
    pub row: &'a ConsoleRow,
    pub bytes: Vec<u8>,
}

/// A console that rows are pushed to.
pub trait Console {
    /// The product's name.
    fn name(&self) -> &'static str;

    /// The place where rows go, without secrets: another place needs another state file.
    fn target(&self) -> String;

    fn holding(&self) -> Holding;

    fn limits(&self) -> Limits;

    /// True if each push replaces everything that the console has, so that a change of one row sends all.
    fn takes_all(&self) -> bool {
        false
    }

    /// A row in the vendor's form: as the service writes it, unless the vendor wants something around it.
    ///
    /// # Errors
    /// Fails if the row can't be written.
    fn encode(&self, row: &ConsoleRow) -> Result<Vec<u8>, ConnectError> {
        serde_json::to_vec(row)
            .map_err(|error| ConnectError::Refused(format!("A row can't be written: {error}.")))
    }

    /// Gets ready before the first batch; `known` is what an earlier push remembered, and the result is what the next one is to
    /// know.
    ///
    /// # Errors
    /// Fails if the console refuses the credentials or can't be made ready.
    fn prepare(
        &mut self,
        _known: Option<&str>,
        _notes: &mut Vec<String>,
    ) -> Result<Option<String>, ConnectError> {
        Ok(None)
    }

    /// Sends a batch and waits until the console has it.
    ///
    /// # Errors
    /// Fails if the console refuses the batch or doesn't confirm it.
    fn send(&mut self, batch: &[Encoded<'_>], notes: &mut Vec<String>) -> Result<(), ConnectError>;

    /// Removes rows that the comparison no longer has. Consoles that append keep them.
    ///
    /// # Errors
    /// Fails if the console refuses.
    fn remove(&mut self, _keys: &[String], _notes: &mut Vec<String>) -> Result<(), ConnectError> {
        Ok(())
    }

    /// Compares what the console has with what was sent, where it can be asked.
    ///
    /// # Errors
    /// Fails if the console holds something else.
    fn verify(&mut self, _rows: &[ConsoleRow], _notes: &mut Vec<String>) -> Result<(), ConnectError> {
        Ok(())
    }
}
