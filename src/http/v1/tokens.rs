//! OAuth 2.0: tokens, the keys that they are checked with, and where to find both.

pub mod issue;
pub mod keys;
pub mod metadata;
