//! `GET /v1/comparisons/changes`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use super::form::{asked, made, respond};
use crate::{
    app::read_changes::{ChangesQuery, kinds, read_changes},
    domain::{cohort::Cohort, snapshot::Basis},
    http::{
        answers::{Asked, What},
        extract::{
            access::{Access, ComparisonsRead},
            compared::Reading,
            page::{self, Page},
            query::Query,
        },
        problem::Problem,
    },
    report::Representation,
    wire::{ChangesAnswer, names},
};

/// The query of changes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ChangesParameters {
    /// Number of an earlier release to compare the latest with.
    #[param(value_type = u32, minimum = 1, example = 1, required = true)]
    since: Option<String>,
    /// Peer group: `all` or one of your cohorts, as `GET /v1/cohorts` lists them. `all` if omitted.
    #[param(example = "sector:finance")]
    cohort: Option<String>,
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
    /// Returns only measures of these kinds, separated by commas: `overall`, `tactic`, `family`, `technology`, `group` or
    /// `technique`. All but threat groups if omitted: the share of a small group moves far with a single rule.
    #[param(example = "technique,technology")]
    kind: Option<String>,
    /// Maximum number of items on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

impl ChangesParameters {
    fn read(&self) -> Result<(ChangesQuery, Option<Representation>), Problem> {
        let mut reading = Reading::default();
        let page = Page::new(self.limit.clone(), self.cursor.clone());
        let missing = String::new();
        let since = self.since.as_ref().or(Some(&missing));
        let number = |text: &str| {
            text.parse().ok().filter(|number| *number > 0).ok_or("must be the number of a release")
        };
        let query = ChangesQuery {
            since: reading.take("since", since, number).unwrap_or_default(),
            cohort: reading.take("cohort", self.cohort.as_ref(), str::parse).unwrap_or(Cohort::All),
            basis: reading.take("basis", self.basis.as_ref(), str::parse).unwrap_or(Basis::Deployed),
            kinds: reading.take("kind", self.kind.as_ref(), kinds).unwrap_or_default(),
            limit: page.limit()?,
            cursor: page.after()?,
        };
        let form = reading.take("format", self.format.as_ref(), str::parse);
        reading.done((query, form))
    }
}

/// List changes since a release
///
/// Returns the measures that moved since a release, most moved first: your value as of that release's cut-off beside your
/// current one, and the peers' row of that release beside the latest one. A change of the peers' median by one rounding step
/// isn't meaningful, and sorts last.
#[utoipa::path(
    operation_id = "list_changes",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(ChangesParameters),
    responses(
        (
            status = 200,
            description = "A page of the measures that moved.",
            content((ChangesAnswer = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the release or cohort isn't one of yours."),
    ),
)]
#[get("/v1/comparisons/changes")]
pub async fn list(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<ChangesParameters>,
) -> Result<HttpResponse, Problem> {
    let (query, named) = query.0.read()?;
    let form = asked(&request, named);
    let what = What::Of("changes", format!("{query:?} {form}"));
    let name = Asked::of(&request, what, Default::default(), None);
    let work = access.answer(name, move |inside, _| {
        let mut found = ChangesAnswer::from(&read_changes(&inside.app, &inside.member, &query)?);
        found.next = found.next.as_deref().map(page::cursor);
        let body = form.write(&found);
        made(form, body, found.next, &BTreeMap::new())
    });
    Ok(respond(&request, &*work.await?))
}
