//! The text of a table: what is sealed, stored and served. One JSON object with a member for each kind of number, and in
//! it, by name, the rows. A row is the word `few`, or a list: the band of members, the release since which the row is
//! unchanged, and what is shown. That is a word (`half`, `under-half`) or the quantiles: one is p50, three are p25, p50 and p75, five are
//! p10, p25, p50, p75 and p90; each is a number, or text at a coded end: `"<=10"`, `">=90"`.
//!
//! Equal tables are equal texts. The text is short, because a large release has millions of rows, and says everything
//! by name, so that no catalogue is needed to read it.

use std::{collections::HashSet, fmt, marker::PhantomData, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
    ser,
};
use serde_json::Value;
use thiserror::Error;

use super::{
    item::Item,
    publication::{Quantiles, Row, Shown, Table},
    rules::{
        band::Band,
        code::{Coded, End},
    },
};
use crate::domain::{
    attack::{GroupId, TechniqueId},
    cohort::Cohort,
    column::Column,
    snapshot::Basis,
    technology::Family,
};

/// A table without its key. `N` is how free names are held.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<N> {
    members: Band,
    #[serde(skip_serializing_if = "Option::is_none")]
    overall: Option<Row>,
    tactics: Named<N, Row>,
    families: Named<Family, Row>,
    groups: Named<GroupId, Row>,
    technologies: Named<N, Row>,
    /// By technique and column.
    techniques: Named<TechniqueId, Named<N, Row>>,
    /// By technique and technology.
    cells: Named<TechniqueId, Named<N, Row>>,
}

/// A JSON object in the order in which it is written.
struct Named<K, V>(Vec<(K, V)>);

/// A text that is no table. It tells the place and never a number that stands there (R24).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableError {
    #[error(
        "it has the band `{0}`, which this version doesn't know: a later version of peerbench published it"
    )]
    UnknownBand(String),
    #[error("it names a column that is none")]
    Column,
    #[error("line {line}, column {column}")]
    Damaged { line: usize, column: usize },
}

impl TableError {
    fn of(error: &serde_json::Error, bytes: &[u8]) -> Self {
        let text = serde_json::from_slice(bytes).unwrap_or_default();
        match unknown_band(&text) {
            Some(band) => Self::UnknownBand(band.to_owned()),
            None => Self::Damaged { line: error.line(), column: error.column() },
        }
    }
}

/// The first text in the place of a band that has a band's form and is none of this version's.
fn unknown_band(text: &Value) -> Option<&str> {
    match text {
        Value::String(band) => {
            let digits = band.starts_with(|c: char| c.is_ascii_digit());
            let form = digits && band.bytes().all(|byte| byte.is_ascii_digit() || b"-+".contains(&byte));
            (form && Band::deserialize(text).is_err()).then_some(band)
        }
        Value::Array(row) => row.first().and_then(unknown_band),
        Value::Object(members) => members.values().find_map(unknown_band),
        _ => None,
    }
}

/// Items that tables have in common are held once.
#[derive(Debug, Default)]
pub struct Items(HashSet<Arc<Item>>);

impl Items {
    fn share(&mut self, item: Item) -> Arc<Item> {
        if let Some(known) = self.0.get(&item) {
            return Arc::clone(known);
        }
        let item = Arc::new(item);
        self.0.insert(Arc::clone(&item));
        item
    }
}

impl Table {
    /// The text, as bytes. An error where a row has no form, which no rule makes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut document = Document::<&str> {
            members: self.members,
            overall: None,
            tactics: Named::default(),
            families: Named::default(),
            groups: Named::default(),
            technologies: Named::default(),
            techniques: Named::default(),
            cells: Named::default(),
        };
        for (item, row) in &self.rows {
            match item.as_ref() {
                Item::Members | Item::Scale(_) => {}
                Item::Overall => document.overall = Some(*row),
                Item::Tactic(name) => document.tactics.0.push((name, *row)),
                Item::Family(family) => document.families.0.push((*family, *row)),
                Item::Group(id) => document.groups.0.push((*id, *row)),
                Item::Technology(id) => document.technologies.0.push((id, *row)),
                Item::Technique(id, column) => document.techniques.add(*id, column.name(), *row),
                Item::Cell(id, technology) => document.cells.add(*id, technology, *row),
            }
        }
        serde_json::to_vec(&document)
    }

    /// The inverse of [`Self::to_bytes`].
    pub fn from_bytes(
        basis: Basis,
        cohort: Cohort,
        bytes: &[u8],
        items: &mut Items,
    ) -> Result<Self, TableError> {
        let document: Document<String> =
            serde_json::from_slice(bytes).map_err(|error| TableError::of(&error, bytes))?;
        let mut rows = Vec::new();
        let mut add = |item: Item, row: Row| rows.push((items.share(item), row));
        document.overall.into_iter().for_each(|row| add(Item::Overall, row));
        document.tactics.0.into_iter().for_each(|(name, row)| add(Item::Tactic(name), row));
        document.families.0.into_iter().for_each(|(family, row)| add(Item::Family(family), row));
        document.groups.0.into_iter().for_each(|(id, row)| add(Item::Group(id), row));
        document.technologies.0.into_iter().for_each(|(id, row)| add(Item::Technology(id), row));
        for (id, columns) in document.techniques.0 {
            for (column, row) in columns.0 {
                let column = column.parse::<Column>().map_err(|_| TableError::Column)?;
                add(Item::Technique(id, column), row);
            }
        }
        for (id, technologies) in document.cells.0 {
            technologies.0.into_iter().for_each(|(technology, row)| add(Item::Cell(id, technology), row));
        }
        Ok(Self::new(basis, cohort, document.members, rows))
    }
}

impl<K, V> Default for Named<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq, N> Named<K, Named<N, Row>> {
    fn add(&mut self, outer: K, inner: N, row: Row) {
        match self.0.last_mut() {
            Some((last, rows)) if *last == outer => rows.0.push((inner, row)),
            _ => self.0.push((outer, Named(vec![(inner, row)]))),
        }
    }
}

impl<K: Serialize, V: Serialize> Serialize for Named<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Named<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<K, V>(PhantomData<(K, V)>);
        impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for Members<K, V> {
            type Value = Named<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("rows by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Named(members))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (members, since) = (self.members, self.same_since);
        match self.shown {
            // Neither the number of contributors nor the release since when (R16).
            Shown::Few => serializer.serialize_str("few"),
            _ if members.is_none() || since.is_none() => Err(ser::Error::custom("a row without a band")),
            Shown::Half(true) => (members, since, "half").serialize(serializer),
            Shown::Half(false) => (members, since, "under-half").serialize(serializer),
            Shown::Quantiles(Quantiles { p10, p25, p50, p75, p90 }) => match (p10, p25, p75, p90) {
                (None, None, None, None) => (members, since, p50).serialize(serializer),
                (None, Some(p25), Some(p75), None) => (members, since, p25, p50, p75).serialize(serializer),
                (Some(p10), Some(p25), Some(p75), Some(p90)) => {
                    (members, since, p10, p25, p50, p75, p90).serialize(serializer)
                }
                _ => Err(ser::Error::custom("these quantiles are not shown together")),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row: `few`, or a band, a release, and what is shown")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Row, E> {
                match text {
                    "few" => Ok(Row::NOTHING),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Row, A::Error> {
                let short = || de::Error::invalid_length(2, &self);
                let members = seq.next_element()?.ok_or_else(short)?;
                let same_since = seq.next_element()?.ok_or_else(short)?;
                let (mut quantiles, mut count) = ([Coded { value: 0, end: None }; 5], 0_usize);
                let mut word = None;
                while let Some(part) = seq.next_element()? {
                    match part {
                        Part::Word(shown) if count == 0 => word = Some(shown),
                        Part::Number(coded) if word.is_none() && count < quantiles.len() => {
                            if let Some(slot) = quantiles.get_mut(count) {
                                *slot = coded;
                            }
                        }
                        _ => return Err(de::Error::invalid_length(count + 3, &self)),
                    }
                    count += 1;
                }
                let [a, b, c, d, e] = quantiles;
                let quantiles = |p10, p25, p50, p75, p90| Quantiles { p10, p25, p50, p75, p90 };
                let shown = match (word, count) {
                    (Some(word), 1) => word,
                    (None, 1) => Shown::Quantiles(quantiles(None, None, a, None, None)),
                    (None, 3) => Shown::Quantiles(quantiles(None, Some(a), b, Some(c), None)),
                    (None, 5) => Shown::Quantiles(quantiles(Some(a), Some(b), c, Some(d), Some(e))),
                    _ => return Err(de::Error::invalid_length(count + 2, &self)),
                };
                Ok(match shown {
                    // The first edition wrote a band beside it.
                    Shown::Few => Row::NOTHING,
                    _ => Row { shown, members: Some(members), same_since: Some(same_since) },
                })
            }
        }
        deserializer.deserialize_any(Parts)
    }
}

/// The part of a row after its band and release.
enum Part {
    Word(Shown),
    Number(Coded),
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Part;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a coded end such as `<=10`, or one of the words few, half, under-half")
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Part, E> {
                let value = u8::try_from(value)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))?;
                Ok(Part::Number(Coded { value, end: None }))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Part, E> {
                let coded = |digits: &str, end| {
                    let value = digits.parse().ok()?;
                    Some(Part::Number(Coded { value, end: Some(end) }))
                };
                let part = match text {
                    "few" => Some(Part::Word(Shown::Few)),
                    "half" => Some(Part::Word(Shown::Half(true))),
                    "under-half" => Some(Part::Word(Shown::Half(false))),
                    _ => match text.split_at_checked(2) {
                        Some(("<=", digits)) => coded(digits, End::Low),
                        Some((">=", digits)) => coded(digits, End::High),
                        _ => None,
                    },
                };
                part.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for Coded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.end {
            None => serializer.serialize_u8(self.value),
            Some(End::Low) => serializer.collect_str(&format_args!("<={}", self.value)),
            Some(End::High) => serializer.collect_str(&format_args!(">={}", self.value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(value: u8) -> Coded {
        Coded { value, end: None }
    }

    fn table(rows: &[(Item, Shown)]) -> Table {
        let row = |shown: &Shown| match shown {
            Shown::Few => Row::NOTHING,
            shown => Row { shown: *shown, members: Some(Band::From50), same_since: Some(3) },
        };
        let rows = rows.iter().map(|(item, shown)| (Arc::new(item.clone()), row(shown))).collect();
        Table::new(Basis::Deployed, Cohort::All, Band::From500, rows)
    }

    fn read(bytes: &[u8]) -> Result<Table, TableError> {
        Table::from_bytes(Basis::Deployed, Cohort::All, bytes, &mut Items::default())
    }

    #[test]
    fn the_text_has_every_kind_of_number_under_its_name() {
        let low = Coded { value: 10, end: Some(End::Low) };
        let high = Coded { value: 90, end: Some(End::High) };
        let some = Some;
        let three = Quantiles { p10: None, p25: some(low), p50: number(45), p75: some(high), p90: None };
        let one = Quantiles { p10: None, p25: None, p50: number(45), p75: None, p90: None };
        let five = Quantiles { p10: some(low), p90: some(high), p75: some(number(70)), ..three };
        let technique: TechniqueId = "T1059".parse().unwrap();
        let windows = || "microsoft.windows".to_owned();
        let table = table(&[
            (Item::Overall, Shown::Quantiles(five)),
            (Item::Tactic("execution".to_owned()), Shown::Quantiles(three)),
            (Item::Family(Family::Endpoint), Shown::Quantiles(one)),
            (Item::Group("G0007".parse().unwrap()), Shown::Quantiles(three)),
            (Item::Technology(windows()), Shown::Quantiles(three)),
            (Item::Technique(technique, Column::Any), Shown::Few),
            (Item::Technique(technique, Column::Technology(windows())), Shown::Half(true)),
            (Item::Technique("T1059.001".parse().unwrap(), Column::Any), Shown::Half(false)),
            (Item::Cell(technique, windows()), Shown::Quantiles(three)),
        ]);
        let text = concat!(
            r#"{"members":"500+","overall":["50-99",3,"<=10","<=10",45,70,">=90"],"#,
            r#""tactics":{"execution":["50-99",3,"<=10",45,">=90"]},"families":{"endpoint":["50-99",3,45]},"#,
            r#""groups":{"G0007":["50-99",3,"<=10",45,">=90"]},"#,
            r#""technologies":{"microsoft.windows":["50-99",3,"<=10",45,">=90"]},"#,
            r#""techniques":{"T1059":{"any":"few","microsoft.windows":["50-99",3,"half"]},"#,
            r#""T1059.001":{"any":["50-99",3,"under-half"]}},"#,
            r#""cells":{"T1059":{"microsoft.windows":["50-99",3,"<=10",45,">=90"]}}}"#,
        );
        assert_eq!(String::from_utf8(table.to_bytes().unwrap()).unwrap(), text);
        assert_eq!(read(text.as_bytes()).unwrap(), table);
    }

    #[test]
    fn tables_share_their_items() {
        let mut items = Items::default();
        let bytes = table(&[(Item::Overall, Shown::Few)]).to_bytes().unwrap();
        let mut read = || Table::from_bytes(Basis::Deployed, Cohort::All, &bytes, &mut items).unwrap();
        let (a, b) = (read(), read());
        assert!(Arc::ptr_eq(&a.rows[0].0, &b.rows[0].0));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let with = |row: &str| {
            format!(
                r#"{{"members":"500+","overall":{row},"tactics":{{}},"families":{{}},"groups":{{}},"technologies":{{}},"techniques":{{}},"cells":{{}}}}"#
            )
        };
        assert!(read(with(r#"["50-99",1,45]"#).as_bytes()).is_ok());
        // As the first edition wrote it, and as it is written now.
        assert_eq!(read(with(r#"["50-99",1,"few"]"#).as_bytes()), read(with(r#""few""#).as_bytes()));
        for row in [
            r#"["50-99",1]"#,
            r#"["50-99",1,1,2]"#,
            r#"["50-99",1,1,2,3,4,5,6]"#,
            r#"["50-99",1,"few",1,2]"#,
            r#"["50-99",1,1,2,"few"]"#,
            r#"["50-99",1,"<10"]"#,
            r#"["50-99",1,300]"#,
            r#"["50-98",1,45]"#,
            "45",
            r#""half""#,
        ] {
            assert!(read(with(row).as_bytes()).is_err(), "{row}");
        }
        assert!(read(b"{}").is_err());
    }

    #[test]
    fn a_band_of_a_later_version_is_named_and_no_number_is() {
        let table = |members, row| {
            format!(
                r#"{{"members":"{members}","overall":["50-99",1,45],"tactics":{{"impact":{row}}},"families":{{}},"groups":{{}},"technologies":{{}},"techniques":{{}},"cells":{{}}}}"#
            )
        };
        let error = |text: String| read(text.as_bytes()).unwrap_err();
        let unknown = |band: &str| TableError::UnknownBand(band.to_owned());
        assert_eq!(error(table("1000+", r#"["20-29",1,45]"#)), unknown("1000+"));
        assert_eq!(error(table("500+", r#"["20-24",1,45]"#)), unknown("20-24"));
        let damaged = error(table("500+", r#"["20-29",1,345]"#));
        assert!(matches!(damaged, TableError::Damaged { .. }) && !damaged.to_string().contains("345"));
    }

    proptest! {
        #[test]
        fn any_row_round_trips(shown in shown(), same_since in any::<u32>()) {
            let row = match shown {
                Shown::Few => Row::NOTHING,
                shown => Row { shown, members: Some(Band::From10), same_since: Some(same_since) },
            };
            let text = serde_json::to_string(&row).unwrap();
            prop_assert_eq!(serde_json::from_str::<Row>(&text).unwrap(), row);
        }
    }

    fn shown() -> impl Strategy<Value = Shown> {
        let end = prop_oneof![Just(None), Just(Some(End::Low)), Just(Some(End::High))];
        let coded = (any::<u8>(), end).prop_map(|(value, end)| Coded { value, end });
        let quantiles = proptest::array::uniform5(coded).prop_flat_map(|[a, b, p50, d, e]| {
            let three = Quantiles { p10: None, p25: Some(b), p50, p75: Some(d), p90: None };
            let one = Quantiles { p25: None, p75: None, ..three };
            let five = Quantiles { p10: Some(a), p90: Some(e), ..three };
            prop_oneof![Just(one), Just(three), Just(five)]
        });
        prop_oneof![
            Just(Shown::Few),
            any::<bool>().prop_map(Shown::Half),
            quantiles.prop_map(Shown::Quantiles)
        ]
    }
}
