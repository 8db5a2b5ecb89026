//! Gaps of an organisation with their reasons as numbers, in the order in which to close them.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    CompareError, Entry, Envelope, List, Query, Reader, SetAnswer, envelope, page, select::Verdict,
    set::restrict, view, view::View,
};
use crate::{
    app::{
        libraries::{self, Available, available},
        published::Published,
    },
    domain::{
        attack::{GroupId, TechniqueId, group_names},
        cohort::Cohort,
        column::Column,
        comparison::{Distance, Feasibility, GapState, GapStatus, Threat, Word, distance, priority},
        coverage::{technology_count, through},
        facts::Facts,
        named::named,
        release::{Coded, Shown},
        scale::Level,
        technology::TechnologyRef,
    },
};

named! {
    /// The order of gaps. Gaps without the number it goes by come last; ties go by id.
    #[derive(Default)]
    pub enum GapSort("sort order") {
        /// Highest priority first.
        #[default]
        Priority = "priority",
        /// Furthest behind first.
        Distance = "distance",
        /// Most used by threat groups first.
        Threat = "threat",
        /// By id.
        Technique = "technique",
    }
}

/// The question that a list of gaps answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct GapQuery {
    /// Its order isn't used.
    pub base: Query,
    /// Threat groups whose use of techniques counts, by id, name or alias; all where `None`.
    pub groups: Option<String>,
    pub feasibility: Option<Feasibility>,
    pub status: Option<GapStatus>,
    pub min_distance: Option<u8>,
    pub sort: GapSort,
}

/// The states of the gaps that the organisation decided on.
pub type Book = BTreeMap<TechniqueId, GapState>;

/// A technique that the peers cover and the organisation doesn't in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub entry: Entry,
    /// `None` where the organisation's own score is unknown.
    pub distance: Option<Distance>,
    /// 0..=100.
    pub threat: u8,
    pub means: Means,
    /// One technology alone covers the technique.
    pub fragile: bool,
    /// `None` where the organisation's own score is unknown.
    pub priority: Option<u8>,
    /// Rules of public libraries: a reference, not peers.
    pub rules_available: Vec<Available>,
    pub status: GapStatus,
    /// The state in the book, where the organisation decided on it.
    pub state: Option<GapState>,
}

/// The means by which a technique could be covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Means {
    pub feasibility: Feasibility,
    /// The technologies through which half or more of their owners cover it, of the organisation's own; highest median
    /// first.
    pub through: Vec<PeersThrough>,
    /// The organisation's technologies that can see it, the one with rules for most techniques first: positions in the
    /// registry, and ids.
    pub own: Vec<u16>,
    pub can_see: Vec<String>,
    /// The registry's technologies that could see it, where no own technology can.
    pub could_see: Vec<String>,
}

/// The peers' coverage of a technique through one technology, among the members who have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeersThrough {
    pub technology: String,
    pub name: String,
    /// The own score through it; `None` where it is not assessed.
    pub own: Option<u8>,
    pub coverage: Word,
    /// `None` where only the coverage is published.
    pub p50: Option<Coded>,
    pub cohort: Cohort,
}

/// A page of gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaps {
    pub envelope: Envelope,
    pub set: Option<SetAnswer>,
    pub items: Vec<Gap>,
    /// Number of gaps in the list with a distance above 0.
    pub behind: u32,
    /// Number of techniques in the list that are not assessed.
    pub unknown: u32,
    pub next: Option<String>,
}

/// Lists gaps.
pub fn gaps(
    published: &Published,
    reader: &Reader<'_>,
    query: &GapQuery,
    book: &Book,
) -> Result<Gaps, CompareError> {
    let GapQuery { base, .. } = query;
    let view = view(published, reader, base)?;
    let threat = threat(&published.facts, query.groups.as_deref())?;
    let mut techniques = view.techniques(&base.column, base.subs);
    let envelope = envelope(published, reader, base, List::Techniques, &techniques);
    let set = restrict(&view, base.set.as_ref(), &mut techniques)?;
    let filters = base.filters.resolved(published);
    techniques.retain(|entry| filters.judge(entry, published) == Verdict::Listed);
    let finder = Finder::new(&view, &threat);
    let gaps = techniques.into_iter().filter_map(|entry| finder.gap(entry, book));
    let mut items: Vec<Gap> = gaps.filter(|gap| is_asked(gap, query)).collect();
    sort(&mut items, query.sort);
    let count = |test: fn(&Gap) -> bool| super::size(items.iter().filter(|gap| test(gap)).count());
    let behind = count(|gap| gap.distance.is_some_and(|distance| distance.points > 0));
    let unknown = count(|gap| gap.distance.is_none());
    let asked =
        format!("{:?}", GapQuery { base: Query { cursor: None, limit: 0, ..base.clone() }, ..query.clone() });
    let feeds: Vec<&str> = reader.feeds.iter().map(|feed| feed.id.as_str()).collect();
    let decided = format!("{book:?}");
    let list =
        page::list_id(&[&published.release.number.to_string(), "gaps", &asked, &feeds.join(","), &decided]);
    let (items, next) = page::page(items, &list, base.cursor.as_deref(), base.limit)?;
    Ok(Gaps { envelope, set, items, behind, unknown, next })
}

/// The envelope of an answer about the organisation's own techniques.
pub fn own_envelope(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
) -> Result<Envelope, CompareError> {
    view(published, reader, query)?;
    Ok(envelope(published, reader, query, List::Tactics, &[]))
}

/// The lines of techniques in `any`; what the release's version doesn't have is left out.
pub fn lines(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
    ids: impl Iterator<Item = TechniqueId>,
) -> Result<BTreeMap<TechniqueId, Entry>, CompareError> {
    let view = view(published, reader, query)?;
    Ok(ids.filter_map(|id| Some((id, view.technique(id)?))).collect())
}

fn is_asked(gap: &Gap, query: &GapQuery) -> bool {
    query.feasibility.is_none_or(|asked| gap.means.feasibility == asked)
        && query.status.is_none_or(|asked| gap.status == asked)
        && query
            .min_distance
            .is_none_or(|asked| gap.distance.is_some_and(|distance| distance.points >= asked))
}

/// Sorts gaps, which come in by id.
fn sort(gaps: &mut [Gap], order: GapSort) {
    let points = |gap: &Gap| gap.distance.map(|distance| distance.points);
    match order {
        GapSort::Priority => gaps.sort_by_key(|gap| Reverse(gap.priority)),
        GapSort::Distance => gaps.sort_by_key(|gap| Reverse(points(gap))),
        GapSort::Threat => gaps.sort_by_key(|gap| (gap.distance.is_none(), Reverse(gap.threat))),
        GapSort::Technique => gaps.sort_by_key(|gap| gap.distance.is_none()),
    }
}

/// Counts the use of techniques by threat groups, all where `None`.
pub fn threat(facts: &Facts, groups: Option<&str>) -> Result<Threat, CompareError> {
    let catalogue = facts.catalogue();
    let Some(said) = groups else { return Ok(Threat::new(catalogue, |_| true)) };
    let chosen: Vec<GroupId> =
        group_names::all_named(catalogue, said).map_err(CompareError::UnknownGroups)?;
    Ok(Threat::new(catalogue, |id| chosen.binary_search(&id).is_ok()))
}

/// Finds gaps and the means to close them.
pub struct Finder<'v, 'a> {
    view: &'v View<'a>,
    threat: &'v Threat,
    /// The organisation's technologies that are in the registry, the one with rules for most techniques first.
    own: Vec<u16>,
}

impl<'v, 'a> Finder<'v, 'a> {
    pub fn new(view: &'v View<'a>, threat: &'v Threat) -> Self {
        let contribution = view.own.contribution();
        let own = contribution.technologies.iter().filter_map(|technology| match technology {
            TechnologyRef::Known(known) => Some(*known),
            TechnologyRef::Other(_) => None,
        });
        let mut own: Vec<u16> = own.collect();
        own.sort_by_cached_key(|known| {
            Reverse(technology_count(contribution, *known, &view.published.facts))
        });
        Self { view, threat, own }
    }

    pub fn threat(&self, id: TechniqueId) -> u8 {
        self.threat.of(id)
    }

    /// The gap in a technique's row; `None` where there is none: few peers cover it, it doesn't apply, or the own level is
    /// full.
    pub fn gap(&self, entry: Entry, book: &Book) -> Option<Gap> {
        let id = entry.technique()?;
        let side = entry.effective();
        let peers = side.peers.as_ref()?;
        let is_covered = matches!(peers.coverage, Word::Most | Word::Half | Word::Quarter);
        if !is_covered || !self.view.applies(id) {
            return None;
        }
        let own = side.own.value();
        if side.own.level() == Some(Level::Full) {
            return None;
        }
        let distance = own.and_then(|own| distance(own, &peers.row.shown));
        let means = self.means(id, |_| true);
        let threat = self.threat(id);
        let priority = distance.map(|distance| priority(distance.points, threat, means.feasibility));
        let state = book.get(&id).copied();
        let status = state.map_or(GapStatus::Open, |state| state.status);
        let fragile = self.is_fragile(id);
        let facts = &self.view.published.facts;
        let own = libraries::ids(self.own.iter().copied(), facts.registry());
        let rules_available = available(id, &own, facts.catalogue().version());
        Some(Gap { entry, distance, threat, means, fragile, priority, rules_available, status, state })
    }

    /// Finds how a technique could be covered by the organisation's technologies that pass a test.
    pub fn means(&self, id: TechniqueId, is_asked: impl Fn(u16) -> bool) -> Means {
        let facts = &self.view.published.facts;
        let sees = |known: &u16| facts.applicability().applies(id, *known) && is_asked(*known);
        let own: Vec<u16> = self.own.iter().copied().filter(sees).collect();
        let mut through: Vec<PeersThrough> =
            own.iter().filter_map(|known| self.through(id, *known)).collect();
        through.sort_by_key(|through| Reverse(through.p50.map(|p50| p50.value)));
        let feasibility = match (own.is_empty(), through.is_empty()) {
            (true, _) => Feasibility::SourceMissing,
            (false, true) => Feasibility::Possible,
            (false, false) => Feasibility::Ready,
        };
        let registry = facts.registry();
        let can_see = own.iter().filter_map(|known| registry.get(*known));
        let can_see = can_see.map(|technology| technology.id.clone()).collect();
        let could_see = match feasibility {
            Feasibility::SourceMissing => facts
                .applicability()
                .technologies_of(id)
                .filter_map(|known| registry.get(known))
                .map(|technology| technology.id.clone())
                .collect(),
            _ => Vec::new(),
        };
        Means { feasibility, through, own, can_see, could_see }
    }

    /// The coverage through one technology, where half or more of its owners have it.
    fn through(&self, id: TechniqueId, known: u16) -> Option<PeersThrough> {
        let technology = self.view.published.facts.registry().get(known)?;
        let side = self.view.in_column(id, &Column::Technology(technology.id.clone()))?;
        let peers = side.peers?;
        let p50 = match peers.row.shown {
            Shown::Quantiles(quantiles) => Some(quantiles.p50),
            Shown::Few | Shown::Half(_) => None,
        };
        matches!(peers.coverage, Word::Most | Word::Half).then(|| PeersThrough {
            technology: technology.id.clone(),
            name: technology.name.clone(),
            own: side.own.value(),
            coverage: peers.coverage,
            p50,
            cohort: peers.cohort,
        })
    }

    /// Says that the technique is covered, and through one technology alone.
    fn is_fragile(&self, id: TechniqueId) -> bool {
        let facts = &self.view.published.facts;
        let scores = self.view.own.techniques(&Column::Any, facts);
        let is_covered = scores.get(&id).is_some_and(|rolled| rolled.score.get() > 0);
        is_covered && through(self.view.own.contribution(), id, &Column::Any, facts).covered <= 1
    }
}
