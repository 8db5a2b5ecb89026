//! ATT&CK release numbers such as `18.1`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An ATT&CK version, ordered by age.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttackVersion {
    pub major: u16,
    pub minor: u16,
}

/// Why a text is not an ATT&CK version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an ATT&CK version: expected major.minor, as in 18.1")]
pub struct InvalidAttackVersion;

impl FromStr for AttackVersion {
    type Err = InvalidAttackVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |n: &str| -> Option<u16> {
            (!n.is_empty() && n.len() <= 3 && n.bytes().all(|b| b.is_ascii_digit()))
                .then(|| n.parse().ok())?
        };
        let (major, minor) = text.split_once('.').ok_or(InvalidAttackVersion)?;
        let (major, minor) = number(major).zip(number(minor)).ok_or(InvalidAttackVersion)?;
        Ok(Self { major, minor })
    }
}

impl fmt::Display for AttackVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl fmt::Debug for AttackVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for AttackVersion {
    type Error = InvalidAttackVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AttackVersion> for String {
    fn from(version: AttackVersion) -> Self {
        version.to_string()
    }
}
