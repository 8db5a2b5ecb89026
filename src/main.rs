//! The `peerbench` binary; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    peerbench::cli::main()
}
