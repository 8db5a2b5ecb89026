//! `GET` and `POST /v1/comparisons/paths`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::form::{asked, made, respond};
use crate::{
    app::read_paths::{Paths, PathsQuery, ReadPathsError, read_paths},
    domain::cohort::Cohort,
    http::{
        answers::{Asked, What},
        extract::{
            access::{Access, ComparisonsRead},
            body::Body,
            compared::{Common, Compared, Reading},
            query::Query,
        },
        failures::sentence,
        problem::{FieldError, Kind, Problem},
        reply,
    },
    report::Representation,
    sources::paths::{PathReadError, read},
    wire::{PathsAnswer, names},
};

/// The query of paths.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PathsParameters {
    /// Name of one path. All named paths if neither this nor `group` nor `steps` is given.
    #[param(example = "edge-to-ransomware")]
    path: Option<String>,
    /// Threat groups, whose techniques make a path each in the order of tactics: IDs, names or aliases, separated by commas.
    #[param(example = "APT29")]
    group: Option<String>,
    /// Steps, separated by semicolons: techniques separated by bars, any of which would show the step, or a tactic.
    #[param(example = "T1566|T1204;T1059;TA0008")]
    steps: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    compared: Compared,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

impl PathsParameters {
    fn read(self) -> Result<(PathsQuery, Option<Representation>), Problem> {
        let mut reading = Reading::default();
        let form = reading.take("format", self.format.as_ref(), str::parse);
        let Common { cohort, basis, release } = self.compared.read(&mut reading);
        let query = PathsQuery { paths: Paths::All, cohort: cohort.unwrap_or(Cohort::All), basis, release };
        let (query, form) = reading.done((query, form))?;
        let chosen = match (self.path, self.group, self.steps) {
            (None, None, None) => Paths::All,
            (Some(id), None, None) => Paths::Named(id),
            (None, Some(groups), None) => Paths::Groups(groups),
            (None, None, Some(steps)) => Paths::Steps(steps),
            _ => {
                return Err(Problem::parameter(
                    "path",
                    "can't be combined: give one of path, group and steps",
                ));
            }
        };
        Ok((PathsQuery { paths: chosen, ..query }, form))
    }
}

/// Compare attack paths
///
/// Returns for each step of a path your score, your technologies that can see it, and how many of your peers have a rule for
/// it; for the path as a whole the steps with a rule, the longest stretch without one, the first step with a rule and the
/// weakest step. Without parameters, returns all named paths. No probability is invented.
#[utoipa::path(
    operation_id = "list_paths",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(PathsParameters, Compared),
    responses(
        (
            status = 200,
            description = "The paths that were asked for.",
            content((PathsAnswer = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/comparisons/paths")]
pub async fn list(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<PathsParameters>,
) -> Result<HttpResponse, Problem> {
    let (query, named) = query.0.read()?;
    let form = asked(&request, named);
    let what = What::Of("paths", format!("{query:?} {form}"));
    let name = Asked::of(&request, what, Default::default(), None);
    let work = access.answer(name, move |inside, _| {
        let found = PathsAnswer::from(&read_paths(&inside.app, &inside.member, &query)?);
        made(form, form.write(&found), None, &BTreeMap::new())
    });
    Ok(respond(&request, &*work.await?))
}

/// Compare your own attack path
///
/// Takes an Attack Flow (a file of the builder, version 2 or 3, or a STIX bundle) or a layer of the ATT&CK Navigator, and
/// returns the comparison of its steps. Actions without a technique are unknown steps; techniques of other domains are left
/// out and named. Nothing of the body is stored.
#[utoipa::path(
    operation_id = "compare_path",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(Compared),
    request_body(
        content = names::AttackPathDocument,
        content_type = "application/json",
        description = "The flow or the layer, as its program saves it; at most 4 MiB.",
    ),
    responses(
        (status = 200, description = "The path with what you and your peers see of it.", body = PathsAnswer),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/paths")]
pub async fn compare(
    access: Access<ComparisonsRead>,
    query: Query<Compared>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let (asked, _) = PathsParameters { compared: query.0, ..PathsParameters::default() }.read()?;
    let body = body.receive_large().await?;
    let found = access.run(move |inside| {
        let draft = read(&body.decode()?)?;
        let asked = PathsQuery { paths: Paths::Own(Box::new(draft)), ..asked };
        Ok::<_, Problem>(PathsAnswer::from(&read_paths(&inside.app, &inside.member, &asked)?))
    });
    reply::result(&found.await?)
}

impl From<ReadPathsError> for Problem {
    fn from(error: ReadPathsError) -> Self {
        let parameter = match error {
            ReadPathsError::Comparison(error) => return error.into(),
            ReadPathsError::Nothing(error) => {
                return Self::new(Kind::Invalid, "There is nothing to compare. See errors.")
                    .with_errors([FieldError::at("", error.to_string())]);
            }
            ReadPathsError::UnknownPath => "path",
            ReadPathsError::Steps(_) => "steps",
            ReadPathsError::Group(_) => "group",
        };
        Self::parameter(parameter, error.to_string())
    }
}

impl From<PathReadError> for Problem {
    fn from(error: PathReadError) -> Self {
        match error {
            PathReadError::TooLarge => Self::new(Kind::TooLarge, sentence(&error)),
            PathReadError::Malformed { .. } => Self::new(Kind::MalformedBody, sentence(&error)),
            PathReadError::Invalid(error) => {
                Self::new(Kind::Invalid, "The body is no attack path. See errors.").with_errors([error])
            }
        }
    }
}
