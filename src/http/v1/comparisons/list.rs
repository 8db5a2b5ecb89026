//! `GET /v1/comparisons/techniques`, `technologies`, `families`, `tactics`, `groups`, `cells`: one answer under six names.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse, get,
    http::header::{self, Accept},
};

use super::query::ListParameters;
use crate::{
    app::{compare::List, read_comparison::read_list},
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead},
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
                params(ListParameters),
                responses(
                    (
                        status = 200,
                        description = "A page of lines.",
                        content((Comparison = "application/json"), (String = "text/csv")),
                    ),
                    (
                        status = 404,
                        description = "Nothing is published yet, or the release or cohort is not one of the caller's.",
                        body = inline(crate::http::problem::Document<'_>),
                        content_type = "application/problem+json",
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
        "The own techniques among the peers'",
        "Parent techniques, or sub-techniques with `granularity=sub`; in the statistic that `column` chooses.";
    technologies, "/v1/comparisons/technologies", "compare_technologies", Technologies,
        "Techniques covered through each technology, among its owners",
        "The number of parent techniques with at least one rule through a technology.";
    families, "/v1/comparisons/families", "compare_families", Families,
        "Share of techniques covered, per family of technologies",
        "Of the parent techniques that the family's technologies can see.";
    tactics, "/v1/comparisons/tactics", "compare_tactics", Tactics,
        "Share of techniques covered, per tactic",
        "In the order of the matrix.";
    groups, "/v1/comparisons/groups", "compare_groups", Groups,
        "Share of techniques covered, per threat group",
        "Of the techniques that ATT&CK attributes to the group directly, rolled up to parents; not under five.";
    cells, "/v1/comparisons/cells", "compare_cells", Cells,
        "Scores per technique and technology",
        "Each technique through each technology alone, sub-techniques not rolled up.";
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

/// The form that `Accept` prefers, among those that there are.
fn accepted(request: &HttpRequest) -> Representation {
    let ranked = request.get_header::<Accept>().map(|accept| accept.ranked()).unwrap_or_default();
    let unasked = Representation::Json;
    let form = |kind: &str| match kind {
        "*/*" => Some(unasked),
        kind => Representation::ALL.into_iter().find(|form| media_type(form.content_type()) == kind),
    };
    ranked.iter().find_map(|kind| form(kind.essence_str())).unwrap_or(unasked)
}

/// What stands before the parameters.
fn media_type(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

/// The link of the next page (RFC 8288), for a form that has no place for `next`.
fn following(request: &HttpRequest, next: &str) -> String {
    let others =
        form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("cursor", next)
        .finish();
    format!("<{}?{query}>; rel=\"next\"", request.path())
}
