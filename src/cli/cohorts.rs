//! `peerbench cohorts`: the peer groups that a member may compare with.

use super::{
    Failure,
    ask::{Form, Question, print},
    remote::Remote,
};
use crate::{domain::snapshot::Basis, settings::Settings, wire::cohort::CohortList};

/// Arguments of `peerbench cohorts`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench cohorts")]
pub struct Args {
    /// Kind of evidence: `deployed` or `validated`. `deployed` if omitted.
    #[arg(long)]
    basis: Option<Basis>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let path = Question::new("/v1/cohorts").with("basis", args.basis).in_form(args.format).finish();
    print::<CohortList>(&Remote::sign_in(settings)?, &path, args.format)
}
