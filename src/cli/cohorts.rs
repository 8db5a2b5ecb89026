//! `peerbench cohorts`: the peer groups that a member may compare with.

use serde::{Deserialize, Serialize};

use super::{
    Failure, Format,
    ask::Question,
    output::{self, Report},
    remote::Remote,
};
use crate::{
    domain::{release::Band, snapshot::Basis},
    report::table::{Align, Table},
    settings::Settings,
};

/// Arguments of `peerbench cohorts`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench cohorts")]
pub struct Args {
    /// Kind of evidence: `deployed` or `validated`. `deployed` if omitted.
    #[arg(long)]
    basis: Option<Basis>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize, Deserialize)]
struct Cohorts {
    items: Vec<Cohort>,
}

#[derive(Serialize, Deserialize)]
struct Cohort {
    cohort: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Band>,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let path = Question::new("/v1/cohorts").with("basis", args.basis).finish();
    let cohorts: Cohorts = Remote::sign_in(settings)?.get(&path)?;
    output::print(&cohorts, args.format)
}

impl Report for Cohorts {
    fn text(&self) -> String {
        let mut table = Table::new(&[("cohort", Align::Left), ("members", Align::Right), ("", Align::Left)]);
        for Cohort { cohort, status, members } in &self.items {
            let told = if status == "released" {
                ""
            } else {
                "not released: comparisons fall back on a larger group"
            };
            table.row(vec![
                cohort.clone(),
                members.map_or_else(|| "-".to_owned(), |band| band.name().to_owned()),
                told.to_owned(),
            ]);
        }
        format!("Your peer groups, for --cohort\n\n{table}")
    }
}
