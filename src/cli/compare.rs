//! `peerbench compare`: a member's comparison with its peers, as the service answers it.

use std::sync::LazyLock;

use clap::{
    ValueEnum,
    builder::{PossibleValue, PossibleValuesParser},
};
use serde_json::Value;

use super::{Failure, output, remote::Remote};
use crate::{
    domain::comparison::Word,
    report::{
        Representation,
        text::{Page, Techniques},
    },
    settings::Settings,
};

/// More techniques than a matrix has parents.
const ALL: &str = "1000";

/// Arguments of `peerbench compare`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench compare --cohort sector:finance --tactic execution")]
pub struct Args {
    /// Peers to compare with, such as `sector:finance` or `sector:finance~region:europe`. All members if omitted.
    #[arg(long)]
    cohort: Option<String>,
    /// List your techniques instead of printing the summary. Techniques that few of your peers cover are left out.
    #[arg(long)]
    techniques: bool,
    /// List the techniques of one tactic, by name, short name or ID, such as `execution` or TA0002.
    #[arg(long)]
    tactic: Option<String>,
    /// List the techniques that this many of your peers cover.
    #[arg(long, value_parser = PossibleValuesParser::new(Word::NAMES))]
    coverage: Option<String>,
    /// Output format. `json` and `csv` are the service's own answers; `csv` always lists techniques.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    fn is_list(&self) -> bool {
        self.techniques
            || self.tactic.is_some()
            || self.coverage.is_some()
            || self.format.of_a_list().is_some()
    }
}

/// The output format of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Format {
    #[default]
    Text,
    /// As the service answers.
    As(Representation),
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Format>> =
            LazyLock::new(|| [Format::Text].into_iter().chain(Representation::ALL.map(Format::As)).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Text => "text",
            Self::As(form) => form.name(),
        }))
    }
}

impl Format {
    /// Returns the form that the service is asked for by name: only lists have others than JSON.
    fn of_a_list(self) -> Option<Representation> {
        match self {
            Self::Text | Self::As(Representation::Json) => None,
            Self::As(form) => Some(form),
        }
    }
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let remote = Remote::sign_in(settings)?;
    let path = path(args);
    match args.format {
        Format::As(Representation::Json) => output::json(&remote.get::<Value>(&path)?),
        Format::As(_) => output::text(&remote.text(&path)?),
        Format::Text if args.is_list() => output::text(&Techniques(remote.get(&path)?).to_string()),
        Format::Text => {
            let page = Page { name: "Your organisation".to_owned(), summary: remote.get(&path)? };
            output::text(&page.to_string())
        }
    }
}

/// Returns the path of the API that answers it.
fn path(args: &Args) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(cohort) = &args.cohort {
        query.append_pair("cohort", cohort);
    }
    if !args.is_list() {
        return format!("/v1/comparisons/summary?{}", query.finish()).trim_end_matches('?').to_owned();
    }
    query.append_pair("limit", ALL);
    if let Some(tactic) = &args.tactic {
        query.append_pair("tactic", tactic);
    }
    if let Some(coverage) = &args.coverage {
        query.append_pair("coverage", coverage);
    }
    if let Some(form) = args.format.of_a_list() {
        query.append_pair("format", form.name());
    }
    format!("/v1/comparisons/techniques?{}", query.finish())
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
        let cases: [(&[&str], &str); 6] = [
            (&[], "/v1/comparisons/summary"),
            (
                &["--cohort", "sector:finance", "--format", "json"],
                "/v1/comparisons/summary?cohort=sector%3Afinance",
            ),
            (&["--tactic", "execution"], "/v1/comparisons/techniques?limit=1000&tactic=execution"),
            (&["--techniques"], "/v1/comparisons/techniques?limit=1000"),
            (&["--coverage", "few"], "/v1/comparisons/techniques?limit=1000&coverage=few"),
            (&["--format", "csv"], "/v1/comparisons/techniques?limit=1000&format=csv"),
        ];
        for (options, expected) in cases {
            let args = Command::parse_from([&["compare"], options].concat()).args;
            assert_eq!(path(&args), expected, "{options:?}");
        }
    }
}
