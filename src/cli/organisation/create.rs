//! `peerbench organisation create`.

use clap::{Arg, ArgMatches, Command};
use serde::Serialize;

use crate::{
    app::{
        App, Caller,
        create_organisation::{CreateOrganisationError, NewOrganisation, create_organisation},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report},
    },
    domain::{
        attack::Platform,
        dimension::{ByDimension, Dimension},
        organisation::OrganisationId,
    },
};

/// Arguments of `peerbench organisation create`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench organisation create --name Acme --sector finance --size large --region europe"
)]
pub struct Args {
    /// Name, seen only by the operator and the organisation itself. It's never published.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    dimensions: DimensionArgs,
    /// Control group, shared by organisations of one parent company or managed-service provider. Default: its own.
    #[arg(long, value_name = "GROUP")]
    control_group: Option<String>,
    /// ATT&CK platform that it runs, such as Windows; repeat it or use commas. Default: all.
    #[arg(long = "platform", value_name = "PLATFORM", value_delimiter = ',')]
    platforms: Vec<Platform>,
    /// The writer that uploads for it, such as an integrator or a managed-service provider. Itself by default.
    #[arg(long, value_name = "NAME")]
    writer: Option<String>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// One required option for each dimension.
#[derive(Debug)]
struct DimensionArgs(ByDimension<String>);

impl clap::FromArgMatches for DimensionArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let value = |dimension: Dimension| matches.get_one::<String>(dimension.name()).cloned();
        Ok(Self(ByDimension::new(|dimension| value(dimension).unwrap_or_default())))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = clap::FromArgMatches::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for DimensionArgs {
    fn augment_args(command: Command) -> Command {
        Dimension::ALL.into_iter().fold(command, |command, dimension| {
            let name = dimension.name();
            command.arg(Arg::new(name).long(name).value_name("VALUE").required(true).help(dimension.help()))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

#[derive(Serialize)]
struct Created<'a> {
    id: &'a OrganisationId,
    #[serde(skip)]
    name: &'a str,
}

impl Report for Created<'_> {
    fn text(&self) -> String {
        let Self { id, name } = self;
        format!(
            "Added {name} with the ID {id}. It counts once you verify it: peerbench organisation verify {id}\n"
        )
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let new = NewOrganisation {
        name: args.name.clone(),
        dimensions: args.dimensions.0.clone(),
        control_group: args.control_group.clone(),
        platforms: args.platforms.iter().copied().collect(),
        writer: args.writer.clone(),
    };
    let created = create_organisation(app, &Caller::console(), &new, None).map_err(refused)?;
    output::print(&Created { id: &created.id, name: &created.name }, args.format)
}

fn refused(error: CreateOrganisationError) -> Failure {
    match error {
        CreateOrganisationError::Invalid(errors) => {
            let mut text = "The organisation wasn't added:".to_owned();
            for error in errors {
                let option = error.pointer.trim_start_matches('/').replace('_', "-");
                text.push_str(&format!("\n  --{option}: {}", error.detail));
            }
            Failure::refused(text)
        }
        CreateOrganisationError::KeyReused(error) => Failure::refused(sentence(&error)),
        CreateOrganisationError::Store(error) => error.into(),
    }
}
