//! Reads what moved since a release, own and peers: every measure as of that release's cut-off beside the latest release.

use std::{cmp::Reverse, sync::Arc};

use super::{
    App, Member,
    compare::{
        CompareError, Entry, Envelope, Reader, Subject, envelope_of,
        measured::{Measured, all, look},
        page,
    },
    entitlement::entitled,
    own::own,
    own_history::OwnHistory,
    published::Published,
    read_comparison::{ReadComparisonError, published},
    read_earlier,
    read_trend::{Point, between, with_fallbacks},
};
use crate::domain::{
    cohort::Cohort,
    comparison::{Break, Change},
    named::{UnknownName, named},
    snapshot::Basis,
};

named! {
    /// The kinds of measure that changes are listed of.
    pub enum MeasureKind("kind of measure") {
        Overall = "overall",
        Tactic = "tactic",
        Family = "family",
        Technology = "technology",
        Group = "group",
        Technique = "technique",
    }
}

/// The question that changes answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesQuery {
    /// Number of the earlier release.
    pub since: u32,
    pub cohort: Cohort,
    pub basis: Basis,
    /// All kinds but threat groups where empty: the share of a small group moves far with a single rule.
    pub kinds: Vec<MeasureKind>,
    /// 1..=1000.
    pub limit: usize,
    pub cursor: Option<String>,
}

/// A measure that moved.
#[derive(Debug, Clone)]
pub struct Moved {
    pub measured: Measured,
    pub then: Entry,
    pub now: Entry,
    pub change: Change,
}

/// A page of the measures that moved, most moved first.
#[derive(Debug, Clone)]
pub struct Changes {
    pub envelope: Envelope,
    pub since: Arc<Published>,
    /// Reasons why the two releases must not be joined.
    pub breaks: Vec<Break>,
    pub items: Vec<Moved>,
    /// Number of measures that moved.
    pub total: usize,
    pub next: Option<String>,
}

pub fn read_changes(
    app: &App,
    member: &Member,
    query: &ChangesQuery,
) -> Result<Changes, ReadComparisonError> {
    let ChangesQuery { since, cohort, basis, .. } = query;
    let organisation = entitled(app, member)?;
    if !cohort.includes(&organisation.profile.dimensions) {
        return Err(CompareError::ForeignCohort.into());
    }
    let (latest, earlier, mut owns) = app.db.read_together(|conn| {
        let latest = published(app, conn, None, (*basis, &organisation.profile))?;
        let number = latest.release.number;
        if *since == 0 || *since > number {
            return Err(ReadComparisonError::UnknownRelease);
        }
        if *since == number {
            return Err(CompareError::SinceLatest(number).into());
        }
        let earlier = read_earlier::read(app, conn, *since, *basis, &with_fallbacks(cohort))?;
        let cut_off = std::iter::once(earlier.release.cut_off);
        let owns = OwnHistory::read(conn, &organisation, *basis, cut_off)?;
        Ok::<_, ReadComparisonError>((latest, earlier, owns))
    })?;
    let current = own(app, &organisation, *basis, &latest.facts)?;
    let (number, cut_off) = (latest.release.number, earlier.release.cut_off);
    let reader = |own| Reader { profile: &organisation.profile, own, feeds: &current.feeds };
    let parameters = &earlier.terms.parameters.known;
    let as_then = owns.at(cut_off, &earlier.facts, parameters).clone();
    // The same snapshots in the version and sets of now, so that own numbers are compared like for like.
    let as_now = owns.at(cut_off, &latest.facts, &latest.terms.parameters.known).clone();
    let (then_reader, like_reader, now_reader) =
        (reader(&as_then), reader(&as_now), reader(&current.coverage));
    let then_view = look(&earlier, &then_reader, *basis, cohort)?;
    let like_view = look(&latest, &like_reader, *basis, cohort)?;
    let now_view = look(&latest, &now_reader, *basis, cohort)?;
    let moved = all(&now_view).into_iter().filter_map(|line| {
        let measured = Measured::of(&line)?;
        if !query.lists(kind_of(&line.subject)) {
            return None;
        }
        let then = Point {
            entry: measured.entry(&then_view, &latest.facts)?,
            published: Arc::clone(&earlier),
            change: None,
        };
        let change = between((&then, measured.own(&like_view, &latest.facts)), (&latest, &line), *basis);
        let (then, now) = (then.entry, line);
        Some(Moved { measured, then, now, change })
    });
    let mut moved: Vec<Moved> = moved.filter(Moved::has_moved).collect();
    moved.sort_by_key(|one| (Reverse(one.change.distance()), one.rank()));
    let envelope = envelope_of(&latest, &now_reader, *basis, cohort);
    let general = [Break::Attack, Break::Basis, Break::Parameters, Break::Catalogue];
    let broken = moved.iter().flat_map(|one| &one.change.breaks).filter(|one| general.contains(one));
    let mut broken: Vec<Break> = broken.copied().collect();
    broken.sort_unstable();
    broken.dedup();
    let feeds: Vec<&str> = current.feeds.iter().map(|feed| feed.id.as_str()).collect();
    let asked = format!("{:?}", ChangesQuery { cursor: None, limit: 0, ..query.clone() });
    let id = page::list_id(&[&number.to_string(), "changes", &asked, &feeds.join(",")]);
    let total = moved.len();
    let (items, next) =
        page::page(moved, &id, query.cursor.as_deref(), query.limit).map_err(CompareError::from)?;
    Ok(Changes { envelope, since: earlier, breaks: broken, items, total, next })
}

impl ChangesQuery {
    fn lists(&self, kind: MeasureKind) -> bool {
        match self.kinds.as_slice() {
            [] => kind != MeasureKind::Group,
            kinds => kinds.contains(&kind),
        }
    }
}

/// Reads kinds with commas between them.
pub fn kinds(text: &str) -> Result<Vec<MeasureKind>, UnknownName> {
    text.split(',').map(|kind| kind.trim().parse()).collect()
}

fn kind_of(subject: &Subject) -> MeasureKind {
    match subject {
        Subject::Overall => MeasureKind::Overall,
        Subject::Tactic { .. } => MeasureKind::Tactic,
        Subject::Family(_) => MeasureKind::Family,
        Subject::Group { .. } => MeasureKind::Group,
        Subject::Technology { .. } => MeasureKind::Technology,
        Subject::Technique { .. } | Subject::Cell { .. } => MeasureKind::Technique,
    }
}

impl Moved {
    /// Says that an own number, a published median or a word is another, or that one of them came or went.
    fn has_moved(&self) -> bool {
        let (then, now) = (self.then.effective(), self.now.effective());
        let word = |entry: &Entry| entry.effective().peers.as_ref().map(|peers| peers.coverage);
        let own = self.then.asked.own.value().is_some() != self.now.asked.own.value().is_some();
        let words = self.change.breaks.is_empty() && word(&self.then) != word(&self.now);
        let released = then.peers.is_some() != now.peers.is_some();
        let changed = [self.change.own, self.change.peers].into_iter().flatten().any(|change| change != 0);
        own || words || released || changed
    }

    /// The order of equally far moved measures.
    fn rank(&self) -> (bool, u8, String) {
        let own = self.change.own.is_none_or(|change| change == 0);
        (own, kind_of(&self.now.subject).position(), self.measured.measure.to_string())
    }
}
