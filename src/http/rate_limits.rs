//! Limits on the rate of requests: per client and organisation once a token was accepted, per address before that; and on
//! failed authentication. 429 says when to try again (`Retry-After`).

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::header::{self, HeaderName},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use quick_cache::sync::Cache;

use super::{
    problem::{Kind, Problem},
    shares::Payer,
};
use crate::domain::release::Hash;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const MINUTE: u64 = 60;
/// Client ids that are remembered as refused; what is forgotten is looked up again.
const REMEMBERED: usize = 8192;

type Limiter = RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// The remaining quota of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    name: &'static str,
    quota: u32,
    remaining: u32,
    /// Seconds until the whole quota is there again.
    reset: u64,
}

/// One limit for callers of one kind.
struct Limit {
    name: &'static str,
    quota: u32,
    limiter: Limiter,
}

impl Limit {
    /// `None` where `per_minute` is 0: no limit.
    fn new(name: &'static str, per_minute: u32) -> Option<Self> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        let limiter = RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>();
        Some(Self { name, quota: per_minute, limiter })
    }

    fn check(&self, key: String) -> Result<Standing, Problem> {
        self.take(&key).map_err(|wait| self.refusal(wait))
    }

    /// Takes one of the quota, or says how long until there is one again.
    fn take(&self, key: &String) -> Result<Standing, Duration> {
        match self.limiter.check_key(key) {
            Ok(state) => Ok(self.standing(state.remaining_burst_capacity())),
            Err(not_until) => {
                Err(not_until.wait_time_from(DefaultClock::default().now()).max(Duration::from_secs(1)))
            }
        }
    }

    fn standing(&self, remaining: u32) -> Standing {
        let used = u64::from(self.quota.saturating_sub(remaining));
        let reset = (used * MINUTE).div_ceil(u64::from(self.quota));
        Standing { name: self.name, quota: self.quota, remaining, reset }
    }

    fn refusal(&self, wait: Duration) -> Problem {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let detail =
            format!("More than {} {} a minute: try again in {seconds} seconds.", self.quota, self.what());
        let problem = Problem::new(Kind::TooManyRequests, detail)
            .with_header(header::RETRY_AFTER, &seconds.to_string());
        let headers = self.standing(0).headers();
        headers.iter().fold(problem, |problem, (name, value)| problem.with_header(name.clone(), value))
    }

    fn what(&self) -> &'static str {
        if self.name.contains("failures") { "failed authentications" } else { "requests" }
    }
}

impl Standing {
    /// `RateLimit` and `RateLimit-Policy`.
    pub fn headers(&self) -> [(HeaderName, String); 2] {
        let Self { name, quota, remaining, reset } = self;
        [
            (POLICY, format!("\"{name}\";q={quota};w={MINUTE}")),
            (RATE_LIMIT, format!("\"{name}\";r={remaining};t={reset}")),
        ]
    }
}

/// Requests per minute; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestRates {
    pub per_client: u32,
    /// Limit for all clients of one organisation together.
    pub per_organisation: u32,
    /// Limit for one address without a token.
    pub per_address: u32,
    /// Failed authentications of one address.
    pub failures_per_address: u32,
    /// Failed token requests for one client id from one address.
    pub failures_per_client: u32,
}

/// The limits of a server.
pub struct Limits {
    client: Option<Limit>,
    organisation: Option<Limit>,
    address: Option<Limit>,
    /// Apart from the others, so that somebody's failures don't lock out who shares their address.
    failures: Option<Limit>,
    failures_of_client: Option<Limit>,
    /// Until when a client id is not looked up for an address.
    refused: Cache<String, Instant>,
    forwarded_for: bool,
    warned: AtomicBool,
}

impl Limits {
    /// `forwarded_for`: the address is what the last proxy wrote.
    pub fn new(rates: RequestRates, forwarded_for: bool) -> Self {
        Self {
            client: Limit::new("client", rates.per_client),
            organisation: Limit::new("organisation", rates.per_organisation),
            address: Limit::new("address", rates.per_address),
            failures: Limit::new("failures", rates.failures_per_address),
            failures_of_client: Limit::new("client-failures", rates.failures_per_client),
            refused: Cache::new(REMEMBERED),
            forwarded_for,
            warned: AtomicBool::new(false),
        }
    }

    /// Counts a request of a client whose token was accepted, and of its organisation.
    pub fn client(
        &self,
        request: &HttpRequest,
        client: &str,
        organisation: Option<&str>,
    ) -> Result<(), Problem> {
        if let Some(organisation) = organisation {
            Self::count(self.organisation.as_ref(), request, organisation.to_owned())?;
        }
        Self::count(self.client.as_ref(), request, client.to_owned())
    }

    /// Counts a request of somebody unknown.
    pub fn address(&self, request: &HttpRequest) -> Result<(), Problem> {
        Self::count(self.address.as_ref(), request, self.key(request))
    }

    /// Counts a failed authentication.
    pub fn failure(&self, address: &str) -> Result<(), Problem> {
        match &self.failures {
            Some(limit) => limit.check(address.to_owned()).map(drop),
            None => Ok(()),
        }
    }

    /// Checks that credentials of a client may be tried from an address: not after too many wrong ones.
    pub fn may_try(&self, address: &str, client: &str) -> Result<(), Problem> {
        let Some(limit) = &self.failures_of_client else { return Ok(()) };
        let until = self.refused.get(&pair(address, client));
        match until.and_then(|until| until.checked_duration_since(Instant::now())) {
            Some(wait) => Err(limit.refusal(wait)),
            None => Ok(()),
        }
    }

    /// Counts wrong credentials of a client id.
    pub fn wrong_credentials(&self, address: &str, client: &str) -> Result<(), Problem> {
        if let Some(limit) = &self.failures_of_client {
            let key = pair(address, client);
            if let Err(wait) = limit.take(&key) {
                self.refused.insert(key, Instant::now() + wait);
                return Err(limit.refusal(wait));
            }
        }
        self.failure(address)
    }

    fn count(limit: Option<&Limit>, request: &HttpRequest, key: String) -> Result<(), Problem> {
        if let Some(limit) = limit {
            let standing = limit.check(key)?;
            request.extensions_mut().insert(standing);
        }
        Ok(())
    }

    /// Returns the payer of a request: the one of a checked token, or the address.
    pub fn payer(&self, request: &HttpRequest) -> Payer {
        let known = request.extensions().get::<Payer>().cloned();
        known.unwrap_or_else(|| Payer::address(&self.key(request)))
    }

    /// The address that a request counts for.
    pub fn key(&self, request: &HttpRequest) -> String {
        let forwarded = || {
            let entries =
                request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
            entries.flat_map(|list| list.split(',')).last()?.trim().parse::<IpAddr>().ok()
        };
        if !self.forwarded_for {
            self.warn_of_proxy(request);
        }
        let forwarded = if self.forwarded_for { forwarded() } else { None };
        let address = forwarded.or_else(|| request.peer_addr().map(|peer| peer.ip()));
        address.map(network).unwrap_or_default()
    }

    /// Tells once that a proxy seems to stand before the service, which is not told so: all callers then count as one.
    fn warn_of_proxy(&self, request: &HttpRequest) {
        let forwarded =
            ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
        if forwarded && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a request came with X-Forwarded-For or Forwarded, which this service doesn't believe: behind a proxy that \
                 always sets X-Forwarded-For, set http.forwarded_for, or all callers share the limits of one address"
            );
        }
    }

    /// Forgets callers whose quota is whole again.
    pub fn forget_idle(&self) {
        let limits =
            [&self.client, &self.organisation, &self.address, &self.failures, &self.failures_of_client];
        for limit in limits.into_iter().flatten() {
            limit.limiter.retain_recent();
            limit.limiter.shrink_to_fit();
        }
    }
}

/// A client id may be any text.
fn pair(address: &str, client: &str) -> String {
    format!("{address} {:.32}", Hash::of(client.as_bytes()).to_string())
}

/// The address, or what counts as one.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        // One subscriber has a whole /64, so that is what counts as one address.
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        address => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{ResponseError as _, test::TestRequest};

    use super::*;

    fn limits(rates: RequestRates, forwarded_for: bool) -> Limits {
        Limits::new(rates, forwarded_for)
    }

    #[test]
    fn the_quota_is_per_caller_and_the_refusal_says_when() {
        let limits = limits(RequestRates { per_client: 2, ..RequestRates::default() }, false);
        let request = TestRequest::get().to_http_request();
        limits.client(&request, "a", None).unwrap();
        assert_eq!(request.extensions().get::<Standing>().unwrap().remaining, 1);
        limits.client(&request, "a", None).unwrap();
        let problem = limits.client(&request, "a", None).unwrap_err();
        assert_eq!(problem.status_code(), 429);
        let response = problem.render(None);
        let retry: u64 = response.headers().get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
        assert!((1..=30).contains(&retry), "{retry}");
        assert!(response.headers().contains_key("ratelimit"));
        limits.client(&request, "b", None).unwrap();
        for _ in 0..100 {
            limits.address(&request).unwrap();
        }
    }

    #[test]
    fn clients_of_an_organisation_share_its_quota() {
        let rates = RequestRates { per_client: 3, per_organisation: 4, ..RequestRates::default() };
        let (limits, request) = (limits(rates, false), TestRequest::get().to_http_request());
        for client in ["a", "b", "a", "b"] {
            limits.client(&request, client, Some("one")).unwrap();
        }
        assert!(limits.client(&request, "c", Some("one")).is_err());
        limits.client(&request, "d", Some("other")).unwrap();
    }

    #[test]
    fn wrong_credentials_are_slowed_down_for_one_client_and_one_address() {
        let rates = RequestRates { failures_per_client: 3, ..RequestRates::default() };
        let limits = limits(rates, false);
        for _ in 0..3 {
            limits.may_try("address", "a").unwrap();
            limits.wrong_credentials("address", "a").unwrap();
        }
        assert_eq!(limits.wrong_credentials("address", "a").unwrap_err().status_code(), 429);
        assert_eq!(limits.may_try("address", "a").unwrap_err().status_code(), 429);
        limits.may_try("address", "b").unwrap();
        limits.may_try("elsewhere", "a").unwrap();
    }

    #[test]
    fn an_address_is_the_peers_unless_a_proxy_is_trusted() {
        let request = |forwarded: &str| {
            TestRequest::get()
                .peer_addr("[2001:db8:1:2:3::4]:5".parse().unwrap())
                .insert_header(("x-forwarded-for", forwarded.to_owned()))
                .to_http_request()
        };
        let key = |trusted, forwarded| limits(RequestRates::default(), trusted).key(&request(forwarded));
        assert_eq!(key(false, "10.0.0.1"), "2001:db8:1:2::/64");
        assert_eq!(key(true, "6.6.6.6, 10.0.0.1"), "10.0.0.1");
        assert_eq!(key(true, "nonsense"), "2001:db8:1:2::/64");
    }
}
