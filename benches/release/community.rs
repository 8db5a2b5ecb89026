//! Members for the benches: the same number is always the same member.

use peerbench::{
    analytics::Contributor,
    domain::{
        attack::PlatformSet,
        coverage::{Contribution, ContributionCell},
        dimension::{ByDimension, Dimensions},
        facts::Facts,
        organisation::OrganisationId,
        release::Member,
        scale::Scale,
        technology::TechnologyRef,
    },
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

pub const CELLS: usize = 600;

pub struct Community<'f> {
    facts: &'f Facts,
    dimensions: Dimensions,
    /// Positions of the technologies that can see at least 100 techniques.
    sighted: Vec<u16>,
}

impl<'f> Community<'f> {
    pub fn new(facts: &'f Facts) -> Self {
        let technologies = 0..u16::try_from(facts.registry().technologies().len()).unwrap();
        let sighted =
            technologies.filter(|technology| facts.applicability().techniques_of(*technology).len() >= 100);
        Self { facts, dimensions: Dimensions::default(), sighted: sighted.collect() }
    }

    /// A member with 600 cells of technologies that are drawn so that popular ones are common. Two in five cells have a
    /// rule. With another `version` it has other rules in the same cells.
    pub fn member(&self, number: usize, version: u64) -> Contributor {
        let mut rng = StdRng::seed_from_u64(number as u64);
        let mut pick = |dimension| {
            let values = self.dimensions.values(dimension);
            values[rng.random_range(0..values.len())].clone()
        };
        let dimensions = ByDimension::new(&mut pick);
        let organisation = OrganisationId::new(format!("organisation-{number}"));
        let member = Member {
            organisation,
            control_group: format!("group-{number}"),
            dimensions,
            writers: Vec::new(),
        };
        let mut rules = StdRng::seed_from_u64(number as u64 | version << 40);
        let mut technologies: Vec<u16> = Vec::new();
        let mut cells = Vec::with_capacity(CELLS);
        while cells.len() < CELLS {
            // The square of a uniform draw favours the front of the list.
            let draw: f64 = rng.random();
            let technology = self.sighted[(draw * draw * self.sighted.len() as f64) as usize];
            if technologies.contains(&technology) {
                continue;
            }
            technologies.push(technology);
            let techniques = self.facts.applicability().techniques_of(technology);
            for technique in techniques.iter().take(CELLS - cells.len()) {
                let count = if rules.random_bool(0.4) { rules.random_range(1..=20) } else { 0 };
                cells.push(ContributionCell {
                    technology: TechnologyRef::Known(technology),
                    technique: *technique,
                    score: Scale::RuleCount.score(count).unwrap(),
                    scale: Scale::RuleCount,
                });
            }
        }
        cells.sort_by_key(|cell| (cell.technology, cell.technique));
        technologies.sort_unstable();
        let technologies = technologies.into_iter().map(TechnologyRef::Known).collect();
        Contributor {
            member,
            platforms: PlatformSet::EMPTY,
            contribution: Contribution { technologies, cells },
        }
    }
}
