//! `peerbench fewest-changes`: the fewest rules that bring a measure to the peers' median, their upper quartile or a number.

use super::{
    Failure,
    ask::{Form, Peers, Question, print},
    remote::Remote,
};
use crate::{
    domain::comparison::{Measure, Target},
    report::text::FewestText,
    settings::Settings,
};

/// Arguments of `peerbench fewest-changes`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench fewest-changes --measure tactic:initial-access --cohort sector:finance"
)]
pub struct Args {
    /// Measure to raise: `overall`, `tactic:execution`, `family:identity`, `technology:okta.identity`, `group:G0016` or
    /// `technique:T1059`.
    #[arg(long, default_value = "overall")]
    measure: Measure,
    /// Value to reach: your peers' median `p50` or upper quartile `p75`, or a number.
    #[arg(long, default_value = "p50")]
    target: Target,
    #[command(flatten)]
    peers: Peers,
    /// Number of the release. The latest if omitted.
    #[arg(long)]
    release: Option<u32>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let question = Question::new("/v1/comparisons/fewest-changes")
        .with("measure", Some(&args.measure))
        .with("target", Some(args.target))
        .among(&args.peers)
        .with("release", args.release)
        .in_form(args.format);
    print::<FewestText>(&Remote::sign_in(settings)?, &question.finish(), args.format)
}
