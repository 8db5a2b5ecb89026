//! The command line: one file per command, each a `run` that prints what it did or fails with a sentence.

mod app;
pub mod catalogue;
mod client;
mod compare;
mod config;
mod demo;
mod failure;
mod migrate;
mod openapi;
mod organisation;
mod output;
mod progress;
mod quarantine;
mod release;
mod remote;
mod serve;
mod simulate;
mod snapshot;

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
    /// Show it at work: a synthetic community, one member's rules, a release, and the API.
    Demo(demo::Args),
    /// What communities of given sizes would get to see under each privacy preset.
    Simulate(simulate::Args),
    /// Run the service.
    Serve(serve::Args),
    /// Bring the database's schema up to date; an embedded database is made where there is none.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print every setting with its meaning and value, secrets masked, as a file that can be used.
    Config(config::Args),
    /// ATT&CK versions.
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// Releases of the peers' statistics.
    #[command(subcommand)]
    Release(release::Command),
    /// Contributions that were set aside at a cut-off.
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Coverage snapshots.
    #[command(subcommand)]
    Snapshot(snapshot::Command),
    /// Where you stand among your peers, by the service of `PEERBENCH_CLIENT_URL`, `_ID` and `_SECRET`.
    Compare(compare::Args),
    /// The community's members.
    #[command(subcommand)]
    Organisation(organisation::Command),
    /// Credentials of members and of the operator.
    #[command(subcommand)]
    Client(client::Command),
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
        Command::Demo(args) => demo::run(&args, &settings()?),
        Command::Simulate(args) => simulate::run(&args),
        Command::Serve(args) => serve::run(&args, &settings()?),
        Command::Migrate => migrate::run(&settings()?),
        Command::Openapi => openapi::run(),
        Command::Config(args) => config::run(&args, &settings()?),
        Command::Catalogue(command) => catalogue::run(&command, settings),
        Command::Release(command) => release::run(&command, settings),
        Command::Quarantine(command) => quarantine::run(&command, &settings()?),
        Command::Snapshot(command) => snapshot::run(&command, settings),
        Command::Compare(args) => compare::run(&args, &settings()?),
        Command::Organisation(command) => organisation::run(&command, &settings()?),
        Command::Client(command) => client::run(&command, &settings()?),
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
