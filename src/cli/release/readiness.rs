//! `peerbench release readiness`.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::{
    app::{
        App,
        readiness::{Readiness, ReadinessError, Reminder, Why, WriterReadiness, readiness},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report, told},
    },
    domain::{cohort::Cohort, organisation::OrganisationId, release::Reason, snapshot::Basis},
    report::table::{Align, Table},
};

/// Arguments of `peerbench release readiness`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench release readiness")]
pub struct Args {
    /// Basis of evidence: deployed or validated.
    #[arg(long, default_value = "deployed")]
    basis: Basis,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct State {
    release: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime<Utc>>,
    needed: u32,
    cohorts: Vec<Line>,
    remind: Vec<Remind>,
    writers: Vec<Writer>,
}

#[derive(Serialize)]
struct Writer {
    name: String,
    contributors: u32,
}

#[derive(Serialize)]
struct Line {
    cohort: Cohort,
    contributors: u32,
    missing: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Reason>,
}

impl From<ReadinessError> for Failure {
    fn from(error: ReadinessError) -> Self {
        match error {
            ReadinessError::Store(error) => error.into(),
            ReadinessError::Layout(_) | ReadinessError::Rules(_) => Self::remote(sentence(&error)),
        }
    }
}

/// Says why a cohort with enough contributors is withheld.
fn why_withheld(reason: Reason) -> &'static str {
    match reason {
        Reason::Dominance => {
            "without those that R12 leaves out of a dominant control group, too few contribute"
        }
        Reason::Difference => "too few contributors of a larger cohort are outside it",
        Reason::Remainder => "too few contributors of a larger cohort are in none of its published parts",
        Reason::Span => "a small group could be worked out from it and the other cohorts",
        Reason::Cohort | Reason::Refresh | Reason::Threshold | Reason::Display => "too few contribute",
    }
}

#[derive(Serialize)]
struct Remind {
    organisation: OrganisationId,
    name: String,
    #[serde(serialize_with = "name")]
    why: Why,
}

fn name<S: Serializer>(why: &Why, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(why.name())
}

/// Says what to do, and why.
fn meaning(why: Why) -> String {
    match why {
        Why::NotVerified => "not verified yet: `peerbench organisation verify`".to_owned(),
        Why::NeverUploaded => "ask for a snapshot: none that can be used has been uploaded".to_owned(),
        Why::Stale(period) => {
            format!("ask for a new snapshot: the latest is from {period}, which is too old")
        }
        Why::SoonStale(period) => {
            format!("ask for a new snapshot: the latest is from {period}, which will soon be too old")
        }
        Why::UnderReview => "set aside as implausible: `peerbench quarantine list`".to_owned(),
    }
}

impl Report for State {
    fn text(&self) -> String {
        let Self { release, due_at, needed, cohorts, remind, writers } = self;
        let due = due_at
            .map_or("due seven days after the first upload".to_owned(), |at| format!("due on {}", told(at)));
        let mut table =
            Table::new(&[("cohort", Align::Left), ("contributors", Align::Right), ("missing", Align::Right)]);
        for Line { cohort, contributors, missing, .. } in cohorts {
            let missing = if *missing == 0 { String::new() } else { missing.to_string() };
            table.row(vec![cohort.to_string(), contributors.to_string(), missing]);
        }
        let mut text =
            format!("Release {release}: {due}. A cohort needs {needed} independent contributors.\n\n{table}");
        for Line { cohort, withheld, .. } in cohorts {
            if let Some(reason) = withheld {
                text.push_str(&format!("\n{cohort} would be withheld: {}.\n", why_withheld(*reason)));
            }
        }
        if !remind.is_empty() {
            text.push_str("\nWhat you can do:\n");
        }
        for Remind { organisation, name, why } in remind {
            text.push_str(&format!("  {name} ({organisation}): {}\n", meaning(*why)));
        }
        for Writer { name, contributors } in writers {
            text.push_str(&format!(
                "\nWarning: {name} uploads for {contributors} independent contributors. Its uploads count as one change, so it can \
                 keep numbers from changing. If you trust it: peerbench writer trust '{name}'\n"
            ));
        }
        text
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let Readiness { release, due_at, needed, cohorts, remind, writers } = readiness(app, args.basis)?;
    let cohorts = cohorts.into_iter().map(|of| Line {
        cohort: of.cohort,
        contributors: of.groups,
        missing: of.missing,
        withheld: of.withheld,
    });
    let remind =
        remind.into_iter().map(|Reminder { organisation, name, why }| Remind { organisation, name, why });
    let writers =
        writers.into_iter().map(|WriterReadiness { name, groups }| Writer { name, contributors: groups });
    let (cohorts, remind, writers) = (cohorts.collect(), remind.collect(), writers.collect());
    let state = State { release, due_at, needed, cohorts, remind, writers };
    output::print(&state, args.format)
}
