//! A service as a client of it sees it: a token for the configured credentials, requests, and refusals as sentences.

use std::{io, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ureq::{
    Agent, Body,
    http::{Request, Response},
};

use super::{
    Failure,
    refusal::{Places, refusal},
    secret_file,
};
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

/// Options are sent in the address.
const TOO_LONG: &str =
    "The options are too long for one request: name fewer techniques, groups or steps at once.";

/// The variable that a service's address is from.
pub const URL: &str = "PEERBENCH_CLIENT_URL";

/// A service, signed in to.
pub struct Remote {
    agent: Agent,
    base: String,
    /// The variable or the option that the address is from.
    address: &'static str,
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

impl Remote {
    /// The service at `client.url` of the settings, for what it tells everybody.
    pub fn of(settings: &Settings) -> Result<Self, Failure> {
        let base = settings.client.url.as_deref();
        Self::anonymous(base.ok_or_else(|| missing("url"))?, URL)
    }

    /// Signs in with `client.url`, `client.id` and `client.secret` of the settings.
    pub fn sign_in(settings: &Settings) -> Result<Self, Failure> {
        let client = &settings.client;
        let id = client.id.as_deref().ok_or_else(|| missing("id"))?;
        let secret =
            secret_file::secret("client.secret", client.secret.as_ref(), client.secret_file.as_deref())?;
        let mut remote = Self::of(settings)?;
        remote.token = remote.token(id, secret.reveal())?;
        Ok(remote)
    }

    /// The service at an address, for what it tells everybody. `address` is the variable or the option that says it.
    pub fn anonymous(base: &str, address: &'static str) -> Result<Self, Failure> {
        if !["http://", "https://"].iter().any(|scheme| base.starts_with(scheme)) {
            return Err(Failure::usage(format!(
                "{address} is '{base}', which isn't the address of a service: it must begin with https:// or http://, as in \
                 https://peerbench.example.org."
            )));
        }
        let agent = agent(TIMEOUT, &Trust::Public);
        Ok(Self { agent, base: base.trim_end_matches('/').to_owned(), address, token: String::new() })
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
        self.send("GET", path, None, Places::Options)
    }

    /// Reads what is under `path`, which need not be text.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        Ok(self.exchange("GET", path, None, Places::Options)?.bytes)
    }

    /// Reads a list as text, with the number of rows that it leaves out, by word, where its form has no place for these.
    pub fn list(&self, path: &str) -> Result<(String, Vec<(Word, u32)>), Failure> {
        let Answered { bytes, hidden } = self.exchange("GET", path, None, Places::Options)?;
        let text = String::from_utf8(bytes).map_err(Failure::remote)?;
        let counts = hidden.iter().flat_map(|header| header.split(',')).filter_map(|part| {
            let (word, count) = part.trim().split_once('=')?;
            Some((word.parse().ok()?, count.parse().ok()?))
        });
        Ok((text, counts.collect()))
    }

    pub fn post<T: DeserializeOwned>(&self, path: &str, upload: &Upload) -> Result<T, Failure> {
        typed(&self.send("POST", path, Some(upload), Places::File)?)
    }

    /// Deletes what is under `path`.
    pub fn delete(&self, path: &str) -> Result<(), Failure> {
        self.send("DELETE", path, None, Places::Options).map(drop)
    }

    /// Sends a value as JSON and reads the answer as it is. The request may be sent again, so it must be one that can.
    pub fn send_json(&self, method: &str, path: &str, value: &impl Serialize) -> Result<String, Failure> {
        let body = serde_json::to_vec(value).map_err(Failure::remote)?;
        let headers = vec![("content-type", "application/json".to_owned())];
        self.send(method, path, Some(&Upload { body, headers }), Places::Options)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        upload: Option<&Upload>,
        places: Places,
    ) -> Result<String, Failure> {
        String::from_utf8(self.exchange(method, path, upload, places)?.bytes)
            .map_err(|error| Failure::Remote(format!("The service sent an unexpected answer: {error}.")))
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        upload: Option<&Upload>,
        places: Places,
    ) -> Result<Answered, Failure> {
        let url = format!("{}{path}", self.base);
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(500 << attempt));
            }
            match self.once(method, &url, upload) {
                Ok(response) => return answer(response, places, self.address),
                Err(
                    error @ (ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::Timeout(_)),
                ) => {
                    last = Some(error);
                }
                // An address of more than 64 kB isn't even sent.
                Err(ureq::Error::Http(_)) if url.len() > usize::from(u16::MAX) => {
                    return Err(Failure::refused(TOO_LONG));
                }
                Err(error) => {
                    let why = plain(&error);
                    return Err(Failure::Remote(format!("The request to {} failed: {why}.", self.base)));
                }
            }
        }
        let why = last.as_ref().map(plain).unwrap_or_default();
        let Self { base, address, .. } = self;
        Err(Failure::Remote(format!(
            "{base} doesn't answer: {why}. Is the service running, and {address} its address?"
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

fn missing(key: &str) -> Failure {
    let variable = format!("PEERBENCH_CLIENT_{}", key.to_ascii_uppercase());
    Failure::Usage(format!("The setting client.{key} is missing: set {variable}."))
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

fn answer(mut response: Response<Body>, places: Places, address: &str) -> Result<Answered, Failure> {
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
            "The service answered {status}, a redirect, which is not followed: set {address} to its own address."
        )));
    }
    if matches!(status, 414 | 431) {
        return Err(Failure::refused(TOO_LONG));
    }
    let told = refusal(status, &String::from_utf8_lossy(&bytes), places, address);
    // What the input is to blame for is told apart from what the service, the credentials or the network are.
    Err(if matches!(status, 400 | 404 | 409 | 413 | 415 | 422) {
        Failure::Refused(told)
    } else {
        Failure::Remote(told)
    })
}

/// The reason why nothing came back, in words.
fn plain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "nothing listens there".to_owned()
        }
        ureq::Error::HostNotFound => "no computer has this name".to_owned(),
        ureq::Error::Timeout(_) => "it took too long".to_owned(),
        ureq::Error::ConnectionFailed => "the connection failed".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_how_to_get_there() {
        for address in ["127.0.0.1:8080", "peerbench.example.org", "ftp://a", ""] {
            let refused = Remote::anonymous(address, URL).err().unwrap().to_string();
            assert!(
                refused.starts_with("PEERBENCH_CLIENT_URL ") && refused.contains("https://"),
                "{refused}"
            );
        }
        assert!(Remote::anonymous("http://127.0.0.1:8080/", URL).is_ok());
    }
}
