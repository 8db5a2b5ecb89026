//! Dimensions: the properties of an organisation that cohorts are made by. They are data. [`Dimension::ALL`] is the one
//! list of them, and every layer goes through it; `Dimensions` holds the values that are in use.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Everything that is known of a dimension.
#[derive(Debug)]
pub struct Definition {
    /// Its place in the order in which pairs are named.
    pub position: u8,
    pub name: &'static str,
    /// Help for the operator who gives an organisation its value.
    pub help: &'static str,
    /// The values that are in use by default.
    pub values: &'static [&'static str],
    /// One of the values, for examples.
    pub example: &'static str,
}

/// NAICS sectors, under short names.
static SECTOR: Definition = Definition {
    position: 0,
    name: "sector",
    help: "One of the sectors in use, such as finance",
    values: &[
        "agriculture",
        "mining",
        "utilities",
        "construction",
        "manufacturing",
        "wholesale",
        "retail",
        "transport",
        "information",
        "finance",
        "real-estate",
        "professional",
        "management",
        "administrative",
        "education",
        "health",
        "arts",
        "accommodation",
        "other-services",
        "public",
    ],
    example: "finance",
};

static SIZE: Definition = Definition {
    position: 1,
    name: "size",
    help: "By number of people: small (below 250), medium (below 1,000), large (below 10,000) or enterprise",
    values: &["small", "medium", "large", "enterprise"],
    example: "medium",
};

static REGION: Definition = Definition {
    position: 2,
    name: "region",
    help: "Such as europe",
    values: &["africa", "asia-pacific", "europe", "latin-america", "middle-east", "north-america"],
    example: "europe",
};

/// A property of organisations that cohorts are made by, such as the sector.
#[derive(Clone, Copy)]
pub struct Dimension(&'static Definition);

/// The values of one dimension, at most.
const VALUES_MAX: usize = 20;

/// The reason why a dimension or a value of one is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DimensionError {
    #[error("unknown dimension: expected {}", Dimension::listed(" or "))]
    UnknownDimension,
    #[error("`{value}` is not a {dimension}: expected one of {expected}")]
    UnknownValue { dimension: Dimension, value: String, expected: String },
    #[error("the {dimension} has too many values: the limit is {VALUES_MAX}")]
    TooManyValues { dimension: Dimension },
    #[error(
        "`{value}` cannot be a value of {dimension}: use lower-case letters, digits and dashes, 40 characters at most"
    )]
    MalformedValue { dimension: Dimension, value: String },
}

impl Dimension {
    pub const SECTOR: Self = Self(&SECTOR);
    pub const SIZE: Self = Self(&SIZE);
    pub const REGION: Self = Self(&REGION);

    /// Every dimension, in the order in which a pair is named. A further one also needs its column in the database.
    pub const ALL: [Self; 3] = [Self::SECTOR, Self::SIZE, Self::REGION];

    /// A dimension that need not be in [`Self::ALL`]: cohorts can be made by any.
    pub const fn new(definition: &'static Definition) -> Self {
        Self(definition)
    }

    pub const fn name(self) -> &'static str {
        self.0.name
    }

    pub const fn help(self) -> &'static str {
        self.0.help
    }

    pub const fn example(self) -> &'static str {
        self.0.example
    }

    /// All names, with `last` before the last one: "sector, size or region".
    pub fn listed(last: &str) -> String {
        let names = Self::ALL.map(Self::name);
        match names.as_slice() {
            [others @ .., end] if !others.is_empty() => format!("{}{last}{end}", others.join(", ")),
            names => names.join(""),
        }
    }

    /// Returns whether a text has the form of a value: 1 to 40 lower-case letters, digits and dashes.
    pub fn is_well_formed(value: &str) -> bool {
        (1..=40).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    }
}

impl PartialEq for Dimension {
    fn eq(&self, other: &Self) -> bool {
        self.0.position == other.0.position
    }
}

impl Eq for Dimension {}

impl PartialOrd for Dimension {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Dimension {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.position.cmp(&other.0.position)
    }
}

impl Hash for Dimension {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.position.hash(state);
    }
}

impl fmt::Debug for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dimension {
    type Err = DimensionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |dimension: &Self| dimension.name() == text;
        Self::ALL.into_iter().find(named).ok_or(DimensionError::UnknownDimension)
    }
}

/// Something for each dimension, or for some of them, in their order. It is written as a map from their names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ByDimension<T>(Vec<(Dimension, T)>);

impl<T> ByDimension<T> {
    /// Collects what `of` returns for every dimension.
    pub fn new(mut of: impl FnMut(Dimension) -> T) -> Self {
        Self(Dimension::ALL.into_iter().map(|dimension| (dimension, of(dimension))).collect())
    }

    pub fn get(&self, dimension: Dimension) -> Option<&T> {
        self.iter().find(|(own, _)| *own == dimension).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Dimension, &T)> + Clone {
        self.0.iter().map(|(dimension, value)| (*dimension, value))
    }

    pub fn values(&self) -> impl Iterator<Item = &T> + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// Replaces the value of one dimension.
    #[must_use]
    pub fn with(mut self, dimension: Dimension, value: T) -> Self {
        self.set(dimension, value);
        self
    }

    pub fn set(&mut self, dimension: Dimension, value: T) {
        self.0.retain(|(own, _)| *own != dimension);
        let place = self.0.partition_point(|(own, _)| *own < dimension);
        self.0.insert(place, (dimension, value));
    }

    pub fn map<U>(self, mut to: impl FnMut(Dimension, T) -> U) -> ByDimension<U> {
        ByDimension(self.0.into_iter().map(|(dimension, value)| (dimension, to(dimension, value))).collect())
    }
}

impl<T> Default for ByDimension<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl ByDimension<String> {
    /// The examples: of what a made-up organisation is.
    pub fn examples() -> Self {
        Self::new(|dimension| dimension.example().to_owned())
    }
}

/// The last of several for a dimension counts.
impl<T> FromIterator<(Dimension, T)> for ByDimension<T> {
    fn from_iter<I: IntoIterator<Item = (Dimension, T)>>(entries: I) -> Self {
        let mut collected = Self::default();
        entries.into_iter().for_each(|(dimension, value)| collected.set(dimension, value));
        collected
    }
}

impl<T> IntoIterator for ByDimension<T> {
    type Item = (Dimension, T);
    type IntoIter = std::vec::IntoIter<(Dimension, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: Serialize> Serialize for ByDimension<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(dimension, value)| (dimension.name(), value)))
    }
}

/// The dimensions in use, each with its possible values. A dimension with a single value makes no cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimensions(ByDimension<Vec<String>>);

impl Default for Dimensions {
    fn default() -> Self {
        Self(ByDimension::new(|Dimension(of)| of.values.iter().map(|value| (*value).to_owned()).collect()))
    }
}

impl Dimensions {
    /// Whatever dimensions these are, with these values.
    pub fn new(values: ByDimension<Vec<String>>) -> Result<Self, DimensionError> {
        for (dimension, values) in values.iter() {
            if values.len() > VALUES_MAX {
                return Err(DimensionError::TooManyValues { dimension });
            }
            if let Some(value) = values.iter().find(|value| !Dimension::is_well_formed(value)) {
                return Err(DimensionError::MalformedValue { dimension, value: value.clone() });
            }
        }
        Ok(Self(values))
    }

    /// Replaces the values of one dimension.
    pub fn with(self, dimension: Dimension, values: Vec<String>) -> Result<Self, DimensionError> {
        Self::new(self.0.with(dimension, values))
    }

    /// The possible values of a dimension; none of one that is not in use.
    pub fn values(&self, dimension: Dimension) -> &[String] {
        self.0.get(dimension).map(Vec::as_slice).unwrap_or_default()
    }

    /// Each dimension and its possible values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Dimension, &[String])> + Clone {
        self.0.iter().map(|(dimension, values)| (dimension, values.as_slice()))
    }

    /// Each two dimensions, in the order in which they are named.
    pub fn pairs(&self) -> impl Iterator<Item = (Dimension, Dimension)> {
        let dimensions = self.iter().map(|(dimension, _)| dimension);
        let after = dimensions.clone();
        dimensions.flat_map(move |a| after.clone().filter(move |b| a < *b).map(move |b| (a, b)))
    }

    /// The dimensions of which an organisation with these values has none that is in use.
    pub fn errors(&self, of: &ByDimension<String>) -> impl Iterator<Item = (Dimension, DimensionError)> {
        self.iter().filter_map(|(dimension, values)| {
            let value = of.get(dimension).map(String::as_str).unwrap_or_default();
            let unknown = || DimensionError::UnknownValue {
                dimension,
                value: value.to_owned(),
                expected: values.join(", "),
            };
            (!values.iter().any(|known| known == value)).then(|| (dimension, unknown()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_the_order_of_the_list() {
        for (position, Dimension(of)) in (0..).zip(Dimension::ALL) {
            assert_eq!(of.position, position, "{}", of.name);
            assert!(of.values.contains(&of.example), "{}", of.name);
            assert!(of.values.iter().all(|value| Dimension::is_well_formed(value)), "{}", of.name);
        }
        assert_eq!("planet".parse::<Dimension>(), Err(DimensionError::UnknownDimension));
        assert_eq!(
            DimensionError::UnknownDimension.to_string(),
            "unknown dimension: expected sector, size or region"
        );
    }

    #[test]
    fn a_map_names_every_dimension() {
        let text = serde_json::to_string(&ByDimension::examples()).unwrap();
        assert_eq!(text, r#"{"sector":"finance","size":"medium","region":"europe"}"#);
    }

    #[test]
    fn dimensions_can_be_others_than_those_of_the_list() {
        static FOURTH: Definition =
            Definition { position: 3, name: "model", help: "", values: &["b2b", "b2c"], example: "b2b" };
        let fourth = Dimension::new(&FOURTH);
        let values = vec!["b2b".to_owned(), "b2c".to_owned()];
        let dimensions = Dimensions::default().with(fourth, values).unwrap();
        assert_eq!(dimensions.pairs().count(), 6);
        assert_eq!(dimensions.pairs().last(), Some((Dimension::REGION, fourth)));
        let of = ByDimension::examples();
        let wrong = |of: &ByDimension<String>| dimensions.errors(of).map(|(own, _)| own).collect::<Vec<_>>();
        assert_eq!(wrong(&of), [fourth]);
        assert_eq!(wrong(&of.clone().with(fourth, "b2c".to_owned())), []);
        assert_eq!(wrong(&of.with(fourth, "other".to_owned())), [fourth]);
        assert!(dimensions.with(fourth, vec!["B 2 B".to_owned()]).is_err());
    }
}
