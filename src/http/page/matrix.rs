//! The matrix: every technique under its tactics, with the own level and the peers' word. What neither the member nor half of
//! the peers cover is folded away.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    choice::{Choice, technologies},
    frame::{Frame, Scene},
    paths,
    place::{Place, Reading},
    reply::html,
};
use crate::{
    app::{
        compare::{Filters, List, Query as Compare, Sort},
        read_comparison::read_list,
    },
    domain::{attack::Platform, comparison::Word, facts::Facts, scale::Level},
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            query::Query,
            visit::Visit,
        },
        problem::Problem,
        sessions::Session,
    },
    report::text::words as said,
    wire::{Comparison, ComparisonItem, Own},
};

const MOST: usize = 1_000;

/// The address of the matrix.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    cohort: Option<String>,
    basis: Option<String>,
    release: Option<String>,
    technology: Option<String>,
    platform: Option<String>,
    group: Option<String>,
}

#[derive(Template)]
#[template(path = "matrix.html")]
struct Matrix {
    frame: Frame,
    version: String,
    full: String,
    filters: Vec<Choice>,
    group: String,
    kept: Vec<(&'static str, String)>,
    clear: String,
    is_filtered: bool,
    columns: Vec<Column>,
}

/// A tactic.
struct Column {
    name: String,
    covered: usize,
    of: usize,
    gaps: usize,
    shown: Vec<Cell>,
    folded: Vec<Cell>,
}

/// A technique under a tactic.
#[derive(Clone)]
struct Cell {
    id: String,
    name: String,
    href: String,
    level: &'static str,
    is_gap: bool,
    /// Own score and the peers' word, for who can't see the colour.
    said: String,
    is_folded: bool,
}

pub async fn matrix(visit: Visit<ComparisonsRead>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let asked = query.0;
    html(&visit.run(move |inside, session| read(inside, session, asked)).await?)
}

fn read(inside: &Inside, session: &Session, asked: Asked) -> Result<Matrix, Problem> {
    let Asked { cohort, basis, release, technology, platform, group } = asked;
    let place = Place { cohort, basis, release };
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut reading = Reading::default();
    let common = place.common(&mut reading);
    let platform: Option<Platform> = reading.take("platform", platform.as_ref(), str::parse);
    let filters =
        Filters { technology: filled(technology), group: filled(group), platform, ..Filters::default() };
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let mut lines: Vec<ComparisonItem> = Vec::new();
    let mut envelope = None;
    // A list leaves out what few peers cover unless it is asked for.
    for coverage in [None, Some(Word::Few), Some(Word::LessThanHalf)] {
        let query = Compare {
            cohort: scene.cohort.clone(),
            basis: scene.basis,
            filters: Filters { coverage, ..filters.clone() },
            sort: Sort::Id,
            limit: MOST,
            ..Compare::default()
        };
        let found = read_list(&inside.app, &inside.member, List::Techniques, &query, scene.release)?;
        let found = Comparison::from(&found);
        lines.extend(found.items);
        envelope.get_or_insert(found.envelope);
    }
    let envelope = envelope.ok_or_else(|| Problem::internal("no list was read"))?;
    let facts = inside.app.facts_for(envelope.release.attack).map_err(Problem::internal)?;
    let platforms = Platform::ALL.map(|one| (one.name().to_owned(), one.name().to_owned())).into();
    let chosen = filters.technology.as_deref().unwrap_or_default();
    let kept = [("cohort", &place.cohort), ("basis", &place.basis), ("release", &place.release)];
    Ok(Matrix {
        version: envelope.release.attack.to_string(),
        full: envelope.levels.full.to_string(),
        filters: vec![
            Choice::new("technology", "Technology", "Any technology", technologies(&facts), chosen),
            Choice::new(
                "platform",
                "Platform",
                "Any platform",
                platforms,
                platform.map_or("", Platform::name),
            ),
        ],
        group: filters.group.clone().unwrap_or_default(),
        kept: kept.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect(),
        clear: place.link(paths::MATRIX),
        is_filtered: filters != Filters::default(),
        columns: columns(&lines, &facts, &place),
        frame: scene.frame("Matrix", paths::MATRIX, &place, session),
    })
}

/// The tactics in the order of the matrix; those without a technique are left out.
fn columns(lines: &[ComparisonItem], facts: &Facts, place: &Place) -> Vec<Column> {
    let tactics = facts.catalogue().tactics().iter();
    let columns = tactics.map(|tactic| {
        let is_in = |line: &&ComparisonItem| {
            line.subject.tactics.iter().flatten().any(|name| *name == tactic.short_name)
        };
        let mut cells: Vec<Cell> = lines.iter().filter(is_in).map(|line| Cell::new(line, place)).collect();
        cells.sort_by(|a, b| (b.is_gap, rank(a.level), &a.id).cmp(&(a.is_gap, rank(b.level), &b.id)));
        let is_covered = |cell: &&Cell| ["full", "partial"].contains(&cell.level);
        let (folded, shown): (Vec<Cell>, Vec<Cell>) = cells.iter().cloned().partition(|cell| cell.is_folded);
        Column {
            name: tactic.name.clone(),
            covered: cells.iter().filter(is_covered).count(),
            of: cells.len(),
            gaps: cells.iter().filter(|cell| cell.is_gap).count(),
            shown,
            folded,
        }
    });
    columns.filter(|column| column.of > 0).collect()
}

/// The place of a level in a column.
fn rank(level: &str) -> usize {
    ["full", "partial", "none", "unassessed"].iter().position(|one| *one == level).unwrap_or_default()
}

impl Cell {
    fn new(line: &ComparisonItem, place: &Place) -> Self {
        let (_, side) = line.shown();
        let (level, own) = match &side.own {
            Own::Score { score, level, .. } => {
                let name = match level {
                    Level::None => "none",
                    Level::Partial => "partial",
                    Level::Full => "full",
                };
                (name, format!("you: {score}, {name}"))
            }
            _ => ("unassessed", "you: not assessed".to_owned()),
        };
        let word = side.peers.row().and_then(|row| row.coverage);
        let is_gap = matches!(word, Some(Word::Most | Word::Half)) && level == "none";
        let id = line.subject.id().to_owned();
        Self {
            href: place.link(&paths::technique(&id)),
            name: line.subject.name.clone(),
            said: format!("{own}; {}", word.map_or("peers: not released", said::coverage)),
            is_folded: !is_gap && ["none", "unassessed"].contains(&level),
            is_gap,
            level,
            id,
        }
    }
}
