//! A signed manifest as far as this version can read it: an earlier or a later version may have signed it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::domain::{
    attack::AttackVersion,
    release::{
        hash::Hash,
        parameters::{Parameters, Recorded},
    },
};

/// The statements of a manifest, as far as this version can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub release: u32,
    /// The root of the tables.
    pub tables: Hash,
    pub iss: Option<String>,
    pub cut_off: Option<DateTime<Utc>>,
    pub attack: Option<AttackVersion>,
    pub parameters: Option<Recorded<Parameters>>,
    /// SHA-256 over the ATT&CK version and the technologies that the release was computed with.
    pub catalogue: Option<Hash>,
    /// The parts that this version can't read: missing or malformed ones first, then unknown ones.
    pub unread: Vec<Unread>,
}

/// A part of a manifest that this version can't read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The name of a member, or `parameters.NAME`.
    pub name: String,
    pub why: Why,
}

/// The reason why a part of a manifest can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// This version doesn't know it: a later version signed it.
    Unknown,
    /// It isn't there: an earlier version signed the manifest.
    Missing,
    /// It has another form than in this version.
    Form,
}

impl Reading {
    /// Reads the members of a manifest. The error names the member without which no table can be checked.
    pub fn of(mut members: Map<String, Value>) -> Result<Self, &'static str> {
        let mut unread = Vec::new();
        let release = take(&mut members, "release", &mut unread).ok_or("release")?;
        let tables = take(&mut members, "tables", &mut unread).ok_or("tables")?;
        let iss = take(&mut members, "iss", &mut unread);
        let cut_off = take(&mut members, "cut_off", &mut unread);
        let attack = take(&mut members, "attack", &mut unread);
        let parameters: Option<Recorded<Parameters>> = take(&mut members, "parameters", &mut unread);
        let catalogue = take(&mut members, "catalogue", &mut unread);
        let of_parameters = parameters.iter().flat_map(|parameters| &parameters.unknown);
        let of_parameters = of_parameters.map(|name| format!("parameters.{name}"));
        let unknown = of_parameters.chain(members.into_iter().map(|(name, _)| name));
        unread.extend(unknown.map(|name| Unread { name, why: Why::Unknown }));
        Ok(Self { release, tables, iss, cut_off, attack, parameters, catalogue, unread })
    }
}

fn take<T: DeserializeOwned>(
    members: &mut Map<String, Value>,
    name: &'static str,
    unread: &mut Vec<Unread>,
) -> Option<T> {
    let member = members.remove(name);
    let why = if member.is_none() { Why::Missing } else { Why::Form };
    let value = member.and_then(|member| serde_json::from_value(member).ok());
    if value.is_none() {
        unread.push(Unread { name: name.to_owned(), why });
    }
    value
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Why::Unknown => "unknown to this version",
            Why::Missing => "missing",
            Why::Form => "in a form that this version can't read",
        };
        write!(f, "`{}` ({why})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::release::parameters::Preset;

    fn members() -> Map<String, Value> {
        let manifest = json!({
            "iss": "https://peers.example",
            "release": 3,
            "cut_off": "2026-11-24T10:00:00Z",
            "attack": "19.0",
            "parameters": Recorded::from(Parameters::preset(Preset::Default)),
            "catalogue": Hash::of(b"catalogue"),
            "tables": Hash::of(b"tables"),
        });
        serde_json::from_value(manifest).unwrap()
    }

    fn unread(change: impl FnOnce(&mut Map<String, Value>)) -> Vec<String> {
        let mut members = members();
        change(&mut members);
        let reading = Reading::of(members).unwrap();
        assert_eq!((reading.release, reading.tables), (3, Hash::of(b"tables")));
        reading.unread.iter().map(Unread::to_string).collect()
    }

    #[test]
    fn a_manifest_of_this_version_is_read_whole() {
        assert!(unread(|_| ()).is_empty());
        let reading = Reading::of(members()).unwrap();
        assert_eq!(reading.parameters, Some(Parameters::preset(Preset::Default).into()));
        assert_eq!(reading.attack, Some("19.0".parse().unwrap()));
    }

    #[test]
    fn what_another_version_signed_is_named() {
        let later = unread(|members| {
            members["parameters"]["k_prime"] = 3.into();
            members.insert("seals".to_owned(), json!([]));
            members["cut_off"] = 7.into();
        });
        assert_eq!(
            later,
            [
                "`cut_off` (in a form that this version can't read)",
                "`parameters.k_prime` (unknown to this version)",
                "`seals` (unknown to this version)",
            ]
        );
        let earlier = unread(|members| {
            members.remove("catalogue");
            members["parameters"].as_object_mut().unwrap().remove("tail_min");
        });
        assert_eq!(
            earlier,
            ["`parameters` (in a form that this version can't read)", "`catalogue` (missing)"]
        );
    }

    #[test]
    fn without_the_root_no_table_can_be_checked() {
        let mut members = members();
        members["tables"] = "0".into();
        assert_eq!(Reading::of(members), Err("tables"));
    }
}
