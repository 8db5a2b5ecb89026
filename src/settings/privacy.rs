//! The privacy parameters as settings: their names, limits and meaning are the domain's.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};

use super::{Entry, section::Shown};
use crate::domain::release::{Parameter, Parameters, Preset};

const SECTION: &str = "privacy";
const PRESET: &str = "preset";

/// Privacy of what is published. Unset parameters come from the preset; a value beyond its limit stops the service at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privacy {
    /// The name of the preset.
    pub preset: String,
    /// The parameters that are set, by name.
    pub changes: BTreeMap<&'static str, u32>,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { preset: Preset::default().name().to_owned(), changes: BTreeMap::new() }
    }
}

impl Privacy {
    pub(super) fn entries(&self) -> Vec<Entry> {
        let entry = |key, meaning, value| Entry { section: SECTION, key, meaning, value, masked: false };
        let preset = entry(PRESET, presets(), self.preset.toml());
        let parameters = Parameters::ALL.iter().map(|parameter| {
            let value = self.changes.get(parameter.name).and_then(Shown::toml);
            entry(parameter.name, meaning(parameter), value)
        });
        [preset].into_iter().chain(parameters).collect()
    }

    /// The keys; none is a list.
    pub(super) fn keys() -> Vec<(&'static str, &'static str, bool)> {
        let names = Parameters::ALL.iter().map(|parameter| parameter.name);
        [PRESET].into_iter().chain(names).map(|key| (SECTION, key, false)).collect()
    }
}

/// The presets, and how they differ from the first.
fn presets() -> String {
    let usual = Parameters::preset(Preset::default());
    let described = Preset::ALL.map(|preset| {
        let these = Parameters::preset(preset);
        let differing = Parameters::ALL.iter().filter(|of| (of.get)(&these) != (of.get)(&usual));
        let differing: Vec<String> =
            differing.map(|of| format!("{} {}", of.name, (of.get)(&these))).collect();
        match differing.as_slice() {
            [] => format!("`{}`", preset.name()),
            differing => format!("`{}` ({})", preset.name(), differing.join(", ")),
        }
    });
    format!("{}. The last is weaker: see the documentation.", described.join(", "))
}

/// Describes a parameter, its values and its limits.
fn meaning(parameter: &Parameter<Parameters>) -> String {
    let [usual, others @ ..] =
        Preset::ALL.map(|preset| (preset, (parameter.get)(&Parameters::preset(preset))));
    let others = others.iter().filter(|(_, value)| *value != usual.1);
    let others: String = others.map(|(preset, value)| format!(", {} {value}", preset.name())).collect();
    format!("{} Default {}{others}; {}.", parameter.described(), usual.1, parameter.limit())
}

impl<'de> Deserialize<'de> for Privacy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Section;
        impl<'de> Visitor<'de> for Section {
            type Value = Privacy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("privacy parameters by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Privacy, A::Error> {
                let mut privacy = Privacy::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == PRESET {
                        privacy.preset = map.next_value()?;
                        continue;
                    }
                    let parameter = Parameters::ALL.iter().find(|parameter| parameter.name == key);
                    let unknown = || de::Error::custom(format!("there is no privacy parameter {key}"));
                    let name = parameter.ok_or_else(unknown)?.name;
                    privacy.changes.insert(name, map.next_value()?);
                }
                Ok(privacy)
            }
        }
        deserializer.deserialize_map(Section)
    }
}
