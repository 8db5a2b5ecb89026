//! The overview: one sentence on where the member stands, the three gaps to close first, what has changed, and the strips.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{
    frame::{Frame, Scene},
    line::Line,
    paths,
    place::{Place, Reading},
    reasons::reasons,
    reply::view,
    start,
    strip::most,
};
use crate::{
    app::{
        compare::{Query as Compare, gaps::GapQuery},
        privacy_terms::privacy_terms,
        read_changes::{ChangesQuery, MeasureKind, read_changes},
        read_comparison::read_summary,
        read_gaps::read_gaps,
    },
    domain::comparison::Measure,
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            query::Query,
            visit::Visit,
        },
        problem::Problem,
        sessions::Session,
    },
    report::{published::published, story},
    store::release::Release,
    wire::{
        ChangesAnswer, ComparisonSummary, MeasuredSide, Quantile,
        gap::{Gap, Gaps},
    },
};

/// Gaps among which the first are found: those that were accepted are passed over.
const AMONG: usize = 100;
/// Days that a quarter has at least.
const QUARTER_DAYS: i64 = 80;
const MOST_CHANGES: usize = 1_000;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    own: String,
    peers: String,
    /// The position among the peers in words.
    position: String,
    facts: Vec<String>,
    overall: Line,
    /// Overall, then each tactic.
    whole: Vec<Line>,
    technologies: Vec<Line>,
    gaps: Vec<First>,
    gap_count: u32,
    all_gaps: String,
    changes: Option<Changes>,
    /// Members that a published group has at least.
    least: u32,
    promise: &'static str,
}

/// A gap to close first.
struct First {
    technique: String,
    name: String,
    href: String,
    reasons: Vec<String>,
}

/// Changes since an earlier release.
struct Changes {
    number: u32,
    since: String,
    verdict: String,
    /// The verdict without its full stop.
    short: String,
    own: String,
    peers: String,
}

pub async fn overview(
    request: HttpRequest,
    visit: Visit<ComparisonsRead>,
    query: Query<Place>,
) -> Result<HttpResponse, Problem> {
    let (place, session) = (query.0, visit.session());
    let asked = place.clone();
    match view(visit, move |inside, session| read(inside, session, &asked)).await {
        Err(problem) if start::is_early(&problem) => start::show(&request, session, place, problem).await,
        shown => shown,
    }
}

fn read(inside: &Inside, session: &Session, place: &Place) -> Result<Overview, Problem> {
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let query = Compare { cohort: scene.cohort.clone(), basis: scene.basis, ..Compare::default() };
    let (app, member) = (&inside.app, &inside.member);
    let summary = ComparisonSummary::from(&read_summary(app, member, &query, scene.release)?);
    let asked = GapQuery { base: Compare { limit: AMONG, ..query }, ..GapQuery::default() };
    let gaps = Gaps::from(&read_gaps(app, member, &asked, scene.release)?);
    let cohort = scene.cohort.to_string();
    let line = |item, most| Line::new(item, &cohort, most);
    let [own, peers] = story::headline(&summary);
    let technologies = most(summary.technologies.iter().map(|item| item.shown().1));
    Ok(Overview {
        own,
        peers,
        position: story::place_of(&summary),
        facts: story::facts(&summary),
        overall: line(&summary.overall, 100),
        whole: std::iter::once(&summary.overall)
            .chain(&summary.tactics)
            .map(|item| line(item, 100))
            .collect(),
        technologies: summary.technologies.iter().map(|item| line(item, technologies)).collect(),
        gaps: story::close_first(&gaps).into_iter().map(|gap| First::new(gap, inside, place)).collect(),
        gap_count: gaps.behind,
        all_gaps: place.link(paths::GAPS),
        changes: changes(inside, &scene)?,
        least: privacy_terms(app).parameters.k,
        promise: paths::PROMISE,
        frame: scene.frame("Overview", paths::ROOT, place, session),
    })
}

impl First {
    fn new(gap: &Gap, inside: &Inside, place: &Place) -> Self {
        Self {
            technique: gap.technique.clone(),
            name: gap.name.clone(),
            href: place.link(&paths::technique(&gap.technique)),
            reasons: reasons(gap, inside),
        }
    }
}

/// Finds the changes in about a quarter, or since the first release. An earlier release has no "now".
fn changes(inside: &Inside, scene: &Scene) -> Result<Option<Changes>, Problem> {
    let (Some(latest), true) = (scene.releases.first(), scene.is_latest()) else { return Ok(None) };
    let age = |days: i64| {
        move |earlier: &&Release| {
            (latest.cut_off - earlier.cut_off).num_days() >= days && earlier.number < latest.number
        }
    };
    let quarter = scene.releases.iter().find(age(QUARTER_DAYS));
    let Some(since) = quarter.or(scene.releases.iter().rfind(age(0))) else { return Ok(None) };
    let query = ChangesQuery {
        since: since.number,
        cohort: scene.cohort.clone(),
        basis: scene.basis,
        kinds: vec![MeasureKind::Overall, MeasureKind::Technique],
        limit: MOST_CHANGES,
        cursor: None,
    };
    let found = ChangesAnswer::from(&read_changes(&inside.app, &inside.member, &query)?);
    let (mut gained, mut lost) = (0_u32, 0_u32);
    for item in found.items.iter().filter(|item| matches!(item.measure, Measure::Technique(_))) {
        match (item.then.own.value(), item.now.own.value()) {
            (Some(0), Some(now)) if now > 0 => gained += 1,
            (Some(then), Some(0)) if then > 0 => lost += 1,
            _ => {}
        }
    }
    let overall = found.items.iter().find(|item| item.measure == Measure::Overall);
    let (verdict, own, peers) = match overall {
        None => (
            "Nothing moved overall.".to_owned(),
            "Your share is unchanged".to_owned(),
            "The median of your peers is unchanged.".to_owned(),
        ),
        Some(item) => {
            let change = &item.change;
            let share = |side: &MeasuredSide| side.own.value();
            let own = match (share(&item.then), share(&item.now)) {
                (Some(then), Some(now)) if then == now => format!("Your share is unchanged at {now}%"),
                (Some(then), Some(now)) => format!("Your share went from {then}% to {now}%"),
                _ => "Your share then is unknown".to_owned(),
            };
            let median = |side: &MeasuredSide| published(&side.peers, Quantile::P50);
            let peers = match (median(&item.then), median(&item.now)) {
                (Some(then), Some(now)) if then == now => {
                    format!("The median of your peers stayed at {now}%.")
                }
                (Some(then), Some(now)) if change.meaningful == Some(false) => {
                    format!(
                        "The median of your peers moved from {then}% to {now}%, no more than rounding does."
                    )
                }
                (Some(then), Some(now)) => format!("The median of your peers went from {then}% to {now}%."),
                _ => "The median of your peers isn't released in both.".to_owned(),
            };
            (verdict(change.own_change, change.difference_change), own, peers)
        }
    };
    let moved = match (gained, lost) {
        (0, 0) => "no technique gained or lost".to_owned(),
        (1, 0) => "1 technique gained, none lost".to_owned(),
        (gained, 0) => format!("{gained} techniques gained, none lost"),
        (0, 1) => "1 technique lost, none gained".to_owned(),
        (0, lost) => format!("{lost} techniques lost, none gained"),
        (1, lost) => format!("1 technique gained, {lost} lost"),
        (gained, lost) => format!("{gained} techniques gained, {lost} lost"),
    };
    Ok(Some(Changes {
        number: since.number,
        short: verdict.trim_end_matches('.').to_owned(),
        since: format!("release {} of {}", since.number, since.cut_off.format("%Y-%m-%d")),
        verdict,
        own: format!("{own}: {moved}."),
        peers,
    }))
}

fn verdict(own: Option<i16>, difference: Option<i16>) -> String {
    match (own, difference) {
        // How far is in the sentence after it: the difference is taken between rounded values, and would not add up.
        (Some(own), Some(difference)) if own > 0 && difference > 0 => {
            "It helped: you gained on your peers.".to_owned()
        }
        (Some(own), Some(_)) if own > 0 => "You improved, and so did your peers.".to_owned(),
        (Some(own), None) if own > 0 => format!("You improved by {own} {}.", points(own)),
        (Some(own), _) if own < 0 => format!("You lost {} {}.", -own, points(-own)),
        _ => "You stayed where you were.".to_owned(),
    }
}

fn points(count: i16) -> &'static str {
    if count == 1 { "point" } else { "points" }
}
