//! Client secrets: 256 random bits, shown once, kept as a salted hash. With that much randomness a fast hash is as safe
//! as a slow one, and a token request stays cheap.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::environment::Entropy;

/// So that scanners of repositories and logs recognise a secret that ended up there.
const PREFIX: &str = "pbs_";

/// A secret in the clear. It prints as dots; [`Self::reveal`] is for the one answer that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0_u8; 32];
        entropy.fill(&mut bytes);
        Self(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Hashes the secret for storage.
    pub fn hash(&self, entropy: &dyn Entropy) -> SecretHash {
        let mut salt = [0_u8; 16];
        entropy.fill(&mut salt);
        SecretHash { salt, digest: digest(&salt, &self.0) }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// The stored form: salt and SHA-256 of salt and secret, in base64url with a dollar sign between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretHash {
    salt: [u8; 16],
    digest: [u8; 32],
}

/// A stored text that is no hash of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a stored hash of a client's secret cannot be read")]
pub struct UnreadableHash;

impl SecretHash {
    /// A hash that no secret matches: for clients that do not exist, so that refusing them takes as long.
    pub const NONE: Self = Self { salt: [0; 16], digest: [0; 32] };

    /// Compares in a time that does not depend on where a difference is.
    pub fn matches(&self, presented: &str) -> bool {
        digest(&self.salt, presented).ct_eq(&self.digest).into()
    }
}

fn digest(salt: &[u8], secret: &str) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(secret).finalize().into()
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        write!(f, "{}${}", encode(&self.salt), encode(&self.digest))
    }
}

impl FromStr for SecretHash {
    type Err = UnreadableHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn decode<const N: usize>(text: &str) -> Result<[u8; N], UnreadableHash> {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| UnreadableHash)?;
            bytes.try_into().map_err(|_| UnreadableHash)
        }
        let (salt, digest) = text.split_once('$').ok_or(UnreadableHash)?;
        Ok(Self { salt: decode(salt)?, digest: decode(digest)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SeededEntropy;

    #[test]
    fn a_secret_matches_its_hash_and_no_other() {
        let entropy = SeededEntropy::new(1);
        let (secret, other) = (ClientSecret::generate(&entropy), ClientSecret::generate(&entropy));
        let hash: SecretHash = secret.hash(&entropy).to_string().parse().unwrap();
        assert!(hash.matches(secret.reveal()));
        assert!(!hash.matches(other.reveal()) && !hash.matches("") && !SecretHash::NONE.matches(""));
        assert_ne!(secret.hash(&entropy), secret.hash(&entropy), "each hash has its own salt");
        assert!(secret.reveal().len() >= 46, "256 bits");
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = ClientSecret::generate(&SeededEntropy::new(1));
        assert!(!format!("{secret:?}").contains(&secret.reveal()[4..12]));
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in ["", "$", "AA$AA", "not base64!$x"] {
            assert!(text.parse::<SecretHash>().is_err(), "{text}");
        }
    }
}
