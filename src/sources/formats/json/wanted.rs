//! JSON of which only some members are kept: an export has many times more than a reader looks at, and what is skipped
//! while it is parsed costs neither time nor memory.

use std::{fmt, marker::PhantomData};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The members of objects that a reader looks at.
pub trait Wanted {
    /// Members whose values are gone into: lists of rules, and objects around what is wanted.
    const ENVELOPES: &'static [&'static str];

    /// Returns true for a member that is kept, with everything in it.
    fn is_member(key: &str) -> bool;
}

/// A value of which only what is wanted is left.
pub struct Kept<W>(Value, PhantomData<W>);

impl<W> From<Kept<W>> for Value {
    fn from(kept: Kept<W>) -> Self {
        kept.0
    }
}

impl<'de, W: Wanted> Deserialize<'de> for Kept<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values::<W>(PhantomData)).map(|value| Self(value, PhantomData))
    }
}

struct Values<W>(PhantomData<W>);

impl<'de, W: Wanted> Visitor<'de> for Values<W> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Kept<W>>()? {
            list.push(item.into());
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key_seed(Key::<W>(PhantomData))? {
            match key {
                Of::Envelope(key) => {
                    map.insert(key.to_owned(), members.next_value::<Kept<W>>()?.into());
                }
                Of::Member(key) => {
                    map.insert(key, members.next_value()?);
                }
                Of::Nothing => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(map))
    }
}

/// The use of a member, by its name.
enum Of {
    Envelope(&'static str),
    Member(String),
    Nothing,
}

struct Key<W>(PhantomData<W>);

impl<'de, W: Wanted> DeserializeSeed<'de> for Key<W> {
    type Value = Of;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Of, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<W: Wanted> Visitor<'_> for Key<W> {
    type Value = Of;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, key: &str) -> Result<Of, E> {
        Ok(match W::ENVELOPES.iter().find(|envelope| **envelope == key) {
            Some(envelope) => Of::Envelope(envelope),
            None if W::is_member(key) => Of::Member(key.to_owned()),
            None => Of::Nothing,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Some;

    impl Wanted for Some {
        const ENVELOPES: &'static [&'static str] = &["data"];

        fn is_member(key: &str) -> bool {
            key == "a"
        }
    }

    #[test]
    fn what_is_wanted_is_what_the_whole_would_have() {
        let text = r#"[{"data": [{"a": {"b": [1, -2, 0.5, null, true]}, "b": {"a": 1}}, 7, "x"]}, {"a\u0000": 1, "a": 1, "a": 2}]"#;
        let kept: Kept<Some> = serde_json::from_str(text).unwrap();
        let expected = json!([{"data": [{"a": {"b": [1, -2, 0.5, null, true]}}, 7, "x"]}, {"a": 2}]);
        assert_eq!(Value::from(kept), expected);
        assert!(
            serde_json::from_str::<Kept<Some>>(r#"[{"b": [1, }]"#).is_err(),
            "what is skipped is JSON too"
        );
        let deep = format!("{{\"b\": {}", "[".repeat(100_000));
        assert!(serde_json::from_str::<Kept<Some>>(&deep).is_err());
    }
}
