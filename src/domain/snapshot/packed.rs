//! The storage form of a snapshot's cells: one byte string, sorted, delta-coded, versioned; about 2 kB per 1,000 cells.
//!
//! Layout of version 1: the byte 1, then per cell the LEB128 difference of its key to the one before and one byte of
//! value. The key is `position of the technology * 10^7 + technique number`; the value byte is `value + 1` (so that
//! DeTT&CT's -1 fits), or 255 for "not assessed".

use thiserror::Error;

use super::content::{Cell, CellValue};
use crate::domain::attack::TechniqueId;

const VERSION: u8 = 1;
const TECHNIQUES: u64 = 10_000_000;
const NOT_ASSESSED: u8 = 255;

/// Stored cells that cannot be read: damaged storage, or written by a newer version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackedError {
    #[error("stored cells have the unknown format {0}")]
    Version(u8),
    #[error("stored cells are damaged")]
    Damaged,
}

/// Packs cells that are sorted by (technology, technique) and unique.
pub fn pack(cells: &[Cell]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + cells.len() * 3);
    bytes.push(VERSION);
    let mut before = 0;
    for cell in cells {
        let key = u64::from(cell.technology) * TECHNIQUES + u64::from(cell.technique.number());
        let mut rest = key.saturating_sub(before);
        before = key;
        loop {
            let low = u8::try_from(rest & 0x7f).unwrap_or_default();
            rest >>= 7;
            if rest == 0 {
                bytes.push(low);
                break;
            }
            bytes.push(low | 0x80);
        }
        bytes.push(match cell.value {
            CellValue::Value(value) => u8::try_from(i16::from(value) + 1).unwrap_or(NOT_ASSESSED),
            CellValue::NotAssessed => NOT_ASSESSED,
        });
    }
    bytes
}

/// The inverse of [`pack`].
pub fn unpack(bytes: &[u8]) -> Result<Vec<Cell>, PackedError> {
    let (version, mut rest) = bytes.split_first().ok_or(PackedError::Damaged)?;
    if *version != VERSION {
        return Err(PackedError::Version(*version));
    }
    let mut cells = Vec::with_capacity(rest.len() / 2);
    let mut key = 0_u64;
    while !rest.is_empty() {
        let mut shift = 0;
        loop {
            let (byte, tail) = rest.split_first().ok_or(PackedError::Damaged)?;
            rest = tail;
            key = key.checked_add(u64::from(byte & 0x7f) << shift).ok_or(PackedError::Damaged)?;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
            if shift > 35 {
                return Err(PackedError::Damaged);
            }
        }
        let (value, tail) = rest.split_first().ok_or(PackedError::Damaged)?;
        rest = tail;
        let technique = u32::try_from(key % TECHNIQUES).ok().and_then(TechniqueId::from_number);
        cells.push(Cell {
            technology: u8::try_from(key / TECHNIQUES).map_err(|_| PackedError::Damaged)?,
            technique: technique.ok_or(PackedError::Damaged)?,
            value: match *value {
                NOT_ASSESSED => CellValue::NotAssessed,
                value => {
                    CellValue::Value(i8::try_from(i16::from(value) - 1).map_err(|_| PackedError::Damaged)?)
                }
            },
        });
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            cells in proptest::collection::btree_map((0_u8..=255, 0_u32..10_000_000), prop_oneof![
                (-1_i8..=100).prop_map(CellValue::Value), Just(CellValue::NotAssessed)
            ], 0..300)
        ) {
            let cells: Vec<Cell> = BTreeMap::into_iter(cells)
                .map(|((technology, number), value)| Cell {
                    technology, technique: TechniqueId::from_number(number).unwrap(), value,
                })
                .collect();
            prop_assert_eq!(unpack(&pack(&cells)).unwrap(), cells);
        }

        #[test]
        fn damaged_bytes_are_an_error_or_cells_but_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }
}
