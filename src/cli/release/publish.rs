//! `peerbench release publish`.

use serde::Serialize;

use super::item::Item;
use crate::{
    app::{
        App, Caller,
        publish_release::{PublishError, publish_release, publish_release_anyway},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report, told},
        progress::Progress,
    },
};

/// Arguments of `peerbench release publish`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench release publish")]
pub struct Args {
    /// Publish although the clock is behind the newest stored time, or more than two release periods ahead of it.
    #[arg(long)]
    force: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Published(Item);

impl Report for Published {
    fn text(&self) -> String {
        let Item { number, cut_off, attack, preset, digest, .. } = &self.0;
        let cut_off = told(*cut_off);
        format!(
            "Release {number} is published: cut-off {cut_off}, ATT&CK {attack}, preset {preset}, digest {digest}.\n"
        )
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let progress = Progress::start("Computing the release", 0);
    let operator = Caller::console().client;
    let published = match args.force {
        true => publish_release_anyway(app, &operator),
        false => publish_release(app, &operator, None),
    };
    progress.finish(if published.is_ok() { "done." } else { "stopped." });
    let release = published.map_err(|error| match error {
        PublishError::Store(error) => error.into(),
        refused if refused.is_refusal() => {
            Failure::refused(format!("Nothing was published. {}", sentence(&refused)))
        }
        failed => Failure::remote(sentence(&failed)),
    })?;
    output::print(&Published(Item::of(release)), args.format)
}
