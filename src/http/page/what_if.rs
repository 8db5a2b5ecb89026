//! Changes that a member thinks about, and how its positions would move. They stay in the session and are in no address.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{
    changes::{Candidate, Effect, Picks, candidates, effect},
    choice::Choice,
    frame::{Frame, Scene},
    measures::measures,
    paths,
    place::{Place, Reading},
    reasons::name_of,
    reply::{Outcome, fresh, outcome},
};
use crate::{
    app::{
        check_snapshot::check_snapshot,
        compare::{CompareError, Query as Compare},
        read_comparison::{ReadComparisonError, read_fewest_changes},
    },
    domain::{
        comparison::{Measure, Target},
        snapshot::Snapshot,
    },
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            query::Query,
            upload::Upload,
            visit::{Posted, Visit},
        },
        problem::Problem,
        sessions::Session,
        v1::snapshots::check::refusal,
    },
    report::text::fewest_told,
    wire::what_if::FewestChanges,
};

/// The address: the measure to raise and its target.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(flatten)]
    place: Place,
    measure: Option<String>,
    target: Option<String>,
}

/// The fields of a form, as pairs, because several picks have the same name.
type Fields = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "what_if.html")]
struct WhatIfView {
    frame: Frame,
    headline: String,
    /// A sentence on the fewest changes.
    fewest: String,
    notice: &'static str,
    filters: Vec<Choice>,
    kept: Vec<(&'static str, String)>,
    measure: String,
    target: String,
    candidates: Vec<Candidate>,
    technologies: Vec<Choice>,
    effect: Option<Effect>,
}

pub async fn what_if(visit: Visit<ComparisonsRead>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let asked = query.0;
    let session = visit.session();
    let unsent = session.unsent(paths::WHAT_IF).or_else(|| session.unsent(paths::WHAT_IF_ADD));
    let notice = match unsent {
        None => "",
        Some(fields) => {
            session.pick(fields);
            "Your session had ended. These are the changes that you picked."
        }
    };
    fresh(visit, move |inside, session| read(inside, session, asked, notice, None)).await
}

/// Holds the changes that a form names, and shows their effect.
pub async fn choose(form: Posted<ComparisonsRead, Fields>) -> Result<HttpResponse, Problem> {
    let Posted { visit, fields } = form;
    let done = outcome::<_, WhatIfView>(visit, move |_, session| {
        let back = address(&fields);
        session.pick(Picks::of(&fields).encoded());
        Ok(Outcome::See(format!("{back}#effect")))
    });
    done.await
}

/// Adds a change to those that are held.
pub async fn add(form: Posted<ComparisonsRead, Fields>) -> Result<HttpResponse, Problem> {
    let Posted { visit, fields } = form;
    let done = outcome::<_, WhatIfView>(visit, move |_, session| {
        let held = Picks::read(&session.picks()).and(Picks::of(&fields));
        session.pick(held.encoded());
        Ok(Outcome::See(format!("{}#effect", address(&fields))))
    });
    done.await
}

/// Shows the effect of a whole snapshot, which isn't kept.
pub async fn pack(upload: Upload<ComparisonsRead>) -> Result<HttpResponse, Problem> {
    let Upload { visit, form } = upload;
    let shown = outcome(visit, move |inside, session| {
        let asked = Asked { place: Place::of(|name| Some(form.text(name))), ..Asked::default() };
        let (_, bytes) = form.file()?;
        let checked = check_snapshot(&inside.app, bytes).map_err(|error| {
            refusal(error).with_detail("This file isn't a valid snapshot, so it has no effect to show.")
        })?;
        Ok(Outcome::Show(StatusCode::OK, read(inside, session, asked, "", Some(checked.snapshot))?))
    });
    shown.await
}

/// The address of the view that a form was on.
fn address(fields: &Fields) -> String {
    let field = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone())
    };
    let (measure, target) = (field("measure").unwrap_or_default(), field("target").unwrap_or_default());
    Place::of(field).with(paths::WHAT_IF, &[("measure", &measure), ("target", &target)])
}

fn read(
    inside: &Inside,
    session: &Session,
    asked: Asked,
    notice: &'static str,
    pack: Option<Snapshot>,
) -> Result<WhatIfView, Problem> {
    let Asked { place, measure, target } = asked;
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let measure = reading.take("measure", measure.as_ref(), str::parse).unwrap_or(Measure::Overall);
    let target = reading.take("target", target.as_ref(), str::parse).unwrap_or(Target::P50);
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let query = Compare { cohort: scene.cohort.clone(), basis: scene.basis, ..Compare::default() };
    let found = read_fewest_changes(&inside.app, &inside.member, &query, scene.release, (&measure, target));
    let fewest = match found {
        Ok(found) => Some(FewestChanges::from(&found)),
        Err(ReadComparisonError::Compare(CompareError::NoTarget(_))) => None,
        Err(error) => return Err(error.into()),
    };
    let picks = Picks::read(&session.picks());
    let effect = effect(inside, &scene, &query, &picks, pack)?;
    let targets = [("p50", "the median"), ("p75", "the upper quartile")];
    let targets = targets.map(|(value, name)| (value.to_owned(), name.to_owned())).into();
    Ok(WhatIfView {
        headline: match &effect {
            Some(effect) => effect.headline.clone(),
            None => "Pick changes, and see your positions move.".to_owned(),
        },
        fewest: sentence(fewest.as_ref(), inside),
        notice,
        filters: vec![
            Choice::new("measure", "Raise", "", measures(inside, &scene, &measure)?, &measure.to_string()),
            Choice::new("target", "To", "", targets, &target.to_string()),
        ],
        kept: place.kept(),
        measure: measure.to_string(),
        target: target.to_string(),
        candidates: candidates(inside, &scene, &query, fewest.as_ref(), &picks, &place)?,
        technologies: picks.technologies(inside),
        effect,
        frame: scene.frame("What if", paths::WHAT_IF, &place, session),
    })
}

/// The fewest changes in a sentence.
fn sentence(fewest: Option<&FewestChanges>, inside: &Inside) -> String {
    let Some(fewest) = fewest else {
        return "Your peers' number isn't released for this measure, so no fewest changes lead to it."
            .to_owned();
    };
    let through = fewest.changes.first().map(|change| name_of(inside, &change.technology));
    let first = match (fewest.changes.len(), through) {
        (0, _) | (_, None) => String::new(),
        (1, Some(name)) => format!(" It comes first in the list, through {name}."),
        (_, Some(name)) => format!(" They come first in the list, the first through {name}."),
    };
    fewest_told(fewest) + &first
}
