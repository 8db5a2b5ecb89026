//! Limits on the rate of requests: per client once a token was accepted, per address before that. 429
//! says when to try again (`Retry-After`).

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

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

use super::problem::{Kind, Problem};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const MINUTE: u64 = 60;

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
        let standing = |remaining: u32| {
            let used = u64::from(self.quota.saturating_sub(remaining));
            let reset = (used * MINUTE).div_ceil(u64::from(self.quota));
            Standing { name: self.name, quota: self.quota, remaining, reset }
        };
        match self.limiter.check_key(&key) {
            Ok(state) => Ok(standing(state.remaining_burst_capacity())),
            Err(not_until) => {
                let wait =
                    not_until.wait_time_from(DefaultClock::default().now()).max(Duration::from_secs(1));
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let detail =
                    format!("The limit is {} requests a minute. Try again in {seconds} seconds.", self.quota);
                let mut problem = Problem::new(Kind::TooManyRequests, detail)
                    .with_header(header::RETRY_AFTER, &seconds.to_string());
                for (name, value) in standing(0).headers() {
                    problem = problem.with_header(name, &value);
                }
                Err(problem)
            }
        }
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

/// The limits of a server.
pub struct Limits {
    client: Option<Limit>,
    address: Option<Limit>,
    forwarded_for: bool,
}

impl Limits {
    /// Per minute; 0 is no limit. `forwarded_for`: the address is what the last proxy wrote.
    pub fn new(per_client: u32, per_address: u32, forwarded_for: bool) -> Self {
        Self {
            client: Limit::new("client", per_client),
            address: Limit::new("address", per_address),
            forwarded_for,
        }
    }

    /// Counts a request of a client whose token was accepted.
    pub fn client(&self, request: &HttpRequest, client: &str) -> Result<(), Problem> {
        Self::count(self.client.as_ref(), request, client.to_owned())
    }

    /// Counts a request of somebody unknown.
    pub fn address(&self, request: &HttpRequest) -> Result<(), Problem> {
        Self::count(self.address.as_ref(), request, self.key(request))
    }

    fn count(limit: Option<&Limit>, request: &HttpRequest, key: String) -> Result<(), Problem> {
        if let Some(limit) = limit {
            let standing = limit.check(key)?;
            request.extensions_mut().insert(standing);
        }
        Ok(())
    }

    fn key(&self, request: &HttpRequest) -> String {
        let forwarded = || {
            let entries =
                request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
            entries.flat_map(|list| list.split(',')).last()?.trim().parse::<IpAddr>().ok()
        };
        let forwarded = if self.forwarded_for { forwarded() } else { None };
        let address = forwarded.or_else(|| request.peer_addr().map(|peer| peer.ip()));
        match address.map(|address| address.to_canonical()) {
            // One subscriber has a whole /64, so that is what counts as one address.
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Some(address) => address.to_string(),
            None => String::new(),
        }
    }

    /// Forgets callers whose quota is whole again.
    pub fn forget_idle(&self) {
        for limit in [&self.client, &self.address].into_iter().flatten() {
            limit.limiter.retain_recent();
            limit.limiter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{ResponseError as _, test::TestRequest};

    use super::*;

    #[test]
    fn the_quota_is_per_caller_and_the_refusal_says_when() {
        let limits = Limits::new(2, 0, false);
        let request = TestRequest::get().to_http_request();
        limits.client(&request, "a").unwrap();
        assert_eq!(request.extensions().get::<Standing>().unwrap().remaining, 1);
        limits.client(&request, "a").unwrap();
        let problem = limits.client(&request, "a").unwrap_err();
        assert_eq!(problem.status_code(), 429);
        let response = problem.render(None);
        let retry: u64 = response.headers().get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
        assert!((1..=30).contains(&retry), "{retry}");
        assert!(response.headers().contains_key("ratelimit"));
        limits.client(&request, "b").unwrap();
        for _ in 0..100 {
            limits.address(&request).unwrap();
        }
    }

    #[test]
    fn an_address_is_the_peers_unless_a_proxy_is_trusted() {
        let request = |forwarded: &str| {
            TestRequest::get()
                .peer_addr("[2001:db8:1:2:3::4]:5".parse().unwrap())
                .insert_header(("x-forwarded-for", forwarded.to_owned()))
                .to_http_request()
        };
        assert_eq!(Limits::new(1, 1, false).key(&request("10.0.0.1")), "2001:db8:1:2::/64");
        assert_eq!(Limits::new(1, 1, true).key(&request("6.6.6.6, 10.0.0.1")), "10.0.0.1");
        assert_eq!(Limits::new(1, 1, true).key(&request("nonsense")), "2001:db8:1:2::/64");
    }
}
