//! `peerbench library`: how many rules of public libraries name each technique.

mod count;
mod list;

use clap::Subcommand;

use super::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Count how many rules of a library name each technique, and through which technologies.
    Count(Box<count::Args>),
    /// List the libraries that ship with the program.
    List(list::Args),
}

pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Count(args) => count::run(args),
        Command::List(args) => list::run(args),
    }
}
