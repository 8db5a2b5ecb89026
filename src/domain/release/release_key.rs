//! The only secret of a release: its key. Everything random in a release is a keyed function of the data, so that the
//! same inputs publish the same bytes.

use std::fmt;

use aes::Aes128;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::hash::Hash;

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

    /// The cipher of a domain: for what is drawn for every value of every organisation, which must be cheap.
    pub(super) fn cipher(&self, domain: &str) -> Aes128 {
        Aes128::new(&self.number(domain, &[]).to_be_bytes().into())
    }

    /// The name of an organisation or a control group in a ledger.
    pub(super) fn pseudonym(&self, kind: &str, id: &str) -> u64 {
        let [number, _] = halves(self.number("pseudonym/1", &[kind.as_bytes(), id.as_bytes()]));
        number
    }

    /// Derives the key for the digests of a cell.
    pub(super) fn seed(&self, item: &str) -> u64 {
        let [number, _] = halves(self.number("seed/1", &[item.as_bytes()]));
        number
    }

    /// In -most..=most, decided by the percentile, the list and the release that computes it, so that a list that comes
    /// back draws anew. The first edition did not name the release.
    pub(super) fn jitter(&self, percentile: u32, digest: u128, release: Option<u32>, most: u32) -> i64 {
        if most == 0 {
            return 0;
        }
        let (percentile, digest) = (percentile.to_be_bytes(), digest.to_be_bytes());
        let draw = match release {
            Some(release) => self.number("jitter/2", &[&percentile, &digest, &release.to_be_bytes()]),
            None => self.number("jitter/1", &[&percentile, &digest]),
        };
        let width = u128::from(most) * 2 + 1;
        i64::try_from(draw % width).unwrap_or_default() - i64::from(most)
    }

    /// A number from 0 to `most` for everything that is drawn in common (R32) since one release.
    pub(super) fn draw(&self, what: &str, of: &str, release: u32, most: u32) -> u32 {
        let draw = self.number("draw/1", &[what.as_bytes(), of.as_bytes(), &release.to_be_bytes()]);
        u32::try_from(draw % (u128::from(most) + 1)).unwrap_or(most)
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
        let mut seen: Vec<i64> = (0..1000).map(|digest| key.jitter(50, digest, Some(1), 2)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [-2, -1, 0, 1, 2]);
        assert_eq!(key.jitter(50, 5, None, 0), 0);
    }

    #[test]
    fn parts_do_not_run_together() {
        let key = ReleaseKey::new([1; 32]);
        assert_ne!(key.order("ab", "c"), key.order("a", "bc"));
        assert_ne!(key.order("ab", "c"), ReleaseKey::new([2; 32]).order("ab", "c"));
    }
}
