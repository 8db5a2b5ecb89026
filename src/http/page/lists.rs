//! The technologies and the threat groups, each line among its peers.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    frame::{Frame, Scene},
    line::Line,
    paths,
    place::{Place, Reading},
    reply::view,
    strip::{Side, most},
};
use crate::{
    app::{
        compare::{List, Query as Compare},
        read_comparison::read_list,
    },
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            query::Query,
            visit::Visit,
        },
        problem::Problem,
    },
    wire::{Comparison, ComparisonItem, Own},
};

const MOST: usize = 1_000;

#[derive(Template)]
#[template(path = "lists.html")]
struct Lists {
    frame: Frame,
    headline: String,
    explained: &'static str,
    what: &'static str,
    lines: Vec<Line>,
    first_is_whole: bool,
}

pub async fn technologies(
    visit: Visit<ComparisonsRead>,
    query: Query<Place>,
) -> Result<HttpResponse, Problem> {
    let place = query.0;
    let made = view(visit, move |inside, session| {
        let (scene, found) = list(inside, &place, List::Technologies)?;
        let own = |item: &&ComparisonItem| !matches!(item.shown().1.own, Own::Missing { .. });
        let items: Vec<&ComparisonItem> = found.items.iter().filter(own).collect();
        let highest = most(items.iter().map(|item| item.shown().1));
        let frame = scene.frame("Technologies", paths::TECHNOLOGIES, &place, session);
        let explained = "Techniques with a rule through a technology, among those who have it. Counts are published as steps (30–49 is one); yours stands where its step begins.";
        Ok(Lists { explained, ..Lists::new(frame, &scene, &items, highest, "Technology") })
    });
    made.await
}

pub async fn groups(visit: Visit<ComparisonsRead>, query: Query<Place>) -> Result<HttpResponse, Problem> {
    let place = query.0;
    let made = view(visit, move |inside, session| {
        let (scene, found) = list(inside, &place, List::Groups)?;
        let items: Vec<&ComparisonItem> = found.items.iter().collect();
        let frame = scene.frame("Threat groups", paths::GROUPS, &place, session);
        let explained = "The share of a group's techniques that are covered, furthest behind first. Groups with fewer than five techniques aren't compared.";
        Ok(Lists { explained, ..Lists::new(frame, &scene, &items, 100, "Threat group") })
    });
    made.await
}

fn list(inside: &Inside, place: &Place, list: List) -> Result<(Scene, Comparison), Problem> {
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let query =
        Compare { cohort: scene.cohort.clone(), basis: scene.basis, limit: MOST, ..Compare::default() };
    let found = read_list(&inside.app, &inside.member, list, &query, scene.release)?;
    let found = Comparison::from(&found);
    Ok((scene, found))
}

impl Lists {
    fn new(frame: Frame, scene: &Scene, items: &[&ComparisonItem], most: u32, what: &'static str) -> Self {
        let cohort = scene.cohort.to_string();
        let lines: Vec<Line> = items.iter().map(|item| Line::new(item, &cohort, most)).collect();
        let behind = lines.iter().filter(|line| line.side == Side::Behind).count();
        let compared = lines.iter().filter(|line| line.side != Side::Unknown).count();
        let things = if what == "Technology" { "technologies" } else { "threat groups" };
        let headline = format!("You are below the median in {behind} of {compared} {things}.");
        Self { frame, headline, explained: "", what, lines, first_is_whole: false }
    }
}
