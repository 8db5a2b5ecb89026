//! `peerbench catalogue`: ATT&CK versions from STIX bundles.

pub mod bundle;
pub mod file;
