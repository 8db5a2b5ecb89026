//! Filters, order and pages of a list of lines.

use std::cmp::Reverse;

use super::{Entry, Subject};
use crate::{
    app::published::Published,
    domain::{
        attack::{GroupId, Platform, group_names},
        comparison::{Place, Word},
        facts::attributed,
        named::named,
        release::Shown,
        technology::Family,
    },
};

/// Filters of a list; a line must meet every one that is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Filters {
    /// A tactic's id, short name or name, such as `execution`.
    pub tactic: Option<String>,
    /// Techniques that this technology can see.
    pub technology: Option<String>,
    /// Techniques that this family can see, or technologies of it.
    pub family: Option<Family>,
    pub platform: Option<Platform>,
    /// Techniques that any of these threat groups uses, sub-techniques rolled up: ids, names or aliases, with commas.
    pub group: Option<String>,
    /// The groups that `group` names, once the release's catalogue is known.
    pub groups: Vec<GroupId>,
    pub position: Option<Place>,
    /// Without it, techniques that few peers cover are left out.
    pub coverage: Option<Word>,
}

named! {
    /// The order of a list; lines without the number it goes by come last.
    #[derive(Default)]
    pub enum Sort("sort order") {
        /// Furthest behind the peers' median first.
        #[default]
        Distance = "distance",
        /// Furthest ahead first.
        DistanceDescending = "-distance",
        /// By id.
        Id = "id",
        /// Lowest own number first.
        Own = "own",
        /// Highest median first.
        Peers = "peers",
    }
}

/// The outcome of the filters for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Listed,
    /// Left out only because so few peers cover the technique, and nobody asked for such lines.
    Hidden(Word),
    FilteredOut,
}

impl Filters {
    /// Returns the same filters with the tactic by its short name and the groups by their ids. What the catalogue doesn't
    /// know stays as it was asked, or is left out.
    #[must_use]
    pub fn resolved(&self, published: &Published) -> Self {
        let catalogue = published.facts.catalogue();
        let known = |asked: &String| catalogue.tactic(asked);
        let tactic =
            self.tactic.as_ref().map(|asked| known(asked).map_or(asked, |tactic| &tactic.short_name).clone());
        let groups = self.group.as_ref().and_then(|said| group_names::all_named(catalogue, said).ok());
        Self { tactic, groups: groups.unwrap_or_default(), ..self.clone() }
    }

    /// Judges a line.
    pub fn judge(&self, entry: &Entry, published: &Published) -> Verdict {
        let side = entry.effective();
        let word = side.peers.as_ref().map(|peers| peers.coverage);
        let coverage = self.coverage.is_none_or(|asked| word == Some(asked));
        let position =
            self.position.is_none_or(|asked| side.position.is_some_and(|position| position.place == asked));
        if !coverage || !position || !self.keep_subject(&entry.subject, published) {
            return Verdict::FilteredOut;
        }
        match word {
            // Where few peers cover it there is no gap to close; the answer says how many such lines there are.
            Some(word @ (Word::Few | Word::LessThanHalf))
                if self.coverage.is_none() && entry.technique().is_some() =>
            {
                Verdict::Hidden(word)
            }
            _ => Verdict::Listed,
        }
    }

    fn keep_subject(&self, subject: &Subject, published: &Published) -> bool {
        let facts = &published.facts;
        let (id, tactics) = match subject {
            Subject::Technique { id, tactics, .. } => (*id, tactics),
            Subject::Cell { id, tactics, technology, .. } => {
                if self.technology.as_ref().is_some_and(|asked| asked != technology) {
                    return false;
                }
                (*id, tactics)
            }
            Subject::Technology { id, family, .. } => {
                return self.family.is_none_or(|asked| asked == *family)
                    && self.technology.as_ref().is_none_or(|asked| asked == id);
            }
            Subject::Family(family) => return self.family.is_none_or(|asked| asked == *family),
            Subject::Tactic { short_name, .. } => {
                return self.tactic.as_ref().is_none_or(|asked| asked == short_name);
            }
            Subject::Group { id, .. } => return self.group.is_none() || self.groups.contains(id),
            Subject::Overall => return true,
        };
        let applies = |technology: &String| {
            facts
                .registry()
                .position(technology)
                .is_some_and(|known| facts.applicability().applies(id, known))
        };
        let runs = |platform: Platform| {
            let catalogue = facts.catalogue();
            let own = catalogue.get(id).into_iter();
            let mut all = own.chain(catalogue.subs(id).filter(|_| !id.is_sub()));
            all.any(|technique| technique.platforms.contains(platform))
        };
        let used = || {
            let groups = facts.catalogue().groups();
            let mut named = groups.iter().filter(|known| self.groups.contains(&known.id));
            named.any(|group| {
                let mut used = attributed(facts.catalogue(), group);
                used.any(|used| used == id || (!id.is_sub() && used.parent() == id))
            })
        };
        self.tactic.as_ref().is_none_or(|asked| tactics.contains(asked))
            && self.technology.as_ref().is_none_or(applies)
            && self.family.is_none_or(|family| facts.applicability().visible_to_family(id, family))
            && self.platform.is_none_or(runs)
            && (self.group.is_none() || used())
    }
}

/// Sorts lines, which come in by id; ties stay so.
pub fn sort(entries: &mut [Entry], order: Sort) {
    let difference = |entry: &Entry| entry.effective().difference;
    let median = |entry: &Entry| match entry.effective().peers.as_ref().map(|peers| peers.row.shown) {
        Some(Shown::Quantiles(quantiles)) => Some(quantiles.p50.value),
        _ => None,
    };
    match order {
        Sort::Id => {}
        Sort::Distance => entries
            .sort_by_key(|entry| (difference(entry).is_none(), difference(entry), Reverse(median(entry)))),
        Sort::DistanceDescending => entries.sort_by_key(|entry| Reverse(difference(entry))),
        Sort::Own => entries.sort_by_key(|entry| {
            let own = entry.asked.own.value();
            (own.is_none(), own)
        }),
        Sort::Peers => entries.sort_by_key(|entry| Reverse(median(entry))),
    }
}
