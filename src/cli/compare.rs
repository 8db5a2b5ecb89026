//! `peerbench compare`: where one stands among one's peers, as the service answers it.

use std::sync::LazyLock;

use clap::{ValueEnum, builder::PossibleValue};
use serde_json::Value;

use super::{Failure, output, remote::Remote};
use crate::{
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
    /// The form that the service is asked for by name: only lists have others than JSON.
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
        Format::Text if args.tactic.is_some() => output::text(&Techniques(remote.get(&path)?).to_string()),
        Format::Text => {
            let page = Page { name: "Your organisation".to_owned(), summary: remote.get(&path)? };
            output::text(&page.to_string())
        }
    }
}

/// What is asked for, by the API's path.
fn path(args: &Args) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(cohort) = &args.cohort {
        query.append_pair("cohort", cohort);
    }
    if args.tactic.is_none() && args.format.of_a_list().is_none() {
        return format!("/v1/comparisons/summary?{}", query.finish()).trim_end_matches('?').to_owned();
    }
    query.append_pair("limit", ALL);
    if let Some(tactic) = &args.tactic {
        query.append_pair("tactic", tactic);
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
}
