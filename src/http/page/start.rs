//! The overview before there is anything to compare: what is missing, what to do, and public rule libraries as a reference.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{
    frame::Frame,
    paths,
    place::{Place, Reading},
    refusal::Refusal,
    reply::{Outcome, outcome},
};
use crate::{
    app::read_report::{ReportQuery, read_report},
    domain::cohort::Cohort,
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            visit::Visit,
        },
        problem::{Kind, Problem},
        sessions::Session,
    },
    report::{story::LIBRARIES, table::grouped, text::rules_named},
    wire::{
        Report,
        library::{Beside, Uncovered},
    },
};

#[derive(Template)]
#[template(path = "start.html")]
struct StartView {
    frame: Frame,
    headline: &'static str,
    advice: String,
    /// The next step, with its address.
    next: (&'static str, &'static str),
    heading: &'static str,
    libraries: Vec<LibraryRow>,
    /// Something of one's own stands beside the libraries.
    has_own: bool,
    uncovered: Vec<UncoveredRow>,
}

/// A library, and the own coverage of what it has rules for.
struct LibraryRow {
    name: String,
    date: String,
    rules: String,
    techniques: u32,
    within_reach: String,
    covered: String,
}

/// A technique that isn't covered and that libraries have rules for.
struct UncoveredRow {
    technique: String,
    name: String,
    rules: String,
}

/// True if a refusal is about a comparison that can't be made yet.
pub fn is_early(problem: &Problem) -> bool {
    matches!(problem.kind(), Kind::NotPublished | Kind::NothingContributed)
}

/// Answers with the page in the place of an overview, with the status of the refusal.
pub async fn show(
    request: &HttpRequest,
    session: Arc<Session>,
    place: Place,
    problem: Problem,
) -> Result<HttpResponse, Problem> {
    let visit = Visit::<ComparisonsRead>::of(request, session)?;
    let shown = outcome(visit, move |inside, session| {
        Ok(Outcome::Show(problem.kind().status(), read(inside, session, &place, &problem)?))
    });
    shown.await
}

fn read(inside: &Inside, session: &Session, place: &Place, problem: &Problem) -> Result<StartView, Problem> {
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let common = reading.done(common)?;
    let query = ReportQuery { cohort: Cohort::All, basis: common.basis, release: None, groups: None };
    let report = Report::from(&read_report(&inside.app, &inside.member, &query)?);
    let libraries = report.libraries.as_ref();
    let rows: Vec<LibraryRow> =
        libraries.iter().flat_map(|reference| &reference.libraries).map(LibraryRow::new).collect();
    let (headline, next) = match problem.kind() {
        Kind::NothingContributed => {
            ("Nothing to compare yet: upload a snapshot first.", ("Upload a snapshot", paths::DATA))
        }
        _ => (
            "Nothing to compare yet: no release has been published.",
            ("Read what will be published, and what others can learn", paths::PROMISE),
        ),
    };
    let advice = match problem.kind() {
        Kind::NothingContributed => Refusal::of(problem).detail,
        _ => "Your peers’ numbers appear with the first release. The operator of the service can tell when it’s due."
            .to_owned(),
    };
    Ok(StartView {
        headline,
        advice,
        next,
        heading: LIBRARIES,
        has_own: rows.iter().any(|row| row.covered != "–"),
        libraries: rows,
        uncovered: libraries
            .iter()
            .flat_map(|reference| &reference.uncovered)
            .map(UncoveredRow::new)
            .collect(),
        frame: Frame::plain("Overview", paths::ROOT, inside, place, session)?,
    })
}

impl LibraryRow {
    fn new(beside: &Beside) -> Self {
        let Beside { about, within_reach, covered } = beside;
        let or_dash = |count: &Option<u32>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
        Self {
            name: about.name.clone(),
            date: about.date.to_string(),
            rules: usize::try_from(about.rules).map_or_else(|_| about.rules.to_string(), grouped),
            techniques: about.techniques,
            within_reach: or_dash(within_reach),
            covered: or_dash(covered),
        }
    }
}

impl UncoveredRow {
    fn new(uncovered: &Uncovered) -> Self {
        Self {
            technique: uncovered.technique.clone(),
            name: uncovered.name.clone(),
            rules: rules_named(&uncovered.rules_available),
        }
    }
}
