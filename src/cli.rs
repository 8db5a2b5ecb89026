//! The command line: one file per command, each a `run` that prints what it did or fails with a sentence.

pub mod catalogue;
mod config;
pub mod demo;
mod failure;
mod openapi;
mod output;
pub mod progress;
pub mod report;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

pub use failure::Failure;
pub use output::Format;

use crate::settings::Settings;

/// Peer benchmarking of MITRE ATT&CK detection coverage.
#[derive(Debug, Parser)]
#[command(name = "peerbench", version, about, max_term_width = 110)]
struct Cli {
    /// Settings file; without it `peerbench.toml` is read if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve(serve::Args),
    /// Print the OpenAPI document.
    Openapi,
    /// Print every setting with its meaning and value, secrets masked, as a file that can be used.
    Config(config::Args),
    /// ATT&CK versions.
    #[command(subcommand)]
    Catalogue(catalogue::Command),
}

/// Runs the command of the process's arguments. 0 done, 1 refused input, 2 wrong usage, 3 failure of a remote side or
/// of storage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let settings = || Ok::<_, Failure>(Settings::load(cli.config.as_deref(), std::env::vars())?);
    match cli.command {
        Command::Serve(args) => serve::run(&args, &settings()?),
        Command::Openapi => openapi::run(),
        Command::Config(args) => config::run(&args, &settings()?),
        Command::Catalogue(command) => catalogue::run(command),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }
}
