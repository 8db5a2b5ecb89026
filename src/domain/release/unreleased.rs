//! What the rules work on, and the only thing that must never leave: every organisation's value of everything. It can
//! be built from outside this module, but read only by the rules; it has no serialization and no public field.

use std::fmt;

use super::{Key, Layout};
use crate::domain::{organisation::OrganisationId, scale::Scale};

/// A contributor, as frozen at the cut-off (R3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub organisation: OrganisationId,
    pub control_group: String,
    pub sector: String,
    pub size: String,
    pub region: String,
}

/// One organisation's value of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    pub key: Key,
    /// Position in the list of members.
    pub member: u32,
    pub value: u8,
    /// The scale behind a technique's score; `None` for composites and counts, which compare across scales.
    pub scale: Option<Scale>,
}

/// All observations, grouped by key.
pub struct Unreleased {
    pub(super) layout: Layout,
    pub(super) members: Vec<Member>,
    /// Per key the first position of its observations; one more than keys.
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

/// An observation within its key's list.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub member: u32,
    pub value: u8,
    /// Position in [`Scale::ALL`], or [`NO_SCALE`].
    pub scale: u8,
}

pub(super) const NO_SCALE: u8 = u8::MAX;

impl Entry {
    const EMPTY: Self = Self { member: 0, value: 0, scale: NO_SCALE };
}

fn scale_code(scale: Option<Scale>) -> u8 {
    let position = scale.and_then(|scale| Scale::ALL.iter().position(|known| *known == scale));
    position.and_then(|position| u8::try_from(position).ok()).unwrap_or(NO_SCALE)
}

impl Unreleased {
    /// Groups observations by key with one counting sort. `batches` can be walked twice, so that they need not be
    /// copied; observations outside the layout or of members that do not exist are left out (R26).
    pub fn new<B, I>(layout: Layout, members: Vec<Member>, batches: B) -> Self
    where
        B: Fn() -> I,
        I: Iterator<Item = Observation>,
    {
        let keys = usize::try_from(layout.len()).unwrap_or_default();
        let known = |observation: &Observation| {
            observation.key < layout.len()
                && usize::try_from(observation.member).is_ok_and(|m| m < members.len())
        };
        let mut starts = vec![0_usize; keys + 1];
        for observation in batches().filter(known) {
            if let Some(count) =
                usize::try_from(observation.key + 1).ok().and_then(|next| starts.get_mut(next))
            {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut entries = vec![Entry::EMPTY; total];
        for observation in batches().filter(known) {
            let slot = usize::try_from(observation.key).ok().and_then(|key| next.get_mut(key));
            if let Some(slot) = slot {
                if let Some(entry) = entries.get_mut(*slot) {
                    *entry = Entry {
                        member: observation.member,
                        value: observation.value,
                        scale: scale_code(observation.scale),
                    };
                }
                *slot += 1;
            }
        }
        Self { layout, members, starts, entries }
    }

    /// The observations of one key, in no particular order.
    pub(super) fn entries(&self, key: Key) -> &[Entry] {
        let range = || {
            let key = usize::try_from(key).ok()?;
            self.entries.get(*self.starts.get(key)?..*self.starts.get(key + 1)?)
        };
        range().unwrap_or_default()
    }

    pub(super) fn all_entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl fmt::Debug for Unreleased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unreleased(…)")
    }
}
