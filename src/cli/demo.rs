//! `peerbench demo`: a community to look at, in one command.

mod database;
mod handout;
mod member;
pub mod rules;
mod seed;
mod welcome;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::TimeDelta;

use super::{
    Failure, Format,
    app::parts,
    failure::sentence,
    output::{self, counted, grouped},
    progress::Progress,
    serve::{options, start_log},
};
use crate::{
    app::{
        App, Caller, Member, Parts,
        compare::{CompareError, Query, gaps::GapQuery},
        create_client::{NewClient, create_named_client},
        publish_release::{PublishError, publish_release},
        published::read_tables,
        read_changes::{ChangesQuery, read_changes},
        read_comparison::{ReadComparisonError, read_fewest_changes, read_summary},
        read_gaps::read_gaps,
        read_paths::{Paths, PathsQuery, read_paths},
    },
    domain::{
        access::Scope,
        attack::Catalogues,
        cohort::Cohort,
        comparison::{Measure, Target},
        dimension::Dimension,
        organisation::Organisation,
        snapshot::Basis,
        technology,
    },
    environment::{Clock, FixedClock, SystemClock},
    http::server::{self, Started},
    report::text::{CloseFirst, FewestShort, Page},
    settings::Settings,
    store::{self, release::Release},
    wire::{ChangesAnswer, ComparisonSummary, PathsAnswer, gap::Gaps, what_if::FewestChanges},
};

/// Rules to try, where the demo runs in the project's folder.
const EXAMPLE: &str = "examples/rules/sigma";

/// Arguments of `peerbench demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench demo --once examples/rules/sigma")]
pub struct Args {
    /// Number of organisations in the synthetic community.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    organisations: u32,
    /// Port of the API on this computer; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Directory for the demo's database and keys. Replaces the database of an earlier demo. Default: `peerbench-data`.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Exit after printing the comparison; don't serve the API.
    #[arg(long)]
    once: bool,
    /// Output format. `json` prints the summary comparison only.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Your own rule exports, a file or folder each. Default: the bundled examples.
    paths: Vec<PathBuf>,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let mut settings = settings.clone();
    settings.general.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    if let Some(data_dir) = &args.data_dir {
        settings.general.data_dir.clone_from(data_dir);
    }
    if !args.once {
        free(settings.general.listen)?;
    }
    let now = SystemClock.now();
    let clock = Arc::new(FixedClock::at(seed::beginning(now)));
    let feeds = feeds(&args.paths, clock.as_ref())?;

    let db = database::open(&settings)?;
    // The same database and keys under another clock: the community began a while ago.
    let then = App::new(Parts { clock: Arc::<FixedClock>::clone(&clock), ..parts(&settings, db.clone())? })?;
    let seeded = seed::seed(&then, &clock, &feeds, args.organisations)?;
    let member = seeded.member.clone();
    // The first release was a month ago. Since then some have improved.
    clock.advance(TimeDelta::days(seed::FIRST_RELEASE_AFTER_DAYS));
    let first = publish(&then, "first")?;
    let app = App::new(parts(&settings, db)?)?;
    let improved = seed::improve(&app, &seeded, &feeds, seed::month(now)?)?;
    let second = publish(&app, "second")?;
    eprintln!("{}", kept(&app, second.number, improved)?);

    let sector = member.profile.dimensions.get(Dimension::SECTOR).cloned();
    let cohort = sector.map_or(Cohort::All, |sector| Cohort::One(Dimension::SECTOR, sector));
    let reader = Member { client: Caller::console().client, organisation: member.id.clone() };
    let query = Query { cohort: cohort.clone(), ..Query::default() };
    let summary =
        read_summary(&app, &reader, &query, None).map_err(|error| Failure::remote(sentence(&error)))?;
    // What is printed is what the API answers.
    let page = Page { name: member.name.clone(), summary: ComparisonSummary::from(&summary) };
    match args.format {
        Format::Json => output::json(&page)?,
        Format::Text => {
            output::page(&page)?;
            output::text(&next_steps(&app, &reader, &query)?)?;
            more(&app, &reader, &cohort, first.number)?;
            output::text(&handout::write(&app, &reader, &cohort, &settings.general.data_dir)?)?;
        }
    }
    if args.once { Ok(()) } else { serve(app, &settings, &member, &cohort) }
}

/// Changes that are shown.
const CHANGES: usize = 8;
/// The path that is shown.
const PATH: &str = "phishing-to-lateral-movement";

/// Prints what changed since the first release, and one attack path.
fn more(app: &App, reader: &Member, cohort: &Cohort, since: u32) -> Result<(), Failure> {
    let (basis, cohort) = (Basis::Deployed, cohort.clone());
    let (kinds, limit, cursor) = (Vec::new(), CHANGES, None);
    let query = ChangesQuery { since, cohort: cohort.clone(), basis, kinds, limit, cursor };
    let changes = read_changes(app, reader, &query).map_err(|error| Failure::remote(sentence(&error)))?;
    output::text("\n")?;
    output::page(&ChangesAnswer::from(&changes))?;
    output::text("\n")?;
    let query = PathsQuery { paths: Paths::Named(PATH.to_owned()), cohort, basis, release: None };
    let paths = read_paths(app, reader, &query).map_err(|error| Failure::remote(sentence(&error)))?;
    output::page(&PathsAnswer::from(&paths))
}

/// The log of the demo's service, in its folder: its lines would push the credentials off the screen.
const LOG: &str = "demo.log";

/// Number of gaps that the demo shows.
const GAPS: usize = 3;

/// The gaps to close first, and the fewest changes to the median.
fn next_steps(app: &App, reader: &Member, query: &Query) -> Result<String, Failure> {
    let failed = |error: ReadComparisonError| Failure::remote(sentence(&error));
    let asked = GapQuery { base: Query { limit: GAPS, ..query.clone() }, ..GapQuery::default() };
    let gaps = read_gaps(app, reader, &asked, None).map_err(failed)?;
    let mut text = format!("\n{}\n", CloseFirst(Gaps::from(&gaps)));
    let asked = (&Measure::Overall, Target::P50);
    match read_fewest_changes(app, reader, query, None, asked) {
        Ok(fewest) => {
            let fewest = FewestChanges::from(&fewest);
            text.push_str(&format!("The fewest changes to the median\n{}", FewestShort(&fewest)));
        }
        Err(ReadComparisonError::Compare(CompareError::NoTarget(_))) => {}
        Err(error) => return Err(failed(error)),
    }
    Ok(text)
}

/// Refuses a port that is taken before the work starts.
fn free(address: SocketAddr) -> Result<(), Failure> {
    TcpListener::bind(address).map(drop).map_err(|error| {
        Failure::remote(format!("Can't listen on {address}: {error}. Choose another port with --port."))
    })
}

/// The member's feeds, of the month in which the community began.
fn feeds(paths: &[PathBuf], clock: &dyn Clock) -> Result<Vec<member::Feed>, Failure> {
    let catalogues = Catalogues::bundled();
    let (registry, period) = (technology::bundled(), seed::month(clock.now())?);
    let feeds = member::feeds(paths, member::Facts { catalogues: &catalogues, registry, period })?;
    for feed in &feeds {
        eprintln!("{feed}");
    }
    Ok(feeds)
}

/// Publishes a release.
fn publish(app: &App, which: &str) -> Result<Release, Failure> {
    let progress = Progress::start(&format!("Publishing the {which} release"), 0);
    match publish_release(app, &Caller::console().client, None) {
        Ok(release) => {
            progress.finish(&format!("done, in ATT&CK {}.", release.attack));
            Ok(release)
        }
        Err(error) => {
            progress.finish("stopped.");
            let text = format!("{} Ask for a larger community with --organisations.", sentence(&error));
            Err(match error {
                PublishError::Rules(_) => Failure::refused(text),
                _ => Failure::remote(sentence(&error)),
            })
        }
    }
}

/// Says how much of a release is unchanged.
fn kept(app: &App, number: u32, improved: usize) -> Result<String, Failure> {
    let tables = app.db.read(|conn| store::release::tables(conn, number))?;
    let (mut rows, mut same) = (0_usize, 0_usize);
    for table in read_tables(&tables).map_err(Failure::remote)? {
        rows += table.rows.len();
        same +=
            table.rows.iter().filter(|(_, row)| row.same_since.is_none_or(|since| since < number)).count();
    }
    Ok(format!(
        "{} uploaded again between the releases. {} of {} published rows are unchanged, because a row changes only after \
         at least {} of the members behind it changed.",
        counted(improved, "member", "members"),
        grouped(same),
        grouped(rows),
        app.parameters.m
    ))
}

/// Serves until Ctrl-C, with credentials that were made for this run.
fn serve(app: App, settings: &Settings, member: &Organisation, cohort: &Cohort) -> Result<(), Failure> {
    let log = settings.general.data_dir.join(LOG);
    start_log(&settings.log, Some(&log))?;
    let client = |organisation, name: &str, scopes| {
        let new = NewClient { name: name.to_owned(), scopes, expires_at: None };
        create_named_client(&app, &Caller::console(), organisation, new, None)
            .map_err(|error| Failure::remote(sentence(&error)))
    };
    let of_member = client(Some(&member.id), "demo", None)?;
    let of_console = client(Some(&member.id), "console", Some(vec![Scope::ComparisonsRead]))?;
    let of_operator = client(None, "demo", None)?;
    let announce = |started: &Started| {
        let base = format!("http://{}", started.api);
        let program = std::env::args().next().unwrap_or_else(|| "peerbench".to_owned());
        let rules = if Path::new(EXAMPLE).is_dir() { EXAMPLE } else { "YOUR-RULES" };
        // Without the link the credentials are as good.
        let (id, secret) = welcome::credentials(&of_member);
        let page = started.invite(id, secret).map_or_else(|_| base.clone(), |path| format!("{base}{path}"));
        let text = welcome::text(
            &program,
            (&base, &page),
            cohort,
            (&member.name, &of_member),
            &of_console,
            &of_operator,
            (rules, &log.display().to_string()),
        );
        // Whoever started the demo may have closed its output; that is no reason not to serve.
        let _ = output::text(&text);
    };
    server::serve(Arc::new(app), &options(settings), announce)?;
    Ok(())
}
