//! `peerbench console push`: sends the rows that a console doesn't have yet, once or with each change.

use std::{path::PathBuf, time::Duration};

use serde::Serialize;

use super::{
    rows::{Asked, rows},
    target::{Pushed, console, sumo_api, writable},
};
use crate::{
    cli::{
        Failure, Format,
        output::{self, told},
        remote::Remote,
    },
    connect::{
        console::Console,
        export::sumo_dashboard,
        push::{self, push},
        state::StateFile,
    },
    settings::Settings,
};

/// Times that rows are read again in one run because something was published meanwhile.
const ROUNDS: u32 = 3;

/// Arguments of `peerbench console push`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench console push splunk --state splunk.state --cohort sector:finance"
)]
pub struct Args {
    /// Console to send to. Its address and secrets are settings: see `peerbench config`.
    #[arg(value_enum)]
    pub console: Pushed,
    /// File that remembers what the console has acknowledged. It is created by the first push.
    #[arg(long, value_name = "FILE", required_unless_present = "dashboard")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub asked: Asked,
    /// Keep running, and push whenever a release is published or your coverage changes.
    #[arg(long)]
    pub watch: bool,
    /// Seconds between two looks with `--watch`.
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub every: u64,
    /// Replace Sumo Logic's lookup table instead of sending logs.
    #[arg(long, conflicts_with = "dashboard")]
    pub lookup: bool,
    /// Import Sumo Logic's dashboard, and send no rows.
    #[arg(long, conflicts_with_all = ["watch", "state"])]
    pub dashboard: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The outcome of a push.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report(pub push::Pushed);

impl output::Report for Report {
    fn text(&self) -> String {
        let push::Pushed { console, release, as_of, rows, sent, removed, notes } = &self.0;
        let state = format!("release {release}, your values as of {}", told(*as_of));
        let mut text = match (sent, removed) {
            (0, 0) => format!("{console} has all {rows} rows ({state}). Nothing was sent.\n"),
            (sent, 0) => format!("Sent {sent} of {rows} rows to {console} ({state}).\n"),
            (sent, removed) => {
                format!("Sent {sent} of {rows} rows to {console} and removed {removed} ({state}).\n")
            }
        };
        for note in notes {
            text.push_str(note);
            text.push('\n');
        }
        text
    }
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    if (args.lookup || args.dashboard) && args.console != Pushed::Sumo {
        return Err(Failure::usage("`--lookup` and `--dashboard` are for Sumo Logic. Nothing was sent."));
    }
    if args.dashboard {
        sumo_api(settings)?.import_dashboard(sumo_dashboard()?)?;
        return output::text(
            "Sumo Logic has imported the dashboard into the folder of the access key's owner.\n",
        );
    }
    let path =
        args.state.as_deref().ok_or_else(|| Failure::usage("Name the state file with `--state FILE`."))?;
    writable(path)?;
    let mut console = console(args.console, args.lookup, settings)?;
    let target = format!("{} {}", console.target(), args.asked.told());
    let mut state = StateFile::open(path, args.console.name(), &target)?;
    loop {
        match once(console.as_mut(), &mut state, &args.asked, settings) {
            Ok(reports) => reports.iter().try_for_each(|report| output::print(report, args.format))?,
            // A console that is down for a day is tried again, and so is a service; the rest needs somebody.
            Err(Failure::Remote(why)) if args.watch => eprintln!("{}", output::for_terminal(&why)),
            Err(failure) => return Err(failure),
        }
        if !args.watch {
            return Ok(());
        }
        std::thread::sleep(Duration::from_secs(args.every));
    }
}

/// Pushes until the console has what the service has.
fn once(
    console: &mut dyn Console,
    state: &mut StateFile,
    asked: &Asked,
    settings: &Settings,
) -> Result<Vec<Report>, Failure> {
    let mut reports: Vec<Report> = Vec::new();
    for _ in 0..ROUNDS {
        // A token lasts for minutes, and a watch for months.
        let rows = rows(&Remote::sign_in(settings)?, asked)?;
        let now = rows.first().map(|row| (row.release, row.as_of));
        if !reports.is_empty() && state.last() == now {
            break;
        }
        let pushed = push(console, state, &rows)?;
        let sent = pushed.sent > 0;
        reports.push(Report(pushed));
        if !sent {
            break;
        }
    }
    Ok(reports)
}
