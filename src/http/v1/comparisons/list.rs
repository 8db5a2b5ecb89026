//! `GET /v1/comparisons/techniques`, `technologies`, `families`, `tactics`, `groups`, `cells`: one answer under six names.

use actix_web::{HttpRequest, HttpResponse, get, post};

use super::{
    form::{asked, made, respond, respond_once},
    ids::TechniqueIds,
    query::{ListParameters, RowsAsked},
};
use crate::{
    app::{
        compare::{self, List},
        read_comparison::read_list,
    },
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead, Inside},
            body::Body,
            compared::Compared,
            page,
            query::Query,
        },
        problem::Problem,
    },
    report::Representation,
    wire::Comparison,
};

macro_rules! lists {
    ($($name:ident, $path:literal, $id:literal, $list:ident, $summary:literal, $description:literal;)+) => {
        $(
            #[utoipa::path(
                operation_id = $id,
                tag = "comparisons",
                summary = $summary,
                description = $description,
                security(("oauth" = ["comparisons:read"])),
                params(ListParameters, Compared),
                responses(
                    (
                        status = 200,
                        description = "A page of the comparison.",
                        content((Comparison = "application/json"), (String = "text/csv")),
                    ),
                    (
                        status = 404,
                        description = "No release has been published yet, or the cohort isn't one of yours.",
                    ),
                ),
            )]
            #[get($path)]
            pub async fn $name(
                access: Access<ComparisonsRead>,
                request: HttpRequest,
                query: Query<ListParameters>,
            ) -> Result<HttpResponse, Problem> {
                answer(access, &request, query.0, List::$list).await
            }
        )+
    };
}

lists! {
    techniques, "/v1/comparisons/techniques", "compare_techniques", Techniques,
        "Compare techniques with your peers",
        "Compares the scores of your techniques with your peers'. Returns parent techniques, or sub-techniques with `granularity=sub`, in the statistic that `column` selects. Your values are current; peer values are from the selected release.";
    technologies, "/v1/comparisons/technologies", "compare_technologies", Technologies,
        "Compare technologies with your peers",
        "Compares, for each technology, the number of parent techniques with at least one rule among the organisations that have the technology.";
    families, "/v1/comparisons/families", "compare_families", Families,
        "Compare families of technologies with your peers",
        "Compares, for each family of technologies, the share of covered techniques among the parent techniques that the family's technologies can see.";
    tactics, "/v1/comparisons/tactics", "compare_tactics", Tactics,
        "Compare tactics with your peers",
        "Compares, for each tactic in the order of the matrix, the share of its techniques that are covered.";
    groups, "/v1/comparisons/groups", "compare_groups", Groups,
        "Compare threat groups with your peers",
        "Compares, for each threat group, the share of covered techniques among those that ATT&CK attributes to it, directly or, from version 19.1 on, through its campaigns, rolled up to parents. Groups with fewer than five techniques are left out.";
    cells, "/v1/comparisons/cells", "compare_cells", Cells,
        "Compare cells with your peers",
        "Compares the score of each technique through each technology alone, without rolling up sub-techniques.";
}

async fn answer(
    access: Access<ComparisonsRead>,
    request: &HttpRequest,
    parameters: ListParameters,
    list: List,
) -> Result<HttpResponse, Problem> {
    let RowsAsked { query, release, representation } = parameters.read()?;
    let form = asked(request, representation);
    let name = Asked::of(request, What::List(list, form), query, release);
    let work = access.answer(name, move |inside, asked| {
        written(&read_list(&inside.app, &inside.member, list, &asked.query, asked.release)?, form)
    });
    Ok(respond(request, &*work.await?))
}

fn written(found: &compare::Answer, form: Representation) -> Result<Made, Problem> {
    let mut comparison = Comparison::from(found);
    comparison.next = comparison.next.as_deref().map(page::cursor);
    made(form, form.write(&comparison), comparison.next, &comparison.hidden)
}

/// Compare a set of techniques with your peers
///
/// Compares the techniques in the body, and counts them by your peers' coverage.
#[utoipa::path(
    operation_id = "compare_techniques_of_set",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(ListParameters, Compared),
    request_body(content = TechniqueIds, content_type = "application/json"),
    responses(
        (
            status = 200,
            description = "A page of the comparison.",
            content((Comparison = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/techniques")]
pub async fn techniques_of_set(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<ListParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let RowsAsked { mut query, release, representation } = query.0.read()?;
    let form = asked(&request, representation);
    let (body, coding) = (body.receive_json().await?, Coding::of(&request));
    let read = move |_: &Inside| {
        let ids: TechniqueIds = body.json()?;
        ids.restrict(&mut query)?;
        Ok((Asked { what: What::List(List::Techniques, form), query, release, coding }, ids))
    };
    let work = access.answer_body(read, move |inside, asked, ids| {
        let found = read_list(&inside.app, &inside.member, List::Techniques, &asked.query, asked.release);
        written(&found.map_err(|error| ids.pointed(error))?, form)
    });
    Ok(respond_once(&request, &*work.await?))
}
