//! What the integration tests stand on: databases of their own, the real server, and the people who use it.

pub mod postgres;
