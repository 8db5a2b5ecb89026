//! `peerbench release`: what the community may see of itself.

mod list;
mod publish;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::Serialize;

use super::{Failure, app};
use crate::{domain::attack::AttackVersion, settings::Settings, store};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Close and publish the next release from what is uploaded now. It cannot be taken back.
    Publish(publish::Args),
    /// Every published release, the latest first.
    List(list::Args),
}

/// A release as the operator sees it.
#[derive(Serialize)]
struct Item {
    number: u32,
    cut_off: DateTime<Utc>,
    published_at: DateTime<Utc>,
    attack: AttackVersion,
    preset: String,
    /// Over everything that was published.
    digest: String,
}

impl Item {
    fn of(release: store::release::Release) -> Self {
        let store::release::Release { number, cut_off, attack, preset, digest, published_at, .. } = release;
        Self { number, cut_off, published_at, attack, preset, digest }
    }
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::Publish(args) => publish::run(args, &app),
        Command::List(args) => list::run(args, &app),
    }
}
