//! Sessions of people at the page, held in this process: an opaque id in a cookie stands for what a client's own token would
//! say. A session lasts eight hours at most. Whether its client still may is asked of the database at each request, as for a
//! token, so a revocation ends it at once.
//!
//! Nothing below asks how somebody signed in: another way to sign in opens a session with the claims that it found.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    auth::Claims,
    environment::{Clock, Entropy},
};

/// Seconds that a session lasts.
pub const LIFETIME_SECONDS: i64 = 8 * 3600;
/// Seconds in which an invitation can be used.
const INVITATION_SECONDS: i64 = 24 * 3600;
/// Sessions that one client may have at a time. A further one ends the oldest.
const MOST_OF_CLIENT: usize = 20;

/// The session of somebody who signed in.
pub struct Session {
    /// The client and its scopes.
    pub claims: Arc<Claims>,
    /// Proves that a form comes from a page of this session.
    pub form_token: String,
    ends: DateTime<Utc>,
    held: Mutex<Held>,
}

/// A person's own things for the time of the session. Nothing of them is stored.
#[derive(Default)]
struct Held {
    unsent: Option<Unsent>,
    picks: String,
}

/// A form that was sent after its session had ended: its address, and its fields as a form encodes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    pub path: String,
    pub fields: String,
}

/// The sessions and the open invitations of a server, by the digests of what a browser sends.
#[derive(Default)]
pub struct Sessions {
    open: Mutex<HashMap<Digest, Arc<Session>>>,
    invited: Mutex<HashMap<Digest, Invitation>>,
}

type Digest = [u8; 32];

/// A session that somebody may open until a moment.
type Invitation = (Arc<Claims>, DateTime<Utc>);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions(…)")
    }
}

impl Session {
    /// Returns true for the token of this session's forms.
    pub fn owns(&self, form_token: &str) -> bool {
        self.form_token.as_bytes().ct_eq(form_token.as_bytes()).into()
    }

    /// Holds a form until its page is shown again.
    pub fn hold(&self, unsent: Unsent) {
        lock(&self.held).unsent = Some(unsent);
    }

    /// Gives back the fields of a form that was sent to this address after an earlier session had ended, once.
    pub fn unsent(&self, path: &str) -> Option<String> {
        let mut held = lock(&self.held);
        let is_asked = held.unsent.as_ref().is_some_and(|unsent| unsent.path == path);
        if is_asked { held.unsent.take().map(|unsent| unsent.fields) } else { None }
    }

    /// The changes that the person thinks about, as their form encodes them.
    pub fn picks(&self) -> String {
        lock(&self.held).picks.clone()
    }

    pub fn pick(&self, picks: String) {
        lock(&self.held).picks = picks;
    }
}

impl Sessions {
    /// Opens a session and returns the id that the browser keeps.
    pub fn open(&self, claims: Arc<Claims>, clock: &dyn Clock, entropy: &dyn Entropy) -> String {
        let now = clock.now();
        let (id, form_token) = (random(entropy), random(entropy));
        let ends = now + TimeDelta::seconds(LIFETIME_SECONDS);
        let session = Arc::new(Session { claims, form_token, ends, held: Mutex::default() });
        let mut open = lock(&self.open);
        open.retain(|_, known| known.ends > now);
        let same = open.iter().filter(|(_, known)| known.claims.sub == session.claims.sub);
        let mut same: Vec<_> = same.map(|(digest, known)| (known.ends, *digest)).collect();
        same.sort_unstable();
        for (_, oldest) in same.iter().rev().skip(MOST_OF_CLIENT - 1) {
            open.remove(oldest);
        }
        open.insert(digest(&id), session);
        id
    }

    /// The session of an id, if it hasn't ended.
    pub fn find(&self, id: &str, clock: &dyn Clock) -> Option<Arc<Session>> {
        lock(&self.open).get(&digest(id)).filter(|session| session.ends > clock.now()).cloned()
    }

    pub fn close(&self, id: &str) {
        lock(&self.open).remove(&digest(id));
    }

    /// Makes a code that opens one session, once.
    pub fn invite(&self, claims: Arc<Claims>, clock: &dyn Clock, entropy: &dyn Entropy) -> String {
        let code = random(entropy);
        let ends = clock.now() + TimeDelta::seconds(INVITATION_SECONDS);
        lock(&self.invited).insert(digest(&code), (claims, ends));
        code
    }

    /// The claims behind a code, which is of no use afterwards.
    pub fn redeem(&self, code: &str, clock: &dyn Clock) -> Option<Arc<Claims>> {
        let (claims, ends) = lock(&self.invited).remove(&digest(code))?;
        (ends > clock.now()).then_some(claims)
    }
}

/// Compares digests instead of ids, so that the time of a look-up tells nothing about an id.
fn digest(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// 256 random bits.
fn random(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::access::ClientId,
        environment::{FixedClock, SeededEntropy},
    };

    fn claims(client: &str) -> Arc<Claims> {
        let text = String::new;
        let (sub, scope) = (ClientId::new(client), text());
        Arc::new(Claims {
            iss: text(),
            aud: text(),
            sub,
            org: None,
            scope,
            iat: 0,
            nbf: 0,
            exp: 0,
            jti: text(),
        })
    }

    #[test]
    fn a_session_ends_by_itself_and_by_hand() {
        let clock = FixedClock::at("2026-11-24T10:00:00Z".parse().unwrap());
        let (sessions, entropy) = (Sessions::default(), SeededEntropy::new(1));
        let first = sessions.open(claims("a"), &clock, &entropy);
        let second = sessions.open(claims("a"), &clock, &entropy);
        let session = sessions.find(&first, &clock).unwrap();
        assert!(session.owns(&session.form_token) && !session.owns("") && !session.owns(&first));
        assert!(sessions.find("", &clock).is_none() && sessions.find(&session.form_token, &clock).is_none());
        sessions.close(&second);
        assert!(sessions.find(&second, &clock).is_none() && sessions.find(&first, &clock).is_some());
        clock.advance(TimeDelta::seconds(LIFETIME_SECONDS));
        assert!(sessions.find(&first, &clock).is_none());
    }

    #[test]
    fn an_unsent_form_comes_back_once_and_at_its_own_address() {
        let clock = FixedClock::at("2026-11-24T10:00:00Z".parse().unwrap());
        let (sessions, entropy) = (Sessions::default(), SeededEntropy::new(1));
        let id = sessions.open(claims("a"), &clock, &entropy);
        let session = sessions.find(&id, &clock).unwrap();
        session.hold(Unsent { path: "/a".to_owned(), fields: "x=1".to_owned() });
        assert_eq!(session.unsent("/b"), None);
        assert_eq!(session.unsent("/a").as_deref(), Some("x=1"));
        assert_eq!(session.unsent("/a"), None);
        session.pick("pick=T1059".to_owned());
        assert_eq!(session.picks(), "pick=T1059");
    }

    #[test]
    fn a_client_has_so_many_sessions_and_another_client_keeps_its_own() {
        let clock = FixedClock::at("2026-11-24T10:00:00Z".parse().unwrap());
        let (sessions, entropy) = (Sessions::default(), SeededEntropy::new(1));
        let other = sessions.open(claims("b"), &clock, &entropy);
        let ids: Vec<String> = (0..=MOST_OF_CLIENT)
            .map(|_| {
                clock.advance(TimeDelta::seconds(1));
                sessions.open(claims("a"), &clock, &entropy)
            })
            .collect();
        assert!(sessions.find(&ids[0], &clock).is_none() && sessions.find(&ids[1], &clock).is_some());
        assert!(sessions.find(&other, &clock).is_some());
    }

    #[test]
    fn an_invitation_is_good_once_and_for_a_day() {
        let clock = FixedClock::at("2026-11-24T10:00:00Z".parse().unwrap());
        let (sessions, entropy) = (Sessions::default(), SeededEntropy::new(1));
        let code = sessions.invite(claims("a"), &clock, &entropy);
        assert!(sessions.redeem(&code, &clock).is_some() && sessions.redeem(&code, &clock).is_none());
        let code = sessions.invite(claims("a"), &clock, &entropy);
        clock.advance(TimeDelta::seconds(INVITATION_SECONDS));
        assert!(sessions.redeem(&code, &clock).is_none());
    }
}
