//! What a release keeps for the next one, and what it knows of those before (R17).

pub mod bytes;
pub mod ledger;
pub mod parts;
pub mod previous;
