//! Request bodies: bounded as they arrive, decompressed into a bounded buffer, whatever they claim to be.

use std::{
    future::{Ready, poll_fn, ready},
    io::{self, Read},
    ops::Deref,
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
    load::{Gate, Place},
    problem::{Kind, Problem},
    shares::Share,
};

/// The largest zstd window that is accepted, as a power of two: 8 MiB, what every encoder stays within by default.
const ZSTD_WINDOW_LOG: u32 = 23;

/// The time that a body may take to arrive. A caller who sends a byte a second can't hold a connection for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of a file that is too large that are read on, so that a browser shows the answer instead of a broken connection.
const READ_ON: usize = 67_108_864;
/// Bytes of a form at most: id, secret and scopes are far below.
const FORM: usize = 8_192;
/// Bytes of any other JSON than a snapshot, before and after decompression.
const SMALL: usize = 131_072;
/// Bytes that are reserved before more have come.
const PART: usize = 8_192;
/// Maximum ratio of a body's size after decompression to its size as sent. Snapshots stay below 40.
const RATIO: usize = 100;
/// Bytes that any body may become.
const ALWAYS: usize = 262_144;
/// Decoded bytes beyond which reading a body takes long enough to wait for a place: tens of milliseconds.
const LARGE: usize = 1_048_576;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Zstd,
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The body of a request, not read yet: whoever may not call an operation is refused before anything is read for it.
pub struct Body {
    request: HttpRequest,
    payload: Payload,
}

impl Body {
    /// Reads the body as it was sent, no larger than the setting allows.
    pub async fn receive(self) -> Result<Received, Problem> {
        let coding = coding(&self.request)?;
        let limits = Context::of(&self.request)?.bodies;
        self.read(coding, limits.body_bytes, limits.decoded_bytes).await
    }

    /// Reads a form with a file in it, from somebody with a session.
    pub async fn receive_file(self) -> Result<Received, Problem> {
        require_identity(&self.request)?;
        let limits = Context::of(&self.request)?.bodies;
        let limit = limits.body_bytes;
        self.read_or_drain(Coding::Identity, limit, limits.decoded_bytes, limit.max(READ_ON)).await
    }

    /// Reads a body that declares itself as JSON and may be large.
    pub async fn receive_large(self) -> Result<Received, Problem> {
        json::require_json(&self.request)?;
        self.receive().await
    }

    /// Reads a body that declares itself as JSON.
    pub async fn receive_json(self) -> Result<Received, Problem> {
        json::require_json(&self.request)?;
        let coding = coding(&self.request)?;
        let limits = Context::of(&self.request)?.bodies;
        self.read(coding, limits.body_bytes.min(SMALL), limits.decoded_bytes.min(SMALL)).await
    }

    /// Reads a form, which is small and has no coding.
    pub async fn receive_form(self) -> Result<Bytes, Problem> {
        require_identity(&self.request)?;
        Ok(self.read(Coding::Identity, FORM, FORM).await?.bytes)
    }

    async fn read(self, coding: Coding, limit: usize, decoded_limit: usize) -> Result<Received, Problem> {
        self.read_or_drain(coding, limit, decoded_limit, limit).await
    }

    /// Reads a body of at most `limit` bytes; of a larger one, `read_on` bytes more are thrown away before it is refused.
    async fn read_or_drain(
        self,
        coding: Coding,
        limit: usize,
        decoded_limit: usize,
        read_on: usize,
    ) -> Result<Received, Problem> {
        let Self { request, payload } = self;
        let context = Context::of(&request)?;
        let payer = context.rate_limits.payer(&request);
        let share = context.load.bodies.take(&payer, 0).map_err(|_| Problem::busy())?;
        let decoded = context.load.decoded.take(&payer, 0).map_err(|_| Problem::busy())?;
        let reading = timeout(PATIENCE, read(&request, payload, (limit, read_on), share));
        let (bytes, share) = reading.await.map_err(|_| {
            Problem::new(Kind::Timeout, "The body did not arrive within a minute: send it again, faster.")
        })??;
        let gate = context.load.large_bodies.clone();
        Ok(Received { bytes, coding, decoded_limit, _share: share, decoded, gate })
    }
}

/// A body as it was sent. To decode it takes time in proportion to its size, so that belongs on the blocking pool.
#[derive(Debug)]
pub struct Received {
    bytes: Bytes,
    coding: Coding,
    decoded_limit: usize,
    _share: Share,
    /// Share of the bytes that all requests may hold decoded.
    decoded: Share,
    gate: Gate,
}

/// A body without its content coding.
#[derive(Debug)]
pub struct Decoded {
    bytes: Bytes,
    _shares: [Share; 2],
    /// Until a large body is read.
    _place: Option<Place>,
}

impl Decoded {
    /// The bytes, which may be held no longer than the value.
    pub fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }
}

impl Deref for Decoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Received {
    /// Returns the body without its content coding.
    ///
    /// # Errors
    /// A damaged body, one that is larger than the limit or than any text of its size as sent, and 503 where too much is
    /// decoded already; nothing beyond the limit is ever held.
    pub fn decode(self) -> Result<Decoded, Problem> {
        let Self { bytes, coding, decoded_limit, _share, mut decoded, gate } = self;
        let limit = decoded_limit.min(bytes.len().saturating_mul(RATIO).max(ALWAYS));
        let too_large = || if limit < decoded_limit { too_dense() } else { too_large(decoded_limit) };
        let damaged = |error: io::Error| match error.kind() {
            io::ErrorKind::QuotaExceeded => Problem::busy(),
            io::ErrorKind::FileTooLarge => too_large(),
            _ => damaged(coding, &error),
        };
        if coding == Coding::Identity && bytes.len() > decoded_limit {
            return Err(too_large());
        }
        let place = (coding != Coding::Identity || bytes.len() > LARGE).then(|| gate.enter());
        let bytes = match coding {
            Coding::Identity => bytes,
            Coding::Gzip => gzip(&bytes, limit, &mut decoded).map_err(damaged)?,
            Coding::Zstd => zstd(&bytes, limit, &mut decoded).map_err(damaged)?,
        };
        let _place = place.filter(|_| bytes.len() > LARGE);
        Ok(Decoded { bytes, _shares: [_share, decoded], _place })
    }

    /// Parses a JSON body.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        json::parse(&self.decode()?)
    }
}

fn gzip(bytes: &[u8], limit: usize, share: &mut Share) -> io::Result<Bytes> {
    unpack(MultiGzDecoder::new(bytes), limit, share)
}

fn zstd(bytes: &[u8], limit: usize, share: &mut Share) -> io::Result<Bytes> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    unpack(decoder, limit, share)
}

/// Reads a decoder to its end. Fails as soon as the result is larger than `limit` or its share.
fn unpack(mut decoder: impl Read, limit: usize, share: &mut Share) -> io::Result<Bytes> {
    let mut bytes = BytesMut::new();
    let mut part = [0; PART];
    loop {
        let read = decoder.read(&mut part)?;
        let Some(read) = part.get(..read).filter(|read| !read.is_empty()) else { return Ok(bytes.freeze()) };
        if bytes.len().saturating_add(read.len()) > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if bytes.capacity() < bytes.len() + read.len() {
            let more = bytes.len().max(PART).min(limit - bytes.len());
            share.grow(number(more)).map_err(|_| io::Error::from(io::ErrorKind::QuotaExceeded))?;
            bytes.reserve(more);
        }
        bytes.extend_from_slice(read);
    }
}

fn require_identity(request: &HttpRequest) -> Result<(), Problem> {
    if coding(request)? == Coding::Identity {
        return Ok(());
    }
    let detail = "A form is read without a Content-Encoding only.";
    Err(Problem::new(Kind::UnsupportedMediaType, detail).with_header(header::ACCEPT_ENCODING, "identity"))
}

fn number(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn too_dense() -> Problem {
    let detail = format!(
        "The body becomes more than {RATIO} times as large when it is decompressed, which no snapshot does: send it \
         without Content-Encoding."
    );
    Problem::new(Kind::TooLarge, detail)
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Kind::TooLarge, format!("The body is larger than the limit of {limit} bytes."))
}

fn damaged(coding: Coding, error: &io::Error) -> Problem {
    let name = coding.name();
    let detail = format!("The body isn't valid {name}, which Content-Encoding names: {error}.");
    Problem::new(Kind::MalformedBody, detail)
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

/// Reads a body of at most `limit` bytes as sent. What a length announces is not reserved before it is there.
async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    (limit, read_on): (usize, usize),
    mut share: Share,
) -> Result<(Bytes, Share), Problem> {
    let announced = request.get_header::<ContentLength>().map(usize::from);
    if announced.is_some_and(|length| length > limit) {
        drain(payload, read_on).await;
        return Err(too_large(limit));
    }
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or(PART).min(PART).min(limit));
    while let Some(chunk) = poll_fn(|cx| Pin::new(&mut payload).poll_next(cx)).await {
        let chunk = chunk.map_err(|error| {
            Problem::new(Kind::MalformedBody, format!("The body ended before it was complete: {error}."))
        })?;
        if bytes.len().saturating_add(chunk.len()) > limit {
            drain(payload, read_on).await;
            return Err(too_large(limit));
        }
        if share.grow(number(chunk.len())).is_err() {
            drain(payload, read_on).await;
            return Err(Problem::busy());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes.freeze(), share))
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
    use crate::http::shares::{Payer, Shares};

    fn body(bytes: Vec<u8>, coding: Coding) -> Received {
        body_within(&Shares::new(1 << 40, 1 << 40), bytes, coding, 1000)
    }

    fn body_within(shares: &Shares, bytes: Vec<u8>, coding: Coding, decoded_limit: usize) -> Received {
        let share = || shares.take(&Payer::address("a"), 0).unwrap();
        Received {
            bytes: bytes.into(),
            coding,
            decoded_limit,
            _share: share(),
            decoded: share(),
            gate: Gate::new(1),
        }
    }

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_refused_and_never_held() {
        let zeros = vec![0; 50_000_000];
        for (bytes, coding) in
            [(gzipped(&zeros), Coding::Gzip), (zstd::encode_all(zeros.as_slice(), 3).unwrap(), Coding::Zstd)]
        {
            assert!(bytes.len() < 60_000);
            assert_eq!(body(bytes, coding).decode().unwrap_err().status_code(), 413);
        }
    }

    #[test]
    fn what_becomes_much_larger_than_it_was_sent_is_refused_early() {
        let shares = Shares::new(1 << 20, 1 << 20);
        let packed = gzipped(&vec![0; 10_000_000]);
        let refused = body_within(&shares, packed.clone(), Coding::Gzip, 1 << 30).decode().unwrap_err();
        assert_eq!(refused.status_code(), 413, "within a megabyte of memory");
        // What a ratio allows is bounded by what all requests hold together.
        let shares = Shares::new(100_000, 100_000);
        let refused = body_within(&shares, packed, Coding::Gzip, 1 << 30).decode().unwrap_err();
        assert_eq!(refused.status_code(), 503);
        shares.take(&Payer::address("a"), 100_000).expect("everything came back");
    }

    #[test]
    fn what_is_whole_is_decoded_and_what_is_not_is_refused() {
        let text = b"coverage".repeat(100);
        let zipped = gzipped(&text);
        assert_eq!(body(zipped.clone(), Coding::Gzip).decode().unwrap().to_vec(), text);
        let packed = zstd::encode_all(text.as_slice(), 3).unwrap();
        assert_eq!(body(packed.clone(), Coding::Zstd).decode().unwrap().to_vec(), text);
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
