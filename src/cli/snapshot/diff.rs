//! `peerbench snapshot diff`: the cells that differ between two snapshots.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::told::id;
use crate::{
    cli::{
        Failure, Format,
        output::{self, Report},
        remote::Remote,
    },
    domain::snapshot::SnapshotId,
    report::table::{Align, Table},
    settings::Settings,
    wire::snapshot::SnapshotSummary,
};

/// Arguments of `peerbench snapshot diff`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench snapshot diff 01a20bd7-6820-7085-91c7-d703078d34cd 01a22096-5c0e-7f46-b514-de9275581b04"
)]
pub struct Args {
    /// ID of the first snapshot: see `snapshot list`.
    #[arg(value_parser = id)]
    before: SnapshotId,
    /// ID of the second snapshot.
    #[arg(value_parser = id)]
    after: SnapshotId,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let path = format!("/v1/snapshots/{}/diff/{}", args.before, args.after);
    let diff: Diff = Remote::sign_in(settings)?.get(&path)?;
    output::print(&diff, args.format)
}

#[derive(Serialize, Deserialize)]
struct Diff {
    before: SnapshotSummary,
    after: SnapshotSummary,
    added: Vec<Change>,
    removed: Vec<Change>,
    changed: Vec<Change>,
    unchanged: usize,
}

#[derive(Serialize, Deserialize)]
struct Change {
    technique: String,
    technology: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

impl Report for Diff {
    fn text(&self) -> String {
        let Self { before, after, added, removed, changed, unchanged } = self;
        let of = |snapshot: &SnapshotSummary| {
            let SnapshotSummary { id, producer, basis, .. } = snapshot;
            format!("{id} ({}, {basis}, {})", producer.named(), snapshot.day())
        };
        let mut table = Table::new(&[
            ("", Align::Left),
            ("technique", Align::Left),
            ("technology", Align::Left),
            ("before", Align::Right),
            ("after", Align::Right),
        ]);
        for (sign, changes) in [("+", added), ("-", removed), ("~", changed)] {
            for change in changes {
                table.row(vec![
                    sign.to_owned(),
                    change.technique.clone(),
                    change.technology.clone(),
                    said(change.before.as_ref()),
                    said(change.after.as_ref()),
                ]);
            }
        }
        let is_one_feed = (&before.producer.source, before.producer.feed, &before.basis)
            == (&after.producer.source, after.producer.feed, &after.basis);
        let feeds = match is_one_feed {
            true => "",
            false => {
                "\nThese are different feeds, which count beside each other: neither takes the other's place."
            }
        };
        let scales = match before.scale == after.scale && before.attack.version == after.attack.version {
            true => "",
            false => "\nThe scales or the ATT&CK versions differ, so values and IDs can mean something else.",
        };
        format!(
            "From {}\nto   {}{feeds}{scales}\n\n{} added, {} removed, {} changed, {unchanged} unchanged\n\n{table}",
            of(before),
            of(after),
            added.len(),
            removed.len(),
            changed.len(),
        )
    }
}

/// The content of a cell: its value, a number or a word, or that it isn't assessed.
fn said(content: Option<&Value>) -> String {
    match content {
        None => "-".to_owned(),
        Some(Value::Object(_)) => "not assessed".to_owned(),
        Some(Value::String(word)) => word.clone(),
        Some(value) => value.to_string(),
    }
}
