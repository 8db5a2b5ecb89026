//! The consoles: pushes through the real command line from a real service into receivers that behave as the vendors say.

mod bad_days;
mod bad_input;
mod by_hand;
mod cortex;
mod installed;
mod receivers;
mod rule_export;
mod samples;
mod sentinel;
mod splunk;
mod sumo;
mod sync;
mod tls;
mod vendor_client;
mod watch;
mod world;
