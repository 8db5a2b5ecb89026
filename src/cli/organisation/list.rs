//! `peerbench organisation list`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    app::{App, Page, list_organisations::list_organisations},
    cli::{
        Failure, Format,
        output::{self, Items, Report},
    },
    domain::{
        attack::PlatformSet,
        dimension::{ByDimension, Dimension},
        organisation::{Organisation, OrganisationId, Standing},
    },
    report::table::{Align, Table, shorten},
};

/// Arguments of `peerbench organisation list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench organisation list")]
pub struct Args {
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a OrganisationId,
    name: &'a str,
    standing: Standing,
    #[serde(flatten)]
    dimensions: &'a ByDimension<String>,
    control_group: &'a str,
    platforms: PlatformSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    writer: Option<&'a str>,
    created_at: DateTime<Utc>,
}

impl<'a> Item<'a> {
    fn of(organisation: &'a Organisation) -> Self {
        let Organisation { id, name, profile, standing, writer, created_at } = organisation;
        Self {
            id,
            name,
            standing: *standing,
            dimensions: &profile.dimensions,
            control_group: &profile.control_group,
            platforms: profile.platforms,
            writer: writer.as_deref(),
            created_at: *created_at,
        }
    }
}

impl Report for Items<Item<'_>> {
    fn text(&self) -> String {
        if self.items.is_empty() {
            return "There is no organisation yet. Add one with `peerbench organisation create`.\n"
                .to_owned();
        }
        let headings = ["id", "name", "standing"].into_iter().chain(Dimension::ALL.map(Dimension::name));
        let headings: Vec<_> =
            headings.chain(["control group"]).map(|heading| (heading, Align::Left)).collect();
        let mut table = Table::new(&headings);
        for Item { id, name, standing, dimensions, control_group, .. } in &self.items {
            // Most are a group of their own; the column is for those that share one.
            let group = if *control_group == id.as_str() { "" } else { control_group };
            let name = shorten(name, 40);
            let cells = [id.as_str(), &name, standing.name()].into_iter();
            let cells = cells.chain(dimensions.values().map(String::as_str)).chain([group]);
            table.row(cells.map(str::to_owned).collect());
        }
        table.to_string()
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let organisations =
        Page::all(|after, limit| list_organisations(app, after.map(OrganisationId::new).as_ref(), limit))?;
    output::print(&Items { items: organisations.iter().map(Item::of).collect() }, args.format)
}
