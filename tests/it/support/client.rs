//! A small HTTP client that shows what the server answered: errors are answers like others, nothing is followed or
//! retried behind the test's back. Compression is asked for by the test alone; a gzip body arrives decoded (its
//! header stays), a zstd body as it was sent. Every answer is held to the API document (`contract`).

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::http::{HeaderMap, Request};

use super::contract::{self, Exchange};

/// Talks to one server, with a token or without one.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    token: Option<String>,
    documented: bool,
}

impl Client {
    /// Without a token. `base` is the server's address without a slash at the end.
    pub fn new(base: impl Into<String>) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .accept_encoding(AutoHeaderValue::None)
            // A publication gives way to everything else that runs here.
            .timeout_global(Some(Duration::from_secs(240)))
            .build()
            .new_agent();
        Self { agent, base: base.into(), token: None, documented: true }
    }

    /// The same client for a listener that the API document doesn't describe.
    pub fn undocumented(self) -> Self {
        Self { documented: false, ..self }
    }

    /// The same client with this bearer token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same token on another client's server.
    pub fn at(&self, other: &Self) -> Self {
        Self { base: other.base.clone(), ..self.clone() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path).json(body).send()
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send()
    }

    /// `POST` of an HTML form, as OAuth wants it.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form: Vec<_> = fields.iter().map(|(k, v)| format!("{}={}", escaped(k), escaped(v))).collect();
        self.request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.join("&"))
            .send()
    }

    /// A request to be filled and sent, for what the short forms cannot say.
    pub fn request(&self, method: &str, path: &str) -> Draft<'_> {
        let mut draft = Draft {
            client: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
        };
        if let Some(token) = &self.token {
            draft = draft.header("authorization", &format!("Bearer {token}"));
        }
        draft
    }
}

/// A request that is not sent yet.
#[must_use]
pub struct Draft<'a> {
    client: &'a Client,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Draft<'_> {
    /// Sets a header in place of an earlier one of the same name (in lower case).
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(earlier, _)| earlier != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// The answer; panics where the server cannot be reached.
    pub fn send(self) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        self.try_send().unwrap_or_else(|e| panic!("{what}: no answer: {e}"))
    }

    /// The answer, or why there is none: for tests that kill the server.
    pub fn try_send(self) -> Result<Answer, ureq::Error> {
        let mut request =
            Request::builder().method(self.method.as_str()).uri(format!("{}{}", self.client.base, self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let agent = &self.client.agent;
        let mut response = match &self.body {
            Some(body) => agent.run(request.body(body.clone())?)?,
            None => agent.run(request.body(())?)?,
        };
        let body = response.body_mut().with_config().limit(256 * 1024 * 1024).read_to_vec()?;
        let answer = Answer {
            request: format!("{} {}", self.method, self.path),
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        };
        if self.client.documented {
            self.hold(&answer);
        }
        Ok(answer)
    }
}

impl Draft<'_> {
    /// Compares the answer with the API document.
    fn hold(&self, answer: &Answer) {
        let media_type = self.headers.iter().find(|(name, _)| name == "content-type");
        let sent = self.body.as_deref().map(|body| (media_type.map_or("", |(_, value)| value), body));
        contract::hold(&Exchange {
            method: &self.method,
            target: &self.path,
            sent,
            status: answer.status,
            headers: &answer.headers,
            body: &answer.body,
        });
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    request: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer itself if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}: {}", self.request, self.status, self.text());
        self
    }

    /// A header's value; nothing where it is absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("an ASCII header"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{} answered no JSON ({e}): {}", self.request, self.text()))
    }

    /// The problem document if the answer is a problem of this status and name; the name is what follows
    /// `urn:peerbench:problem:`.
    #[track_caller]
    pub fn problem(self, status: u16, name: &str) -> Value {
        let answer = self.expect(status);
        let kind = answer.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/problem+json"), "{}: content type {kind}", answer.request);
        let problem = answer.json();
        assert_eq!(problem["type"], format!("urn:peerbench:problem:{name}"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for member in ["title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "no {member}: {problem}");
        }
        problem
    }
}

/// Percent-encoding of everything but unreserved characters.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[test]
fn forms_carry_any_text() {
    assert_eq!(escaped("a-B.1_~"), "a-B.1_~");
    assert_eq!(escaped("p&q=r s+ü%"), "p%26q%3Dr%20s%2B%C3%BC%25");
}
