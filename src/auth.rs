//! Authentication: client secrets, signing keys and tokens.

mod keys;
pub mod manifest;
mod secret;
mod token;

pub use keys::{Jwk, KeyError, Keys, is_open_to_others, make_private_dir};
pub use secret::{ClientSecret, SecretHash, UnreadableHash};
pub use token::{Claims, LEEWAY_SECONDS, TokenError, Tokens};
