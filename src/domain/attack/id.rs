//! Technique and group ids: `T1059`, `T1059.001`, `G0007`.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::domain::named::as_text;

/// An ATT&CK technique or sub-technique id. Ordered as ATT&CK prints them: a parent directly before its
/// sub-techniques.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TechniqueId(u32);

/// The reason why a text is not a technique id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a technique id: expected T and four digits, optionally a dot and three more, as in T1059.001")]
pub struct InvalidTechniqueId;

const SUBS: u32 = 1000;

impl TechniqueId {
    /// The parent number (0..=9999) and the sub-technique number (1..=999, or 0 for a parent).
    pub fn new(parent: u16, sub: u16) -> Option<Self> {
        (parent <= 9999 && sub <= 999).then(|| Self(u32::from(parent) * SUBS + u32::from(sub)))
    }

    /// `T1059` for `T1059.001` and for itself.
    pub fn parent(self) -> Self {
        Self(self.0 / SUBS * SUBS)
    }

    pub fn is_sub(self) -> bool {
        !self.0.is_multiple_of(SUBS)
    }

    /// A dense number that packs well: parent * 1000 + sub.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The inverse of [`Self::number`].
    pub fn from_number(number: u32) -> Option<Self> {
        (number < 10_000 * SUBS).then_some(Self(number))
    }
}

impl FromStr for TechniqueId {
    type Err = InvalidTechniqueId;

    /// Strict: upper-case `T`, four digits, optionally `.` and three digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn digits(text: &str, count: usize) -> Option<u16> {
            (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
        }
        let number = text.strip_prefix('T').ok_or(InvalidTechniqueId)?;
        let (parent, sub) = match number.split_once('.') {
            Some((parent, sub)) => (digits(parent, 4), digits(sub, 3).filter(|sub| *sub > 0)),
            None => (digits(number, 4), Some(0)),
        };
        parent.zip(sub).and_then(|(parent, sub)| Self::new(parent, sub)).ok_or(InvalidTechniqueId)
    }
}

impl fmt::Display for TechniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parent, sub) = (self.0 / SUBS, self.0 % SUBS);
        if sub == 0 { write!(f, "T{parent:04}") } else { write!(f, "T{parent:04}.{sub:03}") }
    }
}

as_text!(TechniqueId);

/// An ATT&CK group id such as `G0007`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(u16);

/// The reason why a text is not a group id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a group id: expected G and four digits, as in G0007")]
pub struct InvalidGroupId;

impl FromStr for GroupId {
    type Err = InvalidGroupId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('G')
            .filter(|n| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|n| n.parse().ok())
            .map(Self)
            .ok_or(InvalidGroupId)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "G{:04}", self.0)
    }
}

as_text!(GroupId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_sort_parent_first() {
        for text in ["T1059", "T1059.001", "T0859"] {
            assert_eq!(text.parse::<TechniqueId>().unwrap().to_string(), text);
        }
        let sub: TechniqueId = "T1059.001".parse().unwrap();
        assert!(sub.is_sub() && sub.parent() < sub && sub < "T1060".parse().unwrap());
        assert_eq!(TechniqueId::from_number(sub.number()), Some(sub));
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "T",
            "t1059",
            "T105",
            "T10590",
            "T1059.",
            "T1059.1",
            "T1059.000",
            "T+059",
            "TA0005",
            "T1059.0011",
        ] {
            assert!(text.parse::<TechniqueId>().is_err(), "{text}");
        }
    }
}
