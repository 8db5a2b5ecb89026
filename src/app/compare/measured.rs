//! One measure of a release, or all of them, as a member's trend and changes compare them between releases.

use super::{CompareError, Entry, Reader, Subject, View};
use crate::{
    app::published::Published,
    domain::{
        attack::group_names,
        cohort::Cohort,
        column::Column,
        comparison::{Ground, Measure, Numbers},
        facts::Facts,
        release::{Item, Quantiles, Shown},
        snapshot::Basis,
    },
};

/// A measure that exists: its subject and its item in one ATT&CK version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The measure with the names that answers use.
    pub measure: Measure,
    pub subject: Subject,
    pub item: Item,
    /// The column that a technique is compared in.
    pub column: Column,
}

impl Measured {
    /// Finds a measure in a release's catalogue and registry; `column` is of techniques.
    pub fn find(measure: &Measure, column: &Column, published: &Published) -> Result<Self, CompareError> {
        let facts = &published.facts;
        let (catalogue, registry) = (facts.catalogue(), facts.registry());
        let (measure, subject, item) = match measure {
            Measure::Overall => (measure.clone(), Subject::Overall, Item::Overall),
            Measure::Tactic(said) => {
                let tactic = catalogue.tactic(said).ok_or_else(|| super::unknown_tactic_of(said, facts))?;
                let (id, short_name, name) =
                    (tactic.id.clone(), tactic.short_name.clone(), tactic.name.clone());
                let item = Item::Tactic(short_name.clone());
                (Measure::Tactic(short_name.clone()), Subject::Tactic { id, short_name, name }, item)
            }
            Measure::Family(family) => (measure.clone(), Subject::Family(*family), Item::Family(*family)),
            Measure::Technology(id) => {
                let technology = registry.position(id).and_then(|position| registry.get(position));
                let technology = technology.ok_or(CompareError::UnknownTechnology)?;
                let (id, name, family) = (technology.id.clone(), technology.name.clone(), technology.family);
                let item = Item::Technology(id.clone());
                (measure.clone(), Subject::Technology { id, name, family }, item)
            }
            Measure::Group(said) => {
                let group = group_names::named(catalogue, said)?;
                let subject = Subject::Group { id: group.id, name: group.name.clone() };
                (Measure::Group(group.id.to_string()), subject, Item::Group(group.id))
            }
            Measure::Technique(id) => {
                let version = catalogue.version();
                let technique = facts.current(*id).and_then(|id| catalogue.get(id));
                let technique = technique.ok_or(CompareError::UnknownTechnique(version))?;
                let (id, name) = (technique.id, technique.name.clone());
                let tactics = catalogue.tactics();
                let tactics = technique.tactics.iter().filter_map(|at| tactics.get(usize::from(*at)));
                let tactics = tactics.map(|tactic| tactic.short_name.clone()).collect();
                let item = Item::Technique(id, column.clone());
                (Measure::Technique(id), Subject::Technique { id, name, tactics }, item)
            }
        };
        let column = if let Item::Technique(_, column) = &item { column.clone() } else { column_of(&item) };
        if let Column::Technology(id) = &column
            && registry.position(id).is_none()
        {
            return Err(CompareError::UnknownTechnology);
        }
        Ok(Self { measure, subject, item, column })
    }

    /// The measure that a line is about.
    pub fn of(entry: &Entry) -> Option<Self> {
        let measure = match &entry.item {
            Item::Overall => Measure::Overall,
            Item::Tactic(name) => Measure::Tactic(name.clone()),
            Item::Family(family) => Measure::Family(*family),
            Item::Group(id) => Measure::Group(id.to_string()),
            Item::Technology(id) => Measure::Technology(id.clone()),
            Item::Technique(id, _) => Measure::Technique(*id),
            Item::Members | Item::Scale(_) | Item::Cell(..) => return None,
        };
        let (subject, item) = (entry.subject.clone(), entry.item.clone());
        Some(Self { measure, subject, column: column_of(&item), item })
    }

    /// The item in an earlier release: a technique that was only renumbered since has its earlier id.
    fn item_in(&self, newest: &Facts, published: &Published) -> Item {
        let version = published.release.attack;
        match &self.item {
            Item::Technique(id, column) if version < newest.catalogue().version() => {
                let earlier = newest.renumbered_since(version).get(id).copied().unwrap_or(*id);
                Item::Technique(earlier, column.clone())
            }
            item => item.clone(),
        }
    }

    /// The line of the measure in a release; `newest` are the facts that it was found in.
    pub fn entry(&self, view: &View<'_>, newest: &Facts) -> Option<Entry> {
        let item = self.item_in(newest, view.published);
        let items: Vec<(Column, Item)> = match &item {
            Item::Technique(id, column) => {
                let chain = view.chain(column).into_iter();
                chain.map(|column| (column.clone(), Item::Technique(*id, column))).collect()
            }
            _ => vec![(self.column.clone(), item)],
        };
        view.entry(self.subject.clone(), &items)
    }

    /// The own number of the measure in a release, with no look at the peers; `newest` are the facts that it was found in.
    pub fn own(&self, view: &View<'_>, newest: &Facts) -> Option<u8> {
        view.own_of(&self.item_in(newest, view.published)).value()
    }
}

/// The column that a composite or a count is about.
fn column_of(item: &Item) -> Column {
    match item {
        Item::Family(family) => Column::Family(*family),
        Item::Technology(id) => Column::Technology(id.clone()),
        Item::Technique(_, column) => column.clone(),
        _ => Column::Any,
    }
}

/// A release seen by a reader: checks that the reader may compare with the cohort.
pub fn look<'a>(
    published: &'a Published,
    reader: &Reader<'a>,
    basis: Basis,
    cohort: &'a Cohort,
) -> Result<View<'a>, CompareError> {
    super::may_compare(reader, basis, cohort)?;
    Ok(View::new(published, reader.own, basis, cohort))
}

/// Every measure of a release: overall, tactics, families, technologies, threat groups and parent techniques.
pub fn all(view: &View<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = view.overall().into_iter().collect();
    entries.extend(view.tactics());
    entries.extend(view.families());
    entries.extend(view.technologies());
    entries.extend(view.groups());
    entries.extend(view.techniques(&Column::Any, false));
    entries
}

/// The numbers of a line that is shown.
pub fn numbers(entry: &Entry) -> Numbers<'_> {
    let side = entry.effective();
    Numbers { own: entry.asked.own.value(), quantiles: quantiles(entry), difference: side.difference }
}

fn quantiles(entry: &Entry) -> Option<&Quantiles> {
    match &entry.effective().peers.as_ref()?.row.shown {
        Shown::Quantiles(quantiles) => Some(quantiles),
        Shown::Few | Shown::Half(_) => None,
    }
}

/// The facts that a line's numbers stand on.
pub fn ground<'a>(published: &'a Published, basis: Basis, entry: &'a Entry) -> Ground<'a> {
    Ground {
        attack: published.release.attack,
        parameters: &published.terms.parameters.known,
        catalogue: published.catalogue,
        named_in: published.terms.named_in,
        has_basis: published.table(basis, &Cohort::All).is_some(),
        row: entry.effective().peers.as_ref().map(|peers| (&peers.cohort, &peers.column)),
    }
}
