//! A release seen by one organisation: lines are made here, from its own coverage and the published rows.

use std::collections::BTreeMap;

use super::{Entry, Own, Side, Subject};
use crate::{
    app::published::Published,
    domain::{
        attack::{GroupId, Technique, TechniqueId},
        cohort::Cohort,
        column::Column,
        coverage::{Coverage, Rolled, Set, is_counted, technology_count, through},
        facts::platforms_of,
        release::{Item, Row},
        snapshot::Basis,
        technology::{Family, TechnologyRef},
    },
};

/// The reader, and the release and cohort that it looks at.
pub struct View<'a> {
    pub published: &'a Published,
    pub own: &'a Coverage,
    pub basis: Basis,
    pub cohort: &'a Cohort,
    /// The organisation's techniques in each column needed so far, so that a list rolls up each column once.
    columns: std::cell::RefCell<BTreeMap<Column, BTreeMap<TechniqueId, Rolled>>>,
    /// The cohorts of [`Self::cohorts`], once they are needed.
    cohorts: std::cell::OnceCell<Vec<Cohort>>,
}

impl<'a> View<'a> {
    pub fn new(published: &'a Published, own: &'a Coverage, basis: Basis, cohort: &'a Cohort) -> Self {
        Self { published, own, basis, cohort, columns: Default::default(), cohorts: Default::default() }
    }

    /// The asked cohort, then the ones to fall back on: a pair's larger single, its other single, `all`.
    pub fn cohorts(&self) -> Vec<Cohort> {
        let members = |cohort: &Cohort| self.published.table(self.basis, cohort).map(|table| table.members);
        let mut cohorts = vec![self.cohort.clone()];
        let mut coarser = self.cohort.coarser();
        // Stable: ties stay in the order sector, size, region.
        coarser.sort_by_key(|cohort| std::cmp::Reverse(members(cohort)));
        cohorts.extend(coarser);
        if !cohorts.contains(&Cohort::All) {
            cohorts.push(Cohort::All);
        }
        cohorts
    }

    /// The line of a subject; `items` holds the asked item, then the same in coarser columns.
    pub fn entry(&self, subject: Subject, items: &[(Column, Item)]) -> Option<Entry> {
        let (column, item) = items.first()?;
        let parameters = &self.published.terms.parameters.known;
        let row = |cohort: &Cohort, item: &Item| self.published.row(self.basis, cohort, item).copied();
        let asked = row(self.cohort, item).map(|row| (self.cohort.clone(), column.clone(), row));
        let asked = Side::new(self.own_of(item), asked, item, parameters);
        let found = || -> Option<(&Column, &Item, Cohort, Row)> {
            let cohorts = self.cohorts.get_or_init(|| self.cohorts());
            items.iter().find_map(|(column, item)| {
                cohorts.iter().find_map(|cohort| Some((column, item, cohort.clone(), row(cohort, item)?)))
            })
        };
        let fallback = if asked.peers.is_some() { None } else { found() };
        let fallback = fallback.map(|(column, item, cohort, row)| {
            Side::new(self.own_of(item), Some((cohort, column.clone(), row)), item, parameters)
        });
        Some(Entry { subject, item: item.clone(), asked, fallback })
    }

    /// The own number of an item.
    pub fn own_of(&self, item: &Item) -> Own {
        let facts = &self.published.facts;
        let share = |set: Set| self.own.composite(set, facts).map_or(Own::NotAssessed, Own::Share);
        match item {
            Item::Members | Item::Scale(_) => Own::NotAssessed,
            Item::Overall => share(Set::Overall),
            Item::Family(family) => share(Set::Family(*family)),
            Item::Group(id) => share(Set::Group(*id)),
            Item::Tactic(name) => {
                let tactics = facts.catalogue().tactics();
                let position = tactics.iter().position(|tactic| tactic.short_name == *name);
                position
                    .and_then(|p| u8::try_from(p).ok())
                    .map_or(Own::NotAssessed, |p| share(Set::Tactic(p)))
            }
            Item::Technology(id) => facts
                .registry()
                .position(id)
                .and_then(|known| technology_count(self.own.contribution(), known, facts))
                .map_or(Own::NotAssessed, |count| {
                    Own::counted(count, &self.published.terms.parameters.known)
                }),
            Item::Technique(id, column) => {
                let mut columns = self.columns.borrow_mut();
                let rolled = columns
                    .entry(column.clone())
                    .or_insert_with(|| self.own.techniques(column, facts).into_owned())
                    .get(id)
                    .copied();
                rolled.map_or(Own::NotAssessed, |rolled| Own::Score {
                    score: rolled.score.get(),
                    level: rolled.score.level(),
                    through: Some(through(self.own.contribution(), *id, column, facts)),
                })
            }
            Item::Cell(id, technology) => {
                let cell = facts.registry().reference(technology).and_then(|technology| {
                    let cells = &self.own.contribution().cells;
                    let found = cells
                        .binary_search_by_key(&(technology, *id), |cell| (cell.technology, cell.technique));
                    cells.get(found.ok()?).filter(|cell| is_counted(cell, facts))
                });
                cell.map_or(Own::NotAssessed, |cell| Own::Score {
                    score: cell.score.get(),
                    level: cell.score.level(),
                    through: None,
                })
            }
        }
    }

    pub fn overall(&self) -> Option<Entry> {
        self.entry(Subject::Overall, &[(Column::Any, Item::Overall)])
    }

    /// In matrix order.
    pub fn tactics(&self) -> Vec<Entry> {
        let tactics = self.published.facts.catalogue().tactics().iter();
        let entries = tactics.filter_map(|tactic| {
            let subject = Subject::Tactic {
                id: tactic.id.clone(),
                short_name: tactic.short_name.clone(),
                name: tactic.name.clone(),
            };
            self.entry(subject, &[(Column::Any, Item::Tactic(tactic.short_name.clone()))])
        });
        entries.collect()
    }

    pub fn families(&self) -> Vec<Entry> {
        Family::ALL.into_iter().filter_map(|family| self.family(family)).collect()
    }

    pub fn family(&self, family: Family) -> Option<Entry> {
        self.entry(Subject::Family(family), &[(Column::Family(family), Item::Family(family))])
    }

    /// Threat groups that are compared, by id.
    pub fn groups(&self) -> Vec<Entry> {
        self.published.facts.groups().iter().filter_map(|(id, _)| self.group(*id)).collect()
    }

    /// A threat group; `None` where it isn't compared.
    pub fn group(&self, id: GroupId) -> Option<Entry> {
        let facts = &self.published.facts;
        facts.groups().binary_search_by_key(&id, |(known, _)| *known).ok()?;
        let name = facts.catalogue().groups().iter().find(|group| group.id == id)?.name.clone();
        self.entry(Subject::Group { id, name }, &[(Column::Any, Item::Group(id))])
    }

    /// The technologies that the organisation has or that have a published row, by id.
    pub fn technologies(&self) -> Vec<Entry> {
        let facts = &self.published.facts;
        let entries = (0_u16..).zip(facts.registry().technologies()).filter_map(|(position, technology)| {
            let item = Item::Technology(technology.id.clone());
            let declared = self.own.contribution().declares(TechnologyRef::Known(position));
            if !declared && self.published.row(self.basis, &Cohort::All, &item).is_none() {
                return None;
            }
            self.technology(position)
        });
        entries.collect()
    }

    /// The technology at a position of the registry.
    pub fn technology(&self, position: u16) -> Option<Entry> {
        let technology = self.published.facts.registry().get(position)?;
        let subject = Subject::Technology {
            id: technology.id.clone(),
            name: technology.name.clone(),
            family: technology.family,
        };
        let item = Item::Technology(technology.id.clone());
        self.entry(subject, &[(Column::Technology(technology.id.clone()), item)])
    }

    /// Techniques in a column, by id: those that the column can see. `subs` asks for sub-techniques instead of parents.
    pub fn techniques(&self, column: &Column, subs: bool) -> Vec<Entry> {
        let chain = self.chain(column);
        let techniques =
            self.published.facts.catalogue().active().filter(|technique| technique.id.is_sub() == subs);
        let seen = techniques.filter(|technique| self.is_seen(technique.id, column));
        seen.filter_map(|technique| self.technique_through(technique, &chain)).collect()
    }

    /// Lists techniques as [`Self::techniques`] does, without those that apply to none of the organisation's platforms: they
    /// are no row, hidden or not, unless the organisation has a number of its own.
    pub fn listed_techniques(&self, column: &Column, subs: bool) -> Vec<Entry> {
        let mut entries = self.techniques(column, subs);
        entries.retain(|entry| {
            entry.asked.own != Own::NotAssessed || entry.technique().is_some_and(|id| self.applies(id))
        });
        entries
    }

    /// A technique or sub-technique in `any`; `None` for what the release's version doesn't have.
    pub fn technique(&self, id: TechniqueId) -> Option<Entry> {
        let technique = self.published.facts.catalogue().get(id).filter(|technique| technique.is_active())?;
        self.technique_through(technique, &[Column::Any])
    }

    fn technique_through(&self, technique: &Technique, chain: &[Column]) -> Option<Entry> {
        let subject = Subject::Technique {
            id: technique.id,
            name: technique.name.clone(),
            tactics: self.tactic_names(technique),
        };
        let items =
            chain.iter().map(|column| (column.clone(), Item::Technique(technique.id, column.clone())));
        self.entry(subject, &items.collect::<Vec<_>>())
    }

    /// A technique in exactly one column, from the first of the cohorts that has a row, with the own number in that column.
    pub fn in_column(&self, id: TechniqueId, column: &Column) -> Option<Side> {
        let item = Item::Technique(id, column.clone());
        let cohorts = self.cohorts.get_or_init(|| self.cohorts());
        let (cohort, row) = cohorts
            .iter()
            .find_map(|cohort| Some((cohort.clone(), *self.published.row(self.basis, cohort, &item)?)))?;
        let parameters = &self.published.terms.parameters.known;
        Some(Side::new(self.own_of(&item), Some((cohort, column.clone(), row)), &item, parameters))
    }

    /// Cells of the organisation's own technologies, by technology and technique.
    pub fn cells(&self, subs: Option<bool>) -> Vec<Entry> {
        let facts = &self.published.facts;
        let mut entries = Vec::new();
        for technology in &self.own.contribution().technologies {
            let TechnologyRef::Known(known) = technology else { continue };
            let Some(technology) = facts.registry().get(*known) else { continue };
            let column = Column::Technology(technology.id.clone());
            for id in facts.applicability().techniques_of(*known) {
                if subs.is_some_and(|subs| subs != id.is_sub()) {
                    continue;
                }
                let Some(technique) = facts.catalogue().get(*id) else { continue };
                let subject = Subject::Cell {
                    id: *id,
                    name: technique.name.clone(),
                    tactics: self.tactic_names(technique),
                    technology: technology.id.clone(),
                };
                let mut items = vec![(column.clone(), Item::Cell(*id, technology.id.clone()))];
                let coarser = self.chain(&column).into_iter().skip(1);
                items.extend(coarser.map(|column| (column.clone(), Item::Technique(*id, column))));
                entries.extend(self.entry(subject, &items));
            }
        }
        entries
    }

    /// The asked column, then its family, then `any`.
    pub fn chain(&self, column: &Column) -> Vec<Column> {
        let registry = self.published.facts.registry();
        let family = match column {
            Column::Technology(id) => registry
                .reference(id)
                .and_then(|technology| registry.family_of(technology))
                .map(Column::Family),
            _ => None,
        };
        let mut chain = vec![column.clone()];
        chain.extend(family);
        if *column != Column::Any {
            chain.push(Column::Any);
        }
        chain
    }

    fn is_seen(&self, technique: TechniqueId, column: &Column) -> bool {
        let facts = &self.published.facts;
        match column {
            Column::Any => true,
            Column::Family(family) => facts.applicability().visible_to_family(technique, *family),
            Column::Technology(id) => facts
                .registry()
                .position(id)
                .is_some_and(|known| facts.applicability().applies(technique, known)),
        }
    }

    /// Says that a technique runs on a platform of the organisation's, or prepares attacks on everybody.
    pub fn applies(&self, id: TechniqueId) -> bool {
        let runs = platforms_of(self.own.platforms());
        let facts = &self.published.facts;
        if id.is_sub() {
            return facts.catalogue().get(id).is_some_and(|technique| technique.platforms.meets(runs));
        }
        let parent = facts.parents().binary_search_by_key(&id, |parent| parent.id);
        parent.is_ok_and(|at| facts.parents().get(at).is_some_and(|parent| parent.platforms.meets(runs)))
    }

    pub fn tactic_names(&self, technique: &Technique) -> Vec<String> {
        let tactics = self.published.facts.catalogue().tactics();
        let named = technique.tactics.iter().filter_map(|position| tactics.get(usize::from(*position)));
        named.map(|tactic| tactic.short_name.clone()).collect()
    }
}
