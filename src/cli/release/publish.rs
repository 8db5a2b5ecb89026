//! `peerbench release publish`.

use super::item::Item;
use crate::{
    app::{
        App, Caller,
        publish_release::{PublishError, publish_release},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, told},
        progress::Progress,
    },
};

/// Arguments of `peerbench release publish`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let progress = Progress::start("Computing the release", 0);
    let published = publish_release(app, &Caller::console().client, None);
    progress.finish(if published.is_ok() { "done." } else { "stopped." });
    let release = published.map_err(|error| match error {
        PublishError::Store(error) => error.into(),
        refused if refused.is_refusal() => {
            Failure::refused(format!("Nothing was published. {}", sentence(&refused)))
        }
        failed => Failure::remote(sentence(&failed)),
    })?;
    let item = Item::of(release);
    match args.format {
        Format::Json => output::json(&item),
        Format::Text => output::text(&format!(
            "Release {} is published: cut-off {}, ATT&CK {}, preset {}, digest {}.\n",
            item.number,
            told(item.cut_off),
            item.attack,
            item.preset,
            item.digest
        )),
    }
}
