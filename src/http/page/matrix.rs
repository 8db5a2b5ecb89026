//! The matrix: every technique under its tactics with its sub-techniques folded, coloured by the own level, by the peers' word
//! or by the difference. What neither the member nor half of the peers cover is folded away.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    choice::{Choice, technologies},
    frame::{Frame, Scene},
    paths,
    place::{Place, Reading},
    reply::view,
};
use crate::{
    app::{
        compare::{Filters, List, Query as Compare, Sort},
        read_comparison::read_list,
    },
    domain::{
        attack::{Platform, TechniqueId},
        comparison::Word,
        facts::Facts,
        scale::Level,
    },
    http::{
        extract::{
            access::{ComparisonsRead, Inside},
            query::Query,
            visit::Visit,
        },
        problem::Problem,
        sessions::Session,
    },
    report::{published::published, text::words as said},
    wire::{Comparison, ComparisonItem, Envelope, Own, Quantile},
};

const MOST: usize = 1_000;

/// The values that the colour of a cell can show, and their names.
const COLOURS: [(&str, &str); 3] =
    [("own", "your level"), ("peers", "your peers"), ("difference", "the difference")];

/// The address of the matrix.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(flatten)]
    place: Place,
    technology: Option<String>,
    platform: Option<String>,
    group: Option<String>,
    colour: Option<String>,
    /// Any text: only gaps, and with numbers.
    gaps: Option<String>,
    numbers: Option<String>,
}

#[derive(Template)]
#[template(path = "matrix.html")]
struct Matrix {
    frame: Frame,
    version: String,
    headline: String,
    full: String,
    filters: Vec<Choice>,
    group: String,
    kept: Vec<(&'static str, String)>,
    clear: String,
    is_filtered: bool,
    colour: &'static str,
    only_gaps: bool,
    numbers: bool,
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
    /// The classes for the peers' word and for the difference.
    word: &'static str,
    difference: &'static str,
    is_gap: bool,
    numbers: String,
    /// Own score and the peers' word, for who can't see the colour.
    said: String,
    is_folded: bool,
    subs: Vec<Self>,
}

pub async fn matrix(visit: Visit<ComparisonsRead>, query: Query<Asked>) -> Result<HttpResponse, Problem> {
    let asked = query.0;
    view(visit, move |inside, session| read(inside, session, asked)).await
}

fn read(inside: &Inside, session: &Session, asked: Asked) -> Result<Matrix, Problem> {
    let Asked { place, technology, platform, group, colour, gaps, numbers } = asked;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut reading = Reading::of_form();
    let common = place.read(&mut reading);
    let platform: Option<Platform> = reading.take("platform", platform.as_ref(), str::parse);
    let known = |text: &str| {
        let found = COLOURS.into_iter().find(|(name, _)| *name == text);
        found.map(|(name, _)| name).ok_or("must be own, peers or difference")
    };
    let colour = reading.take("colour", colour.as_ref(), known).unwrap_or("own");
    let filters =
        Filters { technology: filled(technology), group: filled(group), platform, ..Filters::default() };
    let common = reading.done(common)?;
    let scene = Scene::read(inside, &common)?;
    let (envelope, lines) = all(inside, &scene, &filters, false)?;
    let (_, subs) = all(inside, &scene, &filters, true)?;
    let mut below: BTreeMap<TechniqueId, Vec<Cell>> = BTreeMap::new();
    for sub in &subs {
        if let Ok(id) = sub.subject.id().parse::<TechniqueId>() {
            below.entry(id.parent()).or_default().push(Cell::new(sub, &place));
        }
    }
    let facts = inside.app.facts_for(envelope.release.attack).map_err(Problem::internal)?;
    let platforms = Platform::ALL.map(|one| (one.name().to_owned(), one.name().to_owned())).into();
    let chosen = filters.technology.as_deref().unwrap_or_default();
    let colours = COLOURS.map(|(one, name)| (one.to_owned(), name.to_owned())).into();
    let only_gaps = filled(gaps).is_some();
    let columns = columns(&lines, &below, &facts, &place);
    Ok(Matrix {
        version: envelope.release.attack.to_string(),
        headline: headline(&lines, &place),
        full: envelope.levels.full.to_string(),
        filters: vec![
            Choice::new("colour", "Colour by", "", colours, colour),
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
        kept: place.kept(),
        clear: place.link(paths::MATRIX),
        is_filtered: filters != Filters::default() || only_gaps,
        colour,
        only_gaps,
        numbers: filled(numbers).is_some(),
        columns,
        frame: scene.frame("Matrix", paths::MATRIX, &place, session),
    })
}

/// Techniques or sub-techniques of the filters, however few peers cover them.
fn all(
    inside: &Inside,
    scene: &Scene,
    filters: &Filters,
    subs: bool,
) -> Result<(Envelope, Vec<ComparisonItem>), Problem> {
    let mut lines: Vec<ComparisonItem> = Vec::new();
    let mut envelope = None;
    // A list leaves out what few peers cover unless it is asked for.
    for coverage in [None, Some(Word::Few), Some(Word::LessThanHalf)] {
        let query = Compare {
            cohort: scene.cohort.clone(),
            basis: scene.basis,
            filters: Filters { coverage, ..filters.clone() },
            sort: Sort::Id,
            subs,
            limit: MOST,
            ..Compare::default()
        };
        let found = read_list(&inside.app, &inside.member, List::Techniques, &query, scene.release)?;
        let found = Comparison::from(&found);
        lines.extend(found.items);
        envelope.get_or_insert(found.envelope);
    }
    Ok((envelope.ok_or_else(|| Problem::internal("no list was read"))?, lines))
}

fn headline(lines: &[ComparisonItem], place: &Place) -> String {
    let cells: Vec<Cell> = lines.iter().map(|line| Cell::new(line, place)).collect();
    let gaps = cells.iter().filter(|cell| cell.is_gap).count();
    match gaps {
        0 => "You have no blind spot: you cover what half or more of your peers do.".to_owned(),
        1 => "You have 1 blind spot: half or more of your peers cover it, you don’t.".to_owned(),
        gaps => format!("You have {gaps} blind spots: half or more of your peers cover them, you don’t."),
    }
}

/// The tactics in the order of the matrix; those without a technique are left out.
fn columns(
    lines: &[ComparisonItem],
    below: &BTreeMap<TechniqueId, Vec<Cell>>,
    facts: &Facts,
    place: &Place,
) -> Vec<Column> {
    let tactics = facts.catalogue().tactics().iter();
    let with_subs = |line: &ComparisonItem| {
        let cell = Cell::new(line, place);
        let id: Option<TechniqueId> = cell.id.parse().ok();
        Cell { subs: id.and_then(|id| below.get(&id)).cloned().unwrap_or_default(), ..cell }
    };
    let columns = tactics.map(|tactic| {
        let is_in = |line: &&ComparisonItem| {
            line.subject.tactics.iter().flatten().any(|name| *name == tactic.short_name)
        };
        let mut cells: Vec<Cell> = lines.iter().filter(is_in).map(with_subs).collect();
        cells.sort_by(|a, b| (b.is_gap, rank(a.level), &a.id).cmp(&(a.is_gap, rank(b.level), &b.id)));
        let (folded, shown): (Vec<Cell>, Vec<Cell>) = cells.iter().cloned().partition(|cell| cell.is_folded);
        Column {
            name: tactic.name.clone(),
            covered: cells.iter().filter(|cell| cell.is_covered()).count(),
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
        let (level, own, score) = match &side.own {
            Own::Score { score, level, .. } => {
                let name = match level {
                    Level::None => "none",
                    Level::Partial => "partial",
                    Level::Full => "full",
                };
                (name, format!("you: {score}, {name}"), score.to_string())
            }
            _ => ("unassessed", "you: not assessed".to_owned(), "–".to_owned()),
        };
        let row = side.peers.row();
        let word = row.and_then(|row| row.coverage);
        let median = published(&side.peers, Quantile::P50);
        let is_gap = matches!(word, Some(Word::Most | Word::Half)) && level == "none";
        let id = line.subject.id().to_owned();
        Self {
            href: place.link(&paths::technique(&id)),
            name: line.subject.name.clone(),
            said: format!("{own}; {}", word.map_or("peers: not released", said::coverage)),
            numbers: median
                .map_or_else(|| format!("you {score}"), |median| format!("you {score}, median {median}")),
            is_folded: !is_gap && ["none", "unassessed"].contains(&level),
            word: match word {
                Some(Word::Most) => "w-most",
                Some(Word::Half) => "w-half",
                Some(Word::Quarter) => "w-quarter",
                Some(Word::LessThanHalf | Word::Few) => "w-few",
                None => "w-none",
            },
            difference: match side.difference_to_median {
                Some(..=-1) => "d-behind",
                Some(0) => "d-level",
                Some(1..) => "d-ahead",
                None => "d-none",
            },
            is_gap,
            level,
            id,
            subs: Vec::new(),
        }
    }

    fn is_covered(&self) -> bool {
        ["full", "partial"].contains(&self.level)
    }
}
