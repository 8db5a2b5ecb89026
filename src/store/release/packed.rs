//! Texts that are kept compressed: every row of a table says much the same.

use crate::store::{StoreError, value::unreadable};

const WHAT: &str = "a table";
/// The fastest level: what it leaves is a tenth already.
const LEVEL: i32 = 1;

/// A text, compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(pub(in crate::store) Vec<u8>);

impl Packed {
    pub fn new(text: &[u8]) -> Result<Self, StoreError> {
        let pack = || {
            let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
            // What is damaged must not be read as another number.
            compressor.include_checksum(true)?;
            compressor.compress(text)
        };
        pack().map(Self).map_err(|error| unreadable(WHAT, error))
    }

    pub fn text(&self) -> Result<Vec<u8>, StoreError> {
        zstd::decode_all(self.0.as_slice()).map_err(|error| unreadable(WHAT, error))
    }
}
