//! `peerbench what-if`: a member's comparison before and after changes.

use std::path::PathBuf;

use serde_json::Value;

use super::{
    Failure,
    ask::{Form, Peers, Question, print_answer},
    remote::Remote,
    snapshot::snapshot_of,
};
use crate::{
    report::text::WhatIfText,
    settings::Settings,
    wire::what_if::{AddedRules, Request},
};

/// Arguments of `peerbench what-if`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench what-if --add T1190:microsoft.windows:2 --cohort sector:finance"
)]
pub struct Args {
    /// Rules to add: technique, technology and number, such as T1190:microsoft.windows:2. One rule if the number is omitted.
    /// Several are separated by commas, here and below.
    #[arg(long, value_name = "TECHNIQUE:TECHNOLOGY[:RULES]", value_parser = addition, value_delimiter = ',')]
    add: Vec<AddedRules>,
    /// Technology that you would no longer have.
    #[arg(long, value_name = "TECHNOLOGY", value_delimiter = ',')]
    remove_technology: Vec<String>,
    /// Technology that you would have, without any rule yet.
    #[arg(long, value_name = "TECHNOLOGY", value_delimiter = ',')]
    add_technology: Vec<String>,
    /// Snapshot to add as a whole, such as a vendor's content.
    #[arg(long, value_name = "FILE")]
    snapshot: Vec<PathBuf>,
    #[command(flatten)]
    peers: Peers,
    /// Number of the release. The latest if omitted.
    #[arg(long)]
    release: Option<u32>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

fn addition(text: &str) -> Result<AddedRules, String> {
    let mut parts = text.splitn(3, ':');
    let (Some(technique), Some(technology)) = (parts.next(), parts.next()) else {
        return Err("expected a technique and a technology, as in T1190:microsoft.windows".to_owned());
    };
    let count = match parts.next() {
        None => 1,
        Some(rules) => rules.parse().map_err(|_| format!("{rules} isn't a number of rules"))?,
    };
    Ok(AddedRules { technique: technique.to_ascii_uppercase(), technology: technology.to_owned(), count })
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let snapshots = args
        .snapshot
        .iter()
        .map(|path| serde_json::from_str::<Value>(&snapshot_of(path)?).map_err(Failure::remote));
    let request = Request {
        add: args.add.clone(),
        remove_technology: args.remove_technology.clone(),
        add_technology: args.add_technology.clone(),
        snapshots: snapshots.collect::<Result<_, _>>()?,
    };
    let question = Question::new("/v1/comparisons/what-if").among(&args.peers).with("release", args.release);
    let question = question.in_form(args.format);
    let answer = Remote::sign_in(settings)?.send_json("POST", &question.finish(), &request)?;
    print_answer::<WhatIfText>(&answer, args.format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_name_technique_technology_and_rules() {
        let read = |text| addition(text).map(|added| (added.technique, added.technology, added.count));
        let windows = || ("T1190".to_owned(), "microsoft.windows".to_owned());
        assert_eq!(read("T1190:microsoft.windows"), Ok((windows().0, windows().1, 1)));
        assert_eq!(read("T1190:microsoft.windows:3"), Ok((windows().0, windows().1, 3)));
        assert!(read("T1190").is_err() && read("T1190:microsoft.windows:many").is_err());
    }
}
