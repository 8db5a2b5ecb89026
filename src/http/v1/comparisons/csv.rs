//! A list as CSV: one row per line, with the side that says something. What is missing is empty, never 0.

use csv::Writer;

use super::item::{ComparisonItem, ComparisonSide, Own, Percentile};
use crate::http::problem::Problem;

pub const CONTENT_TYPE: &str = "text/csv; charset=utf-8; header=present";

const HEADER: [&str; 28] = [
    "technique",
    "tactic",
    "group",
    "technology",
    "family",
    "name",
    "tactics",
    "own",
    "own_level",
    "own_covered",
    "own_of",
    "own_unknown",
    "shown",
    "cohort",
    "column",
    "members",
    "coverage",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "coded",
    "confidence",
    "position",
    "percentile_estimate",
    "difference_to_median",
    "same_since",
];

/// The lines of a page. `shown` says whether a row is the asked one, a fallback, or not released.
pub fn write(items: &[ComparisonItem]) -> Result<Vec<u8>, Problem> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(Problem::internal)?;
    for item in items {
        writer.write_record(row(item)).map_err(Problem::internal)?;
    }
    writer.into_inner().map_err(Problem::internal)
}

fn row(item: &ComparisonItem) -> [String; 28] {
    let (shown, side) = match (&item.asked.peers.row, &item.fallback) {
        (Some(_), _) => ("asked", &item.asked),
        (None, Some(fallback)) => ("fallback", fallback),
        (None, None) => ("not_released", &item.asked),
    };
    let subject = &item.subject;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let own = own(side);
    let row = side.peers.row.as_ref();
    let number = |number: Option<u8>| number.map(|number| number.to_string()).unwrap_or_default();
    let quantile = |of: fn(&super::item::Row) -> Option<u8>| number(row.and_then(of));
    let coded =
        row.map(|row| row.coded.iter().map(|(name, end)| format!("{name}={end}")).collect::<Vec<_>>());
    let position = side.position.as_ref();
    let [value, level, covered, of, unknown] = own;
    [
        text(&subject.technique),
        text(&subject.tactic),
        text(&subject.group),
        text(&subject.technology),
        text(&subject.family),
        subject.name.clone(),
        subject.tactics.as_ref().map(|tactics| tactics.join(" ")).unwrap_or_default(),
        value,
        level,
        covered,
        of,
        unknown,
        shown.to_owned(),
        row.map(|row| row.cohort.clone()).unwrap_or_default(),
        row.map(|row| row.column.clone()).unwrap_or_default(),
        row.and_then(|row| row.members).unwrap_or_default().to_owned(),
        row.and_then(|row| row.coverage).unwrap_or_default().to_owned(),
        quantile(|row| row.p10),
        quantile(|row| row.p25),
        quantile(|row| row.p50),
        quantile(|row| row.p75),
        quantile(|row| row.p90),
        coded.map(|coded| coded.join(" ")).unwrap_or_default(),
        row.and_then(|row| row.confidence).unwrap_or_default().to_owned(),
        position.map(|position| position.band.to_owned()).unwrap_or_default(),
        position.map(|position| estimate(position.percentile_estimate)).unwrap_or_default(),
        side.difference_to_median.map(|difference| difference.to_string()).unwrap_or_default(),
        row.and_then(|row| row.same_since).map(|since| since.to_string()).unwrap_or_default(),
    ]
}

fn own(side: &ComparisonSide) -> [String; 5] {
    let empty = String::new;
    match &side.own {
        Own::Missing { .. } => [empty(), "not_assessed".to_owned(), empty(), empty(), empty()],
        Own::Score { score, level, through: Some(through) } => [
            score.to_string(),
            (*level).to_owned(),
            through.covered.to_string(),
            through.can_see.to_string(),
            empty(),
        ],
        Own::Score { score, level, through: None } => {
            [score.to_string(), (*level).to_owned(), empty(), empty(), empty()]
        }
        Own::Share { share, covered, of, unknown } => {
            [share.to_string(), empty(), covered.to_string(), of.to_string(), unknown.to_string()]
        }
        Own::Count { count } => [count.to_string(), empty(), empty(), empty(), empty()],
    }
}

fn estimate(percentile: Percentile) -> String {
    match percentile {
        Percentile::At(percentile) => percentile.to_string(),
        Percentile::AtMost { at_most } => format!("<={at_most}"),
        Percentile::AtLeast { at_least } => format!(">={at_least}"),
    }
}
