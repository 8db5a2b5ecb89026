//! `GET` and `POST /v1/comparisons/gaps`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, post};

use super::{
    form::{asked, made, respond, respond_once},
    ids::TechniqueIds,
    query::{RowsAsked, granularity, rows_of},
};
use crate::{
    app::{
        compare::{self, Filters, gaps::GapQuery},
        read_gaps::read_gaps,
    },
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead, Inside},
            body::Body,
            compared::{Compared, Reading},
            page::{self, Page},
            query::Query,
        },
        problem::Problem,
    },
    report::Representation,
    wire::{gap::Gaps, names},
};

rows_of! {
    /// The query of a list of gaps.
    pub struct GapParameters {
        /// Returns only techniques that this share of peers covers.
        #[param(value_type = Option<names::Coverage>)]
        coverage: Option<String>,
        /// Threat groups whose use of techniques makes the threat: IDs, names or aliases, separated by commas. All if omitted.
        #[param(example = "APT29,G0102")]
        groups: Option<String>,
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
    }
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
        let RowsAsked { query: base, release, representation } = self.rows(&mut reading)?;
        let query = GapQuery {
            base,
            groups: self.groups,
            feasibility: reading.take("feasibility", self.feasibility.as_ref(), str::parse),
            status: reading.take("status", self.status.as_ref(), str::parse),
            min_distance: reading.take("min_distance", self.min_distance.as_ref(), |text| {
                text.parse().ok().filter(|points: &u8| *points <= 100).ok_or("must be a number from 0 to 100")
            }),
            sort: reading.take("sort", self.sort.as_ref(), str::parse).unwrap_or_default(),
        };
        reading.done(Read { query, release, representation })
    }
}

/// The kind of an answer, with what only gaps are asked for. The rest of the question is its base.
fn what(query: &GapQuery, form: Representation) -> What {
    let GapQuery { base: _, groups, feasibility, status, min_distance, sort } = query;
    What::Of("gaps", format!("{form} {groups:?} {feasibility:?} {status:?} {min_distance:?} {sort}"))
}

fn written(mut answer: Gaps, form: Representation) -> Result<Made, Problem> {
    answer.next = answer.next.as_deref().map(page::cursor);
    made(form, form.write(&answer), answer.next, &BTreeMap::new())
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
    params(GapParameters, Compared),
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
    let form = asked(&request, representation);
    let name = Asked::of(&request, what(&query, form), query.base.clone(), release);
    let work = access.answer(name, move |inside, asked| {
        let found = read_gaps(&inside.app, &inside.member, &query, asked.release)?;
        written(Gaps::from(&found), form)
    });
    Ok(respond(&request, &*work.await?))
}

/// List your gaps in a set of techniques
///
/// Returns the gaps among the techniques in the body, and counts these by your peers' coverage.
#[utoipa::path(
    operation_id = "compare_gaps_of_set",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(GapParameters, Compared),
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
    let form = asked(&request, representation);
    let (body, coding) = (body.receive_json().await?, Coding::of(&request));
    let read = move |_: &Inside| {
        let ids: TechniqueIds = body.json()?;
        ids.restrict(&mut query.base)?;
        let asked = Asked { what: what(&query, form), query: query.base.clone(), release, coding };
        Ok((asked, (ids, query)))
    };
    let work = access.answer_body(read, move |inside, asked, (ids, query)| {
        let found = read_gaps(&inside.app, &inside.member, &query, asked.release);
        written(Gaps::from(&found.map_err(|error| ids.pointed(error))?), form)
    });
    Ok(respond_once(&request, &*work.await?))
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
