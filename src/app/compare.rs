//! Comparison of an organisation, as of now, with its peers, as released.

pub mod along;
mod entry;
pub mod fewest;
pub mod gaps;
pub mod matrix;
pub mod measured;
pub mod page;
mod query;
pub mod rows;
mod select;
mod set;
mod view;
pub mod what_if;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use thiserror::Error;

pub use entry::{Entry, Own, Peers, Side, Subject};
pub use page::StaleCursor;
pub use query::{List, Misplaced, Query, misplaced};
use select::Verdict;
pub use select::{Filters, Sort};
use set::restrict;
pub use set::{SetAnswer, SetError};
pub use view::View;

use super::published::Published;
use crate::domain::{
    attack::{
        AttackVersion, Platform,
        group_names::{self, GroupNameError},
    },
    calendar::Month,
    cohort::Cohort,
    column::Column,
    comparison::{Target, Word},
    coverage::{Coverage, Set},
    facts::{Facts, platforms_of},
    organisation::Profile,
    release::{Band, Preset},
    scale::{Scale, Score},
    snapshot::{Basis, FieldError, Producer},
};

/// The organisation whose side is shown.
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

/// The facts that every comparison states beside its lines.
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

/// The denominator of the organisation's own numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denominator {
    /// The techniques, in words.
    pub set: &'static str,
    pub column: Column,
    /// Number of techniques of the set that apply.
    pub applies: u32,
    /// Number of these that the organisation assesses.
    pub assessed: u32,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub envelope: Envelope,
    /// The counts of the set that was asked for.
    pub set: Option<SetAnswer>,
    pub items: Vec<Entry>,
    /// Number of lines left out because few peers cover the technique, by their word of coverage.
    pub hidden: BTreeMap<Word, u32>,
    pub next: Option<String>,
}

/// One page for a security lead: overall, per tactic, the widest gaps, per technology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub envelope: Envelope,
    /// The counts of the set that was asked for. The gaps are out of it.
    pub set: Option<SetAnswer>,
    pub overall: Entry,
    /// The mean of the own technique scores; there is no such number for peers.
    pub own_mean_score: Option<Score>,
    pub tactics: Vec<Entry>,
    /// Techniques furthest behind the peers' median, at most ten.
    pub gaps: Vec<Entry>,
    /// Number of techniques behind the peers' median.
    pub gap_count: u32,
    pub technologies: Vec<Entry>,
}

/// The reason why there is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CompareError {
    #[error("you can compare only with cohorts of your own profile: see GET /v1/cohorts")]
    ForeignCohort,
    #[error("only the bases deployed and validated have peer statistics; {0} is shown to its owner alone")]
    NotBenchmarked(Basis),
    #[error("unknown technology: see GET /v1/technologies")]
    UnknownTechnology,
    #[error("{}", unknown_tactic(.version, .known, .became))]
    UnknownTactic {
        version: AttackVersion,
        /// The short names of its tactics.
        known: Vec<String>,
        /// The short names of what a tactic of an earlier version has become.
        became: Vec<String>,
    },
    #[error(transparent)]
    Group(#[from] GroupNameError),
    #[error("unknown technique in ATT&CK {0}: see GET /v1/attack/{0}/techniques")]
    UnknownTechnique(AttackVersion),
    /// The measure that a series is asked for.
    #[error(transparent)]
    Measure(Box<CompareError>),
    #[error("expected a range of at most {most} releases, the first before the last")]
    Range { most: u32 },
    #[error(transparent)]
    Set(#[from] SetError),
    /// The groups that make the threat.
    #[error("{0}")]
    UnknownGroups(GroupNameError),
    #[error("this measure isn't compared: a threat group needs at least five techniques")]
    NotCompared,
    #[error("{0} of this measure isn't released: give a number as the target")]
    NoTarget(Target),
    #[error("a share and a score run from 0 to 100")]
    TargetTooHigh,
    #[error("{} changes are refused; nothing was stored", .0.len())]
    Changes(Vec<FieldError>),
    /// Parameters of other lists.
    #[error("{}", named(.0))]
    Misplaced(Vec<Misplaced>),
    #[error("belongs to techniques only: ask for a measure such as technique:T1059")]
    ColumnOfMeasure,
    #[error("release {0} is the latest, so nothing has been published since: give an earlier release")]
    SinceLatest(u32),
    #[error(transparent)]
    StaleCursor(#[from] StaleCursor),
}

/// Says that a version has no such tactic, and which it has.
fn unknown_tactic(version: &AttackVersion, known: &[String], became: &[String]) -> String {
    match became {
        [] => {
            format!("unknown tactic: use a name, short name or ID of ATT&CK {version}: {}", known.join(", "))
        }
        became => format!(
            "ATT&CK {version} no longer has this tactic. It became {}. The tactics are {}",
            became.join(" and "),
            known.join(", ")
        ),
    }
}

fn named(misplaced: &[Misplaced]) -> String {
    misplaced.iter().map(|one| format!("{} {one}", one.parameter)).collect::<Vec<_>>().join("; ")
}

/// Number of gaps that a summary lists.
const GAPS: usize = 10;

/// One list.
pub fn list(
    published: &Published,
    reader: &Reader<'_>,
    list: List,
    query: &Query,
) -> Result<Answer, CompareError> {
    let misplaced = misplaced(list, query);
    if !misplaced.is_empty() {
        return Err(CompareError::Misplaced(misplaced));
    }
    let view = view(published, reader, query)?;
    let mut items = match list {
        List::Techniques => view.listed_techniques(&query.column, query.subs),
        List::Technologies => view.technologies(),
        List::Families => view.families(),
        List::Tactics => view.tactics(),
        List::Groups => view.groups(),
        List::Cells => view.cells(Some(query.subs)),
    };
    let envelope = envelope(published, reader, query, list, &items);
    let set = restrict(&view, query.set.as_ref(), &mut items)?;
    let filters = query.filters.resolved(published);
    let mut hidden = BTreeMap::new();
    items.retain(|entry| match filters.judge(entry, published) {
        Verdict::Listed => true,
        Verdict::FilteredOut => false,
        Verdict::Hidden(word) => {
            *hidden.entry(word).or_default() += 1;
            false
        }
    });
    // Tactics keep the order of the matrix unless something else is asked.
    if list != List::Tactics || query.sort != Sort::default() {
        select::sort(&mut items, query.sort);
    }
    let feeds: Vec<&str> = reader.feeds.iter().map(|feed| feed.id.as_str()).collect();
    let asked = format!("{:?}", Query { cursor: None, limit: 0, ..query.clone() });
    let list_id =
        page::list_id(&[&published.release.number.to_string(), list.name(), &asked, &feeds.join(",")]);
    let (items, next) = page::page(items, &list_id, query.cursor.as_deref(), query.limit)?;
    Ok(Answer { envelope, set, items, hidden, next })
}

/// The summary; its own filters and order are fixed.
pub fn summary(published: &Published, reader: &Reader<'_>, query: &Query) -> Result<Summary, CompareError> {
    let view = view(published, reader, query)?;
    let mut techniques = view.techniques(&Column::Any, false);
    let envelope = envelope(published, reader, query, List::Tactics, &[]);
    let scores: Vec<u32> =
        techniques.iter().filter_map(|entry| entry.asked.own.value()).map(u32::from).collect();
    let own_mean_score =
        u32::try_from(scores.len()).ok().and_then(|count| Score::mean(scores.iter().sum(), count));
    let set = restrict(&view, query.set.as_ref(), &mut techniques)?;
    let mut gaps: Vec<Entry> = techniques
        .into_iter()
        .filter(|entry| entry.effective().difference.is_some_and(|difference| difference < 0))
        .collect();
    select::sort(&mut gaps, Sort::Distance);
    let gap_count = size(gaps.len());
    gaps.truncate(GAPS);
    let mut technologies = view.technologies();
    technologies.retain(|entry| entry.asked.own != Own::NotAssessed);
    let overall = view.overall().ok_or(CompareError::ForeignCohort)?;
    Ok(Summary {
        envelope,
        set,
        overall,
        own_mean_score,
        tactics: view.tactics(),
        gaps,
        gap_count,
        technologies,
    })
}

fn view<'a>(
    published: &'a Published,
    reader: &Reader<'a>,
    query: &'a Query,
) -> Result<View<'a>, CompareError> {
    may_compare(reader, query.basis, &query.cohort)?;
    let facts = &published.facts;
    let registry = facts.registry();
    let named = |id: &String| registry.position(id).is_some();
    if let Column::Technology(id) = &query.column
        && !named(id)
    {
        return Err(CompareError::UnknownTechnology);
    }
    if !query.filters.technology.as_ref().is_none_or(named) {
        return Err(CompareError::UnknownTechnology);
    }
    if let Some(asked) = &query.filters.tactic
        && facts.catalogue().tactic(asked).is_none()
    {
        return Err(unknown_tactic_of(asked, facts));
    }
    if let Some(said) = &query.filters.group {
        group_names::all_named(facts.catalogue(), said)?;
    }
    Ok(View::new(published, reader.own, query.basis, &query.cohort))
}

/// Checks what a reader may compare with. Who asks decides access, never the number.
fn may_compare(reader: &Reader<'_>, basis: Basis, cohort: &Cohort) -> Result<(), CompareError> {
    if !Basis::BENCHMARKED.contains(&basis) {
        return Err(CompareError::NotBenchmarked(basis));
    }
    if !cohort.includes(&reader.profile.dimensions) {
        return Err(CompareError::ForeignCohort);
    }
    Ok(())
}

fn unknown_tactic_of(asked: &str, facts: &Facts) -> CompareError {
    let owned = |name: &str| name.to_owned();
    let catalogue = facts.catalogue();
    CompareError::UnknownTactic {
        version: catalogue.version(),
        known: catalogue.tactics().iter().map(|tactic| tactic.short_name.clone()).collect(),
        became: facts.became_of_tactic(asked).into_iter().map(owned).collect(),
    }
}

fn envelope(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
    list: List,
    items: &[Entry],
) -> Envelope {
    let denominator = denominator(published, reader, query, list, items);
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

/// The envelope of an answer about all the reader's techniques.
pub fn envelope_of(published: &Published, reader: &Reader<'_>, basis: Basis, cohort: &Cohort) -> Envelope {
    let query = Query { basis, cohort: cohort.clone(), ..Query::default() };
    envelope(published, reader, &query, List::Tactics, &[])
}

/// One denominator for everything that is about all the reader's techniques: that of the overall share. A list of
/// something narrower names its own.
fn denominator(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
    list: List,
    items: &[Entry],
) -> Denominator {
    let named = |set, of: &[&Entry]| Denominator {
        set,
        column: query.column.clone(),
        applies: size(of.len()),
        assessed: size(of.iter().filter(|entry| entry.asked.own != Own::NotAssessed).count()),
    };
    let everything: Vec<&Entry> = items.iter().collect();
    match (list, &query.column) {
        (List::Cells, _) => {
            named("pairs of a technique and one of your technologies that can see it", &everything)
        }
        (List::Techniques, Column::Any) if query.subs => {
            let applies = |entry: &&Entry| applies(entry, published, reader);
            let applicable: Vec<&Entry> = everything.into_iter().filter(applies).collect();
            named("sub-techniques that apply to a platform you run, PRE-only ones excluded", &applicable)
        }
        (List::Techniques, Column::Family(_) | Column::Technology(_)) if query.subs => {
            named("sub-techniques that the column can see", &everything)
        }
        (List::Techniques, Column::Family(_) | Column::Technology(_)) => {
            named("parent techniques that the column can see", &everything)
        }
        _ => {
            let overall = reader.own.composite(Set::Overall, &published.facts);
            Denominator {
                set: "parent techniques that apply to a platform you run, PRE-only ones excluded",
                column: Column::Any,
                applies: overall.map_or(0, |overall| overall.of),
                assessed: overall.map_or(0, |overall| overall.of - overall.unknown),
            }
        }
    }
}

/// Says that a technique runs on one of the reader's platforms, and not on PRE alone.
fn applies(entry: &Entry, published: &Published, reader: &Reader<'_>) -> bool {
    let technique = entry.technique().and_then(|id| published.facts.catalogue().get(id));
    technique.is_some_and(|technique| {
        technique.platforms.meets(platforms_of(reader.profile.platforms))
            && technique.platforms.iter().any(|platform| platform != Platform::Pre)
    })
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
