//! `peerbench groups`: coverage of threat groups beside the peers'.

use super::{
    Failure,
    ask::{Form, Peers, Question, print},
    remote::Remote,
};
use crate::{app::compare::Sort, report::text::Groups, settings::Settings};

/// Arguments of `peerbench groups`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench groups \"Cozy Bear\" G0102 --cohort sector:finance")]
pub struct Args {
    /// Threat groups, by ID, name or alias. All that are compared if omitted.
    #[arg(value_name = "GROUP")]
    groups: Vec<String>,
    #[command(flatten)]
    peers: Peers,
    /// Number of the release. The latest if omitted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    release: Option<u32>,
    /// Order: `distance` furthest behind first, `-distance` furthest ahead first, `id`, `own` or `peers`.
    #[arg(long, allow_hyphen_values = true)]
    sort: Option<Sort>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let named = (!args.groups.is_empty()).then(|| args.groups.join(","));
    let asked = Question::new("/v1/comparisons/groups").among(&args.peers).with("release", args.release);
    let asked = asked.with("group", named).with("sort", args.sort).with("limit", Some(1_000));
    print::<Groups>(&Remote::sign_in(settings)?, &asked.in_form(args.format).finish(), args.format)
}
