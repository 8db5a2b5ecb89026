//! The service about itself.

pub mod live;
pub mod openapi;
pub mod ready;
