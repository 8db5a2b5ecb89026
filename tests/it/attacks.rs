//! The attacks on the promise: through HTTP with real tokens, on both databases, or on the pure function where hundreds
//! of releases are needed. Each is tried again with the rule that meets it switched off, and must succeed then. What
//! came of them stands in `docs/privacy-tests.md` (`report.rs`).

mod colluders;
mod costs;
mod few;
mod fixture;
mod floors;
mod hopping;
mod joining;
mod lattice;
mod linkability;
mod manifest;
mod missing;
mod outsider;
mod pivot;
mod probing;
mod pure;
mod quarantine;
mod quiet;
mod repetition;
mod report;
mod span;
mod statistics;
mod sybils;
mod tails;
mod tenants;
mod threshold;
mod versions;
mod world;
mod writers;
