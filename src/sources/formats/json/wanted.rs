//! JSON with only some of its members kept: an export has many times more than a reader looks at, and what is skipped
//! while it is parsed costs neither time nor memory.

use std::{fmt, marker::PhantomData};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The use that a reader has for a member, by the member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Its objects are gone into, and of each only what is wanted is kept.
    Inside,
    /// As `Inside`, under the name given.
    InsideAs(&'static str),
    /// A list, or an object whose members are the list, whatever they are called. Each is gone into.
    List(&'static str),
    /// Kept with everything in it.
    Whole,
    /// As `Whole`, under the name given.
    WholeAs(&'static str),
    Nothing,
}

/// The members of objects that a reader looks at.
pub trait Wanted {
    /// Returns the use of a member.
    fn of(key: &str) -> Use;
}

/// A value reduced to the wanted members.
pub struct Kept<W>(Value, PhantomData<W>);

impl<W> From<Kept<W>> for Value {
    fn from(kept: Kept<W>) -> Self {
        kept.0
    }
}

impl<'de, W: Wanted> Deserialize<'de> for Kept<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values::<W, false>(PhantomData)).map(|value| Self(value, PhantomData))
    }
}

/// The values of a list, which may be written as an object.
struct Listed<W>(Value, PhantomData<W>);

impl<'de, W: Wanted> Deserialize<'de> for Listed<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values::<W, true>(PhantomData)).map(|value| Self(value, PhantomData))
    }
}

/// Visits a value; `LIST` makes an object the list of its members.
struct Values<W, const LIST: bool>(PhantomData<W>);

impl<'de, W: Wanted, const LIST: bool> Visitor<'de> for Values<W, LIST> {
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
        if LIST {
            let mut list = Vec::new();
            while let Some((IgnoredAny, item)) = members.next_entry::<IgnoredAny, Kept<W>>()? {
                list.push(item.into());
            }
            return Ok(Value::Array(list));
        }
        let mut map = Map::new();
        while let Some((of, name)) = members.next_key_seed(Key::<W>(PhantomData))? {
            let value = match of {
                Use::Inside | Use::InsideAs(_) => members.next_value::<Kept<W>>()?.into(),
                Use::List(_) => members.next_value::<Listed<W>>()?.0,
                Use::Whole | Use::WholeAs(_) => members.next_value()?,
                Use::Nothing => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

struct Key<W>(PhantomData<W>);

impl<'de, W: Wanted> DeserializeSeed<'de> for Key<W> {
    type Value = (Use, String);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<W: Wanted> Visitor<'_> for Key<W> {
    type Value = (Use, String);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let of = W::of(key);
        let name = match of {
            Use::InsideAs(name) | Use::WholeAs(name) | Use::List(name) => name,
            Use::Inside | Use::Whole => key,
            // Allocates nothing.
            Use::Nothing => "",
        };
        Ok((of, name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Some;

    impl Wanted for Some {
        fn of(key: &str) -> Use {
            match key {
                "data" => Use::Inside,
                "Data" => Use::InsideAs("data"),
                "list" => Use::List("list"),
                "a" => Use::Whole,
                "A" => Use::WholeAs("a"),
                _ => Use::Nothing,
            }
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

    #[test]
    fn other_spellings_and_lists_written_as_objects_are_the_same() {
        let text = r#"{"Data": {"A": 1}, "list": {"x": {"a": 1, "b": 2}, "y": {"data": {"A": 3}}}}"#;
        let kept: Kept<Some> = serde_json::from_str(text).unwrap();
        assert_eq!(Value::from(kept), json!({"data": {"a": 1}, "list": [{"a": 1}, {"data": {"a": 3}}]}));
        let list: Kept<Some> = serde_json::from_str(r#"{"list": [{"a": 1}]}"#).unwrap();
        assert_eq!(Value::from(list), json!({"list": [{"a": 1}]}));
    }
}
