//! `GET /v1/report`

use actix_web::{HttpRequest, HttpResponse, get, http::header};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::{
        compare::Query as CompareQuery,
        read_report::{ReportQuery, read_report},
    },
    domain::cohort::Cohort,
    http::{
        accept::preferred,
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead},
            compared::{Common, Compared, Reading},
            query::Query,
        },
        problem::{FieldError, Problem},
    },
    report::form::Choices,
    wire::{Report, choices::ReportForm, names, navigator::Layer},
};

/// The query of a report.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReportParameters {
    #[serde(flatten)]
    #[param(ignore)]
    compared: Compared,
    /// Threat groups to show, and to weigh gaps by: IDs, names or aliases, separated by commas. All if omitted.
    #[param(example = "APT29,G0102")]
    groups: Option<String>,
    /// Format of the report. `Accept` decides if omitted.
    #[param(value_type = Option<names::ReportFormat>)]
    format: Option<String>,
    /// Paper of a PDF. `a4` if omitted.
    #[param(value_type = Option<names::ReportPaper>)]
    paper: Option<String>,
    /// Drawing of an SVG. `heat_map` if omitted.
    #[param(value_type = Option<names::ReportDrawing>)]
    drawing: Option<String>,
    /// Number that a Navigator layer shows. `difference` if omitted.
    #[param(value_type = Option<names::NavigatorLayerKind>)]
    layer: Option<String>,
}

impl ReportParameters {
    fn read(self) -> Result<(ReportQuery, Choices, Option<ReportForm>), Problem> {
        let mut reading = Reading::default();
        let choices = Choices {
            paper: reading.take("paper", self.paper.as_ref(), str::parse).unwrap_or_default(),
            drawing: reading.take("drawing", self.drawing.as_ref(), str::parse).unwrap_or_default(),
            layer: reading.take("layer", self.layer.as_ref(), str::parse).unwrap_or_default(),
            groups_asked: self.groups.is_some(),
        };
        let form = reading.take("format", self.format.as_ref(), str::parse);
        let Common { cohort, basis, release } = self.compared.read(&mut reading);
        let query =
            ReportQuery { cohort: cohort.unwrap_or(Cohort::All), basis, release, groups: self.groups };
        reading.done((query, choices, form))
    }
}

/// Read a report to hand on
///
/// Returns where you stand among your peers as one document: the headline, tactics, the gaps to close first, what changed
/// since the release before, technologies, threat groups and the matrix of techniques. As a PDF or HTML page it can be handed
/// on, as a workbook or Markdown worked with, as an SVG or a Navigator layer (format 4.5) shown elsewhere. Before there is
/// anything to compare, the report says so.
#[utoipa::path(
    operation_id = "read_report",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(ReportParameters, Compared),
    responses(
        (
            status = 200,
            description = "The report in the requested format.",
            content(
                (Report = "application/json"),
                (String = "text/html"),
                (names::BinaryFile = "application/pdf"),
                (names::BinaryFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                (String = "text/markdown"),
                (String = "image/svg+xml"),
                (Layer = "application/vnd.mitre.attack-navigator+json"),
            ),
        ),
        (status = 404, description = "The release doesn't exist, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/report")]
pub async fn read(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<ReportParameters>,
) -> Result<HttpResponse, Problem> {
    let ReportParameters { paper, drawing, layer, .. } = &query.0;
    let [paper, drawing, layer] = [paper, drawing, layer].map(Option::is_some);
    let (query, choices, named) = query.0.read()?;
    let form = named.unwrap_or_else(|| accepted(&request));
    let misplaced = form.misplaced(paper, drawing, layer);
    if !misplaced.is_empty() {
        let refused = |(name, of): (&str, ReportForm)| {
            FieldError::parameter(name, format!("belongs to the format {of} alone; this is {form}"))
        };
        return Err(Problem::parameters(misplaced.into_iter().map(refused)));
    }
    let name = Asked {
        what: What::Of("report", format!("{form} {choices:?} {:?}", query.groups)),
        query: CompareQuery { cohort: query.cohort.clone(), basis: query.basis, ..CompareQuery::default() },
        release: query.release,
        coding: Coding::of(&request),
    };
    let work = access.answer_in_turn(name, move |inside, _| {
        let report = Report::from(&read_report(&inside.app, &inside.member, &query)?);
        let body = form.write(&report, choices).map_err(Problem::internal)?;
        Ok(Made::new(form.content_type(), body))
    });
    let mut response = work.await?.respond(&request);
    // What is answered depends on `Accept`, which caches must know.
    response.headers_mut().append(header::VARY, header::HeaderValue::from_static("accept"));
    Ok(response)
}

/// The form that `Accept` prefers among those that there are; JSON if it doesn't say.
fn accepted(request: &HttpRequest) -> ReportForm {
    let preferred = preferred(request, &ReportForm::ALL.map(ReportForm::content_type));
    let form = ReportForm::ALL.into_iter().find(|form| Some(form.content_type()) == preferred);
    form.unwrap_or(ReportForm::Json)
}
