//! A path compared: each step's own score and technologies, the peers' word, and the path as a whole.

use super::{Entry, Own, Subject, View};
use crate::domain::{
    attack::TechniqueId,
    column::Column,
    comparison::Word,
    coverage::{seen_by, tagged},
    path::{Along, Path, Seen, ShownBy, Way, all_of, along, any_of},
    release::Item,
    scale::{Level, Score},
};

/// A path with what the reader and its peers see of it.
#[derive(Debug, Clone)]
pub struct PathAnswer {
    pub path: Path,
    pub steps: Vec<StepAnswer>,
    pub along: Along,
}

/// A step of a path.
#[derive(Debug, Clone)]
pub struct StepAnswer {
    pub ways: Vec<WayAnswer>,
    /// The own score of the weakest way.
    pub seen: Seen,
    pub level: Option<Level>,
    /// Technologies of the reader that can see a technique of the step, and whether each has a rule for one; by id.
    pub technologies: Vec<(String, bool)>,
}

/// A way to take a step.
#[derive(Debug, Clone)]
pub enum WayAnswer {
    Unknown,
    Tactic(Box<Entry>),
    Techniques(Vec<TechniqueAnswer>),
}

/// A technique that shows a way.
#[derive(Debug, Clone)]
pub struct TechniqueAnswer {
    pub entry: Entry,
    pub score: Option<Score>,
    /// True if the score is that of rules which name only the parent of this sub-technique.
    pub tagged_at_parent: bool,
}

/// Compares a path in the release and cohort that a view looks at.
pub fn path(view: &View<'_>, path: Path) -> PathAnswer {
    let steps: Vec<StepAnswer> = path.steps.iter().map(|step| one_step(view, &step.ways)).collect();
    let seen: Vec<Seen> = steps.iter().map(|step| step.seen).collect();
    let along = along(&seen, path.ordered);
    PathAnswer { path, steps, along }
}

fn one_step(view: &View<'_>, ways: &[Way]) -> StepAnswer {
    let answers: Vec<WayAnswer> = ways.iter().map(|way| one_way(view, way)).collect();
    // An attacker takes one of the ways: the weakest decides, and one that isn't known leaves the step unknown.
    let scores: Option<Vec<Score>> = answers.iter().map(WayAnswer::score).collect();
    let own = scores.and_then(|scores| scores.into_iter().min());
    let seen = Seen { own: own.map(Score::get), peers: all_of(answers.iter().map(WayAnswer::word)) };
    let mut technologies: Vec<(String, bool)> = Vec::new();
    for (id, covered) in
        answers.iter().flat_map(|way| way.techniques(view)).flat_map(|id| technologies_of(view, id))
    {
        match technologies.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known |= covered,
            None => technologies.push((id, covered)),
        }
    }
    technologies.sort_unstable();
    // A tactic has a share, of which no level is defined.
    let is_tactic = answers.iter().any(|way| matches!(way, WayAnswer::Tactic(_)));
    let level = own.map(Score::level).filter(|_| !is_tactic);
    StepAnswer { ways: answers, seen, level, technologies }
}

fn one_way(view: &View<'_>, way: &Way) -> WayAnswer {
    match &way.shown_by {
        ShownBy::Unknown => WayAnswer::Unknown,
        ShownBy::Tactic(name) => {
            let is_asked = |entry: &Entry| entry.item == Item::Tactic(name.clone());
            let tactic = view.tactics().into_iter().find(is_asked);
            tactic.map_or(WayAnswer::Unknown, |entry| WayAnswer::Tactic(Box::new(entry)))
        }
        ShownBy::Techniques(ids) => {
            WayAnswer::Techniques(ids.iter().filter_map(|id| one_technique(view, *id)).collect())
        }
    }
}

fn one_technique(view: &View<'_>, id: TechniqueId) -> Option<TechniqueAnswer> {
    let facts = &view.published.facts;
    let technique = facts.catalogue().get(id)?;
    let subject =
        Subject::Technique { id, name: technique.name.clone(), tactics: view.tactic_names(technique) };
    let entry = view.entry(subject, &[(Column::Any, Item::Technique(id, Column::Any))])?;
    let own = match entry.asked.own {
        Own::Score { score, .. } => Score::new(score),
        _ => None,
    };
    // A rule that names only the parent shows its sub-techniques as well as any of them is known to be shown.
    let at_parent = match own {
        None if id.is_sub() => {
            tagged(view.own.contribution(), id.parent(), facts).filter(|score| *score > Score::ZERO)
        }
        _ => None,
    };
    Some(TechniqueAnswer { entry, score: own.or(at_parent), tagged_at_parent: at_parent.is_some() })
}

fn technologies_of(view: &View<'_>, id: TechniqueId) -> Vec<(String, bool)> {
    let facts = &view.published.facts;
    let named = |position| facts.registry().get(position).map(|technology| technology.id.clone());
    let seen = seen_by(view.own.contribution(), id, &Column::Any, facts);
    seen.filter_map(|(position, covered)| Some((named(position)?, covered))).collect()
}

impl WayAnswer {
    /// The best score of what shows the way.
    fn score(&self) -> Option<Score> {
        match self {
            Self::Unknown => None,
            Self::Tactic(entry) => entry.asked.own.value().and_then(Score::new),
            Self::Techniques(techniques) => techniques.iter().filter_map(|technique| technique.score).max(),
        }
    }

    /// The peers' word of the way.
    pub fn word(&self) -> Option<Word> {
        match self {
            Self::Unknown => None,
            Self::Tactic(entry) => word(entry),
            Self::Techniques(techniques) => any_of(techniques.iter().filter_map(|one| word(&one.entry))),
        }
    }

    fn techniques(&self, view: &View<'_>) -> Vec<TechniqueId> {
        match self {
            Self::Unknown => Vec::new(),
            Self::Techniques(techniques) => {
                techniques.iter().filter_map(|one| one.entry.technique()).collect()
            }
            Self::Tactic(entry) => {
                let catalogue = view.published.facts.catalogue();
                let at = catalogue.tactics().iter().zip(0_u8..);
                let mut at = at.filter(|(tactic, _)| entry.item == Item::Tactic(tactic.short_name.clone()));
                let Some((_, at)) = at.next() else { return Vec::new() };
                let parents = catalogue.active().filter(|technique| !technique.id.is_sub());
                parents
                    .filter(|technique| technique.tactics.contains(&at))
                    .map(|technique| technique.id)
                    .collect()
            }
        }
    }
}

/// The word of the row that is shown. A tactic's share above the low end says that a peer covers one of its techniques.
pub fn word(entry: &Entry) -> Option<Word> {
    entry.effective().peers.as_ref().map(|peers| peers.coverage)
}
