//! Answers that are the same for everyone and rarely change, each made and compressed once. Nobody needs a token to ask for
//! them, so asking again costs a look here.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    sync::{Arc, PoisonError, RwLock},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Bytes,
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};

use super::reply::{self, Cache, coded_etag, etag};

/// An answer, plain and compressed.
#[derive(Debug)]
pub struct Kept {
    content_type: HeaderValue,
    /// Entity tag of the plain body.
    tag: String,
    plain: Bytes,
    gzip: Bytes,
}

/// The answers of one process by their names. Only what exists is kept, so callers can't make it grow.
#[derive(Debug, Default)]
pub struct KeptAnswers(RwLock<HashMap<String, (u64, Arc<Kept>)>>);

impl Kept {
    /// Compresses a body.
    ///
    /// # Errors
    /// Fails if the body can't be compressed, or if the content type isn't one.
    pub fn new(content_type: &str, plain: impl Into<Bytes>) -> io::Result<Self> {
        let plain = plain.into();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&plain)?;
        Self::of(content_type, plain, encoder.finish()?.into())
    }

    /// Takes a body that is compressed already.
    ///
    /// # Errors
    /// Fails if the body isn't gzip, or if the content type isn't one.
    pub fn packed(content_type: &str, gzip: &[u8]) -> io::Result<Self> {
        let mut plain = Vec::new();
        GzDecoder::new(gzip).read_to_end(&mut plain)?;
        Self::of(content_type, plain.into(), Bytes::copy_from_slice(gzip))
    }

    fn of(content_type: &str, plain: Bytes, gzip: Bytes) -> io::Result<Self> {
        let content_type = HeaderValue::from_str(content_type).map_err(io::Error::other)?;
        Ok(Self { content_type, tag: etag(&plain), plain, gzip })
    }

    /// 200 with the body as the caller accepts it, or 304 if the caller has it. It names its coding even where it has none,
    /// so that the server puts no other on.
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse {
        if let Some(known) = reply::matching(request, &self.tag) {
            return reply::unchanged(known, Cache::Public);
        }
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CONTENT_TYPE, self.content_type.clone()))
            .insert_header((header::CACHE_CONTROL, Cache::Public.header()));
        match reply::accepts_gzip(request) {
            true => response
                .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")))
                .insert_header((header::ETAG, coded_etag(&self.tag, "gzip")))
                .body(self.gzip.clone()),
            false => response
                .insert_header((header::CONTENT_ENCODING, reply::IDENTITY))
                .insert_header((header::ETAG, self.tag.as_str()))
                .body(self.plain.clone()),
        }
    }
}

impl KeptAnswers {
    /// Returns the answer that was made in this edition.
    pub fn get(&self, name: &str, edition: u64) -> Option<Arc<Kept>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(name).filter(|(made, _)| *made == edition).map(|(_, kept)| Arc::clone(kept))
    }

    /// Keeps an answer in the place of that of another edition.
    pub fn put(&self, name: &str, edition: u64, kept: Kept) -> Arc<Kept> {
        let kept = Arc::new(kept);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), (edition, Arc::clone(&kept)));
        kept
    }
}
