//! API keys of Cortex, and the headers that prove them.

use super::call::Caller;
use crate::domain::{named::named, release::Hash};

const NONCE: usize = 64;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

named! {
    /// The kind of an API key.
    pub enum KeyType("key type") {
        Standard = "standard",
        Advanced = "advanced",
    }
}

/// An API key.
#[derive(Clone)]
pub struct Key {
    pub id: String,
    pub secret: String,
    pub kind: KeyType,
}

impl Key {
    /// Headers that prove the key: itself, or a digest of it with a number used once and the time.
    pub fn headers(&self, caller: &Caller) -> Vec<(&'static str, String)> {
        let mut headers =
            vec![("x-xdr-auth-id", self.id.clone()), ("content-type", "application/json".to_owned())];
        match self.kind {
            KeyType::Standard => headers.push(("authorization", self.secret.clone())),
            KeyType::Advanced => {
                let random = caller.random::<NONCE>();
                let letter = |byte: &u8| LETTERS.get(usize::from(byte % 64)).copied().map_or('0', char::from);
                let nonce: String = random.iter().map(letter).collect();
                let timestamp = caller.now().timestamp_millis().to_string();
                let proof = Hash::of(format!("{}{nonce}{timestamp}", self.secret).as_bytes()).to_string();
                headers.extend([
                    ("x-xdr-nonce", nonce),
                    ("x-xdr-timestamp", timestamp),
                    ("authorization", proof),
                ]);
            }
        }
        headers
    }
}
