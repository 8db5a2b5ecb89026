//! The cells, checked one by one as they are read.

use std::{
    cell,
    collections::BTreeSet,
    fmt::{self, Display},
    sync::Arc,
};

use serde::de::{Error as _, IgnoredAny, SeqAccess};

use super::{
    context::Context,
    grammar::{CELL, MAX_CELLS},
    header,
    read::{Any, Fill, Object, Said, Take},
    refusals::{Place, Refusals},
};
use crate::domain::{
    attack::{AttackVersion, Catalogue, TechniqueId},
    scale::Scale,
    snapshot::{Cell, CellValue},
};

/// The members of the snapshot that cells are checked against, as far as they can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    attack: Option<AttackVersion>,
    scale: Option<Scale>,
    technologies: Option<Vec<String>>,
}

impl Terms {
    /// Returns the terms that the members read so far state.
    pub fn of(object: &Object<'_>, context: Context<'_>) -> Self {
        // The header's own reading reports what is wrong with them.
        let mut unheard = Refusals::default();
        Self {
            attack: header::attack(object, context, &mut unheard),
            scale: header::scale(object, &mut unheard),
            technologies: header::technologies(object, context.registry, &mut unheard),
        }
    }

    /// Returns whether all of them can be used.
    pub fn are_whole(&self) -> bool {
        self.attack.is_some() && self.scale.is_some() && self.technologies.is_some()
    }
}

/// Cells and what is wrong with them.
pub struct Cells {
    pub terms: Terms,
    found: Vec<Cell>,
    /// The places of `found`, once one of them isn't above the one before.
    places: Option<BTreeSet<(u8, TechniqueId)>>,
    refusals: Refusals,
}

impl Cells {
    fn new(terms: Terms) -> Self {
        Self { terms, found: Vec::new(), places: None, refusals: Refusals::default() }
    }

    fn refused(terms: Terms, detail: impl Display) -> Self {
        let mut cells = Self::new(terms);
        cells.refusals.refuse::<()>(Place::Member("cells"), detail);
        cells
    }

    /// Gives the cells in order, and adds what is wrong with them to `refusals`.
    pub fn into_sorted(mut self, refusals: &mut Refusals) -> Vec<Cell> {
        refusals.append(self.refusals);
        if self.places.is_some() {
            self.found.sort_unstable_by_key(place);
        }
        self.found
    }

    fn add(&mut self, object: &Object<'_>, at: Place, catalogue: Option<&Catalogue>) {
        self.refusals.members(object, at);
        let [technique, technology, value, state] = object.values();
        let technique = self.technique(technique, at, catalogue);
        let technology = self.technology(technology, at);
        let value = self.value(value, state, at);
        if let (Some(technique), Some(Some(technology)), Some(value)) = (technique, technology, value) {
            let cell = Cell { technology, technique, value };
            if self.is_new(&cell) {
                self.found.push(cell);
            } else {
                self.refusals.refuse::<()>(at, "this technique and technology are listed twice");
            }
        }
    }

    fn is_new(&mut self, cell: &Cell) -> bool {
        if self.places.is_none() && self.found.last().is_none_or(|last| place(last) < place(cell)) {
            return true;
        }
        let found = &self.found;
        self.places.get_or_insert_with(|| found.iter().map(place).collect()).insert(place(cell))
    }

    fn technique(
        &mut self,
        said: Option<&Said<'_>>,
        at: Place,
        catalogue: Option<&Catalogue>,
    ) -> Option<TechniqueId> {
        self.refusals.text_of(said, at, "technique", |text| match text.parse::<TechniqueId>() {
            Err(_) => Err("must be a technique id as in T1059.001"),
            Ok(id) if catalogue.is_none_or(|catalogue| catalogue.get(id).is_some()) => Ok(id),
            Ok(_) => Err("unknown technique in the snapshot's ATT&CK version"),
        })
    }

    /// The position of the cell's technology; `None` within if the technologies can't be used.
    fn technology(&mut self, said: Option<&Said<'_>>, at: Place) -> Option<Option<u8>> {
        // Cells of one technology usually stand together.
        let last = self.found.last().map(|cell| cell.technology);
        let technologies = self.terms.technologies.as_deref();
        self.refusals.text_of(said, at, "technology", |text| {
            let Some(technologies) = technologies else { return Ok(None) };
            let is_at =
                |position: u8| technologies.get(usize::from(position)).is_some_and(|known| known == text);
            if let Some(position) = last.filter(|position| is_at(*position)) {
                return Ok(Some(position));
            }
            match technologies.binary_search_by(|known| known.as_str().cmp(text)) {
                Ok(position) => Ok(u8::try_from(position).ok()),
                Err(_) => Err("must be one of /technologies"),
            }
        })
    }

    fn value(&mut self, value: Option<&Said<'_>>, state: Option<&Said<'_>>, at: Place) -> Option<CellValue> {
        let refusals = &mut self.refusals;
        match (value, state) {
            (Some(_), Some(_)) | (None, None) => {
                refusals.refuse(at, "must have exactly one of value and state")
            }
            (None, Some(Said::Text(state))) if state == "not_assessed" => Some(CellValue::NotAssessed),
            (None, Some(_)) => refusals.refuse(format_args!("{at}/state"), "must be \"not_assessed\""),
            (Some(value), None) => {
                let scale = self.terms.scale?;
                of_scale(value, scale).map(CellValue::Value).or_else(|| {
                    refusals.refuse(format_args!("{at}/value"), format_args!("must be {}", Expected(scale)))
                })
            }
        }
    }
}

fn place(cell: &Cell) -> (u8, TechniqueId) {
    (cell.technology, cell.technique)
}

/// A value of the scale. A float is none even if it is whole: nothing is rounded silently.
fn of_scale(value: &Said<'_>, scale: Scale) -> Option<i8> {
    let words = scale.words();
    match value {
        Said::Text(text) => i8::try_from(words.iter().position(|word| word == text)?).ok(),
        Said::Integer(number) if words.is_empty() => {
            let (low, high) = scale.range();
            i8::try_from(*number).ok().filter(|number| (low..=high).contains(number))
        }
        _ => None,
    }
}

/// Says which values a scale has.
struct Expected(Scale);

impl Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(scale) = self;
        match scale.words() {
            [] => {
                let (low, high) = scale.range();
                write!(f, "an integer from {low} to {high} on the scale {scale}")
            }
            words => write!(f, "one of {} on the scale {scale}", words.join(", ")),
        }
    }
}

/// Takes the list of cells.
pub struct Reader<'c> {
    pub context: Context<'c>,
    pub terms: Terms,
    /// Place for the errors if there are so many that the reading ends.
    pub enough: &'c cell::Cell<Option<Refusals>>,
}

impl<'de> Take<'de> for Reader<'_> {
    type Taken = Cells;

    fn other(self) -> Cells {
        Cells::refused(self.terms, "must be an array")
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Cells, A::Error> {
        let catalogue =
            self.terms.attack.and_then(|version| self.context.catalogues.get(version)).map(Arc::as_ref);
        let mut cells = Cells::new(self.terms);
        let mut object = Object::new(CELL);
        for at in (0..MAX_CELLS).map(Place::Cell) {
            object.clear();
            match list.next_element_seed(Any(Fill(&mut object)))? {
                Some(true) => cells.add(&object, at, catalogue),
                Some(false) => cells.refusals.refuse(at, "must be an object").unwrap_or_default(),
                None => return Ok(cells),
            }
            if cells.refusals.are_too_many() {
                self.enough.set(Some(cells.refusals));
                return Err(A::Error::custom("too many errors"));
            }
        }
        if list.next_element::<IgnoredAny>()?.is_none() {
            return Ok(cells);
        }
        let cells = Cells::refused(cells.terms, format_args!("has more than {MAX_CELLS} items"));
        self.enough.set(Some(cells.refusals));
        Err(A::Error::custom("too many cells"))
    }
}
