//! ATT&CK release numbers such as `18.1`.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::domain::named::as_text;

/// An ATT&CK version, ordered by age.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttackVersion {
    pub major: u16,
    pub minor: u16,
}

/// The reason why a text is not an ATT&CK version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an ATT&CK version: expected major.minor, as in 18.1")]
pub struct InvalidAttackVersion;

impl AttackVersion {
    /// The first version whose releases count what ATT&CK attributes to groups through campaigns, with data components of
    /// its own. Releases of earlier versions stay what they were computed with.
    pub const CAMPAIGNS_COUNT_FROM: Self = Self { major: 19, minor: 1 };

    /// The year in which a version came out, where its bundle doesn't say it: there are two a year, and 18 came out in
    /// 2025.
    pub fn year(self) -> u16 {
        2017 + self.major.saturating_sub(1) / 2
    }
}

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

as_text!(AttackVersion);
