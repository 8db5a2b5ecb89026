//! Declares a privacy parameter once, with everything that depends on it. The macro makes the struct, its
//! presets, what shows less (R28), the settings that an operator has, and the reading of what was recorded.

use std::ops::RangeInclusive;

use thiserror::Error;

use super::preset::Preset;

/// A parameter of `P` that an operator can set and `GET /v1/privacy` answers.
#[derive(Debug)]
pub struct Parameter<P> {
    pub name: &'static str,
    /// Says in one sentence what it is, with its unit.
    pub help: &'static str,
    /// The rule of `GET /v1/privacy` whose text says the value; empty where no rule depends on it.
    pub rule: &'static str,
    pub limits: RangeInclusive<u32>,
    pub get: fn(&P) -> u32,
    /// Sets the value where it fits.
    pub(super) set: fn(&mut P, u32) -> Option<()>,
}

/// A parameter that can't be set like this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParameterError {
    #[error("there is no privacy parameter {0}")]
    Unknown(String),
    #[error("privacy parameter {name} = {value} is refused: it must be {limit}")]
    Refused { name: &'static str, value: u32, limit: String },
}

impl<P> Parameter<P> {
    /// Changes `parameters`, within the limits.
    pub(super) fn change(&self, parameters: &mut P, value: u32) -> Result<(), ParameterError> {
        let accepted = self.limits.contains(&value).then(|| (self.set)(parameters, value)).flatten();
        let refused = || ParameterError::Refused { name: self.name, value, limit: self.limit() };
        accepted.ok_or_else(refused)
    }

    /// Describes the parameter and names its rule.
    pub fn described(&self) -> String {
        match self.rule {
            "" => self.help.to_owned(),
            rule => format!("{} ({rule}).", self.help.trim_end_matches('.')),
        }
    }

    /// The limits in words: `at least 10`.
    pub fn limit(&self) -> String {
        match (self.limits.start(), self.limits.end()) {
            (0, &u32::MAX) => "any number".to_owned(),
            (low, &u32::MAX) => format!("at least {low}"),
            (low, high) => format!("from {low} to {high}"),
        }
    }
}

/// A value for each preset.
pub(super) fn each<T>(default: T, conservative: T, small_community: T) -> impl FnOnce(Preset) -> T {
    move |preset| match preset {
        Preset::Default => default,
        Preset::Conservative => conservative,
        Preset::SmallCommunity => small_community,
    }
}

/// Gives every preset one value.
pub(super) fn every<T>(value: T) -> impl FnOnce(Preset) -> T {
    move |_| value
}

/// Shows less the larger it is.
pub(super) fn larger<T: Ord + Copy>(one: &T, other: &T) -> T {
    *one.max(other)
}

/// Shows less the smaller it is.
pub(super) fn smaller<T: Ord + Copy>(one: &T, other: &T) -> T {
    *one.min(other)
}

/// Shows less the fewer steps there are.
pub(super) fn common(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().copied().filter(|step| other.contains(step)).collect()
}

/// Declares the parameters, in the order in which they are recorded. An entry has
/// - `help`: one sentence, with the unit;
/// - `value`: [`each`] or [`every`];
/// - `set`, for what an operator can set: its name in settings and answers, the limits, and the rule that says the value;
/// - `shows`, for what changes how the same list is shown: which of two values shows less;
/// - `before`, for what was added later: the value that does what the program did before it had the parameter. What is
///   recorded without it is read with this value, whatever the presets say today.
macro_rules! parameters {
    ($(
        $field:ident: $ty:ty {
            help: $help:literal,
            value: $value:expr,
            $( set: $name:literal, $limits:expr, $rule:literal, )?
            $( shows: $stricter:path, )?
            $( before: $before:expr, )?
        }
    )+) => {
        /// All parameters. Public: only the key is secret.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        pub struct Parameters {
            pub preset: Preset,
            $( #[doc = $help] pub $field: $ty, )+
            /// Rules that are switched off: for tests only. Neither a setting nor anything stored reaches it.
            #[serde(skip)]
            pub off: Vec<Rule>,
        }

        impl Parameters {
            /// The parameters that an operator can set, in the order in which they are listed.
            pub const ALL: &[Parameter<Self>] = &[$($(
                Parameter {
                    name: $name,
                    help: $help,
                    rule: $rule,
                    limits: $limits,
                    get: |parameters| parameters.$field.into(),
                    set: |parameters, value| {
                        parameters.$field = value.try_into().ok()?;
                        Some(())
                    },
                },
            )?)+];

            pub fn preset(preset: Preset) -> Self {
                Self { preset, $( $field: $value(preset), )+ off: Vec::new() }
            }

            /// The parameters of which each shows the least: what a number of `other` may be shown under now (R28).
            pub(in crate::domain::release) fn strictest(&self, other: &Self) -> Self {
                Self { $($( $field: $stricter(&self.$field, &other.$field), )?)+ ..self.clone() }
            }
        }

        impl<'de> serde::Deserialize<'de> for Recorded<Parameters> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                struct Stored {
                    preset: Preset,
                    $( $field: Option<$ty>, )+
                    #[serde(flatten)]
                    unknown: std::collections::BTreeMap<String, serde::de::IgnoredAny>,
                }
                let stored = Stored::deserialize(deserializer)?;
                let missing = |name| <D::Error as serde::de::Error>::missing_field(name);
                let known = Parameters {
                    preset: stored.preset,
                    $( $field: stored.$field $( .or(Some($before)) )? .ok_or_else(|| missing(stringify!($field)))?, )+
                    off: Vec::new(),
                };
                Ok(Self { known, unknown: stored.unknown.into_keys().collect() })
            }
        }
    };
}
pub(super) use parameters;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::parameters::{preset::Rule, recorded::Recorded};

    /// The table of a made-up later version: it has a parameter that came late, with the value that does what the
    /// program did before, and lacks all but one of today's.
    mod later {
        use super::*;

        parameters! {
            k: u32 {
                help: "As today.",
                value: each(20, 40, 10),
                set: "k", 10..=u32::MAX, "R9",
            }
            grace_days: u32 {
                help: "Added later.",
                value: every(14),
                set: "grace_days", 0..=30, "R7",
                shows: larger,
                before: 0,
            }
        }
    }

    fn read(json: &str) -> Result<Recorded<later::Parameters>, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_came_later_has_the_value_of_the_time_before_it() {
        let yesterday = read(r#"{"preset":"default","k":20}"#).unwrap();
        assert_eq!((yesterday.known.k, yesterday.known.grace_days), (20, 0));
        assert!(yesterday.unknown.is_empty());
        // It shows less today, so R28 acts.
        let today = later::Parameters::preset(Preset::Default);
        assert_eq!((today.grace_days, today.strictest(&yesterday.known).grace_days), (14, 14));
        assert_eq!(serde_json::to_string(&today).unwrap(), r#"{"preset":"default","k":20,"grace_days":14}"#);
    }

    #[test]
    fn what_was_never_missing_must_be_there() {
        let error = read(r#"{"preset":"default","grace_days":3}"#).unwrap_err();
        assert!(error.to_string().contains("missing field `k`"), "{error}");
    }

    #[test]
    fn what_a_later_version_recorded_is_named() {
        let tomorrow =
            read(r#"{"z":[1],"preset":"conservative","k":40,"grace_days":3,"depth":{"a":1}}"#).unwrap();
        assert_eq!(tomorrow.unknown, ["depth", "z"]);
        assert_eq!(tomorrow.known.grace_days, 3);
        // Nothing stored switches a rule off.
        assert_eq!(read(r#"{"preset":"default","k":20,"off":["R9"]}"#).unwrap().unknown, ["off"]);
    }
}
