//! Formats that several products share. None of them knows a product.

pub mod json;
pub mod literal;
pub mod magic;
pub mod query;
pub mod table;
pub mod text;
pub mod wildcard;
pub mod yaml;
