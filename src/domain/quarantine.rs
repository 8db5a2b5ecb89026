//! R29: contributions that are set aside at a cut-off until the operator has looked at them. Nobody is set aside for being
//! equal to another: whoever uploads a guess would learn whether it is right.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    coverage::{Contribution, ContributionCell},
    named::named,
    organisation::OrganisationId,
    release::{Hash, ReleaseKey},
    scale::Score,
    snapshot::Basis,
    technology::Registry,
};

/// From more than this many cells on, nothing but 0 or nothing but 100 is no plausible coverage.
const EXTREME_CELLS: usize = 50;
/// Points that the cells may change since the last release, on average.
const JUMP_POINTS: usize = 40;
/// Control groups that share a vector: from so many on it is a product's default content.
const DEFAULT_CONTENT_GROUPS: usize = 3;

named! {
    /// The reason why a contribution is odd.
    pub enum Reason("reason of a quarantine") {
        /// All cells have the same score (two cells or more, neither 0 nor 100).
        AllEqual = "all_equal",
        /// More than 50 cells, all 0 or all 100.
        AllExtreme = "all_extreme",
        /// The cells that it had at the last release changed by more than 40 points on average.
        Jump = "jump",
        /// It is the same as another control group's, which is only flagged.
        Copied = "copied",
        /// It is the same as those of two or more other control groups: default content, which is only flagged.
        Shared = "shared",
    }
}

impl Reason {
    /// Returns whether the contribution stays out, or is only shown to the operator.
    pub fn sets_aside(self) -> bool {
        !matches!(self, Self::Copied | Self::Shared)
    }
}

/// One odd contribution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub organisation: OrganisationId,
    pub basis: Basis,
    pub reason: Reason,
    /// Keyed hash of the cells.
    pub vector: Hash,
}

/// One contribution, looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    vector: Hash,
    uniform: Option<Reason>,
    jumped: bool,
}

/// The review of one basis at one cut-off.
#[derive(Debug)]
pub struct Review<'k> {
    basis: Basis,
    registry: &'k Registry,
    key: &'k ReleaseKey,
    findings: Vec<Finding>,
    /// By vector: who has it, and of which control group.
    owners: BTreeMap<Hash, Vec<(OrganisationId, String)>>,
}

impl<'k> Review<'k> {
    pub fn new(basis: Basis, registry: &'k Registry, key: &'k ReleaseKey) -> Self {
        Self { basis, registry, key, findings: Vec::new(), owners: BTreeMap::new() }
    }

    /// Reviews a contribution of this cut-off alone; `before` is the same organisation's of the last
    /// release.
    pub fn look(&self, contribution: &Contribution, before: Option<&Contribution>) -> Option<Look> {
        if contribution.cells.is_empty() {
            return None;
        }
        Some(Look {
            vector: self.key.vector(self.basis.name(), &canonical(contribution, self.registry)),
            uniform: uniform(&contribution.cells),
            jumped: before.is_some_and(|before| jumped(before, contribution)),
        })
    }

    /// Remembers it, to be compared with others.
    pub fn add(&mut self, organisation: &OrganisationId, control_group: &str, look: Look) {
        let Look { vector, uniform, jumped } = look;
        let reasons = uniform.into_iter().chain(jumped.then_some(Reason::Jump));
        self.findings.extend(reasons.map(|reason| Finding {
            organisation: organisation.clone(),
            basis: self.basis,
            reason,
            vector,
        }));
        self.owners.entry(vector).or_default().push((organisation.clone(), control_group.to_owned()));
    }

    /// Everything that is odd, in order.
    pub fn findings(mut self) -> Vec<Finding> {
        for (vector, owners) in self.owners {
            let groups: BTreeSet<&String> = owners.iter().map(|(_, group)| group).collect();
            let reason = match groups.len() {
                0 | 1 => continue,
                few if few < DEFAULT_CONTENT_GROUPS => Reason::Copied,
                _ => Reason::Shared,
            };
            let basis = self.basis;
            self.findings.extend(owners.into_iter().map(|(organisation, _)| Finding {
                organisation,
                basis,
                reason,
                vector,
            }));
        }
        self.findings.sort_unstable();
        self.findings
    }
}

/// The cells as bytes, the same for the same cells whatever version of the registry.
fn canonical(contribution: &Contribution, registry: &Registry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(contribution.cells.len() * 5);
    for of_technology in contribution.cells.chunk_by(|a, b| a.technology == b.technology) {
        bytes.extend(
            of_technology.first().map(|cell| registry.name_of(cell.technology)).unwrap_or_default().bytes(),
        );
        for cell in of_technology {
            bytes.extend(cell.technique.number().to_be_bytes());
            bytes.push(cell.score.get());
        }
    }
    bytes
}

fn uniform(cells: &[ContributionCell]) -> Option<Reason> {
    let (first, rest) = cells.split_first()?;
    if rest.is_empty() || rest.iter().any(|cell| cell.score != first.score) {
        return None;
    }
    match first.score.get() {
        0 | 100 => (cells.len() > EXTREME_CELLS).then_some(Reason::AllExtreme),
        _ => Some(Reason::AllEqual),
    }
}

/// Over the cells that both have; both are in the same order.
fn jumped(before: &Contribution, now: &Contribution) -> bool {
    let place = |cell: &ContributionCell| (cell.technology, cell.technique);
    let then: BTreeMap<_, Score> = before.cells.iter().map(|cell| (place(cell), cell.score)).collect();
    let changes = now.cells.iter().filter_map(|cell| {
        let then = then.get(&place(cell))?;
        Some(usize::from(then.get().abs_diff(cell.score.get())))
    });
    let (sum, count) = changes.fold((0, 0), |(sum, count), change| (sum + change, count + 1));
    sum > JUMP_POINTS * count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        attack::TechniqueId,
        scale::Scale,
        technology::{TechnologyRef, bundled},
    };

    /// Cells of one technology with these scores.
    fn contribution(scores: &[u8]) -> Contribution {
        let cells = (1_u16..).zip(scores).map(|(number, score)| ContributionCell {
            technology: TechnologyRef::Known(0),
            technique: TechniqueId::new(number, 0).unwrap(),
            score: Score::new(*score).unwrap(),
            scale: Scale::Percent,
        });
        Contribution { technologies: vec![TechnologyRef::Known(0)], cells: cells.collect() }
    }

    fn found(members: &[(&str, &str, &[u8])]) -> Vec<(String, Reason)> {
        let key = ReleaseKey::new([1; 32]);
        let mut review = Review::new(Basis::Deployed, bundled(), &key);
        for (organisation, group, scores) in members {
            if let Some(look) = review.look(&contribution(scores), None) {
                review.add(&OrganisationId::new(*organisation), group, look);
            }
        }
        review.findings().into_iter().map(|found| (found.organisation.to_string(), found.reason)).collect()
    }

    #[test]
    fn what_is_the_same_everywhere_is_odd_and_what_is_small_or_mixed_is_not() {
        let one = |scores: &[u8]| found(&[("a", "a", scores)]).first().map(|(_, reason)| *reason);
        assert_eq!(one(&[50, 50]), Some(Reason::AllEqual));
        assert_eq!(one(&[50]), None);
        assert_eq!(one(&[50, 51]), None);
        assert_eq!(one(&[0; 50]), None);
        assert_eq!(one(&[0; 51]), Some(Reason::AllExtreme));
        assert_eq!(one(&[100; 50]), None);
        assert_eq!(one(&[100; 51]), Some(Reason::AllExtreme));
        assert_eq!(one(&[]), None);
    }

    #[test]
    fn a_vector_of_two_groups_is_copied_and_of_three_is_default_content() {
        let (x, y): (&[u8], &[u8]) = (&[10, 20, 30], &[10, 20, 31]);
        assert_eq!(found(&[("a", "g", x), ("b", "g", x)]), [], "one group may have it as often as it likes");
        let copied = |name: &str| (name.to_owned(), Reason::Copied);
        assert_eq!(found(&[("a", "g", x), ("b", "h", x), ("c", "i", y)]), [copied("a"), copied("b")]);
        let shared = |name: &str| (name.to_owned(), Reason::Shared);
        let three = found(&[("a", "g", x), ("b", "h", x), ("c", "i", x)]);
        assert_eq!(three, [shared("a"), shared("b"), shared("c")]);
        assert!(
            !Reason::Copied.sets_aside() && !Reason::Shared.sets_aside() && Reason::AllEqual.sets_aside()
        );
    }

    #[test]
    fn a_jump_is_more_than_forty_points_on_average() {
        let jump = |before: &[u8], now: &[u8]| jumped(&contribution(before), &contribution(now));
        assert!(!jump(&[0, 100], &[40, 60]));
        assert!(jump(&[0, 100], &[41, 60]));
        assert!(!jump(&[], &[100, 100]), "what was not there before has not changed");
    }

    #[test]
    fn names_round_trip() {
        assert!(Reason::ALL.into_iter().all(|reason| reason.name().parse() == Ok(reason)));
        assert_eq!("other".parse::<Reason>(), Err(Reason::unknown()));
    }
}
