//! The comparison as flat rows for consoles: each row says everything about itself, in integers and short texts, because
//! consoles keep the list alone. What doesn't apply is absent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    item::{ComparisonItem, Own, Percentile, Row, RowQuantiles, Step},
    names,
};
use crate::{
    app::{compare::rows::RowKind, read_console_rows},
    domain::{
        attack::AttackVersion,
        column::Column,
        comparison::{self, Place, Word},
        release::{Band, Grade, Hash},
        snapshot::Basis,
    },
};

/// A line of your comparison as a flat row, `console-row/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsoleRow {
    /// Key of the row: the same for the same line, cohort, column and basis in every release.
    #[schema(example = "3f0c2a6be1d94758a0b1c2d3e4f50617")]
    pub row_key: String,
    /// Version of the row. It changes if anything in the row changes.
    #[schema(example = "9a8b7c6d5e4f30211223344556677889")]
    pub row_version: String,
    /// Kind of line.
    #[schema(value_type = names::RowKindName)]
    pub kind: RowKind,
    /// ID of the technique, technology, tactic, family or threat group; `overall` for all techniques together.
    #[schema(example = "T1059")]
    pub item: String,
    /// Name for people to read.
    #[schema(example = "Command and Scripting Interpreter")]
    pub name: String,
    /// Short names of the technique's tactics, separated by commas. Only rows of techniques have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "execution")]
    pub tactics: Option<String>,
    /// Number of the release that the peers' values are from.
    #[schema(minimum = 1, example = 2)]
    pub release: u32,
    /// Cut-off of the release.
    #[schema(value_type = String, format = DateTime)]
    pub cut_off: DateTime<Utc>,
    /// ATT&CK version that the release is computed in.
    #[schema(value_type = String, example = "19.2")]
    pub attack: AttackVersion,
    /// Time of the last change of your own values.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Kind of evidence that is compared.
    #[schema(value_type = names::BenchmarkedBasis)]
    pub basis: Basis,
    /// Cohort that was requested.
    #[schema(example = "sector:finance")]
    pub cohort_asked: String,
    /// Cohort that the row is about: another one if the requested one isn't released. Absent if nothing is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sector:finance")]
    pub cohort_shown: Option<String>,
    /// Column that the row is about: `any`, a family or a technology. Absent if nothing is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "any")]
    pub column_shown: Option<String>,
    /// Number of independent members, as a band. Absent if the coverage is `few`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::MemberBand>)]
    pub members: Option<Band>,
    /// Your score, share or count in the column of the row. Absent if it isn't assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 50)]
    pub own: Option<u32>,
    /// Status of your value.
    #[schema(value_type = names::OwnStatus)]
    pub own_status: String,
    /// Number of your technologies with a rule for the technique, or of covered techniques of a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    pub covered: Option<u32>,
    /// Number of your technologies that can see the technique, or of the share's techniques.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub can_see: Option<u32>,
    /// Status of the peers' values in the row.
    #[schema(value_type = names::ReleaseStatus)]
    pub peer_status: String,
    /// Share of peers that cover the technique. Only rows of techniques have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Coverage>)]
    pub coverage: Option<Word>,
    #[serde(flatten)]
    pub quantiles: RowQuantiles,
    /// Numbers that stand for more than themselves: `p25=low` is this or less, `p75=high` this or more, `p50=30-49` a step of
    /// counts. Absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "p25=low p75=high")]
    pub coded: Option<String>,
    /// Confidence in the row by its number of members.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Confidence>)]
    pub confidence: Option<Grade>,
    /// Band between the published quantiles that your value lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::PositionBand>)]
    pub position: Option<Place>,
    /// Estimated percentile of your value. Absent outside the published quantiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 55)]
    pub percentile_estimate: Option<u8>,
    /// Your value, coded like published values, minus your peers' median. Negative is behind. Absent if both are coded at
    /// the same end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub difference: Option<i16>,
    /// Number of the release since which the peers' row is unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 2)]
    pub same_since: Option<u32>,
    /// Address of the page that explains the row to people.
    #[schema(example = "https://peerbench.example.org/app/techniques/T1059")]
    pub link: String,
}

/// A page of console rows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConsoleRowPage)]
pub struct ConsoleRows {
    /// Rows of this page. Empty if nothing changed in the window.
    pub items: Vec<ConsoleRow>,
    /// Cursor of the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The names of a row's members, in the order that tables have them.
pub const COLUMNS: [&str; 33] = [
    "row_key",
    "row_version",
    "kind",
    "item",
    "name",
    "tactics",
    "release",
    "cut_off",
    "attack",
    "as_of",
    "basis",
    "cohort_asked",
    "cohort_shown",
    "column_shown",
    "members",
    "own",
    "own_status",
    "covered",
    "can_see",
    "peer_status",
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
    "difference",
    "same_since",
    "link",
];

/// Those of [`COLUMNS`] that hold integers. The others hold texts.
pub const NUMBERS: [&str; 12] = [
    "release",
    "own",
    "covered",
    "can_see",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "percentile_estimate",
    "difference",
    "same_since",
];

impl ConsoleRows {
    /// Makes rows; `link` gives the address of a line's page by its kind and ID.
    pub fn new(found: &read_console_rows::ConsoleRows, link: impl Fn(RowKind, &str) -> String) -> Self {
        let items = found.items.iter().map(|entry| {
            let kind = RowKind::from(&entry.subject);
            let mut row = ConsoleRow::unversioned(found, kind, &ComparisonItem::from(entry), &link);
            row.row_version = row.version();
            row
        });
        Self { items: items.collect(), next: found.next.clone() }
    }
}

impl ConsoleRow {
    fn unversioned(
        found: &read_console_rows::ConsoleRows,
        kind: RowKind,
        line: &ComparisonItem,
        link: &impl Fn(RowKind, &str) -> String,
    ) -> Self {
        let (_, side) = line.shown();
        let row = side.peers.row();
        let item = match line.subject.id() {
            "" => "overall",
            id => id,
        };
        let cohort = found.cohort.to_string();
        // Only rows of techniques are about the column that was asked for. The others are the same lines without it.
        let column = match kind {
            RowKind::Technique => found.column.to_string(),
            _ => Column::Any.to_string(),
        };
        let (covered, can_see) = covered(&side.own).unzip();
        let percentile = side.position.as_ref().map(|position| position.percentile);
        Self {
            row_key: digest(&[kind.name(), item, &cohort, &column, found.basis.name()]),
            row_version: String::new(),
            kind,
            item: item.to_owned(),
            name: line.subject.name.clone(),
            tactics: line.subject.tactics.as_ref().map(|tactics| tactics.join(",")),
            release: found.release,
            cut_off: found.cut_off,
            attack: found.attack,
            as_of: found.as_of,
            basis: found.basis,
            cohort_asked: cohort,
            cohort_shown: row.map(|row| row.cohort.clone()),
            column_shown: row.map(|row| row.column.clone()),
            members: row.and_then(|row| row.members),
            own: side.own.value(),
            own_status: side.own.value().map_or("not_assessed", |_| "assessed").to_owned(),
            covered,
            can_see,
            peer_status: row.map_or("not_released", |_| "released").to_owned(),
            coverage: row.and_then(|row| row.coverage),
            quantiles: row.map(|row| row.quantiles).unwrap_or_default(),
            coded: coded(line),
            confidence: row.and_then(|row| row.confidence),
            position: side.position.as_ref().map(|position| position.band),
            percentile_estimate: percentile.and_then(|percentile| match percentile {
                Percentile::Estimate(estimate) => Some(estimate),
                Percentile::AtMost(_) | Percentile::AtLeast(_) => None,
            }),
            difference: side.difference_to_median,
            same_since: row.and_then(|row| row.same_since),
            link: link(kind, item),
        }
    }

    /// The digest of everything else in the row.
    fn version(&self) -> String {
        let unversioned = Self { row_version: String::new(), ..self.clone() };
        digest(&[&serde_json::to_string(&unversioned).unwrap_or_default()])
    }
}

fn digest(parts: &[&str]) -> String {
    let mut led = Vec::new();
    for part in parts {
        led.extend(part.len().to_be_bytes());
        led.extend(part.as_bytes());
    }
    format!("{:.32}", Hash::of(&led).to_string())
}

/// Returns the number of covered ones, and of how many.
fn covered(own: &Own) -> Option<(u32, u32)> {
    match own {
        Own::Score { through, .. } => through.as_ref().map(|through| (through.covered, through.can_see)),
        Own::Share { covered, of, .. } => Some((*covered, *of)),
        Own::Count { .. } | Own::Missing { .. } => None,
    }
}

/// Numbers that stand for more than themselves, with spaces between them: `p25=low`, `p50=30-49`, and the step of your count.
pub fn coded(line: &ComparisonItem) -> Option<String> {
    let (_, side) = line.shown();
    let own = match side.own {
        Own::Count { step: own, .. } => Some(format!("own={}", step(own))),
        _ => None,
    };
    let all: Vec<String> = own.into_iter().chain(side.peers.row().and_then(coded_row)).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Published numbers of a row that stand for more than themselves.
pub fn coded_row(row: &Row) -> Option<String> {
    let ends = row.coded.iter().filter(|(quantile, _)| !row.steps.contains_key(quantile));
    let ends = ends.map(|(quantile, end)| (quantile, end.name().to_owned()));
    let steps = row.steps.iter().map(|(quantile, of)| (quantile, step(*of)));
    let all: Vec<String> =
        ends.chain(steps).map(|(quantile, of)| format!("{}={of}", quantile.name())).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// A step in plain characters, because spreadsheets guess the encoding of a CSV.
fn step(step: Step) -> String {
    comparison::Step::from(step).to_string().replace('≥', ">=")
}
