//! `peerbench quarantine`: contributions that were set aside at a cut-off.

use clap::Subcommand;
use serde::Serialize;

use super::{
    Failure, Format, app,
    output::{self, Items, Report, counted},
};
use crate::{
    app::{
        Caller,
        quarantine::{clear_quarantine, list_quarantine},
    },
    domain::{organisation::OrganisationId, quarantine::Reason, snapshot::Basis},
    report::table::{Align, Table},
    settings::Settings,
    store::quarantine::Found,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what was found at the last cut-off, with reasons.
    #[command(after_help = "Example:\n  peerbench quarantine list")]
    List {
        /// Output format.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Clear organisations, so that they contribute and read comparisons again.
    #[command(after_help = "Example:\n  peerbench quarantine clear --all")]
    Clear {
        /// Organisation IDs, as listed by `peerbench quarantine list`.
        #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
        ids: Vec<String>,
        /// Clear all quarantined organisations.
        #[arg(long)]
        all: bool,
        /// Output format.
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
    #[serde(skip)]
    meaning: &'static str,
}

#[derive(Serialize)]
struct Cleared {
    items: Vec<OrganisationId>,
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
            meaning: meaning(finding.reason),
        }
    }
}

/// Explains a reason.
fn meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::AllEqual => "all cells have the same score",
        Reason::AllExtreme => "all cells are 0, or all are 100",
        Reason::Jump => "cells changed by more than 40 points on average",
        Reason::Copied => "identical to another control group's",
        Reason::Shared => "identical to several others' (default content; only flagged)",
    }
}

impl Report for Items<Item> {
    fn text(&self) -> String {
        if self.items.is_empty() {
            return "No organisation is quarantined.\n".to_owned();
        }
        let mut table = Table::new(&["id", "name", "basis", "why"].map(|heading| (heading, Align::Left)));
        for Item { organisation, name, basis, meaning, .. } in &self.items {
            table.row([organisation.as_str(), name, basis.name(), meaning].map(str::to_owned).to_vec());
        }
        table.to_string()
    }
}

impl Report for Cleared {
    fn text(&self) -> String {
        format!("{} cleared.\n", counted(self.items.len(), "organisation is", "organisations are"))
    }
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::List { format } => {
            let items = list_quarantine(&app)?.into_iter().map(Item::of).collect();
            output::print(&Items { items }, *format)
        }
        Command::Clear { ids, all, format } => {
            let asked: Vec<OrganisationId> = match all {
                true => list_quarantine(&app)?.into_iter().map(|found| found.finding.organisation).collect(),
                false => ids.iter().map(OrganisationId::new).collect(),
            };
            let cleared = Cleared { items: clear_quarantine(&app, &Caller::console(), &asked)? };
            output::print(&cleared, *format)?;
            let missed: Vec<&str> = asked
                .iter()
                .filter(|id| !all && !cleared.items.contains(id))
                .map(OrganisationId::as_str)
                .collect();
            if missed.is_empty() {
                return Ok(());
            }
            Err(Failure::refused(format!(
                "No quarantined organisation has the ID {}. `peerbench quarantine list` shows the IDs.",
                missed.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(" or ")
            )))
        }
    }
}
