//! Request bodies: bounded as they arrive, decompressed into a bounded buffer, whatever they claim to be.

use std::{
    future::{Ready, poll_fn, ready},
    io::Read,
    pin::Pin,
    time::Duration,
};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{self, ContentLength},
    rt::time::timeout,
    web::{Bytes, BytesMut},
};
use flate2::read::MultiGzDecoder;
use futures_util::Stream as _;
use serde::de::DeserializeOwned;

use super::json;
use crate::http::{
    context::Context,
    problem::{Kind, Problem},
};

/// The largest zstd window that is accepted, as a power of two: 8 MiB, what every encoder stays within by default.
const ZSTD_WINDOW_LOG: u32 = 23;

/// The time that a body may take to arrive. A caller who sends a byte a second can't hold a connection for ever.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Zstd,
}

/// The body of a request, not read yet: whoever may not call an operation is refused before anything is read for it.
pub struct Body {
    request: HttpRequest,
    payload: Payload,
}

impl Body {
    /// Reads the body as it was sent, no larger than the setting allows.
    pub async fn receive(self) -> Result<Received, Problem> {
        let Self { request, payload } = self;
        let coding = coding(&request)?;
        let limits = Context::of(&request)?.bodies;
        let reading = timeout(PATIENCE, read(&request, payload, limits.body_bytes));
        let bytes = reading.await.map_err(|_| {
            Problem::new(
                Kind::Timeout,
                "The body didn't arrive within a minute. Send it again over a faster connection.",
            )
        })??;
        Ok(Received { bytes, coding, decoded_limit: limits.decoded_bytes })
    }

    /// Reads a small JSON body into a typed value.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        json::require_json(&self.request)?;
        json::parse(&self.receive().await?.decode()?)
    }
}

/// A body as it was sent.
#[derive(Debug)]
pub struct Received {
    bytes: Bytes,
    coding: Coding,
    decoded_limit: usize,
}

impl Received {
    /// The body without its content coding. Takes time in proportion to the limit, so large bodies are decoded on the
    /// blocking pool.
    ///
    /// # Errors
    /// A damaged body, or one that is larger than the limit; nothing beyond the limit is ever held.
    pub fn decode(self) -> Result<Bytes, Problem> {
        match self.coding {
            Coding::Identity if self.bytes.len() > self.decoded_limit => Err(too_large(self.decoded_limit)),
            Coding::Identity => Ok(self.bytes),
            Coding::Gzip => unpack(MultiGzDecoder::new(self.bytes.as_ref()), self.decoded_limit)
                .map_err(|error| damaged("gzip", &error))?
                .ok_or_else(|| too_large(self.decoded_limit)),
            Coding::Zstd => {
                let damaged = |error: std::io::Error| damaged("zstd", &error);
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(self.bytes.as_ref()).map_err(damaged)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(damaged)?;
                unpack(decoder, self.decoded_limit)
                    .map_err(damaged)?
                    .ok_or_else(|| too_large(self.decoded_limit))
            }
        }
    }
}

/// Reads a decoder to its end. Returns `None` as soon as the result is larger than `limit`.
fn unpack(decoder: impl Read, limit: usize) -> std::io::Result<Option<Bytes>> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    decoder.take(most).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then(|| Bytes::from(bytes)))
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Kind::TooLarge, format!("The body is larger than the limit of {limit} bytes."))
}

fn damaged(coding: &str, error: &std::io::Error) -> Problem {
    Problem::new(
        Kind::MalformedBody,
        format!("The body isn't valid {coding}, which Content-Encoding names: {error}."),
    )
}

fn coding(request: &HttpRequest) -> Result<Coding, Problem> {
    let named = request.headers().get(header::CONTENT_ENCODING);
    match named.map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "identity") => Ok(Coding::Identity),
        Some("gzip" | "x-gzip") => Ok(Coding::Gzip),
        Some("zstd") => Ok(Coding::Zstd),
        Some(_) => Err(Problem::new(
            Kind::UnsupportedMediaType,
            "The service doesn't read this Content-Encoding. Send identity, gzip or zstd.",
        )
        .with_header(header::ACCEPT_ENCODING, "gzip, zstd, identity")),
    }
}

/// Reads a body of at most `limit` bytes as sent.
async fn read(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let announced = request.get_header::<ContentLength>().map(usize::from);
    if announced.is_some_and(|length| length > limit) {
        drain(payload, limit).await;
        return Err(too_large(limit));
    }
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or_default().min(limit));
    while let Some(chunk) = poll_fn(|cx| Pin::new(&mut payload).poll_next(cx)).await {
        let chunk = chunk.map_err(|error| {
            Problem::new(Kind::MalformedBody, format!("The body ended before it was complete: {error}."))
        })?;
        if bytes.len().saturating_add(chunk.len()) > limit {
            drain(payload, limit).await;
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Throws away up to `limit` more bytes: a caller that is only a little over reads the answer instead of a reset.
async fn drain(mut payload: Payload, limit: usize) {
    let mut seen = 0_usize;
    while let Some(Ok(chunk)) = poll_fn(|cx| Pin::new(&mut payload).poll_next(cx)).await {
        seen = seen.saturating_add(chunk.len());
        if seen > limit {
            break;
        }
    }
}

impl FromRequest for Body {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: payload.take() }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use actix_web::ResponseError as _;

    use super::*;

    fn body(bytes: Vec<u8>, coding: Coding) -> Received {
        Received { bytes: bytes.into(), coding, decoded_limit: 1000 }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_refused_and_never_held() {
        let zeros = vec![0; 50_000_000];
        for (bytes, coding) in
            [(gzip(&zeros), Coding::Gzip), (zstd::encode_all(zeros.as_slice(), 3).unwrap(), Coding::Zstd)]
        {
            assert!(bytes.len() < 60_000);
            assert_eq!(body(bytes, coding).decode().unwrap_err().status_code(), 413);
        }
    }

    #[test]
    fn what_is_whole_is_decoded_and_what_is_not_is_refused() {
        let text = b"coverage".repeat(100);
        let zipped = gzip(&text);
        assert_eq!(body(zipped.clone(), Coding::Gzip).decode().unwrap(), text);
        let packed = zstd::encode_all(text.as_slice(), 3).unwrap();
        assert_eq!(body(packed.clone(), Coding::Zstd).decode().unwrap(), text);
        for (bytes, coding) in [
            (zipped[..zipped.len() - 9].to_vec(), Coding::Gzip),
            (text.clone(), Coding::Gzip),
            (packed[..packed.len() - 5].to_vec(), Coding::Zstd),
            (text, Coding::Zstd),
        ] {
            assert_eq!(body(bytes, coding).decode().unwrap_err().status_code(), 400);
        }
    }
}
