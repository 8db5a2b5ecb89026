//! `peerbench compare`: where one stands among one's peers, as the service answers it.

use clap::ValueEnum;
use serde_json::Value;

use super::{
    Failure, output,
    remote::Remote,
    report::{LEGEND, List, Page, Summary, techniques},
};
use crate::settings::Settings;

/// More techniques than a matrix has parents.
const ALL: &str = "1000";

/// Arguments of `peerbench compare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The peers, such as `sector:finance` or `sector:finance~region:europe`. All by default.
    #[arg(long)]
    cohort: Option<String>,
    /// The techniques of one tactic, such as `execution`, instead of the summary.
    #[arg(long)]
    tactic: Option<String>,
    /// `json` and `csv` are as the service answers; `csv` is the list of techniques, of all tactics by default.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How a comparison is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Csv,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let remote = Remote::sign_in(settings)?;
    let path = path(args);
    match args.format {
        Format::Csv => output::text(&remote.text(&path)?),
        Format::Json => output::json(&remote.get::<Value>(&path)?),
        Format::Text if args.tactic.is_some() => output::text(&list(&remote.get(&path)?)),
        Format::Text => {
            let summary: Summary = remote.get(&path)?;
            output::text(&Page { name: "Your organisation".to_owned(), summary }.to_string())
        }
    }
}

/// What is asked for, by the API's path.
fn path(args: &Args) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(cohort) = &args.cohort {
        query.append_pair("cohort", cohort);
    }
    if args.tactic.is_none() && args.format != Format::Csv {
        return format!("/v1/comparisons/summary?{}", query.finish()).trim_end_matches('?').to_owned();
    }
    query.append_pair("limit", ALL);
    if let Some(tactic) = &args.tactic {
        query.append_pair("tactic", tactic);
    }
    if args.format == Format::Csv {
        query.append_pair("format", "csv");
    }
    format!("/v1/comparisons/techniques?{}", query.finish())
}

fn list(list: &List) -> String {
    let List { release, cohort, items } = list;
    let day = release.cut_off.get(..10).unwrap_or(&release.cut_off);
    let head = format!(
        "Your techniques, compared with {cohort}\nRelease {} of {day}, ATT&CK {}\n\n",
        release.number, release.attack
    );
    if items.is_empty() {
        return format!("{head}No technique is in this list.\n");
    }
    format!("{head}{}\n{LEGEND}\n", techniques(items))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn options_become_the_apis_parameters() {
        let cases: [(&[&str], &str); 4] = [
            (&[], "/v1/comparisons/summary"),
            (
                &["--cohort", "sector:finance", "--format", "json"],
                "/v1/comparisons/summary?cohort=sector%3Afinance",
            ),
            (&["--tactic", "execution"], "/v1/comparisons/techniques?limit=1000&tactic=execution"),
            (&["--format", "csv"], "/v1/comparisons/techniques?limit=1000&format=csv"),
        ];
        for (options, expected) in cases {
            let args = Command::parse_from([&["compare"], options].concat()).args;
            assert_eq!(path(&args), expected, "{options:?}");
        }
    }

    #[test]
    fn a_tactics_techniques_are_a_table() {
        let answer = json!({
            "release": {"number": 1, "cut_off": "2026-11-02T10:00:00Z", "attack": "19.0"}, "cohort": "all",
            "items": [{"technique": "T1059", "name": "Command and Scripting Interpreter", "own": {"score": 29},
                "peers": {"status": "released", "cohort": "all", "column": "any", "members": "50-99",
                          "coverage": "most", "p25": 20, "p50": 45, "p75": 70}}]
        });
        let text = list(&serde_json::from_value(answer).unwrap());
        assert!(
            text.starts_with("Your techniques, compared with all\nRelease 1 of 2026-11-02, ATT&CK 19.0\n")
        );
        assert!(text.contains("T1059      Command and Scripting Interpreter   29   20   45   70"), "{text}");
        assert!(text.contains("most of your peers cover it"), "{text}");
    }
}
