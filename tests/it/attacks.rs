//! The attacks on the promise, as far as this version's rules answer them: through HTTP with real tokens, on both
//! databases. Those on the pure function alone stand beside it, in `domain/release/tests.rs` and `quantile.rs`.

mod few;
mod floors;
mod manifest;
mod probing;
mod quarantine;
mod sybils;
mod tenants;
mod threshold;
mod world;
