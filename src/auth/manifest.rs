//! The signature of a release's manifest: a JWS with the key that signs the tokens, which everybody can check with what
//! `/.well-known/jwks.json` lists. Its type keeps it from being taken for a token, and a token from being taken for it.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode, decode_header, encode, errors::ErrorKind,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use super::{Keys, TokenError};
use crate::domain::release::{Manifest, Reading};

const TYPE: &str = "peerbench-manifest+jwt";

/// The reason why a manifest is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManifestError {
    #[error(
        "the key set cannot be read: expected the file that the service serves as /.well-known/jwks.json"
    )]
    KeySet,
    #[error("the manifest is not a release's, or its signature has a form that this version doesn't know")]
    Malformed,
    #[error("the manifest is signed with the key {0}, which the key set does not have")]
    UnknownKey(String),
    #[error("the signature of the manifest is wrong")]
    Signature,
    #[error(
        "the signature of the manifest is valid, but this version can't read its member `{0}`, without which no table \
         can be checked: use the version of peerbench that published the release"
    )]
    Unread(&'static str),
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublicKey>,
}

/// Keys of another kind, which a later version may have, lack a member or both.
#[derive(Deserialize)]
struct PublicKey {
    kid: Option<String>,
    x: Option<String>,
}

/// A manifest that was signed, and with which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub manifest: Reading,
    pub kid: String,
}

/// Signs a manifest. The same manifest always gives the same text.
pub fn sign(keys: &Keys, manifest: &Manifest) -> Result<String, TokenError> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(keys.kid().to_owned());
    encode(&header, manifest, &keys.signing).map_err(|_| TokenError::Signing)
}

/// Checks a signed manifest against the text of a key set. The signature is over the bytes as they are, whatever this
/// version can read of them.
pub fn verify(signed: &str, key_set: &str) -> Result<Verified, ManifestError> {
    let set: KeySet = serde_json::from_str(key_set).map_err(|_| ManifestError::KeySet)?;
    let header = decode_header(signed).map_err(|_| ManifestError::Malformed)?;
    let kid = header.kid.filter(|_| header.typ.as_deref() == Some(TYPE)).ok_or(ManifestError::Malformed)?;
    let key = set.keys.into_iter().find(|key| key.kid.as_ref() == Some(&kid));
    let key = key.and_then(|key| key.x).ok_or_else(|| ManifestError::UnknownKey(kid.clone()))?;
    let key = DecodingKey::from_ed_components(&key).map_err(|_| ManifestError::KeySet)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let members =
        decode::<Map<String, Value>>(signed, &key, &validation).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => ManifestError::Signature,
            _ => ManifestError::Malformed,
        })?;
    let manifest = Reading::of(members.claims).map_err(ManifestError::Unread)?;
    Ok(Verified { manifest, kid })
}

/// Reads a manifest of this service's own database, whose signature needs no check. `None` if it is unreadable.
pub fn own(signed: &str) -> Option<Reading> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(signed.split('.').nth(1)?).ok()?;
    Reading::of(serde_json::from_slice(&claims).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        domain::release::{Hash, Parameters, Preset},
        environment::SeededEntropy,
    };

    fn manifest() -> Manifest {
        Manifest {
            iss: "https://peers.example".to_owned(),
            release: 3,
            cut_off: "2026-11-24T10:00:00Z".parse().unwrap(),
            attack: "19.0".parse().unwrap(),
            parameters: Parameters::preset(Preset::Default).into(),
            catalogue: Hash::of(b"catalogue"),
            tables: Hash::of(b"tables"),
        }
    }

    #[test]
    fn only_what_the_key_signed_is_believed() {
        let (keys, others) =
            (Keys::ephemeral(&SeededEntropy::new(1)), Keys::ephemeral(&SeededEntropy::new(2)));
        let (keys, others) = (keys.unwrap(), others.unwrap());
        let set = json!({ "keys": keys.public() }).to_string();
        let signed = sign(&keys, &manifest()).unwrap();
        assert_eq!(sign(&keys, &manifest()).unwrap(), signed);
        let verified = verify(&signed, &set).unwrap();
        let Reading { release, parameters, unread, .. } = verified.manifest;
        assert_eq!((release, parameters, unread), (3, Some(manifest().parameters), Vec::new()));
        assert_eq!(verified.kid, keys.kid());

        assert!(matches!(
            verify(&sign(&others, &manifest()).unwrap(), &set),
            Err(ManifestError::UnknownKey(_))
        ));
        assert_eq!(verify(&signed, "{}"), Err(ManifestError::KeySet));
        assert_eq!(verify("no.jws", &set), Err(ManifestError::Malformed));
        // One claim changed, the signature kept.
        let other = sign(&keys, &Manifest { release: 4, ..manifest() }).unwrap();
        let (body, _) = other.rsplit_once('.').unwrap();
        let (_, signature) = signed.rsplit_once('.').unwrap();
        assert_eq!(verify(&format!("{body}.{signature}"), &set), Err(ManifestError::Signature));
    }

    #[test]
    fn what_another_version_signed_is_signed() {
        let keys = Keys::ephemeral(&SeededEntropy::new(1)).unwrap();
        let other = json!({ "kty": "RSA", "kid": "another", "n": "AQAB", "e": "AQAB" });
        let set: Vec<Value> =
            [other, json!({})].into_iter().chain(json!(keys.public()).as_array().unwrap().clone()).collect();
        let set = json!({ "keys": set }).to_string();
        let sign = |claims: &Value| {
            let mut header = Header::new(Algorithm::EdDSA);
            header.typ = Some(TYPE.to_owned());
            header.kid = Some(keys.kid().to_owned());
            encode(&header, claims, &keys.signing).unwrap()
        };
        let mut claims = serde_json::to_value(manifest()).unwrap();
        claims["parameters"]["later"] = 1.into();
        claims["exp"] = 1.into();
        let unread = verify(&sign(&claims), &set).unwrap().manifest.unread;
        let names: Vec<&str> = unread.iter().map(|unread| unread.name.as_str()).collect();
        assert_eq!(names, ["parameters.later", "exp"]);
        claims.as_object_mut().unwrap().remove("tables");
        assert_eq!(verify(&sign(&claims), &set), Err(ManifestError::Unread("tables")));
        assert_eq!(verify(&sign(&json!([1])), &set), Err(ManifestError::Malformed));
    }

    #[test]
    fn a_token_is_no_manifest() {
        let keys = Keys::ephemeral(&SeededEntropy::new(1)).unwrap();
        let set = json!({ "keys": keys.public() }).to_string();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(keys.kid().to_owned());
        let token = encode(&header, &manifest(), &keys.signing).unwrap();
        assert_eq!(verify(&token, &set), Err(ManifestError::Malformed));
    }
}
