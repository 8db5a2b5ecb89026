//! R33: a cell's scale stays until another leads clearly and many changed theirs.

use std::collections::BTreeMap;

use crate::domain::{
    release::{
        cohorts::{
            index::{GroupIx, MemberIx},
            membership::Memberships,
        },
        counting::fingerprint::Fingerprints,
        earlier::previous::{Baseline, Earlier, KnownCell},
        error::ReleaseError,
        parameters::{Parameters, Rule},
        values::entry::{Entry, NO_SCALE},
    },
    scale::Scale,
};

/// The number of votes for each scale.
type Votes = [u32; Scale::ALL.len()];

/// The scale that each control group votes for.
type Ballots = BTreeMap<GroupIx, u8>;

/// The members of a cell with their scales, and what the release before left of it.
pub struct Electorate<'a> {
    pub parameters: &'a Parameters,
    pub memberships: &'a Memberships,
    pub entries: &'a [Entry],
    pub earlier: Option<&'a Earlier<'a>>,
    pub known: Option<&'a KnownCell>,
    pub fingerprints: &'a Fingerprints,
    /// The seeds that its lists may be kept under, the likelier first.
    pub seeds: [u64; 2],
}

/// R33: the scale of a cell. The present one stays until another leads by m votes and 2m control groups changed scale, joined
/// or left since it became the cell's.
pub fn turn(cell: &Electorate<'_>) -> Result<u8, ReleaseError> {
    let Some(first) = cell.entries.first() else {
        return Ok(cell.known.and_then(|known| known.state.scale).unwrap_or(NO_SCALE));
    };
    if first.scale == NO_SCALE {
        return Ok(NO_SCALE);
    }
    if !cell.parameters.holds(Rule::R33) {
        return Ok(commonest(cell.entries));
    }
    let past = cell.known.zip(cell.earlier).map(|(known, earlier)| (known.state.scale, known, earlier));
    let unanimous = cell.entries.iter().all(|entry| entry.scale == first.scale);
    match past {
        None if unanimous => Ok(first.scale),
        Some((Some(present), ..)) if unanimous && present == first.scale => Ok(present),
        None => Ok(leader(&cell.ballots(None), NO_SCALE)),
        Some((present, known, earlier)) => cell.keep_or_turn(present, known, earlier),
    }
}

impl Electorate<'_> {
    fn keep_or_turn(
        &self,
        present: Option<u8>,
        known: &KnownCell,
        earlier: &Earlier<'_>,
    ) -> Result<u8, ReleaseError> {
        let number = match known.state.scale_since {
            0 => earlier.latest_baseline(known),
            since => since,
        };
        let Some(baseline) = earlier.baseline(number) else {
            return Ok(present.unwrap_or_else(|| leader(&self.ballots(None), NO_SCALE)));
        };
        let then = self.scales_then(baseline, present)?;
        // The first edition did not write down a cell's scale: it's the one that most of its list still use.
        let inferred = || {
            let stayed = self.entries.iter().filter(|entry| then.contains_key(&entry.member)).copied();
            let stayed: Vec<Entry> = stayed.collect();
            if stayed.is_empty() { commonest(self.entries) } else { commonest(&stayed) }
        };
        let present = present.unwrap_or_else(inferred);
        let then: BTreeMap<MemberIx, u8> =
            then.into_iter().map(|(member, scale)| (member, scale.unwrap_or(present))).collect();
        let now = self.ballots(Some(present));
        let leader = leader(&now, present);
        let votes = votes(&now);
        let of = |scale: u8| votes.get(usize::from(scale)).copied().unwrap_or_default();
        let m = self.parameters.m;
        if leader == present || of(leader) < of(present).saturating_add(m) {
            return Ok(present);
        }
        let before = ballots(
            then.iter().filter_map(|(member, scale)| Some((baseline.memberships().group(*member)?, *scale))),
            Some(present),
        );
        // Its lists say nothing of those on other scales, who may have been there.
        let first_edition = baseline.ledger.edition() == 1;
        let left = before.iter().filter(|(group, _)| !now.contains_key(group));
        let others = now.iter().filter(|(group, scale)| match before.get(group) {
            Some(before) => before != *scale,
            None => !first_edition,
        });
        let mut units: Vec<GroupIx> =
            left.chain(others).map(|(group, _)| baseline.units.of(*group)).collect();
        units.sort_unstable();
        units.dedup();
        let turns = u32::try_from(units.len()).is_ok_and(|changed| changed >= 2 * m);
        Ok(if turns { leader } else { present })
    }

    fn ballots(&self, present: Option<u8>) -> Ballots {
        let of = |entry: &Entry| Some((self.memberships.group(entry.member)?, entry.scale));
        ballots(self.entries.iter().filter_map(of), present)
    }

    /// The members on an earlier list. `None` stands for the scale that the cell had.
    fn scales_then(
        &self,
        baseline: &Baseline<'_>,
        present: Option<u8>,
    ) -> Result<BTreeMap<MemberIx, Option<u8>>, ReleaseError> {
        let list = baseline.list(&self.seeds)?;
        let scale = |one: &crate::domain::release::counting::respondent::Respondent| {
            // Only who counts nowhere may be on another scale.
            let stranger = (0..).zip(Scale::ALL).map(|(scale, _)| scale).find(|scale| {
                one.counts_in.bits() == 0
                    && self.fingerprints.tag_of(one.member, stranger(*scale), list.tag_seed) == one.tag
            });
            (one.member, stranger.or(present))
        };
        Ok(list.respondents.iter().map(scale).collect())
    }
}

/// The value that stands for an organisation on another scale than the cell's: larger than any score.
pub fn stranger(scale: u8) -> u8 {
    128 | scale
}

/// The scale of most organisations of each control group; of equally many the present one, or the first.
fn ballots(of: impl Iterator<Item = (GroupIx, u8)>, present: Option<u8>) -> Ballots {
    let mut all: Vec<(GroupIx, u8)> = of.collect();
    all.sort_unstable();
    let of_group = |all: &[(GroupIx, u8)]| {
        let most = all.chunk_by(|a, b| a.1 == b.1).max_by_key(|of_scale| {
            let scale = of_scale.first().map(|(_, scale)| *scale);
            (of_scale.len(), scale == present, std::cmp::Reverse(scale))
        });
        most.and_then(|of_scale| of_scale.first().copied())
    };
    all.chunk_by(|a, b| a.0 == b.0).filter_map(of_group).collect()
}

fn votes(ballots: &Ballots) -> Votes {
    let mut votes = Votes::default();
    for scale in ballots.values() {
        votes.get_mut(usize::from(*scale)).into_iter().for_each(|votes| *votes += 1);
    }
    votes
}

/// The scale with most votes; of equally many the present one, or the first.
fn leader(ballots: &Ballots, present: u8) -> u8 {
    let votes = votes(ballots);
    let most = (0_u8..)
        .zip(votes)
        .max_by_key(|(scale, votes)| (*votes, *scale == present, std::cmp::Reverse(*scale)));
    most.map_or(NO_SCALE, |(scale, _)| scale)
}

/// The scale that most organisations use.
pub fn commonest(entries: &[Entry]) -> u8 {
    let mut counts = Votes::default();
    for entry in entries {
        // Composites and counts have no scale.
        counts.get_mut(usize::from(entry.scale)).into_iter().for_each(|count| *count += 1);
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let scale = counts.iter().position(|count| *count == most && most > 0);
    scale.and_then(|scale| u8::try_from(scale).ok()).unwrap_or(NO_SCALE)
}
