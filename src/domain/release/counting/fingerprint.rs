//! Fingerprints of contributions: keyed numbers that are the same for the same organisation, cell and value, and tell
//! nothing of them without the key.

use aes::{Aes128, Block, cipher::BlockCipherEncrypt as _};

use super::respondent::Respondent;
use crate::domain::release::{
    cohorts::{
        index::{By, MemberIx, Members},
        lattice::SlotSet,
    },
    release_key::ReleaseKey,
};

/// Draws the fingerprints of a release's contributions.
pub struct Fingerprints {
    draws: Draws,
    pseudonyms: By<Members, u64>,
}

impl Fingerprints {
    /// `pseudonyms` holds the one of each member.
    pub fn new(key: &ReleaseKey, pseudonyms: By<Members, u64>) -> Self {
        Self { draws: Draws::new(key), pseudonyms }
    }

    /// Gives each respondent of a list, with its coded value, the tag that tells whether the organisation still contributes
    /// that to the cells of the seed.
    pub fn tag(&self, list: &mut [Respondent], values: &[u8], seed: u64) {
        let of = |(one, value): (&Respondent, &u8)| (self.pseudonyms[one.member], *value);
        self.draws.tag(list, values, seed, of, |one, tag| one.tag = tag);
    }

    /// The tag of one organisation with one value.
    pub fn tag_of(&self, member: MemberIx, value: u8, seed: u64) -> u16 {
        let mut one = [Respondent { member, counts_in: SlotSet::default(), tag: 0 }];
        self.tag(&mut one, &[value], seed);
        let [Respondent { tag, .. }] = one;
        tag
    }

    /// Gives each respondent of a list, with its coded value, the number that stands for the organisation holding that value.
    pub fn print(&self, list: &mut [(Respondent, u8, u128)]) {
        let of = |(one, value, _): &(Respondent, u8, u128)| (self.pseudonyms[one.member], *value);
        self.draws.print(list, of, |(_, _, slot), print| *slot = print);
    }
}

/// AES-128 under keys of their own: a block names an organisation by its pseudonym, a cell and a value.
pub struct Draws {
    tags: Aes128,
    prints: Aes128,
}

impl Draws {
    pub fn new(key: &ReleaseKey) -> Self {
        Self { tags: key.cipher("tag/1"), prints: key.cipher("fingerprint/1") }
    }

    /// Puts to each item the number that tells whether the organisation that `of` says still contributes the value that `of`
    /// says to the cell of the seed, and nothing else. One in 65,536 changes is not seen, and then a number stays as it was.
    /// `values` go with the items.
    pub fn tag<T>(
        &self,
        list: &mut [T],
        values: &[u8],
        seed: u64,
        of: impl Fn((&T, &u8)) -> (u64, u8),
        put: impl Fn(&mut T, u16),
    ) {
        let put = |one: &mut T, [a, b, ..]: [u8; 16]| put(one, u16::from_le_bytes([a, b]));
        each(&self.tags, list, values, |one, value| block(of((one, value)), seed), put);
    }

    /// Puts to each item the pseudo-random number of the organisation holding the value that `of` says, which is summed into
    /// a list's digest.
    pub fn print<T>(&self, list: &mut [T], of: impl Fn(&T) -> (u64, u8), put: impl Fn(&mut T, u128)) {
        let beside = vec![(); list.len()];
        let put = |one: &mut T, block| put(one, u128::from_le_bytes(block));
        each(&self.prints, list, &beside, |one, ()| block(of(one), 0), put);
    }
}

/// Blocks that are made together: a processor works on several at a time.
const TOGETHER: usize = 256;

fn block((organisation, value): (u64, u8), seed: u64) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h] = organisation.to_le_bytes();
    // Seven bytes tell cells apart.
    let [i, j, k, l, m, n, o, _] = seed.to_le_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, value]
}

/// Encrypts a block for each item and what lies beside it.
fn each<T, V>(
    cipher: &Aes128,
    list: &mut [T],
    beside: &[V],
    block: impl Fn(&T, &V) -> [u8; 16],
    put: impl Fn(&mut T, [u8; 16]),
) {
    let mut blocks = [Block::default(); TOGETHER];
    for (some, beside) in list.chunks_mut(TOGETHER).zip(beside.chunks(TOGETHER)) {
        let (blocks, _) = blocks.split_at_mut(some.len());
        let all = blocks.iter_mut().zip(&*some).zip(beside);
        all.for_each(|((slot, one), beside)| *slot = block(one, beside).into());
        cipher.encrypt_blocks(blocks);
        some.iter_mut().zip(&*blocks).for_each(|(one, block)| put(one, (*block).into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of each list is what OpenSSL makes of the block, and the others do not depend on their neighbours.
    #[test]
    fn tags_and_prints_are_blocks_of_aes() {
        let draws = Draws::new(&ReleaseKey::new([1; 32]));
        let drawn = |list: &[(u64, u8)]| {
            let mut list: Vec<(u64, u8, u16, u128)> =
                list.iter().map(|(of, value)| (*of, *value, 0, 0)).collect();
            let values: Vec<u8> = list.iter().map(|one| one.1).collect();
            draws.tag(
                &mut list,
                &values,
                0xff07_0605_0403_0201,
                |(one, value)| (one.0, *value),
                |one, tag| one.2 = tag,
            );
            draws.print(&mut list, |one| (one.0, one.1), |one, print| one.3 = print);
            list.into_iter().map(|(_, _, tag, print)| (tag, print)).collect::<Vec<_>>()
        };
        let list: Vec<(u64, u8)> =
            (1_000_000_000_000..).zip((0..=100).cycle().skip(42)).take(2 * TOGETHER + 3).collect();
        let all = drawn(&list);
        assert_eq!(all[0], (0x34de, 0x2aad_f756_8979_b9f2_5151_7c54_3f6a_4afc));
        assert_eq!(all, list.iter().flat_map(|one| drawn(&[*one])).collect::<Vec<_>>());
        assert_eq!(drawn(&[]), []);
    }
}
