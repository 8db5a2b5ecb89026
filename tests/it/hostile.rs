//! Requests that mean harm, and what they cost: by the process's own figures, as a ratio to a good request.

mod bodies;
mod clocks;
mod connections;
mod failures;
mod outages;
mod quotas;
mod schemathesis;
mod secrets;
