//! The records that a release keeps for the next one, and those it has of earlier ones (R17).

pub mod bytes;
pub mod ledger;
pub mod parts;
pub mod previous;
