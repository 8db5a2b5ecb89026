//! `GET` and `POST /v1/comparisons/gaps`

use actix_web::{HttpRequest, HttpResponse, get, http::header, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    ids::TechniqueIds,
    list::{accepted, following, sent},
    query::Reading,
};
use crate::{
    app::{
        compare::{self, Filters, gaps::GapQuery},
        read_gaps::read_gaps,
    },
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead},
            body::Body,
            page::{self, Page},
            query::Query,
        },
        problem::Problem,
    },
    report::Representation,
    wire::{gap::Gaps, names},
};

/// The query of a list of gaps.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct GapParameters {
    /// Peer group: `all` or one of your cohorts, as `GET /v1/cohorts` lists them. `all` if omitted.
    #[param(example = "sector:finance")]
    cohort: Option<String>,
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
    /// Number of the release. The latest if omitted.
    #[param(value_type = Option<u32>, minimum = 1)]
    release: Option<String>,
    /// Column whose statistic techniques are compared in: `any`, a family or a technology. `any` if omitted.
    #[param(example = "any")]
    column: Option<String>,
    /// Threat groups whose use of techniques makes the threat: IDs, names or aliases, separated by commas. All if omitted.
    #[param(example = "APT29,G0102")]
    groups: Option<String>,
    /// Returns only techniques of this tactic, given by name, short name or ID.
    #[param(example = "initial-access")]
    tactic: Option<String>,
    /// Returns only techniques that this technology can see. It selects rows; `column` selects the statistic.
    #[param(example = "microsoft.windows")]
    technology: Option<String>,
    /// Returns only techniques that this family can see.
    #[param(value_type = Option<names::TechnologyFamily>)]
    family: Option<String>,
    /// Returns only techniques of this ATT&CK platform.
    #[param(value_type = Option<names::Platform>)]
    platform: Option<String>,
    /// Returns only techniques that any of these threat groups uses: IDs, names or aliases, separated by commas.
    #[param(example = "APT29,G0102")]
    group: Option<String>,
    /// Returns only techniques in which your value lies in this band.
    #[param(value_type = Option<names::PositionBand>)]
    position: Option<String>,
    /// Returns only techniques that this share of peers covers.
    #[param(value_type = Option<names::Coverage>)]
    coverage: Option<String>,
    /// Returns only techniques of this set and counts them by your peers' coverage: `all`, `platform:Windows`, `group:G0016`,
    /// `groups:G0016,G0032` or `top:50` (the techniques that most threat groups use).
    #[param(example = "top:50")]
    set: Option<String>,
    /// Returns only gaps of this feasibility.
    #[param(value_type = Option<names::Feasibility>)]
    feasibility: Option<String>,
    /// Returns only gaps with this status in your book.
    #[param(value_type = Option<names::GapStatus>)]
    status: Option<String>,
    /// Returns only gaps with at least this distance.
    #[param(value_type = Option<u32>, minimum = 0, maximum = 100, example = 1)]
    min_distance: Option<String>,
    /// Order of the gaps. `priority` if omitted.
    #[param(value_type = Option<names::GapSortOrder>)]
    sort: Option<String>,
    /// Granularity of techniques. `parent` if omitted.
    #[param(value_type = Option<names::Granularity>)]
    granularity: Option<String>,
    /// Maximum number of items on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

/// A query that was read and checked.
struct Read {
    query: GapQuery,
    release: Option<u32>,
    representation: Option<Representation>,
}

impl GapParameters {
    fn read(self) -> Result<Read, Problem> {
        let mut reading = Reading::default();
        let unset = compare::Query::default();
        let filters = Filters {
            tactic: self.tactic,
            technology: self.technology,
            family: reading.take("family", self.family.as_ref(), str::parse),
            platform: reading.take("platform", self.platform.as_ref(), str::parse),
            group: self.group,
            groups: Vec::new(),
            position: reading.take("position", self.position.as_ref(), str::parse),
            coverage: reading.take("coverage", self.coverage.as_ref(), str::parse),
        };
        let subs = reading.take("granularity", self.granularity.as_ref(), super::query::granularity);
        let min_distance = reading.take("min_distance", self.min_distance.as_ref(), |text| {
            text.parse().ok().filter(|points: &u8| *points <= 100).ok_or("must be a number from 0 to 100")
        });
        let representation = reading.take("format", self.format.as_ref(), str::parse);
        let page = Page::new(self.limit, self.cursor);
        let base = compare::Query {
            cohort: reading.take("cohort", self.cohort.as_ref(), str::parse).unwrap_or(unset.cohort),
            basis: reading.take("basis", self.basis.as_ref(), str::parse).unwrap_or(unset.basis),
            column: reading.take("column", self.column.as_ref(), str::parse).unwrap_or(unset.column),
            filters,
            set: reading.take("set", self.set.as_ref(), str::parse),
            sort: unset.sort,
            subs: subs.unwrap_or(unset.subs),
            limit: page.limit()?,
            cursor: page.after()?,
        };
        let query = GapQuery {
            base,
            groups: self.groups,
            feasibility: reading.take("feasibility", self.feasibility.as_ref(), str::parse),
            status: reading.take("status", self.status.as_ref(), str::parse),
            min_distance,
            sort: reading.take("sort", self.sort.as_ref(), str::parse).unwrap_or_default(),
        };
        let release = reading.release(self.release.as_ref());
        reading.done(Read { query, release, representation })
    }
}

fn made(mut answer: Gaps, representation: Representation) -> Result<Made, Problem> {
    answer.next = answer.next.as_deref().map(page::cursor);
    let body = representation.write_gaps(&answer).map_err(Problem::internal)?;
    Ok(Made { content_type: representation.content_type(), body, next: answer.next })
}

/// List your gaps
///
/// Returns the techniques that your peers cover and you don't in full, with reasons as numbers: the distance to your peers,
/// the threat, whether your technologies can see the technique, and the priority that follows from them. Technologies that
/// peers with your stack cover it through are in `through`.
#[utoipa::path(
    operation_id = "compare_gaps",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(GapParameters),
    responses(
        (
            status = 200,
            description = "A page of gaps with their reasons.",
            content((Gaps = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/comparisons/gaps")]
pub async fn gaps(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<GapParameters>,
) -> Result<HttpResponse, Problem> {
    let Read { query, release, representation } = query.0.read()?;
    let representation = representation.unwrap_or_else(|| accepted(&request));
    let GapQuery { base, groups, feasibility, status, min_distance, sort } = &query;
    let own = format!("{representation} {groups:?} {feasibility:?} {status:?} {min_distance:?} {sort}");
    let name =
        Asked { what: What::Of("gaps", own), query: base.clone(), release, coding: Coding::of(&request) };
    let work = access.answer(name, move |inside, asked| {
        let found = read_gaps(&inside.app, &inside.member, &query, asked.release)?;
        made(Gaps::from(&found), representation)
    });
    let answer = work.await?;
    let mut response = answer.respond(&request);
    let headers = response.headers_mut();
    // What is answered depends on `Accept`, which caches must know.
    headers.append(header::VARY, header::HeaderValue::from_static("accept"));
    if !representation.holds_next()
        && let Some(link) = answer.next.as_ref().and_then(|next| following(&request, next).parse().ok())
    {
        headers.insert(header::LINK, link);
    }
    Ok(response)
}

/// List your gaps in a set of techniques
///
/// Returns the gaps among the techniques in the body, and counts these by your peers' coverage.
#[utoipa::path(
    operation_id = "compare_gaps_of_set",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(GapParameters),
    request_body(content = TechniqueIds, content_type = "application/json"),
    responses(
        (
            status = 200,
            description = "A page of gaps with their reasons.",
            content((Gaps = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/gaps")]
pub async fn gaps_of_set(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<GapParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let Read { mut query, release, representation } = query.0.read()?;
    let representation = representation.unwrap_or_else(|| accepted(&request));
    let body = body.receive_json().await?;
    let work = access.run(move |inside| {
        let ids: TechniqueIds = body.json()?;
        ids.restrict(&mut query.base)?;
        let found = read_gaps(&inside.app, &inside.member, &query, release);
        made(Gaps::from(&found.map_err(|error| ids.pointed(error))?), representation)
    });
    Ok(sent(&request, representation, work.await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::query::parse;

    #[test]
    fn every_parameter_arrives_and_all_refusals_come_together() {
        let asked: GapParameters = parse(
            "cohort=sector%3Afinance&groups=APT29&feasibility=ready&status=planned&min_distance=5&sort=threat&set=top:50&\
             granularity=sub&limit=5&format=csv",
        )
        .unwrap();
        let Read { query, representation, .. } = asked.read().unwrap();
        assert_eq!((query.min_distance, query.groups.as_deref()), (Some(5), Some("APT29")));
        assert!(query.base.subs && query.base.limit == 5 && query.base.set.is_some());
        assert_eq!(representation, Some(Representation::Csv));
        let asked: GapParameters =
            parse("feasibility=x&status=y&min_distance=101&sort=best&set=some&granularity=all&release=0")
                .unwrap();
        let text = format!("{:?}", asked.read().err().unwrap());
        for name in ["feasibility", "status", "min_distance", "sort", "set", "granularity", "release"] {
            assert!(text.contains(&format!("Some(\"{name}\")")), "{name}: {text}");
        }
    }
}
