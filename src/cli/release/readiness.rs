//! `peerbench release readiness`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    app::{
        App,
        readiness::{Readiness, Reminder, Why, readiness},
    },
    cli::{
        Failure, Format,
        output::{self, told},
        report::{Align, Table},
    },
    domain::{cohort::Cohort, organisation::OrganisationId, snapshot::Basis},
};

/// Arguments of `peerbench release readiness`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The kind of evidence: deployed or validated.
    #[arg(long, default_value = "deployed")]
    basis: Basis,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    release: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime<Utc>>,
    needed: u32,
    cohorts: Vec<Line>,
    remind: Vec<Remind>,
}

#[derive(Serialize)]
struct Line {
    cohort: Cohort,
    contributors: u32,
    missing: u32,
}

#[derive(Serialize)]
struct Remind {
    organisation: OrganisationId,
    name: String,
    why: &'static str,
}

/// For people.
fn meaning(why: Why) -> String {
    match why {
        Why::NotVerified => "is not verified".to_owned(),
        Why::Waiting(from) => format!("is new and counts from {} on", told(from)),
        Why::NeverUploaded => "has uploaded nothing that can be used".to_owned(),
        Why::Stale(period) => format!("its latest snapshot is of {period}, too long ago"),
        Why::SoonStale(period) => format!("its latest snapshot is of {period} and soon too old"),
        Why::UnderReview => "is set aside: `peerbench quarantine list`".to_owned(),
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let Readiness { release, due_at, needed, cohorts, remind } = readiness(app, args.basis)?;
    if args.format == Format::Json {
        let cohorts = cohorts.into_iter().map(|of| Line {
            cohort: of.cohort,
            contributors: of.groups,
            missing: of.missing,
        });
        let remind = remind.into_iter().map(|reminder| Remind {
            organisation: reminder.organisation,
            name: reminder.name,
            why: reminder.why.name(),
        });
        return output::json(&Report {
            release,
            due_at,
            needed,
            cohorts: cohorts.collect(),
            remind: remind.collect(),
        });
    }
    let due =
        due_at.map_or("not due before the first upload".to_owned(), |at| format!("due from {} on", told(at)));
    let mut text = format!("Release {release}: {due}. A cohort needs {needed} independent contributors.\n\n");
    let mut table =
        Table::new(&[("cohort", Align::Left), ("contributors", Align::Right), ("missing", Align::Right)]);
    for of in cohorts {
        let missing = if of.missing == 0 { String::new() } else { of.missing.to_string() };
        table.row(vec![of.cohort.to_string(), of.groups.to_string(), missing]);
    }
    text.push_str(&table.to_string());
    if !remind.is_empty() {
        text.push_str("\nTo remind:\n");
    }
    for Reminder { organisation, name, why } in remind {
        text.push_str(&format!("  {name} ({organisation}): {}\n", meaning(why)));
    }
    output::text(&text)
}
