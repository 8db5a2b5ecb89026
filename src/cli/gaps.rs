//! `peerbench gaps`: the techniques that peers cover and a member doesn't, and the member's own book of them.

use std::collections::BTreeMap;

use clap::{Subcommand, builder::PossibleValuesParser};
use serde_json::json;

use super::{
    Failure, Format,
    ask::{self, Form, Peers, Question},
    output,
    remote::{Remote, escaped, typed},
};
use crate::{
    app::compare::gaps::GapSort,
    domain::{
        attack::Platform,
        comparison::{AcceptedReason, Feasibility, GapStatus, Place, Word},
        technology::Family,
    },
    report::text::{self, BookText, GapList},
    settings::Settings,
    wire::gap::Entry,
};

/// Arguments of `peerbench gaps`.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Example:\n  peerbench gaps --cohort sector:finance --feasibility ready"
)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List your book of gaps: what you decided, and what has become of it.
    #[command(after_help = "Example:\n  peerbench gaps book --cohort sector:finance")]
    Book {
        #[command(flatten)]
        peers: Peers,
        /// Output format. `json` and `csv` are the service's own answers.
        #[arg(long, value_enum, default_value_t)]
        format: Form,
    },
    /// Write a decision about a gap into your book.
    #[command(after_help = "Example:\n  peerbench gaps set T1190 planned --month 2027-01")]
    Set(Decision),
    /// Take a decision out of your book, as if you had never decided.
    #[command(after_help = "Example:\n  peerbench gaps remove T1190")]
    Remove {
        /// ID of the technique, as `gaps book` shows it.
        technique: String,
    },
}

/// A decision about a gap.
#[derive(Debug, clap::Args)]
struct Decision {
    /// ID of the technique, such as T1190.
    technique: String,
    /// Status: `planned` with --month, `accepted` with --reason and --until, or `open`. A gap closes by itself.
    #[arg(value_parser = PossibleValuesParser::new(["open", "planned", "accepted"]))]
    status: String,
    /// Month in which the gap is to be closed, such as 2027-01.
    #[arg(long)]
    month: Option<String>,
    /// Reason why the gap is left open.
    #[arg(long, value_parser = PossibleValuesParser::new(AcceptedReason::NAMES))]
    reason: Option<String>,
    /// Last month in which the gap is left open, such as 2027-06.
    #[arg(long, value_name = "MONTH")]
    until: Option<String>,
    /// Output format. `json` is the service's own answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The filters of a list of gaps.
#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    peers: Peers,
    /// Number of the release. The latest if omitted.
    #[arg(long)]
    release: Option<u32>,
    /// Column to compare in: `any`, a family or a technology, such as okta.identity.
    #[arg(long)]
    column: Option<String>,
    /// Threat groups whose use of techniques makes the threat: IDs, names or aliases, separated by commas.
    #[arg(long)]
    groups: Option<String>,
    /// Gaps of one tactic, by name, short name or ID.
    #[arg(long)]
    tactic: Option<String>,
    /// Techniques that this technology can see.
    #[arg(long)]
    technology: Option<String>,
    /// Techniques that this family can see.
    #[arg(long, value_parser = PossibleValuesParser::new(Family::NAMES))]
    family: Option<String>,
    /// Techniques of this ATT&CK platform.
    #[arg(long, value_parser = PossibleValuesParser::new(Platform::NAMES), hide_possible_values = true)]
    platform: Option<String>,
    /// Techniques that any of these threat groups uses.
    #[arg(long)]
    group: Option<String>,
    /// Techniques in which your value lies in this band.
    #[arg(long, value_parser = PossibleValuesParser::new(Place::NAMES), hide_possible_values = true)]
    position: Option<String>,
    /// Techniques that this many of your peers cover.
    #[arg(long, value_parser = PossibleValuesParser::new(Word::NAMES))]
    coverage: Option<String>,
    /// Techniques of a set: `all`, `platform:Windows`, `group:G0016`, `groups:G0016,G0032` or `top:50`.
    #[arg(long)]
    set: Option<String>,
    /// Techniques of the set one by one, as IDs.
    #[arg(long, value_delimiter = ',', conflicts_with = "set", value_name = "ID,…")]
    techniques: Vec<String>,
    /// Gaps of this feasibility.
    #[arg(long, value_parser = PossibleValuesParser::new(Feasibility::NAMES))]
    feasibility: Option<String>,
    /// Gaps with this status in your book.
    #[arg(long, value_parser = PossibleValuesParser::new(GapStatus::NAMES))]
    status: Option<String>,
    /// Gaps that are at least this many points behind your peers.
    #[arg(long, value_name = "POINTS")]
    min_distance: Option<u8>,
    /// Order of the gaps.
    #[arg(long, value_parser = PossibleValuesParser::new(GapSort::NAMES))]
    sort: Option<String>,
    /// List sub-techniques instead of parent techniques.
    #[arg(long, alias = "subs")]
    sub_techniques: bool,
    /// Number of gaps to list. 1,000 if omitted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: Option<u32>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let remote = Remote::sign_in(settings)?;
    match &args.command {
        None => list(&args.list, &remote),
        Some(Command::Book { peers, format }) => {
            let question = Question::new("/v1/gaps").among(peers);
            ask::print::<BookText>(&remote, &question.in_form(*format).finish(), *format)
        }
        Some(Command::Remove { technique }) => {
            let technique = technique.to_ascii_uppercase();
            remote.delete(&format!("/v1/gaps/{}", escaped(&technique)))?;
            output::text(&format!("{technique}: out of your book.\n"))
        }
        Some(Command::Set(decision)) => decide(decision, &remote),
    }
}

fn list(list: &List, remote: &Remote) -> Result<(), Failure> {
    let path = path(list);
    if list.techniques.is_empty() {
        return ask::print::<GapList>(remote, &path, list.format);
    }
    let answer = remote.send_json("POST", &path, &json!({ "techniques": list.techniques }))?;
    ask::print_answer::<GapList>(&answer, list.format)
}

/// Returns the path of the API that answers it.
fn path(list: &List) -> String {
    Question::new("/v1/comparisons/gaps")
        .among(&list.peers)
        .with("release", list.release)
        .with("column", list.column.as_ref())
        .with("groups", list.groups.as_ref())
        .with("tactic", list.tactic.as_ref())
        .with("technology", list.technology.as_ref())
        .with("family", list.family.as_ref())
        .with("platform", list.platform.as_ref())
        .with("group", list.group.as_ref())
        .with("position", list.position.as_ref())
        .with("coverage", list.coverage.as_ref())
        .with("set", list.set.as_ref())
        .with("feasibility", list.feasibility.as_ref())
        .with("status", list.status.as_ref())
        .with("min_distance", list.min_distance)
        .with("sort", list.sort.as_ref())
        .with("granularity", list.sub_techniques.then_some("sub"))
        .with("limit", Some(list.limit.unwrap_or(1_000)))
        .in_form(list.format)
        .finish()
}

fn decide(decision: &Decision, remote: &Remote) -> Result<(), Failure> {
    let Decision { technique, status, month, reason, until, format } = decision;
    let members = [("month", month), ("reason", reason), ("until", until)];
    let members = members.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let body: BTreeMap<&str, &String> = members.chain([("status", status)]).collect();
    let answer =
        remote.send_json("PUT", &format!("/v1/gaps/{}", escaped(&technique.to_ascii_uppercase())), &body)?;
    if *format == Format::Json {
        return ask::print_answer::<BookText>(&answer, Form::from(*format));
    }
    let entry: Entry = typed(&answer)?;
    let became = text::status(&entry.state).unwrap_or_else(|| "open".to_owned());
    output::text(&format!("{}: {became}. Only your organisation sees this.\n", entry.technique))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn options_become_the_apis_parameters() {
        let cases: [(&[&str], &str); 3] = [
            (&[], "limit=1000"),
            (
                &[
                    "--cohort",
                    "sector:finance",
                    "--feasibility",
                    "ready",
                    "--min-distance",
                    "5",
                    "--limit",
                    "3",
                ],
                "cohort=sector%3Afinance&feasibility=ready&min_distance=5&limit=3",
            ),
            (
                &["--groups", "APT29", "--set", "top:50", "--sub-techniques", "--format", "csv"],
                "groups=APT29&set=top%3A50&granularity=sub&limit=1000&format=csv",
            ),
        ];
        for (options, expected) in cases {
            let args = Program::parse_from([&["gaps"], options].concat()).args;
            assert_eq!(path(&args.list), format!("/v1/comparisons/gaps?{expected}"), "{options:?}");
        }
    }
}
