//! A service as a client of it sees it: a token for the configured credentials, requests, and refusals as sentences.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ureq::{
    Agent, Body,
    http::{Request, Response},
};

use super::{Failure, secret_file};
use crate::{
    connect::agent::{Trust, agent},
    domain::comparison::Word,
    settings::Settings,
};

/// Number of times that a request without an answer is sent. Requests that create carry an idempotency key, so that sending one
/// again cannot do it twice.
const ATTEMPTS: u32 = 3;
const TIMEOUT: Duration = Duration::from_secs(60);
/// A page of the largest answer is far below.
const ANSWER_MAX: u64 = 64 * 1024 * 1024;

/// A service, signed in to.
pub struct Remote {
    agent: Agent,
    base: String,
    token: String,
}

/// The body of a request.
pub struct Upload {
    pub body: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
}

/// A good answer.
struct Answered {
    bytes: Vec<u8>,
    /// The header that counts what a list leaves out.
    hidden: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<ProblemError>,
    request_id: Option<String>,
}

#[derive(Deserialize)]
struct ProblemError {
    pointer: Option<String>,
    parameter: Option<String>,
    #[serde(default)]
    detail: String,
}

impl Remote {
    /// Signs in with `client.url`, `client.id` and `client.secret` of the settings.
    pub fn sign_in(settings: &Settings) -> Result<Self, Failure> {
        let client = &settings.client;
        let missing = |key: &str| {
            let variable = format!("PEERBENCH_CLIENT_{}", key.to_ascii_uppercase());
            Failure::Usage(format!("The setting client.{key} is missing: set {variable}."))
        };
        let base = client.url.as_deref().ok_or_else(|| missing("url"))?.trim_end_matches('/').to_owned();
        let id = client.id.as_deref().ok_or_else(|| missing("id"))?;
        let secret =
            secret_file::secret("client.secret", client.secret.as_ref(), client.secret_file.as_deref())?;
        let mut remote = Self::anonymous(&base);
        remote.token = remote.token(id, secret.reveal())?;
        Ok(remote)
    }

    /// The service at an address, for what it tells everybody.
    pub fn anonymous(base: &str) -> Self {
        let agent = agent(TIMEOUT, &Trust::Public);
        Self { agent, base: base.trim_end_matches('/').to_owned(), token: String::new() }
    }

    fn token(&self, id: &str, secret: &str) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Metadata {
            token_endpoint: String,
        }
        #[derive(Deserialize)]
        struct Issued {
            access_token: String,
        }
        // The service says where its token endpoint is; only the path is taken, so that credentials go to the address
        // that was configured and nowhere else.
        let metadata: Metadata = self.get("/.well-known/oauth-authorization-server")?;
        let path = metadata.token_endpoint.split_once("://").map_or("", |(_, rest)| rest);
        let path = path.find('/').and_then(|start| path.get(start..)).unwrap_or("/oauth/token");
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", id)
            .append_pair("client_secret", secret)
            .finish();
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        let issued: Issued = self.post(path, &Upload { body: form.into_bytes(), headers })?;
        Ok(issued.access_token)
    }

    /// Reads the JSON that is under `path`, query included.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        typed(&self.text(path)?)
    }

    /// Reads what is under `path` as it is.
    pub fn text(&self, path: &str) -> Result<String, Failure> {
        self.send("GET", path, None)
    }

    /// Reads what is under `path`, which need not be text.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        Ok(self.exchange("GET", path, None)?.bytes)
    }

    /// Reads a list as text, with the number of rows that it leaves out, by word, where its form has no place for these.
    pub fn list(&self, path: &str) -> Result<(String, Vec<(Word, u32)>), Failure> {
        let Answered { bytes, hidden } = self.exchange("GET", path, None)?;
        let text = String::from_utf8(bytes).map_err(Failure::remote)?;
        let counts = hidden.iter().flat_map(|header| header.split(',')).filter_map(|part| {
            let (word, count) = part.trim().split_once('=')?;
            Some((word.parse().ok()?, count.parse().ok()?))
        });
        Ok((text, counts.collect()))
    }

    pub fn post<T: DeserializeOwned>(&self, path: &str, upload: &Upload) -> Result<T, Failure> {
        typed(&self.send("POST", path, Some(upload))?)
    }

    /// Deletes what is under `path`.
    pub fn delete(&self, path: &str) -> Result<(), Failure> {
        self.send("DELETE", path, None).map(drop)
    }

    /// Sends a value as JSON and reads the answer as it is. The request may be sent again, so it must be one that can.
    pub fn send_json(&self, method: &str, path: &str, value: &impl Serialize) -> Result<String, Failure> {
        let body = serde_json::to_vec(value).map_err(Failure::remote)?;
        let headers = vec![("content-type", "application/json".to_owned())];
        self.send(method, path, Some(&Upload { body, headers }))
    }

    fn send(&self, method: &str, path: &str, upload: Option<&Upload>) -> Result<String, Failure> {
        String::from_utf8(self.exchange(method, path, upload)?.bytes)
            .map_err(|error| Failure::Remote(format!("The service sent an unexpected answer: {error}.")))
    }

    fn exchange(&self, method: &str, path: &str, upload: Option<&Upload>) -> Result<Answered, Failure> {
        let url = format!("{}{path}", self.base);
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(500 << attempt));
            }
            match self.once(method, &url, upload) {
                Ok(response) => return answer(response),
                Err(
                    error @ (ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::Timeout(_)),
                ) => {
                    last = Some(error);
                }
                Err(error) => {
                    return Err(Failure::Remote(format!("The request to {} failed: {error}.", self.base)));
                }
            }
        }
        let why = last.map(|error| error.to_string()).unwrap_or_default();
        Err(Failure::Remote(format!(
            "{} doesn't answer: {why}. Check PEERBENCH_CLIENT_URL, or the address after --catalogue.",
            self.base
        )))
    }

    fn once(&self, method: &str, url: &str, upload: Option<&Upload>) -> Result<Response<Body>, ureq::Error> {
        let mut request = Request::builder().method(method).uri(url);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        match upload {
            Some(upload) => {
                for (name, value) in &upload.headers {
                    request = request.header(*name, value);
                }
                self.agent.run(request.body(upload.body.as_slice())?)
            }
            None => self.agent.run(request.body(())?),
        }
    }
}

/// Reads an answer.
pub fn typed<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::Remote(format!("The service sent an unexpected answer: {error}.")))
}

/// A text as one part of a path.
pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn answer(mut response: Response<Body>) -> Result<Answered, Failure> {
    let status = response.status().as_u16();
    let hidden =
        response.headers().get("peerbench-hidden").and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let bytes = response
        .body_mut()
        .with_config()
        .limit(ANSWER_MAX)
        .read_to_vec()
        .map_err(|error| Failure::Remote(format!("The answer ended before it was complete: {error}.")))?;
    if status < 300 {
        return Ok(Answered { bytes, hidden });
    }
    if status < 400 {
        return Err(Failure::Remote(format!(
            "The service answered {status}, a redirect, which is not followed: set PEERBENCH_CLIENT_URL to its own address."
        )));
    }
    let told = refusal(status, &String::from_utf8_lossy(&bytes));
    // What the input is to blame for is told apart from what the service, the credentials or the network are.
    Err(if matches!(status, 400 | 404 | 409 | 413 | 415 | 422) {
        Failure::Refused(told)
    } else {
        Failure::Remote(told)
    })
}

/// Renders a refusal as lines for people.
fn refusal(status: u16, text: &str) -> String {
    #[derive(Deserialize)]
    struct TokenRefusal {
        error: String,
        #[serde(default)]
        error_description: String,
    }
    if let Ok(problem) = serde_json::from_str::<Problem>(text) {
        let mut told = format!("The service refused the request ({status}): ");
        // A detail may begin with what the title says.
        if !problem.detail.starts_with(&problem.title) {
            told.push_str(&format!("{}. ", problem.title));
        }
        told.push_str(&problem.detail);
        for error in &problem.errors {
            let place =
                error.pointer.as_deref().or(error.parameter.as_deref()).filter(|place| !place.is_empty());
            told.push_str(&format!("\n  {}: {}", place.unwrap_or("(whole document)"), error.detail));
        }
        if let Some(id) = problem.request_id {
            told.push_str(&format!("\nRequest ID: {id}"));
        }
        return told;
    }
    match serde_json::from_str::<TokenRefusal>(text) {
        Ok(refusal) => format!(
            "The service refused a token ({status} {}): {}. Check PEERBENCH_CLIENT_ID and PEERBENCH_CLIENT_SECRET.",
            refusal.error, refusal.error_description
        ),
        Err(_) => format!("The service answered {status}. Is PEERBENCH_CLIENT_URL its address?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_with_every_place() {
        let text = r#"{"type": "urn:peerbench:problem:invalid", "title": "The content is not valid", "status": 422,
            "detail": "Nothing was stored.", "errors": [{"pointer": "/cells/0", "detail": "unknown field"}],
            "request_id": "abc"}"#;
        assert_eq!(
            refusal(422, text),
            "The service refused the request (422): The content is not valid. Nothing was stored.\n  \
             /cells/0: unknown field\nRequest ID: abc"
        );
    }

    #[test]
    fn other_refusals_are_told_too() {
        let text = r#"{"title": "Ask first", "status": 403, "detail": "Ask first: the operator answers."}"#;
        assert_eq!(
            refusal(403, text),
            "The service refused the request (403): Ask first: the operator answers."
        );
        let text = r#"{"error": "invalid_client", "error_description": "unknown client"}"#;
        assert!(refusal(401, text).contains("invalid_client"));
        assert!(refusal(502, "<html>").contains("502"));
    }
}
