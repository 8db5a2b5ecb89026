//! `peerbench report`: a member's report as a file to hand on.

use std::path::PathBuf;

use super::{
    Failure,
    ask::{Peers, Question},
    output, private_file,
    remote::Remote,
};
use crate::{
    settings::Settings,
    wire::choices::{Paper, Poster, ReportForm},
};

/// Arguments of `peerbench report`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench report --cohort sector:finance -o report.pdf")]
pub struct Args {
    #[command(flatten)]
    peers: Peers,
    /// Number of the release. The latest if omitted.
    #[arg(long)]
    release: Option<u32>,
    /// Threat groups to show, and to weigh gaps by: IDs, names or aliases, separated by commas. Without it, those whose
    /// techniques you cover least.
    #[arg(long)]
    groups: Option<String>,
    /// Paper of a PDF: `a4` or `letter`.
    #[arg(long)]
    paper: Option<Paper>,
    /// Drawing of an SVG: `heat_map`, `tactics`, `technologies`, `groups` or `trend`.
    #[arg(long)]
    drawing: Option<Poster>,
    /// File to write. Its name says the format: `.pdf`, `.xlsx`, `.html`, `.md`, `.svg` or `.json`.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let name = args.output.display().to_string();
    let form = ReportForm::of_file(&name).ok_or_else(|| {
        Failure::usage(format!(
            "The name {name} doesn't say the format. Use a name that ends in .pdf, .xlsx, .html, .md, .svg or .json."
        ))
    })?;
    let path = Question::new("/v1/report")
        .among(&args.peers)
        .with("release", args.release)
        .with("groups", args.groups.as_ref())
        .with("paper", args.paper)
        .with("drawing", args.drawing)
        .with("format", Some(form))
        .finish();
    let bytes = Remote::sign_in(settings)?.bytes(&path)?;
    private_file::write(&args.output, &bytes)
        .map_err(|error| Failure::remote(format!("{name} can't be written: {error}.")))?;
    output::text(&format!("Written to {name} ({} bytes).\n", output::grouped(bytes.len())))
}
