//! Parts of other programs' files: texts that may be something else, and lists that are no longer than they may be.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// Characters of a text that are kept.
const LONGEST: usize = 200;

/// A text that is there, not empty and not only space; anything else in its place is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Option<String>);

impl Text {
    pub fn is(&self, text: &str) -> bool {
        self.0.as_deref() == Some(text)
    }

    pub fn starts_with(&self, start: &str) -> bool {
        self.0.as_deref().is_some_and(|text| text.starts_with(start))
    }

    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub fn into_option(self) -> Option<String> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        let text = text.trim();
        Ok(Text((!text.is_empty()).then(|| text.chars().take(LONGEST).collect())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Text, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Text, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

/// A list of at most `MOST` items; `null` is an empty one.
#[derive(Debug, Clone)]
pub struct Capped<T, const MOST: usize>(pub Vec<T>);

impl<T, const MOST: usize> Default for Capped<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Capped<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CappedVisitor(PhantomData))
    }
}

struct CappedVisitor<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for CappedVisitor<T, MOST> {
    type Value = Capped<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST} items")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Capped::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            if list.len() == MOST {
                return Err(A::Error::custom(format_args!("expected a list of at most {MOST} items")));
            }
            list.push(item);
        }
        Ok(Capped(list))
    }
}

/// The properties of an object of the builder that say what it does. The file has them as pairs of a key and a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    pub name: Text,
    pub technique_id: Text,
    /// The technique of the pair of tactic and technique that the builder of version 3 writes.
    pub technique: Text,
    pub operator: Text,
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PropertiesVisitor)
    }
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pairs of a key and a value")
    }

    fn visit_unit<E>(self) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Properties, A::Error> {
        let mut properties = Properties::default();
        while let Some(pair) = pairs.next_element::<Pair>()? {
            properties.take(pair);
        }
        Ok(properties)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Properties, A::Error> {
        let mut properties = Properties::default();
        while let Some(key) = members.next_key::<String>()? {
            let value = if key == "ttp" {
                Value::Of(members.next_value()?)
            } else {
                Value::Text(members.next_value()?)
            };
            properties.take(Pair(Some((key, value))));
        }
        Ok(properties)
    }
}

impl Properties {
    fn take(&mut self, pair: Pair) {
        let Pair(Some((key, value))) = pair else { return };
        match (key.as_str(), value) {
            ("name", Value::Text(text)) => self.name = text,
            ("technique_id", Value::Text(text)) => self.technique_id = text,
            ("technique", Value::Text(text)) => self.technique = text,
            ("operator", Value::Text(text)) => self.operator = text,
            ("ttp", Value::Of(inner)) => self.technique = inner.technique,
            _ => {}
        }
    }

    /// The technique as it is written.
    pub fn technique(&self) -> Option<&str> {
        self.technique_id.as_deref().or(self.technique.as_deref())
    }
}

/// A pair of a key and a value; `None` for whatever else stands there.
struct Pair(Option<(String, Value)>);

enum Value {
    Text(Text),
    Of(Box<Properties>),
}

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairVisitor)
    }
}

struct PairVisitor;

impl<'de> Visitor<'de> for PairVisitor {
    type Value = Pair;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pair of a key and a value")
    }

    fn visit_unit<E>(self) -> Result<Pair, E> {
        Ok(Pair(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Pair, A::Error> {
        let Some(key) = items.next_element::<Text>()? else { return Ok(Pair(None)) };
        let key = key.into_option().unwrap_or_default();
        let value = match key.as_str() {
            "ttp" => items.next_element()?.map(Value::Of),
            _ => items.next_element()?.map(Value::Text),
        };
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Pair(value.map(|value| (key, value))))
    }
}
