//! The `peerbench` binary; everything is in the library.

fn main() {}
