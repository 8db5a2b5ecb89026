//! One technique: where the member stands, why to close the gap and through what, and the decision in the member's book.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use askama::Template;
use serde::Deserialize;

use super::{
    changes::technology,
    frame::{Frame, Scene},
    line::Line,
    paths,
    place::{Place, Reading},
    reasons::reasons,
    refusal,
    reply::{Outcome, fresh, outcome, view},
    words,
};
use crate::{
    app::{
        compare::{CompareError, Filters, List, Query as Compare, gaps::GapQuery},
        decide_gap::decide_gap,
        libraries::available,
        read_comparison::{ReadComparisonError, read_list},
        read_gaps::read_gaps,
    },
    domain::{
        access::Scope,
        attack::TechniqueId,
        column::Column,
        comparison::{AcceptedReason, GapStatus, TechniqueSet, Word},
        facts::Facts,
    },
    http::{
        extract::{
            access::{ComparisonsRead, GapsWrite, Inside},
            query::{Query, parse},
            visit::{Posted, Visit},
        },
        problem::Problem,
        sessions::Session,
        v1::gaps::decide::Request,
    },
    report::{story::who_covers, text::status},
    wire::{
        Comparison, ComparisonItem, Own, Row,
        gap::{Gap, Gaps},
        library::RulesAvailable,
    },
};

/// More technologies than the registry has.
const TECHNOLOGIES: usize = 1_000;

#[derive(Template)]
#[template(path = "technique.html")]
struct TechniqueView {
    frame: Frame,
    id: String,
    name: String,
    parent: Option<(String, String)>,
    url: String,
    own: String,
    coverage: String,
    lines: Vec<Line>,
    gap: Option<GapCard>,
    seeing: Vec<String>,
    /// Rules of public libraries that name it: libraries, not peers.
    libraries: Vec<RulesAvailable>,
    facts: Vec<(&'static str, String)>,
    users: Vec<String>,
    subs: Vec<(String, String)>,
    decision: Option<DecisionForm>,
    /// The change that would close the gap, for the list of what if.
    pick: Option<String>,
    trend: String,
}

/// The gap, if there is one.
struct GapCard {
    priority: String,
    reasons: Vec<String>,
    status: String,
}

/// The form of a decision, with what was said last.
struct DecisionForm {
    errors: Vec<String>,
    statuses: Vec<(&'static str, &'static str, bool)>,
    reasons: Vec<(&'static str, String, bool)>,
    month: String,
    until: String,
}

/// A decision as the form sends it. Fields that don't belong to the status are left aside.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    status: String,
    #[serde(default)]
    month: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: String,
    #[serde(flatten)]
    place: Place,
}

pub async fn technique(
    request: HttpRequest,
    visit: Visit<ComparisonsRead>,
    id: web::Path<String>,
    query: Query<Place>,
) -> Result<HttpResponse, Problem> {
    let place = query.0;
    let unsent = visit.session().unsent(&format!("{}/decision", request.path()));
    let Some(decided) = unsent.and_then(|fields| parse::<Decided>(&fields).ok()) else {
        return view(visit, move |inside, session| read(inside, session, &place, &id, None)).await;
    };
    let notice =
        vec!["Your session had ended, and this wasn't saved. Check it and save it again.".to_owned()];
    fresh(visit, move |inside, session| read(inside, session, &place, &id, Some((decided, notice)))).await
}

/// Writes a decision and comes back; what can't be is shown again with the form filled in.
pub async fn decide(
    id: web::Path<String>,
    form: Posted<GapsWrite, Decided>,
) -> Result<HttpResponse, Problem> {
    let decided = form.fields;
    let place = decided.place.clone();
    let back = place.link(&paths::technique(&id));
    let done = outcome(form.visit, move |inside, session| match decided.request().read() {
        Ok(decision) => {
            decide_gap(&inside.app, &inside.member, &id, decision)?;
            Ok(Outcome::See(format!("{back}#decision")))
        }
        Err(problem) if inside.caller.may(Scope::ComparisonsRead) => {
            let errors = problem.errors().iter().map(refusal::error).collect();
            let view = read(inside, session, &place, &id, Some((decided, errors)))?;
            Ok(Outcome::Show(StatusCode::UNPROCESSABLE_ENTITY, view))
        }
        Err(problem) => Err(problem),
    });
    done.await
}

impl Decided {
    fn request(&self) -> Request {
        let only = |status: GapStatus, value: &String| {
            (self.status == status.name() && !value.is_empty()).then(|| value.clone())
        };
        Request {
            status: self.status.clone(),
            month: only(GapStatus::Planned, &self.month),
            reason: only(GapStatus::Accepted, &self.reason),
            until: only(GapStatus::Accepted, &self.until),
        }
    }
}

fn read(
    inside: &Inside,
    session: &Session,
    place: &Place,
    id: &str,
    refused: Option<(Decided, Vec<String>)>,
) -> Result<TechniqueView, Problem> {
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let common = reading.done(common)?;
    let unknown = || Problem::absent("technique");
    let id: TechniqueId = id.to_ascii_uppercase().parse().map_err(|_| unknown())?;
    let scene = Scene::read(inside, &common)?;
    let query = Compare {
        cohort: scene.cohort.clone(),
        basis: scene.basis,
        set: Some(TechniqueSet::Ids(vec![id])),
        subs: id.is_sub(),
        ..Compare::default()
    };
    let (comparison, item) = line(inside, &scene, &query)?.ok_or_else(unknown)?;
    let technologies = by_technology(inside, &scene, &query)?;
    let asked = GapQuery { base: query, ..GapQuery::default() };
    let gaps = Gaps::from(&read_gaps(&inside.app, &inside.member, &asked, scene.release)?);
    let gap = gaps.items.first();
    let facts = inside.app.facts_for(comparison.envelope.release.attack).map_err(Problem::internal)?;
    let (_, side) = item.shown();
    let cohort = scene.cohort.to_string();
    let coverage = side.peers.row().and_then(|row| row.coverage);
    let may_decide = session.claims.scopes().any(|scope| scope.includes(Scope::GapsWrite));
    let path = paths::technique(&id.to_string());
    let named = |id: TechniqueId| facts.catalogue().get(id).map(|known| known.name.clone());
    Ok(TechniqueView {
        id: id.to_string(),
        name: item.subject.name.clone(),
        parent: id.is_sub().then(|| {
            let parent = id.parent();
            let name = named(parent).unwrap_or_default();
            (place.link(&paths::technique(&parent.to_string())), format!("{parent} {name}"))
        }),
        url: format!("https://attack.mitre.org/techniques/{}/", id.to_string().replace('.', "/")),
        own: own(&side.own),
        coverage: coverage.map_or_else(
            || "Your peers’ coverage isn’t released: too few of them, or it could point at one.".to_owned(),
            |word| format!("{}.", words::capital(who_covers(word))),
        ),
        lines: std::iter::once(("Any of your technologies".to_owned(), item))
            .chain(technologies)
            .map(|(name, item)| Line { name, ..Line::new(&item, &cohort, 100) })
            .collect(),
        gap: gap.map(|gap| GapCard {
            priority: gap.priority.map_or_else(|| "not known".to_owned(), |priority| priority.to_string()),
            reasons: reasons(gap, inside),
            status: words::capital(status(&gap.state).as_deref().unwrap_or("open")),
        }),
        pick: gap.and_then(|gap| Some(format!("{id}~{}~1", technology(gap)?))),
        trend: place.with(paths::TREND, &[("measure", &format!("technique:{id}"))]),
        libraries: match gap {
            Some(gap) => gap.rules_available.clone(),
            None => {
                available(id, &[], facts.catalogue().version()).iter().map(RulesAvailable::from).collect()
            }
        },
        seeing: seeing(&facts, id),
        facts: about(&facts, id),
        users: users(&facts, id),
        subs: subs(&facts, id, place),
        decision: (may_decide && (gap.is_some() || refused.is_some())).then(|| form(gap, refused)),
        frame: scene.frame("Technique", &path, place, session),
    })
}

/// The line of one technique, however few peers cover it.
fn line(
    inside: &Inside,
    scene: &Scene,
    query: &Compare,
) -> Result<Option<(Comparison, ComparisonItem)>, Problem> {
    for coverage in [None, Some(Word::Few), Some(Word::LessThanHalf)] {
        let filters = Filters { coverage, ..Filters::default() };
        let query = Compare { filters, ..query.clone() };
        let found = read_list(&inside.app, &inside.member, List::Techniques, &query, scene.release);
        let found = match found {
            // No active technique of the release's version.
            Err(ReadComparisonError::Compare(CompareError::Set(_))) => return Ok(None),
            found => found?,
        };
        let mut found = Comparison::from(&found);
        if let Some(item) = found.items.pop() {
            return Ok(Some((found, item)));
        }
    }
    Ok(None)
}

/// The line through each of the member's technologies that can see the technique, by name.
fn by_technology(
    inside: &Inside,
    scene: &Scene,
    query: &Compare,
) -> Result<Vec<(String, ComparisonItem)>, Problem> {
    let plain = Compare { set: None, subs: false, limit: TECHNOLOGIES, ..query.clone() };
    let all = read_list(&inside.app, &inside.member, List::Technologies, &plain, scene.release)?;
    let mut lines = Vec::new();
    for technology in Comparison::from(&all).items {
        if matches!(technology.shown().1.own, Own::Missing { .. }) {
            continue;
        }
        let column = Column::Technology(technology.subject.id().to_owned());
        let Some((_, mut item)) = line(inside, scene, &Compare { column, ..query.clone() })? else {
            continue;
        };
        // The numbers of a family or of all technologies would stand beside the score through one.
        let is_same = |row: &Row| row.column == technology.subject.id();
        item.fallback = item.fallback.filter(|side| side.peers.row().is_some_and(is_same));
        lines.push((technology.subject.name, item));
    }
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(lines)
}

fn own(own: &Own) -> String {
    match own {
        Own::Score { score: 0, .. } => "You don’t cover it.".to_owned(),
        Own::Score { score, level, through, .. } => {
            let through = through.as_ref().map_or_else(String::new, |through| {
                format!(
                    ", through {} of your {} technologies that can see it",
                    through.covered, through.can_see
                )
            });
            format!("You score {score} of 100 ({}){through}.", level.name())
        }
        _ => "You haven’t assessed it.".to_owned(),
    }
}

fn seeing(facts: &Facts, id: TechniqueId) -> Vec<String> {
    let registry = facts.registry();
    let seeing = facts.applicability().technologies_of(id).filter_map(|position| registry.get(position));
    seeing.map(|technology| technology.name.clone()).collect()
}

/// The facts of ATT&CK about a technique.
fn about(facts: &Facts, id: TechniqueId) -> Vec<(&'static str, String)> {
    let catalogue = facts.catalogue();
    let Some(technique) = catalogue.get(id) else { return Vec::new() };
    let tactics =
        technique.tactics.iter().filter_map(|position| catalogue.tactics().get(usize::from(*position)));
    let tactics: Vec<&str> = tactics.map(|tactic| tactic.name.as_str()).collect();
    let platforms: Vec<&str> = technique.platforms.iter().map(|platform| platform.name()).collect();
    vec![("Tactics", tactics.join(", ")), ("Platforms", platforms.join(", "))]
}

/// The threat groups that use a technique or, of a parent, one of its sub-techniques.
fn users(facts: &Facts, id: TechniqueId) -> Vec<String> {
    let uses = |used: &TechniqueId| *used == id || (!id.is_sub() && used.parent() == id);
    let groups = facts.catalogue().groups().iter();
    groups.filter(|group| group.techniques.iter().any(uses)).map(|group| group.name.clone()).collect()
}

fn subs(facts: &Facts, id: TechniqueId, place: &Place) -> Vec<(String, String)> {
    if id.is_sub() {
        return Vec::new();
    }
    let subs = facts.catalogue().subs(id).filter(|sub| sub.is_active());
    subs.map(|sub| (place.link(&paths::technique(&sub.id.to_string())), format!("{} {}", sub.id, sub.name)))
        .collect()
}

fn form(gap: Option<&Gap>, refused: Option<(Decided, Vec<String>)>) -> DecisionForm {
    let (said, errors) = refused.unwrap_or_else(|| {
        let state = gap.map(|gap| &gap.state);
        let text = |month: Option<crate::domain::calendar::Month>| {
            month.map_or_else(String::new, |month| month.to_string())
        };
        let said = Decided {
            status: state.map_or(GapStatus::Open, |state| state.status).name().to_owned(),
            month: text(state.and_then(|state| state.month)),
            until: text(state.and_then(|state| state.until)),
            reason: state
                .and_then(|state| state.reason)
                .map_or_else(String::new, |reason| reason.name().to_owned()),
            ..Decided::default()
        };
        (said, Vec::new())
    });
    let statuses = [
        (GapStatus::Open, "Open: nothing is decided"),
        (GapStatus::Planned, "Planned: to be closed by a month"),
        (GapStatus::Accepted, "Accepted: left open, for a reason and a time"),
    ];
    DecisionForm {
        errors,
        statuses: statuses.map(|(one, label)| (one.name(), label, one.name() == said.status)).into(),
        reasons: AcceptedReason::ALL
            .map(|one| (one.name(), words::capital(&one.name().replace('_', " ")), one.name() == said.reason))
            .into(),
        month: said.month,
        until: said.until,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_takes_the_fields_of_its_status() {
        let all = Decided {
            month: "2027-01".to_owned(),
            reason: "cost".to_owned(),
            until: "2027-06".to_owned(),
            ..Decided::default()
        };
        for status in ["open", "planned", "accepted"] {
            let decided = Decided { status: status.to_owned(), ..all.clone() };
            assert_eq!(decided.request().read().unwrap().status().name(), status);
        }
        let empty = Decided { status: "planned".to_owned(), ..Decided::default() };
        assert!(empty.request().read().is_err());
    }
}
