//! Answers to comparisons, kept as the bytes that were sent. A read that was asked before costs its authentication and one
//! look here.
//!
//! A question names the organisation that asks, so nobody is ever answered with another's bytes, and how long an answer
//! takes depends on what its own organisation asked before. Each answer carries the version that it was made in
//! ([`Version`]): after an upload, a withdrawal, a publication or anything else that it depends on, it is made anew.

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{
            self, AcceptEncoding, ContentEncoding, Encoding, HeaderName, HeaderValue, InvalidHeaderValue,
        },
    },
    web::Bytes,
};
use flate2::{Compression, write::GzEncoder};
use quick_cache::{Weighter, sync::Cache};
use serde::Serialize;

use super::reply::{self, etag};
use crate::{
    app::{
        authenticate::Version,
        compare::{List, Query},
    },
    domain::organisation::OrganisationId,
    report::Representation,
};

/// The number of rows that a list leaves out, by their word of coverage, as a structured dictionary (RFC 9651).
pub const HIDDEN: HeaderName = HeaderName::from_static("peerbench-hidden");
/// Bytes of an answer beside its body and the texts of its question: headers and the cache's own bookkeeping.
const OVERHEAD: u64 = 512;
/// A guess of the mean size, from which the cache takes how many it may hold.
const TYPICAL: u64 = 16_384;
/// The level at which the server compresses everything else.
const ZSTD_LEVEL: i32 = 3;
const KEEPING: reply::Cache = reply::Cache::Private;

/// The kind of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum What {
    Summary,
    List(List, Representation),
    /// The answer of another operation, with the parameters that only this operation has as it understood them.
    Of(&'static str, String),
}

/// The coding of an answer's bytes. Whatever else a caller may accept is put on by the server as for any other answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    Identity,
    Gzip,
    Zstd,
}

/// A query that was read and checked, so that two ways of writing it are one question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub what: What,
    pub query: Query,
    /// The latest where `None`.
    pub release: Option<u32>,
    pub coding: Coding,
}

/// A query and the organisation that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    pub organisation: OrganisationId,
    pub asked: Asked,
}

impl Asked {
    /// A question as a request asks it.
    pub fn of(request: &HttpRequest, what: What, query: Query, release: Option<u32>) -> Self {
        Self { what, query, release, coding: Coding::of(request) }
    }
}

/// An answer before it is coded.
#[derive(Debug)]
pub struct Made {
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The rows that the list leaves out, where its form has no place to say so.
    pub hidden: Option<String>,
}

impl Made {
    pub fn new(content_type: &'static str, body: Vec<u8>) -> Self {
        Self { content_type, body, next: None, hidden: None }
    }

    /// A value as JSON, which says everything itself.
    ///
    /// # Errors
    /// Fails if the value can't be written.
    pub fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self::new("application/json", serde_json::to_vec(value)?))
    }
}

/// An answer as it is sent.
#[derive(Debug)]
pub struct Answer {
    version: Version,
    /// The tag of the body before it is coded.
    tag: String,
    /// All that are the same for whoever reads it.
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    pub next: Option<String>,
}

/// The answers of one process.
#[derive(Debug)]
pub struct Answers {
    /// `None` where nothing is kept.
    kept: Option<Cache<Question, Arc<Answer>, Bytewise>>,
}

/// Weighs answers by their bytes, with those of the question: how long its texts are is the caller's choice.
#[derive(Debug, Clone)]
struct Bytewise;

impl Weighter<Question, Arc<Answer>> for Bytewise {
    fn weight(&self, question: &Question, answer: &Arc<Answer>) -> u64 {
        let Query { filters, cursor, .. } = &question.asked.query;
        let texts = [cursor, &filters.tactic, &filters.technology, &filters.group]
            .into_iter()
            .flatten()
            .map(String::len);
        let own = if let What::Of(_, parameters) = &question.asked.what { parameters.len() } else { 0 };
        let bytes = texts.sum::<usize>().saturating_add(own).saturating_add(answer.body.len());
        u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
    }
}

impl Coding {
    /// Returns the coding that the server's compression would choose for the request.
    pub fn of(request: &HttpRequest) -> Self {
        let served = [Encoding::identity(), Encoding::gzip(), Encoding::deflate(), Encoding::zstd()];
        let accepted = request.get_header::<AcceptEncoding>();
        match accepted.and_then(|accepted| accepted.negotiate(served.iter())) {
            Some(Encoding::Known(ContentEncoding::Gzip)) => Self::Gzip,
            Some(Encoding::Known(ContentEncoding::Zstd)) => Self::Zstd,
            _ => Self::Identity,
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }

    fn encode(self, body: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(body),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&body)?;
                encoder.finish()
            }
            Self::Zstd => zstd::encode_all(body.as_slice(), ZSTD_LEVEL),
        }
    }
}

impl Answers {
    /// Holds this many bytes at most.
    pub fn new(bytes: u64) -> Self {
        let items = usize::try_from(bytes / TYPICAL).unwrap_or(usize::MAX).max(1);
        Self { kept: (bytes > 0).then(|| Cache::with_weighter(items, bytes, Bytewise)) }
    }

    /// The answer that was given last, of whatever version.
    pub fn latest(&self, question: &Question) -> Option<Arc<Answer>> {
        self.kept.as_ref()?.get(question)
    }

    pub fn get(&self, question: &Question, version: Version) -> Option<Arc<Answer>> {
        self.latest(question).filter(|answer| answer.is_of(version))
    }

    /// Codes an answer and keeps it in the place of an older one. `version` was read before what the answer was made of: a
    /// change in between makes it out of date at once, never the other way round.
    ///
    /// # Errors
    /// Fails if the body can't be compressed.
    pub fn put(&self, question: Question, version: Version, made: Made) -> io::Result<Arc<Answer>> {
        let coding = question.asked.coding;
        let tag = etag(&made.body);
        let mut headers = headers(made.content_type, &tag, coding).map_err(io::Error::other)?;
        if let Some(hidden) = made.hidden {
            headers.push((HIDDEN, hidden.parse().map_err(io::Error::other)?));
        }
        let body = coding.encode(made.body)?.into();
        let answer = Arc::new(Answer { version, tag, headers, body, next: made.next });
        if let Some(kept) = &self.kept {
            kept.insert(question, Arc::clone(&answer));
        }
        Ok(answer)
    }
}

fn headers(
    content_type: &'static str,
    tag: &str,
    coding: Coding,
) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidHeaderValue> {
    let fixed = HeaderValue::from_static;
    let mut headers =
        vec![(header::CONTENT_TYPE, fixed(content_type)), (header::CACHE_CONTROL, fixed(KEEPING.header()))];
    match coding.name() {
        None => headers.push((header::ETAG, tag.parse()?)),
        Some(name) => headers.extend([
            (header::ETAG, reply::coded_etag(tag, name).parse()?),
            (header::CONTENT_ENCODING, fixed(name)),
            (header::VARY, fixed("accept-encoding")),
        ]),
    }
    Ok(headers)
}

impl Answer {
    /// Returns true if it was made in this version.
    pub fn is_of(&self, version: Version) -> bool {
        self.version == version
    }

    /// The body as it was coded.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// 200 with the body, or 304 if the caller has it.
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse {
        if let Some(known) = reply::matching(request, &self.tag) {
            return reply::unchanged(known, KEEPING);
        }
        self.whole()
    }

    /// 200 with the body, for a question that came in one: nobody else keeps the answer.
    pub fn once(&self) -> HttpResponse {
        let mut response = self.whole();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(reply::Cache::Never.header()));
        headers.remove(header::ETAG);
        response
    }

    fn whole(&self) -> HttpResponse {
        let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(self.body.clone()));
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(organisation: &str, limit: usize) -> Question {
        let query = Query { limit, ..Query::default() };
        let asked = Asked { what: What::Summary, query, release: None, coding: Coding::Identity };
        Question { organisation: OrganisationId::new(organisation), asked }
    }

    fn made(bytes: usize) -> Made {
        Made::new("application/json", vec![b'x'; bytes])
    }

    #[test]
    fn however_much_is_asked_no_more_is_held_than_may_be() {
        const BYTES: u64 = 1_000_000;
        let answers = Answers::new(BYTES);
        for limit in 0..2_000 {
            answers.put(question("a", limit), Version::default(), made(500 + limit * 7)).unwrap();
            assert!(answers.kept.as_ref().unwrap().weight() <= BYTES);
        }
        assert!(answers.kept.as_ref().unwrap().weight() > BYTES / 4, "it is used");
        let large = question("a", 9_999);
        answers.put(large.clone(), Version::default(), made(2_000_000)).unwrap();
        assert!(answers.kept.as_ref().unwrap().weight() <= BYTES && answers.latest(&large).is_none());
        let mut wordy = question("a", 1);
        wordy.asked.query.cursor = Some("0".repeat(2_000_000));
        answers.put(wordy.clone(), Version::default(), made(1)).unwrap();
        assert!(answers.latest(&wordy).is_none(), "a question counts as well");
        let mut wordy = question("a", 1);
        wordy.asked.what = What::Of("what_if", "0".repeat(2_000_000));
        answers.put(wordy.clone(), Version::default(), made(1)).unwrap();
        assert!(answers.latest(&wordy).is_none(), "and so do its own parameters");
        let none = Answers::new(0);
        none.put(large.clone(), Version::default(), made(1)).unwrap();
        assert!(none.latest(&large).is_none());
    }

    #[test]
    fn an_answer_is_for_one_organisation_one_question_and_one_version() {
        let answers = Answers::new(1_000_000);
        answers.put(question("a", 1), Version::default(), made(1)).unwrap();
        assert!(answers.get(&question("a", 1), Version::default()).is_some());
        for other in [question("b", 1), question("a", 2)] {
            assert!(answers.latest(&other).is_none() && answers.get(&other, Version::default()).is_none());
        }
        assert!(answers.get(&question("a", 1), Version::later()).is_none());
    }
}
