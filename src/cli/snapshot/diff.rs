//! `peerbench snapshot diff`: the cells that differ between two snapshots.

use std::fmt;

use serde::Deserialize;

use super::told::id;
use crate::{
    cli::{
        Failure,
        ask::{self, Form, Question},
        remote::Remote,
    },
    domain::snapshot::SnapshotId,
    report::{
        table::{Align, Table},
        text::fitted,
    },
    settings::Settings,
    wire::snapshot::{CellContent, SnapshotDiff, SnapshotSummary},
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
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let path = Question::new(format!("/v1/snapshots/{}/diff/{}", args.before, args.after));
    ask::print::<DiffText>(&Remote::sign_in(settings)?, &path.in_form(args.format).finish(), args.format)
}

/// The difference as text.
#[derive(Deserialize)]
#[serde(transparent)]
struct DiffText(SnapshotDiff);

impl fmt::Display for DiffText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SnapshotDiff { before, after, added, removed, changed, unchanged } = &self.0;
        let of = |snapshot: &SnapshotSummary| {
            let SnapshotSummary { id, producer, basis, .. } = snapshot;
            format!("{id} ({}, {basis}, {})", producer.named(), snapshot.day())
        };
        let mut table = Table::new(&[
            ("", Align::Left),
            ("technique", Align::Whole),
            ("technology", Align::Whole),
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
        let table = fitted(&table, f);
        write!(
            f,
            "From {}\nto   {}{feeds}{scales}\n\n{} added, {} removed, {} changed, {unchanged} unchanged\n\n{table}",
            of(before),
            of(after),
            added.len(),
            removed.len(),
            changed.len(),
        )
    }
}

/// The content of a cell, or a dash where the snapshot doesn't have it.
fn said(content: Option<&CellContent>) -> String {
    content.map_or_else(|| "-".to_owned(), |content| content.to_string().replace('_', " "))
}
