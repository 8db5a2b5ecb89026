//! Where an organisation stands: its own side now, its peers as released.

mod entry;
mod page;
mod select;
mod view;

use chrono::{DateTime, Utc};
use thiserror::Error;

pub use entry::{Entry, Own, Peers, Side, Subject};
pub use page::StaleCursor;
pub use select::{Filters, Sort};
use view::View;

use super::published::Published;
use crate::domain::{
    attack::AttackVersion,
    calendar::Month,
    cohort::Cohort,
    column::Column,
    coverage::{Coverage, Set},
    named::named,
    organisation::Profile,
    release::{Band, Preset},
    scale::{Scale, Score},
    snapshot::{Basis, Producer},
};

named! {
    /// Which list.
    pub enum List("list") {
        Techniques = "techniques",
        Technologies = "technologies",
        Families = "families",
        Tactics = "tactics",
        Groups = "groups",
        Cells = "cells",
    }
}

/// What is asked of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    pub cohort: Cohort,
    pub basis: Basis,
    pub column: Column,
    pub filters: Filters,
    pub sort: Sort,
    /// Sub-techniques instead of parents.
    pub subs: bool,
    /// 1..=1000.
    pub limit: usize,
    pub cursor: Option<String>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            cohort: Cohort::All,
            basis: Basis::Deployed,
            column: Column::Any,
            filters: Filters::default(),
            sort: Sort::default(),
            subs: false,
            limit: 100,
            cursor: None,
        }
    }
}

/// Whose side is shown.
pub struct Reader<'a> {
    pub profile: &'a Profile,
    pub own: &'a Coverage,
    /// The feeds behind `own`.
    pub feeds: &'a [Feed],
}

/// One of the own feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub id: String,
    pub producer: Producer,
    pub period: Month,
    pub basis: Basis,
    pub attack: AttackVersion,
}

/// What every comparison says beside its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub release: u32,
    pub cut_off: DateTime<Utc>,
    pub published_at: DateTime<Utc>,
    pub attack: AttackVersion,
    pub preset: Preset,
    pub basis: Basis,
    pub cohort: Cohort,
    /// The cohort's band, where it is published.
    pub members: Option<Band>,
    /// Scales that at least k control groups use.
    pub scales: Vec<Scale>,
    pub feeds: Vec<Feed>,
    pub denominator: Denominator,
}

/// What the own side's numbers are out of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denominator {
    /// In words: which techniques.
    pub set: &'static str,
    pub column: Column,
    /// How many of the set apply.
    pub applies: u32,
    /// How many of these the own side assesses.
    pub assessed: u32,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub envelope: Envelope,
    pub items: Vec<Entry>,
    pub next: Option<String>,
}

/// One page for a security lead: overall, per tactic, the widest gaps, per technology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub envelope: Envelope,
    pub overall: Entry,
    /// The mean of the own technique scores; there is no such number for peers.
    pub own_mean_score: Option<Score>,
    pub tactics: Vec<Entry>,
    /// Techniques furthest behind the peers' median, at most ten.
    pub gaps: Vec<Entry>,
    pub technologies: Vec<Entry>,
}

/// Why there is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CompareError {
    #[error("only the cohorts of your own profile can be compared with: see GET /v1/cohorts")]
    ForeignCohort,
    #[error("only the bases deployed and validated have peer statistics; {0} is shown to its owner alone")]
    NotBenchmarked(Basis),
    #[error("unknown technology in `column` or `technology`: see GET /v1/technologies")]
    UnknownTechnology,
    #[error("unknown tactic: use a short name of ATT&CK {0}, as in GET /v1/attack/{0}/tactics")]
    UnknownTactic(AttackVersion),
    #[error("unknown threat group in ATT&CK {0}: see GET /v1/attack/{0}/groups")]
    UnknownGroup(AttackVersion),
    #[error(transparent)]
    StaleCursor(#[from] StaleCursor),
}

/// How many gaps a summary lists.
const GAPS: usize = 10;

/// One list.
pub fn list(
    published: &Published,
    reader: &Reader<'_>,
    list: List,
    query: &Query,
) -> Result<Answer, CompareError> {
    let view = view(published, reader, query)?;
    let mut items = match list {
        List::Techniques => view.techniques(&query.column, query.subs),
        List::Technologies => view.technologies(),
        List::Families => view.families(),
        List::Tactics => view.tactics(),
        List::Groups => view.groups(),
        List::Cells => view.cells(Some(query.subs)),
    };
    let envelope = envelope(published, reader, query, list, &items);
    items.retain(|entry| query.filters.keep(entry, published));
    // Tactics keep the order of the matrix unless something else is asked.
    if list != List::Tactics || query.sort != Sort::default() {
        select::sort(&mut items, query.sort);
    }
    let feeds: Vec<&str> = reader.feeds.iter().map(|feed| feed.id.as_str()).collect();
    let asked = format!("{:?}", Query { cursor: None, limit: 0, ..query.clone() });
    let list_id =
        page::list_id(&[&published.release.number.to_string(), list.name(), &asked, &feeds.join(",")]);
    let (items, next) = page::page(items, &list_id, query.cursor.as_deref(), query.limit)?;
    Ok(Answer { envelope, items, next })
}

/// The summary; its own filters and order are fixed.
pub fn summary(published: &Published, reader: &Reader<'_>, query: &Query) -> Result<Summary, CompareError> {
    let view = view(published, reader, query)?;
    let techniques = view.techniques(&Column::Any, false);
    let envelope = envelope(published, reader, query, List::Techniques, &techniques);
    let scores: Vec<u32> =
        techniques.iter().filter_map(|entry| entry.asked.own.value()).map(u32::from).collect();
    let own_mean_score =
        u32::try_from(scores.len()).ok().and_then(|count| Score::mean(scores.iter().sum(), count));
    let mut gaps: Vec<Entry> = techniques
        .into_iter()
        .filter(|entry| entry.effective().difference.is_some_and(|difference| difference < 0))
        .collect();
    select::sort(&mut gaps, Sort::Distance);
    gaps.truncate(GAPS);
    let mut technologies = view.technologies();
    technologies.retain(|entry| entry.asked.own != Own::NotAssessed);
    let overall = view.overall().ok_or(CompareError::ForeignCohort)?;
    Ok(Summary { envelope, overall, own_mean_score, tactics: view.tactics(), gaps, technologies })
}

fn view<'a>(
    published: &'a Published,
    reader: &Reader<'a>,
    query: &'a Query,
) -> Result<View<'a>, CompareError> {
    if !Basis::BENCHMARKED.contains(&query.basis) {
        return Err(CompareError::NotBenchmarked(query.basis));
    }
    // Who asks decides access, never the number.
    if !query.cohort.includes(&reader.profile.dimensions) {
        return Err(CompareError::ForeignCohort);
    }
    let facts = &published.facts;
    let registry = facts.registry();
    let version = published.release.attack;
    let named = |id: &String| registry.position(id).is_some();
    if let Column::Technology(id) = &query.column
        && !named(id)
    {
        return Err(CompareError::UnknownTechnology);
    }
    if !query.filters.technology.as_ref().is_none_or(named) {
        return Err(CompareError::UnknownTechnology);
    }
    let tactics = facts.catalogue().tactics();
    if !query
        .filters
        .tactic
        .as_ref()
        .is_none_or(|asked| tactics.iter().any(|known| known.short_name == *asked))
    {
        return Err(CompareError::UnknownTactic(version));
    }
    let groups = facts.catalogue().groups();
    if !query.filters.group.is_none_or(|asked| groups.iter().any(|known| known.id == asked)) {
        return Err(CompareError::UnknownGroup(version));
    }
    Ok(View::new(published, reader.own, query.basis, &query.cohort))
}

fn envelope(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
    list: List,
    items: &[Entry],
) -> Envelope {
    let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let assessed = items.iter().filter(|entry| entry.asked.own != Own::NotAssessed).count();
    let denominator = match list {
        List::Techniques | List::Cells => Denominator {
            set: if query.subs { "sub-techniques" } else { "parent techniques" },
            column: query.column.clone(),
            applies: size(items.len()),
            assessed: size(assessed),
        },
        _ => {
            let overall = reader.own.composite(Set::Overall, &published.facts);
            Denominator {
                set: "parent techniques that apply to a platform you run, without those of PRE alone",
                column: Column::Any,
                applies: overall.map_or(0, |overall| overall.of),
                assessed: overall.map_or(0, |overall| overall.of - overall.unknown),
            }
        }
    };
    Envelope {
        release: published.release.number,
        cut_off: published.release.cut_off,
        published_at: published.release.published_at,
        attack: published.release.attack,
        preset: published.terms.parameters.known.preset,
        basis: query.basis,
        cohort: query.cohort.clone(),
        members: published.table(query.basis, &query.cohort).map(|table| table.members),
        scales: published.terms.scales.clone(),
        feeds: reader.feeds.to_vec(),
        denominator,
    }
}
