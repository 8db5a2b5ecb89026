//! Values of the JSON text as far as the grammar can use them. Whatever else a text holds is read over and not kept.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::grammar::{Form, MAX_ERRORS, Member};

/// A value as it was found.
#[derive(Debug)]
pub enum Said<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    /// `None` if there are more items than the form allows.
    List(Option<Vec<Said<'a>>>),
    Object(Box<Object<'a>>),
    /// Anything that the form has no place for.
    Other,
}

/// An object: the values of its known members, and the names of the others.
#[derive(Debug)]
pub struct Object<'a> {
    grammar: &'static [Member],
    /// In the order of the grammar.
    said: Vec<Option<Said<'a>>>,
    /// A member that comes twice: readers would differ in which one counts.
    pub twice: Option<&'static str>,
    /// Cut, so that no document hides in an error.
    pub unknown: BTreeSet<String>,
}

/// The name of a member.
pub enum Key {
    Known(usize, Form),
    Unknown(String),
}

/// Characters of the name of an unknown member that an error repeats.
const NAME: usize = 40;

impl<'a> Object<'a> {
    pub fn new(grammar: &'static [Member]) -> Self {
        let said = grammar.iter().map(|_| None).collect();
        Self { grammar, said, twice: None, unknown: BTreeSet::new() }
    }

    /// Forgets what was read, for the next object of the same grammar.
    pub fn clear(&mut self) {
        self.said.fill_with(|| None);
        self.twice = None;
        self.unknown.clear();
    }

    pub fn get(&self, name: &str) -> Option<&Said<'a>> {
        let at = self.grammar.iter().position(|member| member.name == name)?;
        self.said.get(at)?.as_ref()
    }

    /// The values of all members, in the order of the grammar.
    pub fn values<const N: usize>(&self) -> [Option<&Said<'a>>; N] {
        std::array::from_fn(|at| self.said.get(at).and_then(Option::as_ref))
    }

    /// The names of required members that aren't there.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        let members = self.grammar.iter().zip(&self.said);
        members.filter(|(member, said)| member.required && said.is_none()).map(|(member, _)| member.name)
    }

    /// The names of all members that there may be.
    pub fn allowed(&self) -> String {
        self.grammar.iter().map(|member| member.name).collect::<Vec<_>>().join(", ")
    }

    pub fn next_key<'de, A: MapAccess<'de>>(&self, map: &mut A) -> Result<Option<Key>, A::Error> {
        map.next_key_seed(Name(self.grammar))
    }

    /// Reads the value of a member.
    pub fn take<A: MapAccess<'a>>(&mut self, key: Key, map: &mut A) -> Result<(), A::Error> {
        match key {
            Key::Known(at, form) => {
                let value = match form {
                    Form::Scalar | Form::Cells => map.next_value_seed(Any(Scalar))?,
                    Form::List(most) => map.next_value_seed(Any(List(most)))?,
                    Form::Object(grammar) => map.next_value_seed(Any(Nested(grammar)))?,
                };
                self.put(at, value);
            }
            Key::Unknown(name) => {
                map.next_value::<IgnoredAny>()?;
                self.unknown.insert(name);
                if self.unknown.len() > MAX_ERRORS {
                    return Err(A::Error::custom("too many unknown members"));
                }
            }
        }
        Ok(())
    }

    /// Notes the value of a known member.
    pub fn put(&mut self, at: usize, value: Said<'a>) {
        if let Some(said) = self.said.get_mut(at)
            && said.replace(value).is_some()
        {
            self.twice = self.grammar.get(at).map(|member| member.name);
        }
    }
}

struct Name(&'static [Member]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
        let known = self.0.iter().enumerate().find(|(_, member)| member.name == name);
        Ok(match known {
            Some((at, member)) => Key::Known(at, member.form),
            None => Key::Unknown(name.chars().take(NAME).collect()),
        })
    }
}

/// A reader of one value, whatever it is. No value is an error to the reader of JSON: its errors are those of syntax, and
/// that there are too many errors to go on.
pub trait Take<'de>: Sized {
    type Taken;

    /// A value that isn't one of the others.
    fn other(self) -> Self::Taken;

    fn text(self, _: Cow<'de, str>) -> Self::Taken {
        self.other()
    }

    fn integer(self, _: i64) -> Self::Taken {
        self.other()
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Taken, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.other())
    }

    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Taken, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.other())
    }
}

/// Takes a value of any kind.
pub struct Any<T>(pub T);

impl<'de, T: Take<'de>> DeserializeSeed<'de> for Any<T> {
    type Value = T::Taken;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Taken, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Take<'de>> Visitor<'de> for Any<T> {
    type Value = T::Taken;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<T::Taken, E> {
        Ok(self.0.text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T::Taken, E> {
        Ok(self.0.text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T::Taken, E> {
        Ok(match i64::try_from(number) {
            Ok(number) => self.0.integer(number),
            Err(_) => self.0.other(),
        })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T::Taken, E> {
        Ok(self.0.integer(number))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<T::Taken, E> {
        Ok(self.0.other())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<T::Taken, E> {
        Ok(self.0.other())
    }

    fn visit_unit<E: Error>(self) -> Result<T::Taken, E> {
        Ok(self.0.other())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T::Taken, A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T::Taken, A::Error> {
        self.0.object(map)
    }
}

/// Takes a text or an integer.
struct Scalar;

impl<'de> Take<'de> for Scalar {
    type Taken = Said<'de>;

    fn other(self) -> Said<'de> {
        Said::Other
    }

    fn text(self, text: Cow<'de, str>) -> Said<'de> {
        Said::Text(text)
    }

    fn integer(self, number: i64) -> Said<'de> {
        Said::Integer(number)
    }
}

/// Takes a list of scalars, at most this many.
struct List(usize);

impl<'de> Take<'de> for List {
    type Taken = Said<'de>;

    fn other(self) -> Said<'de> {
        Said::Other
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Said<'de>, A::Error> {
        let mut items = Vec::new();
        while items.len() < self.0 {
            match list.next_element_seed(Any(Scalar))? {
                Some(item) => items.push(item),
                None => return Ok(Said::List(Some(items))),
            }
        }
        let mut more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok(Said::List((!more).then_some(items)))
    }
}

/// Takes an object of this grammar.
struct Nested(&'static [Member]);

impl<'de> Take<'de> for Nested {
    type Taken = Said<'de>;

    fn other(self) -> Said<'de> {
        Said::Other
    }

    fn object<A: MapAccess<'de>>(self, map: A) -> Result<Said<'de>, A::Error> {
        let mut object = Object::new(self.0);
        Fill(&mut object).object(map)?;
        Ok(Said::Object(Box::new(object)))
    }
}

/// Fills an empty object. Taken is whether the value is one.
pub struct Fill<'o, 'a>(pub &'o mut Object<'a>);

impl<'de> Take<'de> for Fill<'_, 'de> {
    type Taken = bool;

    fn other(self) -> bool {
        false
    }

    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while let Some(key) = self.0.next_key(&mut map)? {
            self.0.take(key, &mut map)?;
        }
        Ok(true)
    }
}
