//! `GET /v1/comparisons/techniques`, `technologies`, `families`, `tactics`, `groups`, `cells`: one answer under six names.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post};

use super::{ids::TechniqueIds, query::ListParameters};
use crate::{
    app::{compare::List, read_comparison::read_list},
    http::{
        accept::preferred,
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead},
            body::Body,
            page,
            query::Query,
        },
        problem::Problem,
        reply,
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
                params(ListParameters),
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
    let asked = parameters.read()?;
    let representation = asked.representation.unwrap_or_else(|| accepted(request));
    let name = Asked {
        what: What::List(list, representation),
        query: asked.query,
        release: asked.release,
        coding: Coding::of(request),
    };
    let work = access.answer(name, move |inside, asked| {
        let found = read_list(&inside.app, &inside.member, list, &asked.query, asked.release)?;
        let mut comparison = Comparison::from(&found);
        comparison.next = comparison.next.as_deref().map(page::cursor);
        let body = representation.write(&comparison).map_err(Problem::internal)?;
        Ok(Made { content_type: representation.content_type(), body, next: comparison.next })
    });
    let answer = work.await?;
    let mut response = answer.respond(request);
    let headers = response.headers_mut();
    // What is answered depends on `Accept`, which caches must know.
    headers.append(header::VARY, header::HeaderValue::from_static("accept"));
    if !representation.holds_next()
        && let Some(link) = answer.next.as_ref().and_then(|next| following(request, next).parse().ok())
    {
        headers.insert(header::LINK, link);
    }
    Ok(response)
}

/// Compare a set of techniques with your peers
///
/// Compares the techniques in the body, and counts them by your peers' coverage.
#[utoipa::path(
    operation_id = "compare_techniques_of_set",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(ListParameters),
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
    let mut asked = query.0.read()?;
    let representation = asked.representation.unwrap_or_else(|| accepted(&request));
    let body = body.receive_json().await?;
    let made = access.run(move |inside| {
        let ids: TechniqueIds = body.json()?;
        ids.restrict(&mut asked.query)?;
        let found = read_list(&inside.app, &inside.member, List::Techniques, &asked.query, asked.release);
        let found = found.map_err(|error| ids.pointed(error))?;
        let mut comparison = Comparison::from(&found);
        comparison.next = comparison.next.as_deref().map(page::cursor);
        let body = representation.write(&comparison).map_err(Problem::internal)?;
        Ok::<_, Problem>(Made { content_type: representation.content_type(), body, next: comparison.next })
    });
    Ok(sent(&request, representation, made.await?))
}

/// The answer to a question that came in a body: nobody keeps it.
pub(super) fn sent(request: &HttpRequest, representation: Representation, made: Made) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, made.content_type))
        .insert_header((header::CACHE_CONTROL, reply::Cache::Never.header()))
        .append_header((header::VARY, "accept"));
    if let Some(next) = made.next.filter(|_| !representation.holds_next()) {
        response.insert_header((header::LINK, following(request, &next)));
    }
    response.body(made.body)
}

/// The form that `Accept` prefers among those that there are; JSON if it doesn't say.
pub(super) fn accepted(request: &HttpRequest) -> Representation {
    let media_types = Representation::ALL.map(Representation::content_type);
    let preferred = preferred(request, &media_types);
    let form = Representation::ALL.into_iter().find(|form| Some(form.content_type()) == preferred);
    form.unwrap_or(Representation::Json)
}

/// The link of the next page (RFC 8288), for a form that has no place for `next`.
pub(super) fn following(request: &HttpRequest, next: &str) -> String {
    let others =
        form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("cursor", next)
        .finish();
    format!("<{}?{query}>; rel=\"next\"", request.path())
}
