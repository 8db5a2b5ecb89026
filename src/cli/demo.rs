//! `peerbench demo`.

pub mod rules;
