//! The part of a build that rules and scores share: what is entered under which technique and technology, and the
//! snapshot and report that come out.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    error::BuildError,
    options::{Context, Options},
    report::{Built, LeftOut, Reason, Report},
    techniques::Resolver,
    technologies::{Present, Reach},
};
use crate::{
    domain::{
        applicability::Applicability,
        attack::TechniqueId,
        scale::Scale,
        snapshot::{Cell, CellValue, Header, MAX_TECHNOLOGIES, Producer, Snapshot},
        technology::{Registry, TechnologyRef},
    },
    sources::technique_ids::Mentions,
};

/// The positions of the rules or entries behind each cell.
pub type Cells = BTreeMap<(TechnologyRef, TechniqueId), Vec<usize>>;

/// The technologies that a snapshot names, by their ids and ascending.
pub type Named = Vec<(String, TechnologyRef)>;

/// A snapshot in the making.
pub struct Draft<'a> {
    options: &'a Options,
    registry: &'a Registry,
    resolver: &'a Resolver<'a>,
    applicability: Applicability,
    present: Present,
    cells: Cells,
    left_out: LeftOut,
    unmapped_sources: BTreeMap<String, usize>,
}

/// The values of a draft's cells.
pub struct Values<'v> {
    pub scale: Scale,
    /// The ids of the technologies that are complete.
    pub complete: Vec<String>,
    /// Cells of complete technologies in which silence isn't zero.
    pub not_assessed: BTreeSet<(TechnologyRef, TechniqueId)>,
    /// The value of a cell with these rules or entries behind it.
    pub of: &'v dyn Fn(&[usize]) -> i8,
}

impl<'a> Draft<'a> {
    pub fn new(
        options: &'a Options,
        context: Context<'a>,
        resolver: &'a Resolver<'a>,
        present: Present,
        left_out: LeftOut,
    ) -> Self {
        Self {
            options,
            registry: context.registry,
            resolver,
            applicability: Applicability::new(resolver.catalogue(), context.registry),
            present,
            cells: Cells::new(),
            left_out,
            unmapped_sources: BTreeMap::new(),
        }
    }

    /// Counts something that doesn't get into the snapshot.
    pub fn leave_out(&mut self, reason: Reason) {
        self.left_out.add(reason, 1);
    }

    /// Notes the raw names of log sources that a rule or entry has and no row fits.
    pub fn note_unmapped(&mut self, reach: &Reach) {
        for name in &reach.unmapped {
            *self.unmapped_sources.entry(name.clone()).or_default() += 1;
        }
    }

    /// Enters a rule or entry into the cells of the techniques that it names and the technologies that it reaches.
    pub fn enter(&mut self, position: usize, mentions: &Mentions, reach: &Reach) {
        let Some(targets) = reach.targets(&self.present, |one| self.registry.family_of(one)) else {
            self.leave_out(Reason::RulesOfUndeclaredTechnology);
            return;
        };
        for technique in self.resolver.resolve(mentions, &mut self.left_out) {
            let applies = |one| match one {
                TechnologyRef::Known(known) => self.applicability.applies(technique, known),
                TechnologyRef::Other(_) => true,
            };
            for technology in targets.of(applies) {
                self.cells.entry((technology, technique)).or_default().push(position);
            }
        }
    }

    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// Returns the technologies that the snapshot names: those that the organisation has, and those of cells.
    pub fn technologies(&self) -> Result<Named, BuildError> {
        let of_cells = self.cells.keys().map(|(technology, _)| technology);
        let all: BTreeSet<TechnologyRef> = self.present.iter().chain(of_cells).copied().collect();
        if all.len() > MAX_TECHNOLOGIES {
            return Err(BuildError::TooManyTechnologies(MAX_TECHNOLOGIES));
        }
        let mut named: Named = all.into_iter().map(|one| (self.registry.name_of(one), one)).collect();
        named.sort_unstable();
        Ok(named)
    }

    /// Makes the snapshot. `entries` are the techniques of all rules or entries that were read, each with whether it is
    /// enabled and how often it is there.
    pub fn finish<'m>(
        self,
        technologies: &Named,
        values: Values<'_>,
        entries: impl Iterator<Item = (&'m Mentions, bool, usize)>,
    ) -> Built {
        let mut cells = Vec::new();
        let mut origins = BTreeMap::new();
        for ((id, technology), index) in technologies.iter().zip(0_u8..) {
            for ((_, technique), positions) in self.cells.iter().filter(|((of, _), _)| of == technology) {
                let value = CellValue::Value((values.of)(positions));
                cells.push(Cell { technology: index, technique: *technique, value });
                origins.insert((*technique, id.clone()), positions.clone());
            }
            for (_, technique) in values.not_assessed.iter().filter(|(of, _)| of == technology) {
                let value = CellValue::NotAssessed;
                cells.push(Cell { technology: index, technique: *technique, value });
            }
        }
        cells.sort_unstable_by_key(|cell| (cell.technology, cell.technique));

        let ids: Vec<String> = technologies.iter().map(|(id, _)| id.clone()).collect();
        let mut report = Report {
            technologies: ids.clone(),
            left_out: self.left_out,
            counted: self.cells.values().flatten().collect::<BTreeSet<_>>().len(),
            unmapped_sources: self.unmapped_sources,
            ..Report::default()
        };
        let mut distinct = BTreeSet::new();
        for (mentions, enabled, times) in entries {
            let raw = self.resolver.raw(mentions);
            report.rules += times;
            report.enabled += if enabled { times } else { 0 };
            report.with_technique += if raw.is_empty() { 0 } else { times };
            distinct.extend(raw);
        }
        report.techniques = distinct.len();
        let header = Header {
            period: self.options.period,
            attack: self.resolver.catalogue().version(),
            producer: Producer {
                source: self.options.source,
                feed: self.options.feed,
                adapter: self.options.adapter,
            },
            basis: self.options.basis,
            window_days: None,
            scale: values.scale,
            technologies: ids,
            complete: values.complete,
        };
        Built { snapshot: Snapshot { header, cells }, report, origins }
    }
}
