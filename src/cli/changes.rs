//! `peerbench changes`: what moved since a release.

use serde::Deserialize;

use super::{
    Failure,
    ask::{Form, Peers, Question, print},
    remote::Remote,
};
use crate::{app::read_changes::MeasureKind, settings::Settings, wire::ChangesAnswer};

/// Lines of a text, if no other number is asked for.
const LINES: u32 = 25;

/// Arguments of `peerbench changes`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench changes --since 1 --kind technique")]
pub struct Args {
    /// Number of an earlier release to compare the latest with. The one before the latest if omitted.
    #[arg(long, value_name = "RELEASE", value_parser = clap::value_parser!(u32).range(1..))]
    since: Option<u32>,
    #[command(flatten)]
    peers: Peers,
    /// List only measures of these kinds, separated by commas: `overall`, `tactic`, `family`, `technology`, `group` or
    /// `technique`. All but threat groups if omitted: a small group moves far with a single rule.
    #[arg(long, value_delimiter = ',')]
    kind: Vec<MeasureKind>,
    /// Number of measures to list. Default: 25 as text, 1,000 in other formats.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: Option<u32>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let remote = Remote::sign_in(settings)?;
    let since = match args.since {
        Some(since) => since,
        None => before_latest(&remote)?,
    };
    let limit = args.limit.unwrap_or(if args.format == Form::Text { LINES } else { 1_000 });
    let kinds: Vec<&str> = args.kind.iter().map(|kind| kind.name()).collect();
    let kinds = (!kinds.is_empty()).then(|| kinds.join(","));
    let asked = Question::new("/v1/comparisons/changes").with("since", Some(since)).among(&args.peers);
    let asked = asked.with("kind", kinds).with("limit", Some(limit));
    print::<ChangesAnswer>(&remote, &asked.in_form(args.format).finish(), args.format)
}

/// The number of the release before the latest.
fn before_latest(remote: &Remote) -> Result<u32, Failure> {
    #[derive(Deserialize)]
    struct Releases {
        items: Vec<Numbered>,
    }
    #[derive(Deserialize)]
    struct Numbered {
        number: u32,
    }
    let latest: Releases = remote.get("/v1/releases?limit=2")?;
    match latest.items.as_slice() {
        [] => Err(Failure::refused("Nothing has been published yet.")),
        [only] => Err(Failure::refused(format!(
            "Release {} is the only one: there are changes to list once the next one is published.",
            only.number
        ))),
        [.., before] => Ok(before.number),
    }
}
