//! The command line: one file per command, each a `run` that prints what it did or fails with a sentence.

mod app;
mod ask;
pub mod catalogue;
mod changes;
mod client;
mod cohorts;
mod compare;
mod config;
mod console;
mod demo;
mod failure;
mod fewest_changes;
mod gaps;
mod groups;
mod keys;
mod lease;
mod library;
mod migrate;
mod openapi;
mod organisation;
mod output;
mod paths;
mod private_file;
mod progress;
mod quarantine;
mod refusal;
mod release;
mod remote;
mod report;
mod secret_file;
mod serve;
mod simulate;
mod snapshot;
mod sync;
mod technique;
mod technologies;
mod trend;
mod what_if;
mod writer;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

pub use failure::Failure;
pub use output::Format;

use crate::settings::Settings;

/// Peer benchmarking of MITRE ATT&CK detection coverage.
#[derive(Debug, Parser)]
#[command(name = "peerbench", version, about, max_term_width = 110)]
#[command(after_help = "Example:\n  peerbench demo --once")]
struct Cli {
    /// Settings file. If omitted, `peerbench.toml` is read where it exists.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try the service on a synthetic community: build a member's snapshot, publish releases, compare, serve the API.
    Demo(demo::Args),
    /// Simulate what communities of given sizes would see under each privacy preset.
    Simulate(simulate::Args),
    /// Run the service.
    Serve(serve::Args),
    /// Create the embedded database if there is none, and apply pending migrations.
    #[command(after_help = "Example:\n  peerbench migrate")]
    Migrate,
    /// Print the OpenAPI document.
    #[command(after_help = "Example:\n  peerbench openapi > openapi.json")]
    Openapi,
    /// Print every setting with its meaning and value as a settings file; secrets are masked.
    Config(config::Args),
    /// Count the rules of public rule libraries, which are a reference beside the peers.
    #[command(subcommand, after_help = "Example:\n  peerbench library list")]
    Library(library::Command),
    /// Manage ATT&CK versions. For the operator.
    #[command(subcommand, after_help = "Example:\n  peerbench catalogue list")]
    Catalogue(catalogue::Command),
    /// Publish, list and verify releases. All but `verify` is for the operator, on the service's own database.
    #[command(subcommand, after_help = "Example:\n  peerbench release readiness")]
    Release(release::Command),
    /// Review contributions that were set aside as implausible. For the operator.
    #[command(subcommand, after_help = "Example:\n  peerbench quarantine list")]
    Quarantine(quarantine::Command),
    /// Trust writers, who upload for several members. For the operator.
    #[command(subcommand, after_help = "Example:\n  peerbench writer trust example-integrator")]
    Writer(writer::Command),
    /// Build, check and upload coverage snapshots.
    #[command(
        subcommand,
        after_help = "Example:\n  peerbench snapshot build examples/rules/sigma -o snapshot.json"
    )]
    Snapshot(snapshot::Command),
    /// Compare your coverage with your peers, at the service named by `PEERBENCH_CLIENT_URL`, `_ID` and `_SECRET`.
    Compare(Box<compare::Args>),
    /// Write a report to hand on: a PDF for a board, a workbook, a page, Markdown, or a drawing.
    Report(report::Args),
    /// Follow one measure over the releases, yours and your peers'.
    Trend(trend::Args),
    /// List what changed since a release, most moved first.
    Changes(changes::Args),
    /// Compare attack paths: named ones, a threat group's, a list of steps, an Attack Flow or a Navigator layer.
    Paths(paths::Args),
    /// Compare your coverage of threat groups with your peers'.
    Groups(groups::Args),
    /// List the peer groups that you may compare with.
    Cohorts(cohorts::Args),
    /// List the techniques that your peers cover better than you do, and keep your own book of them.
    Gaps(Box<gaps::Args>),
    /// Compare before and after changes: more rules, other technologies, a vendor's content. The service keeps nothing of it.
    WhatIf(what_if::Args),
    /// Find the fewest rules that bring a measure to your peers' median or another target.
    FewestChanges(fewest_changes::Args),
    /// Look a technique up: what sees it, who uses it, what it was renamed to. Words search by name.
    Technique(technique::Args),
    /// List the technologies that snapshots and comparisons can name.
    Technologies(technologies::Args),
    /// Bring the comparison into a console: Splunk, Microsoft Sentinel, Cortex, Sumo Logic or Check Point.
    #[command(subcommand, after_help = "Example:\n  peerbench console push splunk --state splunk.state")]
    Console(console::Command),
    /// Run one round trip: rules out of the SIEM, a snapshot to the service, and rows into the consoles.
    Sync(sync::Args),
    /// Manage the members of the community. For the operator.
    #[command(subcommand, after_help = "Example:\n  peerbench organisation list")]
    Organisation(organisation::Command),
    /// Manage the lease that a publishing process holds. For the operator.
    #[command(subcommand, after_help = "Example:\n  peerbench lease clear")]
    Lease(lease::Command),
    /// Manage the signing keys that the database knows. For the operator.
    #[command(subcommand, after_help = "Example:\n  peerbench keys accept")]
    Keys(keys::Command),
    /// Manage the credentials of members and of the operator. For the operator; members make their own clients on the page.
    #[command(subcommand, after_help = "Example:\n  peerbench client list --operator")]
    Client(client::Command),
}

/// Runs the command of the process's arguments. Exit codes: 0 done, 1 refused input, 2 wrong usage, 3 failure of a remote
/// side or of storage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", output::for_terminal(&failure.to_string()));
            failure.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let settings = || Ok::<_, Failure>(Settings::load(cli.config.as_deref(), std::env::vars())?);
    match cli.command {
        Command::Demo(args) => demo::run(&args, &settings()?),
        Command::Simulate(args) => simulate::run(&args),
        Command::Serve(args) => serve::run(&args, &settings()?, cli.config.as_deref()),
        Command::Migrate => migrate::run(&settings()?),
        Command::Openapi => openapi::run(),
        Command::Config(args) => config::run(&args, &settings()?),
        Command::Catalogue(command) => catalogue::run(&command, settings),
        Command::Library(command) => library::run(&command),
        Command::Release(command) => release::run(&command, settings),
        Command::Quarantine(command) => quarantine::run(&command, &settings()?),
        Command::Writer(command) => writer::run(&command, &settings()?),
        Command::Snapshot(command) => snapshot::run(&command, settings),
        Command::Compare(args) => compare::run(&args, settings),
        Command::Report(args) => report::run(&args, &settings()?),
        Command::Trend(args) => trend::run(&args, &settings()?),
        Command::Changes(args) => changes::run(&args, &settings()?),
        Command::Paths(args) => paths::run(&args, &settings()?),
        Command::Groups(args) => groups::run(&args, &settings()?),
        Command::Cohorts(args) => cohorts::run(&args, &settings()?),
        Command::Gaps(args) => gaps::run(&args, &settings()?),
        Command::WhatIf(args) => what_if::run(&args, &settings()?),
        Command::FewestChanges(args) => fewest_changes::run(&args, &settings()?),
        Command::Technique(args) => technique::run(&args, &settings()?),
        Command::Technologies(args) => technologies::run(&args, &settings()?),
        Command::Console(command) => console::run(&command, settings),
        Command::Sync(args) => {
            let settings = Settings::load(Some(&args.file), std::env::vars())?;
            sync::run(&args, &settings)
        }
        Command::Organisation(command) => organisation::run(&command, &settings()?),
        Command::Lease(command) => lease::run(&command, &settings()?),
        Command::Keys(command) => keys::run(&command, &settings()?),
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

    /// A command and all below it, with the words that call each.
    fn commands(command: &clap::Command, words: &str) -> Vec<(String, String)> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        let below = below.flat_map(|below| commands(below, &format!("{words} {}", below.get_name())));
        [(words.to_owned(), help)].into_iter().chain(below).collect()
    }

    #[test]
    fn the_help_of_every_command_ends_with_an_example_of_it_that_can_be_typed() {
        let all = commands(&Cli::command(), "peerbench");
        assert!(all.len() > 30, "{all:?}");
        for (words, help) in all {
            let example =
                help.strip_prefix("Example:\n  ").unwrap_or_else(|| panic!("{words} has no example"));
            assert!(example.starts_with(&words) && !example.contains('\n'), "{words}: {example}");
            let typed = example.split(" > ").next().unwrap().split_whitespace();
            let parsed = Cli::try_parse_from(typed);
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}
