//! Fingerprints of contributions: keyed numbers that are the same for the same organisation, cell and value, and tell
//! nothing of them without the key.

use aes::{Aes128, Block, cipher::BlockCipherEncrypt as _};

use super::respondent::Kept;
use crate::domain::release::release_key::ReleaseKey;

/// What fingerprints of a release are drawn with.
pub struct Fingerprints {
    draws: Draws,
    /// Of the members.
    pseudonyms: Vec<u64>,
}

impl Fingerprints {
    pub fn new(key: &ReleaseKey, pseudonyms: Vec<u64>) -> Self {
        Self { draws: Draws::new(key), pseudonyms }
    }

    /// Of each on a list, what tells whether the organisation still contributes that value to the cell of the seed.
    pub fn tag(&self, list: &mut [Kept], seed: u64) {
        self.draws.tag(list, seed, |one| (self.pseudonym(one.member), one.value), |one, tag| one.tag = tag);
    }

    /// Of each on a list, what stands for the organisation holding that value.
    pub fn print(&self, list: &mut [(Kept, u128)]) {
        let of = |(one, _): &(Kept, u128)| (self.pseudonym(one.member), one.value);
        self.draws.print(list, of, |(_, slot), print| *slot = print);
    }

    fn pseudonym(&self, member: u32) -> u64 {
        let pseudonym = usize::try_from(member).ok().and_then(|member| self.pseudonyms.get(member));
        pseudonym.copied().unwrap_or_default()
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

    /// Of each `of` (organisation, value) what tells whether the organisation still contributes the same value to the cell
    /// of the seed, and nothing else. One in 65,536 changes is not seen, and then a number stays as it was.
    pub fn tag<T>(&self, list: &mut [T], seed: u64, of: impl Fn(&T) -> (u64, u8), put: impl Fn(&mut T, u16)) {
        each(
            &self.tags,
            list,
            |one| block(of(one), seed),
            |one, [a, b, ..]| put(one, u16::from_le_bytes([a, b])),
        );
    }

    /// Of each `of` (organisation, value) the pseudo-random number of the organisation holding that value, summed into a
    /// list's digest.
    pub fn print<T>(&self, list: &mut [T], of: impl Fn(&T) -> (u64, u8), put: impl Fn(&mut T, u128)) {
        each(&self.prints, list, |one| block(of(one), 0), |one, block| put(one, u128::from_le_bytes(block)));
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

fn each<T>(cipher: &Aes128, list: &mut [T], block: impl Fn(&T) -> [u8; 16], put: impl Fn(&mut T, [u8; 16])) {
    let mut blocks = [Block::default(); TOGETHER];
    for some in list.chunks_mut(TOGETHER) {
        let (blocks, _) = blocks.split_at_mut(some.len());
        blocks.iter_mut().zip(&*some).for_each(|(slot, one)| *slot = block(one).into());
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
            draws.tag(&mut list, 0xff07_0605_0403_0201, |one| (one.0, one.1), |one, tag| one.2 = tag);
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
