//! Bodies with a property for each dimension beside those of a struct. The struct says everything but the dimensions, and
//! errors point where they would if it had them.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor,
        value::{self, MapAccessDeserializer, StrDeserializer},
    },
};

use crate::domain::dimension::{ByDimension, Dimension};

/// The properties of `T` and a `V` for each dimension; an optional one may be left out.
#[derive(Debug, PartialEq, Eq)]
pub struct WithDimensions<T, V> {
    pub fields: T,
    pub dimensions: ByDimension<V>,
}

impl<'de, T: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for WithDimensions<T, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Whole(PhantomData))
    }
}

struct Whole<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for Whole<WithDimensions<T, V>> {
    type Value = WithDimensions<T, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut dimensions = ByDimension::default();
        let others = Others { map, dimensions: &mut dimensions };
        let fields = T::deserialize(MapAccessDeserializer::new(others))?;
        for dimension in Dimension::ALL {
            if dimensions.get(dimension).is_none() {
                let absent = IntoDeserializer::<value::Error>::into_deserializer(());
                let value = V::deserialize(absent).map_err(|_| A::Error::missing_field(dimension.name()))?;
                dimensions.set(dimension, value);
            }
        }
        Ok(WithDimensions { fields, dimensions })
    }
}

/// The properties that are no dimension's; a dimension's is kept.
struct Others<'d, A, V> {
    map: A,
    dimensions: &'d mut ByDimension<V>,
}

impl<'de, A: MapAccess<'de>, V: Deserialize<'de>> MapAccess<'de> for Others<'_, A, V> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let mut seed = Some(seed);
        loop {
            let dimension = match self.map.next_key_seed(Name(&mut seed))? {
                None => return Ok(None),
                Some(Named::Other(key)) => return Ok(Some(key)),
                Some(Named::Dimension(dimension)) => dimension,
            };
            if self.dimensions.get(dimension).is_some() {
                return Err(A::Error::duplicate_field(dimension.name()));
            }
            self.dimensions.set(dimension, self.map.next_value()?);
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

enum Named<K> {
    Dimension(Dimension),
    Other(K),
}

/// Reads a property's name: a dimension's, or with the seed that is taken then.
struct Name<'s, K>(&'s mut Option<K>);

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for Name<'_, K> {
    type Value = Named<K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for Name<'_, K> {
    type Value = Named<K::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property's name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        if let Ok(dimension) = name.parse() {
            return Ok(Named::Dimension(dimension));
        }
        let seed = self.0.take().ok_or_else(|| E::custom("a name was read twice"))?;
        let name: StrDeserializer<'_, E> = name.into_deserializer();
        seed.deserialize(name).map(Named::Other)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;
    use crate::http::extract::json;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        number: u8,
    }

    #[test]
    fn dimensions_stand_beside_the_fields() {
        let text = br#"{"sector": "finance", "number": 1, "region": "europe", "size": "medium"}"#;
        let read: WithDimensions<Sample, String> = json::parse(text).unwrap();
        assert_eq!(read.fields, Sample { number: 1 });
        assert_eq!(read.dimensions, ByDimension::examples());
        let part: WithDimensions<Sample, Option<String>> =
            json::parse(br#"{"number": 1, "size": "small"}"#).unwrap();
        assert_eq!(
            part.dimensions,
            ByDimension::new(|_| None).with(Dimension::SIZE, Some("small".to_owned()))
        );
    }

    #[actix_web::test]
    async fn what_does_not_fit_is_pointed_at() {
        for (text, pointer, part) in [
            (r#"{"number": 1, "size": "small"}"#, "", "missing field `sector`"),
            (r#"{"number": 1, "size": 7}"#, "/size", "expected a string"),
            (r#"{"number": 1, "size": "a", "size": "b"}"#, "/size", "is there twice"),
            (r#"{"number": -1}"#, "/number", "expected u8"),
            (r#"{"sector": "a", "other": 1}"#, "/other", "unknown field `other`"),
            (r#"{"sector": "a"}"#, "", "missing field `number`"),
            ("[]", "", "an object"),
        ] {
            let problem = json::parse::<WithDimensions<Sample, String>>(text.as_bytes()).unwrap_err();
            let body = to_bytes(problem.render(None).into_body()).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let error = &body["errors"][0];
            assert_eq!(error["pointer"].as_str(), Some(pointer), "{text}");
            assert!(error["detail"].as_str().unwrap().contains(part), "{text}: {error}");
        }
    }
}
