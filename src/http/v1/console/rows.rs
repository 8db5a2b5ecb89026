//! `GET /v1/console/rows`

use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::{
        compare::rows::RowKind,
        read_console_rows::{RowsQuery, read_console_rows},
    },
    domain::{cohort::Cohort, column::Column, snapshot::Basis},
    http::{
        accept::preferred,
        answers::{Asked, Made, What},
        extract::{
            access::{Access, ComparisonsRead},
            compared::Reading,
            page::{self, Page},
            query::Query,
        },
        page::paths,
        problem::Problem,
        v1::comparisons::form::respond,
    },
    report::console::RowsForm,
    wire::{
        console::{ConsoleRow, ConsoleRows},
        names,
    },
};

/// The query of console rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RowsParameters {
    /// Returns only rows of these kinds, separated by commas: `summary`, `tactic`, `family`, `technology`, `group` or
    /// `technique`. All if omitted.
    #[param(example = "technique,tactic")]
    kind: Option<String>,
    /// Peer group: `all` or one of your cohorts, as `GET /v1/cohorts` lists them. `all` if omitted.
    #[param(example = "sector:finance")]
    cohort: Option<String>,
    /// Column whose statistic techniques are compared in: `any`, a family or a technology. `any` if omitted.
    #[param(example = "any")]
    column: Option<String>,
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
    /// First moment of the window: a date, or a time as in RFC 3339. Rows are returned only if a release was published or your
    /// own values changed in the window. A release counts 65 minutes after its `published_at`, which is to the hour, and a
    /// change of your values a minute after it, so that a window that ends now misses nothing.
    #[param(example = "2026-11-01T00:00:00Z")]
    since: Option<String>,
    /// First moment after the window: a date, or a time as in RFC 3339.
    #[param(example = "2026-12-01T00:00:00Z")]
    until: Option<String>,
    /// Maximum number of rows on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::RowsFormat>)]
    format: Option<String>,
}

impl RowsParameters {
    fn read(self) -> Result<(RowsQuery, Option<RowsForm>), Problem> {
        let mut reading = Reading::default();
        let page = Page::new(self.limit, self.cursor);
        let since = reading.take("since", self.since.as_ref(), moment);
        let until = reading.take("until", self.until.as_ref(), moment);
        let window = |text: &str| match (since, until) {
            (Some(since), Some(until)) if until < since => Err("must not be before `since`"),
            _ => moment(text),
        };
        // A moment that was refused above isn't refused twice.
        let until = until.and_then(|_| reading.take("until", self.until.as_ref(), window));
        let kinds = reading.take("kind", self.kind.as_ref(), RowKind::several);
        let kinds = kinds.unwrap_or_else(|| RowKind::ALL.to_vec());
        let column = |text: &str| match text.parse::<Column>() {
            Ok(Column::Any) => Ok(Column::Any),
            Ok(_) if !kinds.contains(&RowKind::Technique) => {
                Err("belongs to rows of techniques, which `kind` leaves out".to_owned())
            }
            read => read.map_err(|error| error.to_string()),
        };
        let column = reading.take("column", self.column.as_ref(), column).unwrap_or(Column::Any);
        let query = RowsQuery {
            kinds,
            cohort: reading.take("cohort", self.cohort.as_ref(), str::parse).unwrap_or(Cohort::All),
            column,
            basis: reading.take("basis", self.basis.as_ref(), str::parse).unwrap_or(Basis::Deployed),
            since,
            until,
            limit: page.limit()?,
            cursor: page.after()?,
        };
        let form = reading.take("format", self.format.as_ref(), str::parse);
        reading.done((query, form))
    }
}

/// Reads a moment: `2026-11-01` is its first.
fn moment(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let day = text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    day.or_else(|_| DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc()))
        .map_err(|_| "must be a date or a time with its zone, as in 2026-11-01 or 2026-11-01T00:00:00Z")
}

/// The address of the page that explains a row.
fn link(base: &str, cohort: &Cohort, kind: RowKind, item: &str) -> String {
    let path = match kind {
        RowKind::Summary | RowKind::Family => paths::ROOT.to_owned(),
        RowKind::Tactic => paths::MATRIX.to_owned(),
        RowKind::Technology => paths::TECHNOLOGIES.to_owned(),
        RowKind::Group => paths::GROUPS.to_owned(),
        RowKind::Technique => paths::technique(item),
    };
    let base = base.trim_end_matches('/');
    match cohort {
        Cohort::All => format!("{base}{path}"),
        cohort => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            format!("{base}{path}?{}", query.append_pair("cohort", &cohort.to_string()).finish())
        }
    }
}

/// Read your comparison as flat rows
///
/// Returns every line of your comparison as a flat row (`console-row/1`), for consoles and spreadsheets: integers and short
/// texts, and nothing outside the rows. `row_key` stays the same, and `row_version` changes with the row's content. With
/// `since` and `until`, a poller reads rows only when a release was published or your own values changed.
#[utoipa::path(
    operation_id = "list_console_rows",
    tag = "console",
    security(("oauth" = ["comparisons:read"])),
    params(RowsParameters),
    responses(
        (
            status = 200,
            description = "A page of rows. Empty if nothing changed in the window.",
            content(
                (ConsoleRows = "application/json"),
                (ConsoleRow = "application/x-ndjson"),
                (String = "text/csv"),
            ),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/console/rows")]
pub async fn rows(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<RowsParameters>,
) -> Result<HttpResponse, Problem> {
    let (query, named) = query.0.read()?;
    let form = named.unwrap_or_else(|| accepted(&request));
    let what = What::Of("console_rows", format!("{query:?} {form}"));
    let name = Asked::of(&request, what, Default::default(), None);
    let work = access.answer(name, move |inside, _| {
        let found = read_console_rows(&inside.app, &inside.member, &query)?;
        let base = inside.app.tokens.issuer();
        let mut rows = ConsoleRows::new(&found, |kind, item| link(base, &query.cohort, kind, item));
        rows.next = rows.next.as_deref().map(page::cursor);
        let mut made = Made::new(form.content_type(), form.write(&rows).map_err(Problem::internal)?);
        made.next = rows.next.filter(|_| !form.holds_next());
        Ok(made)
    });
    Ok(respond(&request, &*work.await?))
}

/// The form that `Accept` prefers; JSON if it doesn't say.
fn accepted(request: &HttpRequest) -> RowsForm {
    let media_types = RowsForm::ALL.map(RowsForm::content_type);
    let preferred = preferred(request, &media_types);
    let form = RowsForm::ALL.into_iter().find(|form| Some(form.content_type()) == preferred);
    form.unwrap_or(RowsForm::Json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::query::parse;

    #[test]
    fn every_parameter_arrives_and_all_refusals_come_together() {
        let asked: RowsParameters = parse(
            "kind=technique,summary&cohort=sector%3Afinance&column=endpoint&basis=validated&since=2026-11-01&\
             until=2026-11-02T01:00:00%2B01:00&limit=5&format=ndjson",
        )
        .unwrap();
        let (query, form) = asked.read().unwrap();
        assert_eq!(query.kinds, [RowKind::Summary, RowKind::Technique]);
        assert_eq!(query.since.unwrap().to_rfc3339(), "2026-11-01T00:00:00+00:00");
        assert_eq!(query.until.unwrap().to_rfc3339(), "2026-11-02T00:00:00+00:00");
        assert_eq!((query.limit, form), (5, Some(RowsForm::Ndjson)));
        let asked: RowsParameters =
            parse("kind=cell&cohort=x&column=z&basis=y&since=yesterday&until=2026-13-01&format=xml").unwrap();
        let text = format!("{:?}", asked.read().err().unwrap());
        for name in ["kind", "cohort", "column", "basis", "since", "until", "format"] {
            assert_eq!(text.matches(&format!("Some(\"{name}\")")).count(), 1, "{name}: {text}");
        }
        let asked: RowsParameters = parse("since=2026-11-02&until=2026-11-01").unwrap();
        assert!(format!("{:?}", asked.read().err().unwrap()).contains("must not be before"));
    }
}
