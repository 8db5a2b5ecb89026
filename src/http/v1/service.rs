//! The service about itself.

pub mod index;
pub mod live;
pub mod openapi;
pub mod ready;
