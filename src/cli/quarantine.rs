//! `peerbench quarantine`: contributions that were set aside at a cut-off.

use clap::Subcommand;
use serde::Serialize;

use super::{
    Failure, Format, app,
    output::{self, Items, counted},
    report::{Align, Table},
};
use crate::{
    app::{
        Caller,
        quarantine::{clear_quarantine, list_quarantine},
    },
    domain::{organisation::OrganisationId, quarantine::Reason, snapshot::Basis},
    settings::Settings,
    store::quarantine::Found,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What was found at the last cut-off, and why.
    List {
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Let members read and contribute again, all of them or those that are named.
    Clear {
        /// Ids, as `peerbench quarantine list` shows them.
        #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
        ids: Vec<String>,
        /// Everybody of whom something was found.
        #[arg(long)]
        all: bool,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Serialize)]
struct Item {
    organisation: OrganisationId,
    name: String,
    release: u32,
    basis: Basis,
    reason: &'static str,
    set_aside: bool,
}

impl Item {
    fn of(found: Found) -> Self {
        let finding = found.finding;
        Self {
            organisation: finding.organisation,
            name: found.organisation_name,
            release: found.release,
            basis: finding.basis,
            reason: finding.reason.name(),
            set_aside: finding.reason.sets_aside(),
        }
    }
}

/// What a reason means, for people.
fn meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::AllEqual => "all its cells are equal",
        Reason::AllExtreme => "all its cells are 0, or all are 100",
        Reason::Jump => "it changed by more than 40 points on average",
        Reason::Copied => "it is the same as another control group's",
        Reason::Shared => "it is the same as several others' (default content; only flagged)",
    }
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::List { format: Format::Json } => {
            output::json(&Items { items: list_quarantine(&app)?.into_iter().map(Item::of).collect() })
        }
        Command::List { format: Format::Text } => {
            let found = list_quarantine(&app)?;
            if found.is_empty() {
                return output::text("Nothing was found at the last cut-off, or all of it is cleared.\n");
            }
            let mut table = Table::new(&["id", "name", "basis", "why"].map(|heading| (heading, Align::Left)));
            for Found { finding, organisation_name, .. } in found {
                let id = finding.organisation.to_string();
                let (basis, why) = (finding.basis.name().to_owned(), meaning(finding.reason).to_owned());
                table.row(vec![id, organisation_name, basis, why]);
            }
            output::text(&table.to_string())
        }
        Command::Clear { ids, all, format } => {
            let asked: Vec<OrganisationId> = match all {
                true => list_quarantine(&app)?.into_iter().map(|found| found.finding.organisation).collect(),
                false => ids.iter().map(OrganisationId::new).collect(),
            };
            let cleared = clear_quarantine(&app, &Caller::console(), &asked)?;
            match format {
                Format::Json => output::json(&Items { items: cleared.clone() })?,
                Format::Text => {
                    let many = counted(cleared.len(), "organisation is", "organisations are");
                    output::text(&format!("{many} cleared.\n"))?;
                }
            }
            let missed: Vec<&str> =
                asked.iter().filter(|id| !all && !cleared.contains(id)).map(OrganisationId::as_str).collect();
            if missed.is_empty() {
                return Ok(());
            }
            Err(Failure::refused(format!(
                "Nothing was found of {}: `peerbench quarantine list` shows the ids.",
                missed.join(" or ")
            )))
        }
    }
}
