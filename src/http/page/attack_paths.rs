//! Attack paths: would we see it, step by step. A path of one's own comes as a file and isn't kept.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{
    frame::{Frame, Scene},
    paths,
    place::{Place, Reading},
    reasons::name_of,
    reply::{Outcome, outcome, view},
    words,
};
use crate::{
    app::read_paths::{Paths, PathsQuery, read_paths},
    domain::scale::Level,
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            query::Query,
            upload::Upload,
            visit::Visit,
        },
        problem::Problem,
        sessions::Session,
    },
    report::text::words as said,
    sources::paths::read as read_file,
    wire::{ComparedPath, PathStep, PathsAnswer, path::listed},
};

/// The address of paths: all named ones, one of them, or those of threat groups.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(flatten)]
    place: Place,
    path: Option<String>,
    group: Option<String>,
}

#[derive(Template)]
#[template(path = "paths.html")]
struct PathsView {
    frame: Frame,
    headline: String,
    kept: Vec<(&'static str, String)>,
    group: String,
    /// Steps are shown of a single path only.
    single: bool,
    all: String,
    paths: Vec<PathLine>,
}

/// A path as a whole, with its steps.
struct PathLine {
    name: String,
    href: Option<String>,
    covered: usize,
    steps: u32,
    first: String,
    stretch: String,
    weakest: String,
    peers: String,
    dots: Vec<StepLine>,
    notes: Vec<String>,
}

struct StepLine {
    number: u32,
    name: String,
    /// The class of the own level.
    level: &'static str,
    own: String,
    peers: &'static str,
    /// IDs and addresses of its techniques.
    techniques: Vec<(String, String)>,
    through: String,
    weakest: bool,
    on_a_branch: bool,
}

pub async fn list(visit: Visit<ComparisonsRead>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let Asked { place, path, group } = query.0;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (path, group) = (filled(path), filled(group));
    let asked = match (path, &group) {
        (Some(path), None) => Paths::Named(path),
        (None, Some(group)) => Paths::Groups(group.clone()),
        (None, None) => Paths::All,
        (Some(_), Some(_)) => {
            return Err(Problem::parameter("path", "can't be combined with group: give one of them"));
        }
    };
    let group = group.unwrap_or_default();
    view(visit, move |inside, session| read(inside, session, &place, asked, group)).await
}

/// Shows the path of a file.
pub async fn import(upload: Upload<ComparisonsRead>) -> Result<HttpResponse, Problem> {
    let Upload { visit, form } = upload;
    let made = outcome(visit, move |inside, session| {
        let place = Place::of(|name| Some(form.text(name)));
        let (_, bytes) = form.file()?;
        let asked = Paths::Own(Box::new(read_file(bytes)?));
        let view = read(inside, session, &place, asked, String::new())?;
        Ok(Outcome::Show(StatusCode::OK, view))
    });
    made.await
}

fn read(
    inside: &Inside,
    session: &Session,
    place: &Place,
    asked: Paths,
    group: String,
) -> Result<PathsView, Problem> {
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let query =
        PathsQuery { paths: asked, cohort: scene.cohort.clone(), basis: scene.basis, release: scene.release };
    let found = PathsAnswer::from(&read_paths(&inside.app, &inside.member, &query)?);
    let single = found.items.len() == 1;
    let lines: Vec<PathLine> = found.items.iter().map(|path| PathLine::new(path, inside, place)).collect();
    Ok(PathsView {
        headline: headline(&found),
        kept: place.kept(),
        group,
        single,
        all: place.link(paths::PATHS),
        paths: lines,
        frame: scene.frame("Paths", paths::PATHS, place, session),
    })
}

fn headline(found: &PathsAnswer) -> String {
    match found.items.as_slice() {
        [one] => {
            let name = one.name.clone().unwrap_or_else(|| "Your path".to_owned());
            let whole = &one.whole;
            let seen = match whole.first_step_with_rule {
                Some(step) => format!("you would first see it at step {step}"),
                None => "you would see none of its steps".to_owned(),
            };
            let things = if whole.steps == 1 { "step" } else { "steps" };
            format!(
                "{name}: {seen}, and have a rule at {} of {} {things}.",
                whole.with_rule.len(),
                whole.steps
            )
        }
        several => {
            let blind = several.iter().filter(|path| path.whole.first_step_with_rule.is_none()).count();
            let count = several.len();
            match blind {
                0 => format!("You have a rule at one step or more of all {count} paths."),
                blind => format!("You have no rule at any step of {blind} of {count} paths."),
            }
        }
    }
}

impl PathLine {
    fn new(path: &ComparedPath, inside: &Inside, place: &Place) -> Self {
        let whole = &path.whole;
        let stretch = whole.longest_stretch.as_ref().map(|one| match one.from == one.to {
            true => format!("step {}", one.from),
            false => format!("steps {} to {}", one.from, one.to),
        });
        let mut notes = Vec::new();
        notes.extend((!path.ordered).then(|| "The steps have no order.".to_owned()));
        let unknown = listed(&whole.not_assessed);
        notes.extend((!whole.not_assessed.is_empty()).then(|| format!("Not assessed: {unknown}.")));
        notes.extend(path.moved.iter().map(|moved| format!("{} is {} now.", moved.from, moved.to)));
        notes.extend(path.left_out.iter().map(|left| {
            let name = left.name.as_deref().map_or_else(String::new, |name| format!(" {name}"));
            format!("{}{name} is left out: {}.", left.written, left.reason.name().replace('_', " "))
        }));
        let weakest = path.steps.iter().find(|step| Some(step.step) == whole.weakest_step);
        Self {
            name: path.name.clone().unwrap_or_else(|| "Your path".to_owned()),
            href: path.path.as_deref().map(|id| place.with(paths::PATHS, &[("path", id)])),
            covered: whole.with_rule.len(),
            steps: whole.steps,
            first: whole
                .first_step_with_rule
                .map_or_else(|| "nowhere".to_owned(), |step| format!("step {step}")),
            stretch: stretch.unwrap_or_else(|| "none".to_owned()),
            weakest: weakest
                .map_or_else(|| "–".to_owned(), |step| format!("step {}, {}", step.step, step.name)),
            peers: whole.peers.words.clone(),
            dots: path
                .steps
                .iter()
                .map(|step| StepLine::new(step, whole.weakest_step, inside, place))
                .collect(),
            notes,
        }
    }
}

impl StepLine {
    fn new(step: &PathStep, weakest: Option<u32>, inside: &Inside, place: &Place) -> Self {
        let level = match (step.own.score, step.own.level) {
            (None, _) => "unassessed",
            (Some(_), Some(Level::Full)) => "full",
            (Some(_), Some(Level::Partial)) => "partial",
            (Some(_), Some(Level::None)) | (Some(0), None) => "none",
            (Some(_), None) => "partial",
        };
        let techniques = step.ways.iter().flat_map(|way| &way.techniques).map(|technique| {
            (technique.technique.clone(), place.link(&paths::technique(&technique.technique)))
        });
        // Some names have commas.
        let names = |ids: &[String]| ids.iter().map(|id| name_of(inside, id)).collect::<Vec<_>>().join("; ");
        let through = match (step.covered_through.as_slice(), step.can_see.as_slice()) {
            ([], []) => "none of your technologies can see it".to_owned(),
            ([], seeing) => format!("no rule yet; it can be seen by {}", names(seeing)),
            (covering, _) => format!("through {}", names(covering)),
        };
        Self {
            number: step.step,
            name: words::capital(&step.name),
            level,
            own: step.own.score.map_or_else(|| "not assessed".to_owned(), |score| score.to_string()),
            peers: step.coverage.map_or("not released", said::coverage),
            techniques: techniques.collect(),
            through,
            weakest: Some(step.step) == weakest,
            on_a_branch: step.on_a_branch,
        }
    }
}
