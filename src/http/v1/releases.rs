//! Releases: the published, frozen tables of peer statistics.

pub mod list;
pub mod publish;
pub mod read;
pub mod table;
