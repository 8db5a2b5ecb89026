//! Receivers: what the consoles' services do, written from their vendors' documents and from what other programs met, with
//! their unpleasant sides. They know nothing of the connectors.

pub mod cortex;
pub mod entra;
pub mod http;
pub mod sentinel;
pub mod siem;
pub mod splunk;
pub mod sumo;
