//! Requests to a console: sent again within bounds where that helps, later each time, and not before the console says so.

use std::{
    fmt,
    io::{Read as _, Write as _},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use serde::de::DeserializeOwned;
use ureq::{Agent, http::Request};

use super::{
    ConnectError,
    address::host,
    agent::{Trust, agent},
};
use crate::environment::{Clock, Entropy};

/// Times that a request is sent at most.
const ATTEMPTS: u32 = 5;
/// The first pause. Each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that a console may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
const TIMEOUT: Duration = Duration::from_secs(60);
/// An export of rules can be large.
const ANSWER_MAX: u64 = 256 * 1024 * 1024;
/// Characters of an answer that a message repeats.
const QUOTED: usize = 200;

/// A request.
#[derive(Clone)]
pub struct Call {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// The answer of a console.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    retry_after: Option<String>,
}

/// The next step after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The answer is what the caller wants to see.
    Take,
    /// The request may succeed if it is sent again.
    Again,
}

/// Sends requests.
pub struct Caller {
    agent: Agent,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    sleep: fn(Duration),
    first_pause: Duration,
}

impl Caller {
    pub fn new(trust: &Trust, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            agent: agent(TIMEOUT, trust),
            clock,
            entropy,
            sleep: std::thread::sleep,
            first_pause: FIRST_PAUSE,
        }
    }

    /// Returns the caller with another first pause.
    pub fn pausing(self, first_pause: Duration) -> Self {
        Self { first_pause, ..self }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    pub fn pause(&self, pause: Duration) {
        (self.sleep)(pause);
    }

    /// Sends a request until `judge` takes an answer. `make` makes it anew each time, because some are signed with the time.
    ///
    /// # Errors
    /// Fails if no answer arrives, or if the last one is to be tried again.
    pub fn send(
        &self,
        console: &str,
        mut make: impl FnMut() -> Call,
        judge: impl Fn(&Reply) -> Verdict,
    ) -> Result<Reply, ConnectError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let call = make();
            let at = host(&call.url);
            let (why, asked) = match self.once(&call) {
                Ok(reply) if judge(&reply) == Verdict::Take => return Ok(reply),
                Ok(reply) => {
                    let asked = reply.retry_after.as_deref().and_then(|text| self.wait(text));
                    (format!("answered {}", reply.said()), asked)
                }
                // No message repeats a part of the address after the host.
                Err(error) => {
                    (format!("doesn't answer: {}", error.to_string().replace(&call.url, &at)), None)
                }
            };
            if let Some(asked) = asked.filter(|asked| *asked > LONGEST_PAUSE) {
                return Err(ConnectError::Unfinished(format!(
                    "{console} at {at} {why}, and asks to wait {} seconds. Run the command again then.",
                    asked.as_secs()
                )));
            }
            if attempt == ATTEMPTS {
                return Err(ConnectError::Unfinished(format!(
                    "{console} at {at} {why} ({ATTEMPTS} attempts). Run the command again later."
                )));
            }
            self.pause(asked.unwrap_or_else(|| self.jittered(attempt)));
        }
    }

    fn once(&self, call: &Call) -> Result<Reply, ureq::Error> {
        let mut request = Request::builder().method(call.method).uri(&call.url);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let mut response = match call.method {
            "GET" => self.agent.run(request.body(())?)?,
            _ => self.agent.run(request.body(call.body.as_slice())?)?,
        };
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let (status, retry_after) = (response.status().as_u16(), retry_after.map(str::to_owned));
        let mut body = Vec::new();
        response.body_mut().as_reader().take(ANSWER_MAX).read_to_end(&mut body)?;
        if u64::try_from(body.len()).is_ok_and(|length| length >= ANSWER_MAX) {
            return Err(std::io::Error::other("the answer is too large").into());
        }
        Ok(Reply { status, body, retry_after })
    }

    /// The pause that `Retry-After` asks for: seconds, or a moment.
    fn wait(&self, text: &str) -> Option<Duration> {
        let text = text.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let moment = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
        Some((moment - self.now()).to_std().unwrap_or_default())
    }

    /// A pause between half and one and a half of the usual one, so that several callers don't come back together.
    fn jittered(&self, attempt: u32) -> Duration {
        let usual = self.first_pause.saturating_mul(1 << attempt.saturating_sub(1).min(8));
        let [random] = self.random::<1>();
        usual / 2 + usual.mul_f64(f64::from(random) / 255.0)
    }
}

impl Reply {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The status and the beginning of the body, on one line.
    pub fn said(&self) -> String {
        let text: String =
            self.text().chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTED).collect();
        match text.trim() {
            "" => self.status.to_string(),
            text => format!("{} ({text})", self.status),
        }
    }
}

/// A body with `content-encoding: gzip`.
///
/// # Errors
/// Fails if there is no memory for it.
pub fn compressed(body: &[u8]) -> Result<Vec<u8>, ConnectError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.map_err(|error| ConnectError::Refused(format!("A batch can't be compressed: {error}.")))
}

/// The judgement of most services: 408, 429 and 5xx pass.
pub fn usual(reply: &Reply) -> Verdict {
    match reply.status {
        408 | 429 | 500..=599 => Verdict::Again,
        _ => Verdict::Take,
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, host(&self.url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{FixedClock, SeededEntropy};

    fn caller() -> Caller {
        let clock = Arc::new(FixedClock::at("2026-11-28T10:00:00Z".parse().unwrap()));
        Caller { sleep: |_| (), ..Caller::new(&Trust::Public, clock, Arc::new(SeededEntropy::new(1))) }
    }

    #[test]
    fn pauses_grow_and_differ_and_a_console_may_ask_for_more() {
        let caller = caller();
        for attempt in 1..=4 {
            let usual = FIRST_PAUSE * (1 << (attempt - 1));
            let pauses: Vec<Duration> = (0..20).map(|_| caller.jittered(attempt)).collect();
            assert!(pauses.iter().all(|pause| (usual / 2..=usual * 3 / 2).contains(pause)), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]));
        }
        assert_eq!(caller.wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(caller.wait("Sat, 28 Nov 2026 10:00:09 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(caller.wait("Sat, 28 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(caller.wait("soon"), None);
    }

    #[test]
    fn a_console_that_is_away_is_named_without_the_rest_of_its_address() {
        let make = || Call {
            method: "POST",
            url: "http://127.0.0.1:9/receiver/hush".to_owned(),
            headers: Vec::new(),
            body: b"{}".to_vec(),
        };
        let error = caller().send("Sumo Logic", make, usual).unwrap_err().to_string();
        assert!(error.contains("Sumo Logic at 127.0.0.1") && !error.contains("hush"), "{error}");
    }
}
