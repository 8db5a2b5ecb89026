//! Access tokens: JWTs signed with EdDSA, good for 15 minutes. The times are checked against the injected clock,
//! because the library reads the computer's.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::Keys;
use crate::{
    domain::{
        access::{ClientId, Scope},
        organisation::OrganisationId,
    },
    environment::{Clock, Entropy, new_id},
};

/// Tolerated difference between the clocks of two replicas.
pub const LEEWAY_SECONDS: i64 = 5;
const LIFETIME_SECONDS: i64 = 900;
/// Longer than any token this service makes.
const LONGEST: usize = 4096;
/// Number of checked tokens that are remembered: a few megabytes with their claims.
const REMEMBERED: usize = 8192;

/// The reason why a token is refused, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    #[error("the token was not issued by this service")]
    Invalid,
    #[error("the token has expired: request a new one")]
    Expired,
    #[error("the token could not be signed")]
    Signing,
}

/// The claims of a token. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: ClientId,
    /// The client's organisation; not there for the operator's clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<OrganisationId>,
    /// Names with single spaces between them.
    pub scope: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: String,
}

impl Claims {
    /// A scope that this version does not know gives no rights.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        self.scope.split(' ').filter_map(|scope| scope.parse().ok())
    }
}

/// Makes and checks tokens.
#[derive(Debug)]
pub struct Tokens {
    keys: Arc<Keys>,
    issuer: String,
    validation: Validation,
    /// Claims of tokens whose signature, issuer and audience were found good, by the SHA-256 of the whole token: checking a
    /// signature costs more than all the rest of a read that is answered from memory. The keys stay the same for as long
    /// as the process lives, so only the times are to be checked again.
    checked: Cache<[u8; 32], Arc<Claims>>,
}

impl Tokens {
    /// `issuer` is the service's public base URL. It is the audience as well: the tokens are for this service alone.
    pub fn new(keys: Arc<Keys>, issuer: String) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&issuer]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self { keys, issuer, validation, checked: Cache::new(REMEMBERED) }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// A token's lifetime in seconds.
    pub fn lifetime(&self) -> u32 {
        u32::try_from(LIFETIME_SECONDS).unwrap_or_default()
    }

    pub fn issue(
        &self,
        client: &ClientId,
        organisation: Option<&OrganisationId>,
        scopes: &[Scope],
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<String, TokenError> {
        let now = clock.now().timestamp();
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: client.clone(),
            org: organisation.cloned(),
            scope: scopes.join(" "),
            iat: now,
            nbf: now,
            exp: now + LIFETIME_SECONDS,
            jti: new_id(clock, entropy),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.keys.kid().to_owned());
        encode(&header, &claims, &self.keys.signing).map_err(|_| TokenError::Signing)
    }

    /// Checks signature, key, issuer, audience and times. A token doesn't say whether its client is still admitted.
    pub fn verify(&self, token: &str, clock: &dyn Clock) -> Result<Arc<Claims>, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Invalid);
        }
        let name: [u8; 32] = Sha256::digest(token).into();
        let claims = match self.checked.get(&name) {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(self.check(token)?);
                self.checked.insert(name, Arc::clone(&claims));
                claims
            }
        };
        let now = clock.now().timestamp();
        if claims.nbf > now + LEEWAY_SECONDS {
            return Err(TokenError::Invalid);
        }
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    /// Everything but the times.
    fn check(&self, token: &str) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.kid.as_deref() != Some(self.keys.kid()) {
            return Err(TokenError::Invalid);
        }
        let checked = decode::<Claims>(token, &self.keys.verifying, &self.validation);
        checked.map(|checked| checked.claims).map_err(|_| TokenError::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    use chrono::TimeDelta;
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};

    use super::*;
    use crate::environment::{FixedClock, SeededEntropy};

    const ISSUER: &str = "https://peers.example";

    struct World {
        clock: FixedClock,
        entropy: SeededEntropy,
        tokens: Tokens,
    }

    fn world(seed: u64) -> World {
        let entropy = SeededEntropy::new(seed);
        let keys = Arc::new(Keys::ephemeral(&entropy).unwrap());
        let clock = FixedClock::at("2026-11-24T10:00:00Z".parse().unwrap());
        World { clock, entropy, tokens: Tokens::new(keys, ISSUER.to_owned()) }
    }

    fn issue(world: &World) -> String {
        let organisation = OrganisationId::new("organisation");
        let scopes = [Scope::SnapshotsRead, Scope::ComparisonsRead];
        let client = ClientId::new("client");
        world.tokens.issue(&client, Some(&organisation), &scopes, &world.clock, &world.entropy).unwrap()
    }

    fn part(token: &str, position: usize) -> Value {
        let part = token.split('.').nth(position).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_token_says_who_may_do_what_until_when() {
        let world = world(1);
        let token = issue(&world);
        assert_eq!(part(&token, 0), json!({"typ": "JWT", "alg": "EdDSA", "kid": world.tokens.keys.kid()}));
        let claims = world.tokens.verify(&token, &world.clock).unwrap();
        assert_eq!((claims.sub.as_str(), claims.exp - claims.iat), ("client", 900));
        assert_eq!(claims.org, Some(OrganisationId::new("organisation")));
        assert_eq!(claims.scopes().collect::<Vec<_>>(), [Scope::SnapshotsRead, Scope::ComparisonsRead]);
        assert_ne!(claims.jti, world.tokens.verify(&issue(&world), &world.clock).unwrap().jti);
    }

    #[test]
    fn a_token_ends_and_does_not_begin_early() {
        let world = world(1);
        let token = issue(&world);
        world.clock.advance(TimeDelta::seconds(904));
        assert!(world.tokens.verify(&token, &world.clock).is_ok());
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(world.tokens.verify(&token, &world.clock), Err(TokenError::Expired));
        world.clock.advance(TimeDelta::seconds(-911));
        assert_eq!(world.tokens.verify(&token, &world.clock), Err(TokenError::Invalid));
    }

    #[test]
    fn another_key_issuer_or_audience_is_refused() {
        let (ours, theirs) = (world(1), world(2));
        assert_eq!(ours.tokens.verify(&issue(&theirs), &ours.clock), Err(TokenError::Invalid));
        let elsewhere = Tokens::new(Arc::clone(&ours.tokens.keys), "https://other.example".to_owned());
        assert_eq!(elsewhere.verify(&issue(&ours), &ours.clock), Err(TokenError::Invalid));
    }

    /// A token with our key but other content.
    fn forged(world: &World, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = part(&issue(world), 1);
        change(&mut claims);
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(world.tokens.keys.kid().to_owned());
        encode(&header, &claims, &world.tokens.keys.signing).unwrap()
    }

    #[test]
    fn a_token_without_a_claim_or_with_a_changed_one_is_refused() {
        let world = world(1);
        assert!(world.tokens.verify(&forged(&world, |_| ()), &world.clock).is_ok());
        for claim in ["iss", "aud", "sub", "scope", "iat", "nbf", "exp", "jti"] {
            let token = forged(&world, |claims| {
                claims.as_object_mut().unwrap().remove(claim);
            });
            assert_eq!(world.tokens.verify(&token, &world.clock), Err(TokenError::Invalid), "{claim}");
        }
        for (claim, value) in
            [("iss", "https://other.example"), ("aud", "https://other.example"), ("exp", "x")]
        {
            let token = forged(&world, |claims| claims[claim] = json!(value));
            assert_eq!(world.tokens.verify(&token, &world.clock), Err(TokenError::Invalid), "{claim}");
        }
    }

    #[test]
    fn tampering_and_other_algorithms_are_refused() {
        let world = world(1);
        let token = issue(&world);
        let parts: Vec<&str> = token.split('.').collect();
        let mut claims = part(&token, 1);
        claims["scope"] = json!("platform:admin");
        let claims = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
        let kid = world.tokens.keys.kid();
        let header = |alg: &str| {
            BASE64_URL_SAFE_NO_PAD.encode(json!({"typ": "JWT", "alg": alg, "kid": kid}).to_string())
        };
        let public = world.tokens.keys.public()[0].x.clone();
        let mut confused = Header::new(Algorithm::HS256);
        confused.kid = Some(kid.to_owned());
        let public = BASE64_URL_SAFE_NO_PAD.decode(public).unwrap();
        let confused = encode(&confused, &part(&token, 1), &EncodingKey::from_secret(&public)).unwrap();
        for bad in [
            format!("{}.{claims}.{}", parts[0], parts[2]),
            format!("{}.{}.", header("none"), parts[1]),
            format!("{}.{}.{}", header("HS256"), parts[1], parts[2]),
            confused,
            String::new(),
            "a.b.c".to_owned(),
            "x".repeat(10_000),
        ] {
            assert_eq!(world.tokens.verify(&bad, &world.clock), Err(TokenError::Invalid), "{bad:.60}");
        }
    }
}
