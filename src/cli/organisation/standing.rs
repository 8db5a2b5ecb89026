//! `peerbench organisation verify` and `suspend`.

use serde::Serialize;

use crate::{
    app::{
        App, Caller,
        set_standing::{SetStandingError, set_standing},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Items, Report},
    },
    domain::organisation::{OrganisationId, Standing},
};

/// Arguments of `peerbench organisation verify` and `suspend`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Organisation IDs, as listed by `peerbench organisation list`.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Item {
    id: OrganisationId,
    name: String,
    standing: Standing,
}

impl Report for Items<Item> {
    fn text(&self) -> String {
        let line = |item: &Item| format!("{} ({}) is {}.\n", item.name, item.id, item.standing.name());
        self.items.iter().map(line).collect()
    }
}

/// Goes through all of them, so that one wrong id does not hide another; what could be done stays done.
pub fn run(args: &Args, app: &App, standing: Standing) -> Result<(), Failure> {
    let mut done = Vec::new();
    let mut unknown = Vec::new();
    for id in &args.ids {
        match set_standing(app, &Caller::console(), &OrganisationId::new(id), standing) {
            Ok(organisation) => {
                done.push(Item {
                    id: organisation.id,
                    name: organisation.name,
                    standing: organisation.standing,
                });
            }
            Err(SetStandingError::UnknownOrganisation) => unknown.push(id.as_str()),
            Err(SetStandingError::Store(error)) => return Err(error.into()),
            Err(stale @ SetStandingError::Stale) => return Err(Failure::refused(sentence(&stale))),
        }
    }
    output::print(&Items { items: done }, args.format)?;
    if unknown.is_empty() { Ok(()) } else { Err(Failure::unknown_organisations(&unknown)) }
}
