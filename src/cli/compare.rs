//! `peerbench compare`: a member's comparison with its peers, as the service answers it, or on this computer alone from a
//! saved release and snapshots that nobody gets.

mod local;

use std::{path::PathBuf, sync::LazyLock};

use clap::{ValueEnum, builder::PossibleValue};
use serde_json::Value;

use super::{
    Failure,
    ask::{Form, Question, not_listed, print},
    output,
    refusal::option,
    remote::Remote,
};
use crate::{
    app::compare::{Filters, List, Query, Sort, misplaced},
    domain::{
        attack::Platform,
        cohort::Cohort,
        column::Column,
        comparison::{Place, TechniqueSet, Word},
        snapshot::Basis,
        technology::Family,
    },
    report::{
        Representation,
        text::{Groups, Lines, Page, Techniques},
    },
    settings::Settings,
    wire::{
        Comparison, ComparisonSummary,
        choices::{LayerOf, ReportForm},
    },
};

/// More rows than a matrix has parents.
const ALL: usize = 1_000;

/// Arguments of `peerbench compare`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  peerbench compare --cohort sector:finance --tactic execution")]
pub struct Args {
    /// Peers to compare with, such as `sector:finance` or `sector:finance~region:europe`. All members if omitted.
    #[arg(long)]
    cohort: Option<Cohort>,
    /// Kind of evidence: `deployed` or `validated`. `deployed` if omitted.
    #[arg(long)]
    basis: Option<Basis>,
    /// Number of the release, the latest if omitted: your peers' values are that release's, your own are always today's. With
    /// --local, the folder that `release verify --download` saved it in.
    #[arg(long, value_name = "NUMBER|DIR")]
    release: Option<String>,
    /// List your techniques instead of printing the summary. Techniques that few of your peers cover are left out: `--coverage
    /// few` lists them.
    #[arg(long)]
    techniques: bool,
    /// List `techniques`, `technologies`, `families`, `tactics`, `groups` or `cells`.
    #[arg(long, conflicts_with = "techniques")]
    list: Option<List>,
    /// Compare techniques in one column: `any`, a family such as `identity`, or a technology such as `okta.identity`.
    #[arg(long)]
    column: Option<Column>,
    /// List the techniques of one tactic, by name, short name or ID, such as `execution` or TA0002.
    #[arg(long)]
    tactic: Option<String>,
    /// List the techniques that one technology can see.
    #[arg(long)]
    technology: Option<String>,
    /// List the techniques that one family can see, such as `endpoint`, or its technologies.
    #[arg(long)]
    family: Option<Family>,
    /// List the techniques of one ATT&CK platform, such as `Windows`.
    #[arg(long)]
    platform: Option<Platform>,
    /// List the techniques of threat groups: IDs, names or aliases, separated by commas.
    #[arg(long)]
    group: Option<String>,
    /// List the rows in which your value lies in one band, such as `below_p25`.
    #[arg(long)]
    position: Option<Place>,
    /// List the techniques that this many of your peers cover: `most`, `half`, `quarter`, `less_than_half` or `few`.
    #[arg(long)]
    coverage: Option<Word>,
    /// List the techniques of a set and count them by your peers' coverage: `all`, `platform:Windows`, `group:G0016`,
    /// `groups:G0016,G0032` or `top:50`.
    #[arg(long)]
    set: Option<TechniqueSet>,
    /// List sub-techniques instead of parent techniques.
    #[arg(long)]
    sub_techniques: bool,
    /// Order: `distance` furthest behind first, `-distance` furthest ahead first, `id`, `own` or `peers`.
    #[arg(long, allow_hyphen_values = true)]
    sort: Option<Sort>,
    /// Number of rows to list. 1,000 if omitted.
    #[arg(long, value_parser = limit)]
    limit: Option<usize>,
    /// Compare these snapshots, one for each feed, on this computer: nothing is sent. Needs --release DIR.
    #[arg(long, value_name = "SNAPSHOT", num_args = 1.., requires = "release")]
    local: Vec<PathBuf>,
    /// The service's public keys, if you got them from somewhere other than the service. With --local.
    #[arg(long, value_name = "FILE", requires = "local")]
    keys: Option<PathBuf>,
    /// Output format. `json` and `csv` are the service's own answers; `csv` always lists techniques or what --list names.
    #[arg(long, value_enum, default_value_t)]
    format: Printed,
    /// Number that a layer shows, with `--format navigator`. `difference` if omitted.
    #[arg(long)]
    layer: Option<LayerOf>,
}

/// The form of a comparison: that of every list, or a layer for the ATT&CK Navigator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Printed {
    Plain(Form),
    Navigator,
}

impl Default for Printed {
    fn default() -> Self {
        Self::Plain(Form::default())
    }
}

impl ValueEnum for Printed {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Printed>> = LazyLock::new(|| {
            let plain = Form::value_variants().iter().copied().map(Printed::Plain);
            plain.chain([Printed::Navigator]).collect()
        });
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Plain(form) => form.to_possible_value(),
            Self::Navigator => Some(PossibleValue::new(ReportForm::Navigator.name())),
        }
    }
}

fn limit(text: &str) -> Result<usize, String> {
    let limit = text.parse().ok().filter(|limit| (1..=ALL).contains(limit));
    limit.ok_or_else(|| format!("expected a number from 1 to {ALL}"))
}

impl Args {
    /// The form of a list.
    fn form(&self) -> Form {
        match self.format {
            Printed::Plain(form) => form,
            Printed::Navigator => Form::default(),
        }
    }

    /// The list that is asked for; `None` for the summary.
    fn list(&self) -> Option<List> {
        let filtered = self.techniques
            || self.column.is_some()
            || self.tactic.is_some()
            || self.technology.is_some()
            || self.family.is_some()
            || self.platform.is_some()
            || self.group.is_some()
            || self.position.is_some()
            || self.coverage.is_some()
            || self.set.is_some()
            || self.sub_techniques
            || self.sort.is_some()
            || self.form().named().is_some();
        self.list.or(filtered.then_some(List::Techniques))
    }

    /// The question as the use cases take it.
    fn query(&self) -> Query {
        let unset = Query::default();
        Query {
            cohort: self.cohort.clone().unwrap_or(unset.cohort),
            basis: self.basis.unwrap_or(unset.basis),
            column: self.column.clone().unwrap_or(unset.column),
            filters: Filters {
                tactic: self.tactic.clone(),
                technology: self.technology.clone(),
                family: self.family,
                platform: self.platform,
                group: self.group.clone(),
                groups: Vec::new(),
                position: self.position,
                coverage: self.coverage,
            },
            set: self.set.clone(),
            sort: self.sort.unwrap_or_default(),
            subs: self.sub_techniques,
            limit: self.limit.unwrap_or(ALL),
            cursor: None,
        }
    }

    /// The number of the release that a service is asked for.
    fn number(&self) -> Result<Option<u32>, Failure> {
        let number = |text: &String| {
            let refused =
                || Failure::usage("--release takes the number of a release, or a folder with --local.");
            text.parse().ok().filter(|number| *number > 0).ok_or_else(refused)
        };
        self.release.as_ref().map(number).transpose()
    }
}

/// Refuses options of something else than what is asked for, which would be ignored.
fn check(args: &Args) -> Result<(), Failure> {
    if args.layer.is_some() && args.format != Printed::Navigator {
        return Err(Failure::usage("--layer belongs to a Navigator layer: add --format navigator."));
    }
    let Some(list) = args.list() else {
        return match args.limit {
            Some(_) => Err(Failure::usage("--limit belongs to a list: add --techniques or --list.")),
            None => Ok(()),
        };
    };
    let misplaced = misplaced(list, &args.query());
    if misplaced.is_empty() {
        return Ok(());
    }
    let named = misplaced.iter().map(|one| {
        let option = option(one.parameter.name());
        format!("--{} {one}.", option.trim_start_matches('-'))
    });
    Err(Failure::usage(named.collect::<Vec<_>>().join("\n")))
}

pub fn run(args: &Args, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    check(args)?;
    let Printed::Plain(form) = args.format else { return layer(args, &settings()?) };
    if !args.local.is_empty() {
        return local(args, form);
    }
    let path = path(args)?;
    let remote = Remote::sign_in(&settings()?)?;
    match (args.list(), form) {
        (Some(List::Techniques), form) => print::<Techniques>(&remote, &path, form),
        (Some(List::Groups), form) => print::<Groups>(&remote, &path, form),
        (Some(_), form) => print::<Lines>(&remote, &path, form),
        (None, Form::Text) => output::page(&page(remote.get(&path)?)),
        (None, Form::As(_)) => output::json(&remote.get::<Value>(&path)?),
    }
}

/// Prints a layer for the ATT&CK Navigator.
fn layer(args: &Args, settings: &Settings) -> Result<(), Failure> {
    if !args.local.is_empty() || args.list().is_some() {
        return Err(Failure::usage(
            "A Navigator layer shows all techniques: leave out --local, lists and filters.",
        ));
    }
    let path = Question::new("/v1/report")
        .with("cohort", args.cohort.as_ref())
        .with("basis", args.basis)
        .with("release", args.number()?)
        .with("layer", args.layer)
        .with("format", Some(ReportForm::Navigator))
        .finish();
    output::text(&format!("{}\n", Remote::sign_in(settings)?.text(&path)?.trim_end()))
}

/// Compares without a service.
fn local(args: &Args, asked: Form) -> Result<(), Failure> {
    let folder = args.release.as_deref().unwrap_or_default();
    let local = local::Local::read(folder.as_ref(), args.keys.as_deref(), &args.local, &args.query())?;
    let Some(list) = args.list() else {
        let summary = local.summary(&args.query())?;
        match asked {
            Form::Text => output::page(&page(summary))?,
            Form::As(_) => output::json(&summary)?,
        }
        note_feeds(args.local.len());
        return Ok(());
    };
    let comparison: Comparison = local.list(list, &args.query())?;
    let hidden = comparison.hidden.clone();
    match (asked, list) {
        (Form::Text, List::Techniques) => output::page(&Techniques(comparison))?,
        (Form::Text, List::Groups) => output::page(&Groups(comparison))?,
        (Form::Text, _) => output::page(&Lines(comparison))?,
        (Form::As(Representation::Json), _) => output::json(&comparison)?,
        (Form::As(form), _) => {
            let bytes = form.write(&comparison).map_err(Failure::remote)?;
            output::text(&String::from_utf8_lossy(&bytes))?;
            not_listed(hidden);
        }
    }
    note_feeds(args.local.len());
    Ok(())
}

/// Says on standard error what the comparison is of: a feed that isn't given looks like rules that aren't there.
fn note_feeds(snapshots: usize) {
    let given = output::counted(snapshots, "snapshot", "snapshots");
    eprintln!(
        "Compared from {given} on this computer. Give one for each of your feeds: what isn't given counts as not covered."
    );
}

fn page(summary: ComparisonSummary) -> Page {
    Page { name: "Your organisation".to_owned(), summary }
}

/// Returns the path of the API that answers it.
fn path(args: &Args) -> Result<String, Failure> {
    let place = match args.list() {
        None => "/v1/comparisons/summary",
        Some(List::Techniques) => "/v1/comparisons/techniques",
        Some(List::Technologies) => "/v1/comparisons/technologies",
        Some(List::Families) => "/v1/comparisons/families",
        Some(List::Tactics) => "/v1/comparisons/tactics",
        Some(List::Groups) => "/v1/comparisons/groups",
        Some(List::Cells) => "/v1/comparisons/cells",
    };
    let asked = Question::new(place).with("cohort", args.cohort.as_ref()).with("basis", args.basis);
    let asked = asked.with("release", args.number()?);
    if args.list().is_none() {
        return Ok(asked.finish());
    }
    let asked = asked.with("limit", Some(args.limit.unwrap_or(ALL))).with("column", args.column.as_ref());
    let asked = asked.with("tactic", args.tactic.as_ref()).with("technology", args.technology.as_ref());
    let asked = asked.with("family", args.family).with("platform", args.platform);
    let asked = asked.with("group", args.group.as_ref()).with("position", args.position);
    let asked = asked.with("set", args.set.as_ref()).with("coverage", args.coverage);
    let asked = asked.with("granularity", args.sub_techniques.then_some("sub"));
    Ok(asked.with("sort", args.sort).in_form(args.form()).finish())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn options_become_the_apis_parameters() {
        let cases: [(&[&str], &str); 10] = [
            (&[], "/v1/comparisons/summary"),
            (
                &["--cohort", "sector:finance", "--format", "json"],
                "/v1/comparisons/summary?cohort=sector%3Afinance",
            ),
            (&["--tactic", "execution"], "/v1/comparisons/techniques?limit=1000&tactic=execution"),
            (&["--techniques"], "/v1/comparisons/techniques?limit=1000"),
            (&["--coverage", "few"], "/v1/comparisons/techniques?limit=1000&coverage=few"),
            (&["--set", "top:50"], "/v1/comparisons/techniques?limit=1000&set=top%3A50"),
            (&["--format", "csv"], "/v1/comparisons/techniques?limit=1000&format=csv"),
            (
                &["--release", "2", "--basis", "validated"],
                "/v1/comparisons/summary?basis=validated&release=2",
            ),
            (
                &["--list", "cells", "--family", "endpoint", "--sort", "-distance", "--limit", "5"],
                "/v1/comparisons/cells?limit=5&family=endpoint&sort=-distance",
            ),
            (
                &[
                    "--column",
                    "okta.identity",
                    "--sub-techniques",
                    "--group",
                    "APT29,G0102",
                    "--platform",
                    "Windows",
                ],
                "/v1/comparisons/techniques?limit=1000&column=okta.identity&platform=Windows&group=APT29%2CG0102&granularity=sub",
            ),
        ];
        for (options, expected) in cases {
            let args = Command::parse_from([&["compare"], options].concat()).args;
            assert_eq!(path(&args).unwrap(), expected, "{options:?}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused_by_the_command() {
        for options in
            [&["--limit", "0"][..], &["--column", "nothing"], &["--local", "a.json"], &["--sort", "best"]]
        {
            assert!(Command::try_parse_from([&["compare"], options].concat()).is_err(), "{options:?}");
        }
        let args = Command::parse_from(["compare", "--release", "saved"]).args;
        assert!(path(&args).is_err());
    }
}
