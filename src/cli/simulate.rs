//! `peerbench simulate`: what communities of given sizes would see under each preset, before one begins.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{
    Failure, Format,
    failure::sentence,
    output::{self, Report},
    progress::Progress,
};
use crate::{
    app::simulate::{MEASURES, SimulateError, Simulation, kinds, simulate},
    domain::{
        calendar::Month,
        release::{Parameters, Preset},
    },
    environment::{Clock as _, SystemClock},
};

/// Arguments of `peerbench simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench simulate --members 120 --preset default")]
pub struct Args {
    /// Number of members; repeat it for several sizes.
    #[arg(long, default_values_t = [34, 120, 400, 2000], value_parser = clap::value_parser!(u32).range(1..=200_000))]
    members: Vec<u32>,
    /// Privacy preset; repeat it for several. Default: all presets.
    #[arg(long)]
    preset: Vec<Preset>,
    /// Seed of the community; equal seeds give equal communities.
    #[arg(long, default_value_t = 2_026)]
    seed: u64,
    /// Current month, from which the age of snapshots is counted. Default: this month.
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<Month>,
    /// Output format; `text` is Markdown.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let month = args.month.or_else(|| Month::of(SystemClock.now()));
    let month = month.ok_or_else(|| Failure::usage("This computer's clock is far from the present."))?;
    let presets = if args.preset.is_empty() { Preset::ALL.to_vec() } else { args.preset.clone() };
    let runs: Vec<(u32, Preset)> =
        args.members.iter().flat_map(|members| presets.iter().map(|preset| (*members, *preset))).collect();
    let mut progress = Progress::start("Simulating", runs.len());
    let mut results = Vec::new();
    for (members, preset) in runs {
        let result = match simulate(members, args.seed, month, &Parameters::preset(preset)) {
            Ok(simulation) => Ok(simulation),
            Err(SimulateError::Rules(refused)) => Err(sentence(&refused)),
            Err(other) => return Err(Failure::remote(sentence(&other))),
        };
        results.push((members, preset, result));
        progress.step();
    }
    progress.finish("done.");
    output::print(&Results(results), args.format)
}

struct Results(Vec<Run>);

impl Serialize for Results {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(document))
    }
}

impl Report for Results {
    fn text(&self) -> String {
        self.0.iter().map(section).collect()
    }
}

type Run = (u32, Preset, Result<Simulation, String>);

fn document((members, preset, result): &Run) -> Value {
    let Ok(simulation) = result else {
        return json!({"members": members, "preset": preset.name(), "refused": result.as_ref().err()});
    };
    let kinds = kinds();
    let cohorts: serde_json::Map<String, Value> = simulation
        .cohorts
        .iter()
        .filter_map(|(kind, count)| Some(((*kinds.get(*kind)?).to_owned(), json!(count))))
        .collect();
    let tallies: Vec<Value> = simulation
        .tallies
        .iter()
        .map(|((measure, kind), tally)| {
            json!({"measure": MEASURES.get(*measure), "cohorts": kinds.get(*kind), "released": tally.released,
                "informative": tally.informative})
        })
        .collect();
    json!({"members": members, "preset": preset.name(), "contributors": simulation.contributors, "cohorts": cohorts,
        "cells": tallies, "technologies": simulation.technologies, "median_gaps": simulation.gaps,
        "with_sector_percent": simulation.with_sector})
}

/// One community under one preset, as Markdown.
fn section((members, preset, result): &Run) -> String {
    let title = format!("## {members} members, `{}`\n\n", preset.name());
    let simulation = match result {
        Ok(simulation) => simulation,
        Err(refused) => return format!("{title}Nothing is released: {refused}\n\n"),
    };
    let kinds: Vec<(usize, &str)> =
        kinds().into_iter().enumerate().filter(|(kind, _)| simulation.cohorts.contains_key(kind)).collect();
    let heading: String = kinds
        .iter()
        .map(|(kind, name)| {
            let count = simulation.cohorts.get(kind).copied().unwrap_or_default();
            if *kind == 0 { format!(" {name} |") } else { format!(" {name} ({count}) |") }
        })
        .collect();
    let rows: String = MEASURES
        .into_iter()
        .enumerate()
        .map(|(measure, name)| {
            let cells = kinds.iter().map(|(kind, _)| {
                let tally = simulation.tallies.get(&(measure, *kind)).copied().unwrap_or_default();
                format!(" {} of {} |", tally.informative, tally.released)
            });
            format!("| {name} |{}\n", cells.collect::<String>())
        })
        .collect();
    format!(
        "{title}| informative of released |{heading}\n|---|{}\n{rows}\n{} contributors. Technologies that say something \
         in `all`: {}. Techniques that half of the peers cover and the median member does not: {}. Members whose \
         sector is released: {}%.\n\n",
        "---|".repeat(kinds.len()),
        simulation.contributors,
        simulation.technologies,
        simulation.gaps,
        simulation.with_sector,
    )
}
