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

impl Report for Items<Item> {
    fn text(&self) -> String {
        if self.items.is_empty() {
            return "Nothing was found at the last cut-off, or all of it is cleared.\n".to_owned();
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
                "Nothing was found of {}: `peerbench quarantine list` shows the ids.",
                missed.join(" or ")
            )))
        }
    }
}
