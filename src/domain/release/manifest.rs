//! R30: the manifest. One signed hash stands for every table of a release, and says nothing of any of them: which tables
//! there are, how many, and which of them changed since the release before.
//!
//! The hash is the root of a Merkle tree. A leaf is the digest of a table with a salt that only the readers of that table
//! get, so that nobody else can try guesses. The tree always has the same number of leaves, more than any lattice has
//! cohorts: the others are drawn with the release's key, and so are indistinguishable. The leaves stand in the order of
//! their hashes, and every release has other salts.

mod reading;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    cohorts::lattice::Lattice,
    hash::Hash,
    parameters::{Parameters, Recorded},
    release_key::ReleaseKey,
};
use crate::domain::{attack::AttackVersion, cohort::Cohort, snapshot::Basis};

pub use reading::{Reading, Unread};

/// Leaves of the tree: as many as the largest lattice has tables, rounded up. With 20 sectors, 4 sizes and 6 regions these
/// are 255 of each basis, and so 512 leaves.
fn leaves() -> usize {
    (Lattice::most() * Basis::BENCHMARKED.len()).next_power_of_two()
}

/// The signed part of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// The service that published it.
    pub iss: String,
    pub release: u32,
    pub cut_off: DateTime<Utc>,
    pub attack: AttackVersion,
    pub parameters: Recorded<Parameters>,
    /// SHA-256 over the ATT&CK version and the technologies that it was computed with.
    pub catalogue: Hash,
    /// The root of the tables.
    pub tables: Hash,
}

/// The tree over a release's tables.
#[derive(Debug, Clone)]
pub struct Seal {
    /// From the leaves, in ascending order, to the root.
    levels: Vec<Vec<Hash>>,
    /// Each table's salt and leaf.
    tables: BTreeMap<(Basis, Cohort), (Hash, Hash)>,
}

/// Proof for the reader of a table that it is the sealed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub salt: Hash,
    /// The leaf's place in the tree.
    pub position: u32,
    /// The neighbours on the way to the root, from the leaf up.
    pub path: Vec<Hash>,
}

impl Seal {
    /// Returns the leaf of a table in the tree.
    pub fn leaf(release: u32, basis: Basis, cohort: &Cohort, body: &[u8], key: &ReleaseKey) -> Hash {
        leaf(release, basis.name(), &cohort.to_string(), body, salt(release, basis, cohort, key))
    }

    /// R30: the tree over the [leaves](Self::leaf) of a release's tables.
    pub fn new(
        release: u32,
        tables: impl IntoIterator<Item = (Basis, Cohort, Hash)>,
        key: &ReleaseKey,
    ) -> Self {
        let salted = tables.into_iter().map(|(basis, cohort, leaf)| {
            let salt = salt(release, basis, &cohort, key);
            ((basis, cohort), (salt, leaf))
        });
        let tables: BTreeMap<(Basis, Cohort), (Hash, Hash)> = salted.collect();
        let size = tables.len().next_power_of_two().max(leaves());
        let padding = (0_u32..).map(|number| key.padding(release, number));
        let mut level: Vec<Hash> = tables.values().map(|(_, leaf)| *leaf).chain(padding).take(size).collect();
        level.sort_unstable();
        let mut levels = Vec::new();
        while level.len() > 1 {
            let next = above(&level);
            levels.push(level);
            level = next;
        }
        levels.push(level);
        Self { levels, tables }
    }

    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or(Hash::from([0; 32]))
    }

    /// For who may read the table.
    pub fn proof(&self, basis: Basis, cohort: &Cohort) -> Option<Proof> {
        let (salt, leaf) = *self.tables.get(&(basis, cohort.clone()))?;
        let position = self.levels.first()?.binary_search(&leaf).ok()?;
        let neighbours = self.levels.iter().scan(position, |position, level| {
            let neighbour = level.get(*position ^ 1).copied();
            *position /= 2;
            neighbour
        });
        Some(Proof {
            salt,
            position: u32::try_from(position).unwrap_or(u32::MAX),
            path: neighbours.collect(),
        })
    }
}

impl Proof {
    /// The root that a table's bytes lead to. The names of basis and cohort may be those of another version.
    pub fn root(&self, release: u32, basis: &str, cohort: &str, body: &[u8]) -> Hash {
        let (mut hash, mut position) = (leaf(release, basis, cohort, body, self.salt), self.position);
        for neighbour in &self.path {
            hash = if position.is_multiple_of(2) { node(hash, *neighbour) } else { node(*neighbour, hash) };
            position /= 2;
        }
        hash
    }
}

/// The level above a level of an even number of nodes.
fn above(level: &[Hash]) -> Vec<Hash> {
    let pairs = level.chunks(2).filter_map(|pair| match pair {
        [left, right] => Some(node(*left, *right)),
        _ => None,
    });
    pairs.collect()
}

fn salt(release: u32, basis: Basis, cohort: &Cohort, key: &ReleaseKey) -> Hash {
    key.salt(release, basis.name(), &cohort.to_string())
}

fn leaf(release: u32, basis: &str, cohort: &str, body: &[u8], salt: Hash) -> Hash {
    let release = release.to_be_bytes();
    // Each part is led by its length, so that parts cannot run together; a node is told from a leaf by its first byte.
    let mut digest = Sha256::new_with_prefix([0]);
    for part in [salt.as_bytes().as_slice(), &release, basis.as_bytes(), cohort.as_bytes(), body] {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part);
    }
    Hash::from(<[u8; 32]>::from(digest.finalize()))
}

fn node(left: Hash, right: Hash) -> Hash {
    let both = Sha256::new_with_prefix([1]).chain_update(left.as_bytes()).chain_update(right.as_bytes());
    Hash::from(<[u8; 32]>::from(both.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cohort(text: &str) -> Cohort {
        text.parse().unwrap()
    }

    fn seal(release: u32, tables: &[(&str, &str)]) -> Seal {
        let key = ReleaseKey::new([7; 32]);
        let leaves = tables.iter().map(|(id, body)| {
            let leaf = Seal::leaf(release, Basis::Deployed, &cohort(id), body.as_bytes(), &key);
            (Basis::Deployed, cohort(id), leaf)
        });
        Seal::new(release, leaves, &key)
    }

    #[test]
    fn a_table_leads_to_the_root_and_no_other_does() {
        let seal = seal(1, &[("all", "everybody"), ("sector:finance", "banks"), ("size:small", "few")]);
        for (id, body) in [("all", "everybody"), ("sector:finance", "banks"), ("size:small", "few")] {
            let proof = seal.proof(Basis::Deployed, &cohort(id)).unwrap();
            let root = |release, basis: Basis, id: &str, body: &str| {
                proof.root(release, basis.name(), id, body.as_bytes())
            };
            assert_eq!(root(1, Basis::Deployed, id, body), seal.root());
            assert_ne!(root(1, Basis::Deployed, id, "banKs"), seal.root());
            assert_ne!(root(2, Basis::Deployed, id, body), seal.root());
            assert_ne!(root(1, Basis::Validated, id, body), seal.root());
            assert_ne!(root(1, Basis::Deployed, "region:africa", body), seal.root());
            let said = serde_json::to_string(&proof).unwrap();
            assert_eq!(serde_json::from_str::<Proof>(&said).unwrap(), proof);
        }
        assert_eq!(seal.proof(Basis::Deployed, &cohort("region:africa")), None);
    }

    #[test]
    fn nothing_shows_how_many_tables_there_are_or_which_stayed() {
        let (few, many) = (seal(1, &[("all", "a")]), seal(1, &[("all", "a"), ("size:small", "b")]));
        let next = seal(2, &[("all", "a"), ("size:small", "b")]);
        let proof = |seal: &Seal| seal.proof(Basis::Deployed, &Cohort::All).unwrap();
        assert_eq!(proof(&few).path.len(), 9);
        assert_eq!(proof(&many).path.len(), 9);
        // The same tables again: not a single hash comes back.
        let known: Vec<Hash> = many.levels[0].iter().copied().chain(proof(&many).path).collect();
        assert!(next.levels[0].iter().chain(&proof(&next).path).all(|hash| !known.contains(hash)));
        assert_ne!(proof(&many).salt, proof(&next).salt);
        assert!(many.levels[0].is_sorted() && many.levels[0].len() == 512);
    }
}
