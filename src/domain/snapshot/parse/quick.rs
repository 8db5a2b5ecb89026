//! Cells as nearly every snapshot has them, read from the text without a tree of values in between. What looks odd in any
//! way is no error here: the walk over the tree reads it again and says what is wrong and where.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::domain::{
    attack::{Catalogue, TechniqueId},
    scale::Scale,
    snapshot::{Cell, CellValue},
};

/// A snapshot's text.
pub(super) struct Text<'a> {
    /// Every member; `cells` is there and empty.
    pub object: Map<String, Value>,
    pub cells: Vec<WireCell<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireCell<'a> {
    technique: &'a str,
    technology: &'a str,
    #[serde(default, borrow)]
    value: Said<'a>,
    #[serde(default, borrow)]
    state: Said<'a>,
}

#[derive(Default)]
enum Said<'a> {
    #[default]
    Nothing,
    Number(i64),
    Word(&'a str),
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a snapshot")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
                let (mut object, mut cells) = (Map::new(), None);
                while let Some(key) = map.next_key::<String>()? {
                    if key != "cells" {
                        object.insert(key, map.next_value()?);
                    } else if cells.replace(map.next_value()?).is_some() {
                        return Err(A::Error::duplicate_field("cells"));
                    }
                }
                object.insert("cells".to_owned(), Value::Array(Vec::new()));
                let cells = cells.ok_or_else(|| A::Error::missing_field("cells"))?;
                Ok(Text { object, cells })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Saying;

        impl<'de> Visitor<'de> for Saying {
            type Value = Said<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer or a word")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Said<'de>, E> {
                i64::try_from(number).map(Said::Number).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Said<'de>, E> {
                Ok(Said::Number(number))
            }

            fn visit_borrowed_str<E: Error>(self, word: &'de str) -> Result<Said<'de>, E> {
                Ok(Said::Word(word))
            }
        }

        deserializer.deserialize_any(Saying)
    }
}

/// The cells, sorted; `None` where one of them has to be looked at more closely.
pub(super) fn cells(
    said: &[WireCell<'_>],
    catalogue: &Catalogue,
    scale: Scale,
    technologies: &[String],
) -> Option<Vec<Cell>> {
    let mut cells = Vec::with_capacity(said.len());
    // Cells of one technology usually stand together.
    let mut before = ("", 0_u8);
    for cell in said {
        let technique: TechniqueId = cell.technique.parse().ok()?;
        catalogue.get(technique)?;
        if before.0 != cell.technology {
            let position = technologies.binary_search_by(|known| known.as_str().cmp(cell.technology)).ok()?;
            before = (cell.technology, u8::try_from(position).ok()?);
        }
        cells.push(Cell { technology: before.1, technique, value: value(cell, scale)? });
    }
    let place = |cell: &Cell| (cell.technology, cell.technique);
    cells.sort_unstable_by_key(place);
    let mut pairs = cells.iter().zip(cells.iter().skip(1));
    if pairs.any(|(one, next)| place(one) == place(next)) { None } else { Some(cells) }
}

fn value(cell: &WireCell<'_>, scale: Scale) -> Option<CellValue> {
    match (&cell.value, &cell.state) {
        (Said::Nothing, Said::Word("not_assessed")) => Some(CellValue::NotAssessed),
        (Said::Word(word), Said::Nothing) => {
            let position = scale.words().iter().position(|known| known == word)?;
            i8::try_from(position).ok().map(CellValue::Value)
        }
        (Said::Number(number), Said::Nothing) if scale.words().is_empty() => {
            let (low, high) = scale.range();
            let number = i8::try_from(*number).ok()?;
            (low..=high).contains(&number).then_some(CellValue::Value(number))
        }
        _ => None,
    }
}
