//! `peerbench organisation list`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    app::{App, Page, list_organisations::list_organisations},
    cli::{
        Failure, Format,
        output::{self, Items},
        report::{Align, Table, shorten},
    },
    domain::{
        attack::PlatformSet,
        dimension::{ByDimension, Dimension},
        organisation::{Organisation, OrganisationId, Standing},
    },
};

/// Arguments of `peerbench organisation list`.
#[derive(Debug, clap::Args)]
pub struct Args {
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
    created_at: DateTime<Utc>,
}

impl<'a> Item<'a> {
    fn of(organisation: &'a Organisation) -> Self {
        let Organisation { id, name, profile, standing, created_at } = organisation;
        Self {
            id,
            name,
            standing: *standing,
            dimensions: &profile.dimensions,
            control_group: &profile.control_group,
            platforms: profile.platforms,
            created_at: *created_at,
        }
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let organisations =
        Page::all(|after, limit| list_organisations(app, after.map(OrganisationId::new).as_ref(), limit))?;
    if args.format == Format::Json {
        return output::json(&Items { items: organisations.iter().map(Item::of).collect() });
    }
    if organisations.is_empty() {
        return output::text("There is no organisation yet: add one with `peerbench organisation create`.\n");
    }
    let headings = ["id", "name", "standing"].into_iter().chain(Dimension::ALL.map(Dimension::name));
    let headings: Vec<_> = headings.chain(["control group"]).map(|heading| (heading, Align::Left)).collect();
    let mut table = Table::new(&headings);
    for Organisation { id, name, profile, standing, .. } in &organisations {
        // Most are a group of their own; the column is for those that share one.
        let group = if profile.control_group == id.as_str() { "" } else { &profile.control_group };
        let name = shorten(name, 40);
        let cells = [id.as_str(), &name, standing.name()].into_iter();
        let cells = cells.chain(profile.dimensions.values().map(String::as_str)).chain([group]);
        table.row(cells.map(str::to_owned).collect());
    }
    output::text(&table.to_string())
}
