//! Some members that one thread aggregates in one walk over their cells.

use super::{
    Contributor,
    composites::{Composites, Covered},
    places::Places,
};
use crate::domain::{
    release::{ABSENT, Assessed, Batch, Key, Layout, Member},
    technology::TechnologyRef,
};

/// Members of one part: few enough for their cells to be grouped within a processor's cache.
pub(super) const MEMBERS: usize = 256;

/// What all parts go by.
pub(super) struct Shared<'a> {
    pub layout: &'a Layout,
    pub places: &'a Places<'a>,
    pub composites: &'a Composites,
}

/// What comes of a part.
pub(super) struct Part {
    pub members: Vec<Member>,
    pub cells: Batch,
    pub simple: Simple,
}

/// The values of the keys without a column, by key and then member.
pub(super) struct Simple {
    members: usize,
    values: Vec<u8>,
}

impl Simple {
    fn new(layout: &Layout, members: usize) -> Self {
        let keys = usize::try_from(layout.simple_len()).unwrap_or_default();
        Self { members, values: vec![ABSENT; keys * members] }
    }

    fn slot(&mut self, key: Key, member: usize) -> Option<&mut u8> {
        self.values.get_mut(usize::try_from(key).ok()? * self.members + member)
    }

    fn set(&mut self, key: Key, member: usize, value: u32) {
        let value = u8::try_from(value).unwrap_or(ABSENT).min(ABSENT - 1);
        self.slot(key, member).into_iter().for_each(|slot| *slot = value);
    }

    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.values.chunks(self.members.max(1))
    }
}

impl Part {
    /// Members are numbered from `first` on.
    pub fn new(contributors: Vec<Contributor>, first: u32, shared: &Shared<'_>) -> Self {
        let Shared { layout, places, composites } = shared;
        let mut simple = Simple::new(layout, contributors.len());
        let mut covered = Covered::new(layout);
        let sizes = contributors.iter().map(|contributor| contributor.contribution.cells.len());
        let mut cells: Vec<(u32, Assessed)> = Vec::with_capacity(sizes.sum());
        for ((position, member), contributor) in (0_usize..).zip(first..).zip(&contributors) {
            let contribution = &contributor.contribution;
            covered.clear();
            for technology in &contribution.technologies {
                if let TechnologyRef::Known(known) = technology {
                    simple.set(layout.technology(*known), position, 0);
                }
            }
            for own in contribution.cells.chunk_by(|a, b| a.technology == b.technology) {
                let Some(technology) = own.first().map(|cell| cell.technology) else { continue };
                let through = places.through(technology);
                // Parents with a rule through the technology; their cells follow each other.
                let (mut parents, mut last) = (0, None);
                for cell in own {
                    let Some(place) = through.place(cell.technique) else { continue };
                    let assessed = Assessed::new(
                        member,
                        place.slot,
                        through.known,
                        cell.score,
                        cell.scale.position(),
                        place.applies,
                    );
                    cells.push((place.block, assessed));
                    if cell.score.get() == 0 {
                        continue;
                    }
                    covered.insert(place.block, through.family);
                    if place.applies && last != Some(place.block) {
                        last = Some(place.block);
                        parents += 1;
                    }
                }
                let key = through.known.map(|known| layout.technology(known));
                let declared = key.filter(|key| simple.slot(*key, position).is_some_and(|v| *v != ABSENT));
                declared.into_iter().for_each(|key| simple.set(key, position, parents));
            }
            composites.shares(
                contributor.platforms,
                &contribution.technologies,
                places,
                &covered,
                |key, share| simple.set(key, position, share),
            );
        }
        Self {
            members: contributors.into_iter().map(|contributor| contributor.member).collect(),
            cells: Batch::new(layout.block_count(), &cells),
            simple,
        }
    }
}
