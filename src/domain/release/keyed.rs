//! The only secret of a release: its key. Everything random in a release is a keyed function of the data, so that the
//! same inputs publish the same bytes.

use std::fmt;

use aes::{Aes128, Block, cipher::BlockCipherEncrypt as _};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Hash;

/// The key of the service's releases, 256 bits. Never shown.
#[derive(Clone)]
pub struct ReleaseKey(Hmac<Sha256>);

impl ReleaseKey {
    pub fn new(key: [u8; 32]) -> Self {
        // A key of exactly the digest's length: HMAC takes any length, so there is no error to handle.
        let mac = Hmac::<Sha256>::new_from_slice(&key);
        #[expect(clippy::expect_used, reason = "HMAC-SHA256 takes keys of any length")]
        Self(mac.expect("HMAC takes any key"))
    }

    /// HMAC-SHA256 over the domain's name and the parts, each led by its length so that parts cannot run together.
    fn mac(&self, domain: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in [domain.as_bytes()].iter().chain(parts) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn number(&self, domain: &str, parts: &[&[u8]]) -> u128 {
        self.mac(domain, parts).iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// What is drawn for every value of every organisation, which must be cheap.
    pub(super) fn draws(&self) -> Draws {
        let cipher = |domain| Aes128::new(&self.number(domain, &[]).to_be_bytes().into());
        Draws { tags: cipher("tag/1"), prints: cipher("fingerprint/1") }
    }

    /// What an organisation or a control group is called in a footing.
    pub(super) fn pseudonym(&self, kind: &str, id: &str) -> u64 {
        let [number, _] = halves(self.number("pseudonym/1", &[kind.as_bytes(), id.as_bytes()]));
        number
    }

    /// What the digests of a cell are keyed with.
    pub(super) fn seed(&self, item: &str) -> u64 {
        let [number, _] = halves(self.number("seed/1", &[item.as_bytes()]));
        number
    }

    /// In -most..=most, decided by the percentile and the list.
    pub(super) fn jitter(&self, percentile: u32, digest: u128, most: u32) -> i64 {
        if most == 0 {
            return 0;
        }
        let draw = self.number("jitter/1", &[&percentile.to_be_bytes(), &digest.to_be_bytes()]);
        let width = u128::from(most) * 2 + 1;
        i64::try_from(draw % width).unwrap_or_default() - i64::from(most)
    }

    /// The salt of one table of one release (R30): only the table's readers get it.
    pub(super) fn salt(&self, release: u32, basis: &str, cohort: &str) -> Hash {
        Hash::from(self.mac("salt/1", &[&release.to_be_bytes(), basis.as_bytes(), cohort.as_bytes()]))
    }

    /// A leaf that stands for no table (R30).
    pub(super) fn padding(&self, release: u32, number: u32) -> Hash {
        Hash::from(self.mac("padding/1", &[&release.to_be_bytes(), &number.to_be_bytes()]))
    }

    /// Tells this key from others, and nothing else.
    pub fn fingerprint_of_key(&self) -> Hash {
        Hash::from(self.mac("key/1", &[]))
    }

    /// Stands for a contribution's cells (R29): the same for the same cells, and nobody without the key can try guesses.
    pub fn vector(&self, basis: &str, cells: &[u8]) -> Hash {
        Hash::from(self.mac("vector/1", &[basis.as_bytes(), cells]))
    }

    /// The order in which organisations of one control group stay (R12).
    pub(super) fn order(&self, control_group: &str, organisation: &str) -> u128 {
        self.number("dominance/1", &[control_group.as_bytes(), organisation.as_bytes()])
    }
}

fn halves(number: u128) -> [u64; 2] {
    [number >> 64, number & u128::from(u64::MAX)].map(|half| u64::try_from(half).unwrap_or_default())
}

/// AES-128 under keys of their own: a block names an organisation by its pseudonym, a cell and a value.
pub(super) struct Draws {
    tags: Aes128,
    prints: Aes128,
}

impl Draws {
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

impl fmt::Debug for ReleaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReleaseKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_reaches_every_rank_and_no_further() {
        let key = ReleaseKey::new([1; 32]);
        let mut seen: Vec<i64> = (0..1000).map(|digest| key.jitter(50, digest, 2)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [-2, -1, 0, 1, 2]);
        assert_eq!(key.jitter(50, 5, 0), 0);
    }

    /// The first of each list is what OpenSSL makes of the block, and the others do not depend on their neighbours.
    #[test]
    fn tags_and_prints_are_blocks_of_aes() {
        let draws = ReleaseKey::new([1; 32]).draws();
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

    #[test]
    fn parts_do_not_run_together() {
        let key = ReleaseKey::new([1; 32]);
        assert_ne!(key.order("ab", "c"), key.order("a", "bc"));
        assert_ne!(key.order("ab", "c"), ReleaseKey::new([2; 32]).order("ab", "c"));
    }
}
