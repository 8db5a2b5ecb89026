//! The numbering of everything that can be published under one catalogue and registry: values are collected and rolled up by
//! these numbers, and only the release turns a [`Key`] into an [`Item`].

use std::collections::BTreeMap;

use thiserror::Error;

use crate::domain::{
    attack::{Catalogue, TechniqueId},
    column::Column,
    release::{
        cohorts::index::{By, Grid, Ix, Kind, kinds},
        item::Item,
    },
    technology::{Family, Registry},
};

kinds! {
    /// Items without a column: composites, and the counts of technologies.
    Simple, SimpleIx, u16;
    /// Parent techniques with their active sub-techniques, which roll up together.
    Blocks, BlockIx, u16;
    /// The techniques of one block, the parent first.
    Techniques, TechniqueIx, u8;
    /// The columns of a technique: `any`, the families, the technologies, and the cells of the technologies.
    Columns, ColumnIx, u16;
    /// The technologies of the registry.
    Technologies, TechnologyIx, u16;
}

/// The number of one thing that can be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Simple(SimpleIx),
    Technique(BlockIx, TechniqueIx, ColumnIx),
}

/// Everything that can be published, in a fixed order.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The members aside: overall, tactics, families, groups, technologies.
    simple: By<Simple, Item>,
    simple_of: BTreeMap<Item, SimpleIx>,
    technologies: By<Technologies, Technology>,
    technology_of: BTreeMap<String, TechnologyIx>,
    any: ColumnIx,
    families: Vec<(Family, ColumnIx)>,
    columns: By<Columns, ColumnOf>,
    blocks: By<Blocks, By<Techniques, TechniqueId>>,
    places: BTreeMap<TechniqueId, (BlockIx, TechniqueIx)>,
}

/// The items of a technology in the layout.
#[derive(Debug, Clone)]
pub struct Technology {
    id: String,
    /// The count of its techniques.
    pub count: SimpleIx,
    /// The column of its family.
    pub family: ColumnIx,
    pub column: ColumnIx,
    /// The column of its cells, where a technique's own score stands without its sub-techniques'.
    pub cell: ColumnIx,
}

/// The subject of a technique's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnOf {
    Any,
    Family(Family),
    Technology(TechnologyIx),
    /// A technology's cells, with the technology's column.
    Cell(TechnologyIx, ColumnIx),
}

/// The error for more things than can be numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the ATT&CK version has more techniques or groups, or the registry more technologies, than a release can number"
)]
pub struct LayoutError;

/// Something for each technique of a block, in each of its columns.
pub(in crate::domain::release) type ByTechnique<T> = Grid<Techniques, Columns, T>;

fn push<K: Kind, T>(to: &mut By<K, T>, item: T) -> Result<Ix<K>, LayoutError> {
    to.push(item).ok_or(LayoutError)
}

impl Layout {
    pub fn new(catalogue: &Catalogue, registry: &Registry) -> Result<Self, LayoutError> {
        let mut simple = vec![Item::Overall];
        simple.extend(catalogue.tactics().iter().map(|tactic| Item::Tactic(tactic.short_name.clone())));
        simple.extend(Family::ALL.map(Item::Family));
        simple.extend(catalogue.groups().iter().map(|group| Item::Group(group.id)));
        let counts = registry.technologies().iter().map(|technology| Item::Technology(technology.id.clone()));
        simple.extend(counts);
        let simple: By<Simple, Item> = By::new(simple).ok_or(LayoutError)?;
        let simple_of: BTreeMap<Item, SimpleIx> =
            simple.iter().map(|(index, item)| (item.clone(), index)).collect();

        let mut columns = By::default();
        let any = push(&mut columns, ColumnOf::Any)?;
        let mut families = Vec::new();
        for family in Family::ALL {
            families.push((family, push(&mut columns, ColumnOf::Family(family))?));
        }
        let numbers: By<Technologies, ()> =
            By::new(vec![(); registry.technologies().len()]).ok_or(LayoutError)?;
        let mut own = Vec::new();
        for technology in numbers.indices() {
            own.push((technology, push(&mut columns, ColumnOf::Technology(technology))?));
        }
        let mut technologies = By::default();
        for ((number, column), technology) in own.into_iter().zip(registry.technologies()) {
            let cell = push(&mut columns, ColumnOf::Cell(number, column))?;
            let family = families.iter().find(|(family, _)| *family == technology.family);
            let count = simple_of.get(&Item::Technology(technology.id.clone()));
            let ((_, family), count) = family.zip(count).ok_or(LayoutError)?;
            let of = Technology { id: technology.id.clone(), count: *count, family: *family, column, cell };
            push(&mut technologies, of)?;
        }

        let mut blocks: By<Blocks, By<Techniques, TechniqueId>> = By::default();
        let mut places = BTreeMap::new();
        let mut parent = None;
        for id in catalogue.active().map(|technique| technique.id) {
            if !id.is_sub() {
                parent = Some((id, push(&mut blocks, By::default())?));
            }
            // A sub-technique without an active parent rolls up into nothing and is in no statistic.
            if let Some((parent, block)) = parent
                && id.parent() == parent
            {
                places.insert(id, (block, push(&mut blocks[block], id)?));
            }
        }
        let technology_of = technologies.iter().map(|(number, of)| (of.id.clone(), number)).collect();
        Ok(Self { simple, simple_of, technologies, technology_of, any, families, columns, blocks, places })
    }

    /// Something for each item without a column: the items that have no technique.
    pub fn simple(&self) -> &By<Simple, Item> {
        &self.simple
    }

    /// The number of an item without a column.
    pub fn simple_of(&self, item: &Item) -> Option<SimpleIx> {
        self.simple_of.get(item).copied()
    }

    /// The technologies, in the order of the registry.
    pub fn technologies(&self) -> &By<Technologies, Technology> {
        &self.technologies
    }

    /// A technology by its position in the registry.
    pub fn technology(&self, position: u16) -> Option<&Technology> {
        self.technologies.index_of(position.into()).map(|technology| &self.technologies[technology])
    }

    /// The column of all technologies together.
    pub fn any(&self) -> ColumnIx {
        self.any
    }

    /// The columns of the families.
    pub fn families(&self) -> &[(Family, ColumnIx)] {
        &self.families
    }

    /// The column of a family.
    pub fn family(&self, of: Family) -> Option<ColumnIx> {
        self.families.iter().find(|(family, _)| *family == of).map(|(_, column)| *column)
    }

    /// The column with this number.
    pub fn column(&self, position: usize) -> Option<ColumnIx> {
        self.columns.index_of(position)
    }

    /// The blocks, each with its techniques.
    pub fn blocks(&self) -> &By<Blocks, By<Techniques, TechniqueId>> {
        &self.blocks
    }

    /// The block of an active technique and its place there; `None` for a sub-technique without an active parent, which
    /// rolls up into nothing and is in no statistic.
    pub fn place(&self, id: TechniqueId) -> Option<(BlockIx, TechniqueIx)> {
        self.places.get(&id).copied()
    }

    /// All columns of a technique.
    pub(in crate::domain::release) fn columns(&self) -> impl Iterator<Item = ColumnIx> + Clone + use<> {
        self.columns.indices()
    }

    /// Something for each technique of a block, in each of its columns.
    pub(in crate::domain::release) fn grid<T: Clone>(&self, block: BlockIx, value: T) -> ByTechnique<T> {
        Grid::filled(&self.blocks[block], &self.columns, value)
    }

    /// The column of the technology whose cells a column holds; `None` for the other columns.
    pub(in crate::domain::release) fn column_of_cell(&self, column: ColumnIx) -> Option<ColumnIx> {
        match self.columns[column] {
            ColumnOf::Cell(_, own) => Some(own),
            _ => None,
        }
    }

    /// The inverse of [`Self::item`]; `None` for what this layout does not have.
    pub fn key(&self, item: &Item) -> Option<Key> {
        let technology = |id: &String| Some(&self.technologies[*self.technology_of.get(id)?]);
        let (id, column) = match item {
            Item::Technique(id, Column::Any) => (id, self.any),
            Item::Technique(id, Column::Family(family)) => (id, self.family(*family)?),
            Item::Technique(id, Column::Technology(of)) => (id, technology(of)?.column),
            Item::Cell(id, of) => (id, technology(of)?.cell),
            _ => return self.simple_of(item).map(Key::Simple),
        };
        self.place(*id).map(|(block, technique)| Key::Technique(block, technique, column))
    }

    /// Names what a key is about.
    pub(in crate::domain::release) fn item(&self, key: Key) -> Item {
        let (block, technique, column) = match key {
            Key::Simple(index) => return self.simple[index].clone(),
            Key::Technique(block, technique, column) => (block, technique, column),
        };
        let id = self.blocks[block][technique];
        match self.columns[column] {
            ColumnOf::Any => Item::Technique(id, Column::Any),
            ColumnOf::Family(family) => Item::Technique(id, Column::Family(family)),
            ColumnOf::Technology(of) => {
                Item::Technique(id, Column::Technology(self.technologies[of].id.clone()))
            }
            ColumnOf::Cell(of, _) => Item::Cell(id, self.technologies[of].id.clone()),
        }
    }
}
