//! `peerbench trend`: one measure over the releases.

use super::{
    Failure,
    ask::{Form, Peers, Question, print},
    remote::Remote,
};
use crate::{domain::comparison::Measure, settings::Settings, wire::TrendAnswer};

/// Arguments of `peerbench trend`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench trend tactic:execution --cohort sector:finance")]
pub struct Args {
    /// Measure to follow: `overall`, `tactic:execution`, `family:identity`, `technology:okta.identity`, `group:APT29` or
    /// `technique:T1059`.
    #[arg(default_value = "overall")]
    measure: Measure,
    #[command(flatten)]
    peers: Peers,
    /// Column that a technique is compared in: `any`, a family or a technology.
    #[arg(long)]
    column: Option<String>,
    /// Number of the first release. The 24 latest releases if omitted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    from: Option<u32>,
    /// Number of the last release. The latest if omitted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    to: Option<u32>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let asked =
        Question::new("/v1/comparisons/trend").with("measure", Some(&args.measure)).among(&args.peers);
    let asked = asked.with("column", args.column.as_ref()).with("from", args.from).with("to", args.to);
    let path = asked.in_form(args.format).finish();
    print::<TrendAnswer>(&Remote::sign_in(settings)?, &path, args.format)
}
