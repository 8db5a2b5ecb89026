//! The interactive documentation: files that never change while the process lives, each compressed once.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    sync::{Arc, PoisonError, RwLock},
};

use actix_web::{http::header::HeaderValue, web::Bytes};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use utoipa_swagger_ui::Config;

use super::{problem::Problem, reply::etag};

/// The documentation's files, as they were asked for.
pub struct Docs {
    config: Arc<Config<'static>>,
    files: RwLock<HashMap<String, Arc<File>>>,
}

/// A file of the documentation, plain and compressed.
pub struct File {
    pub content_type: HeaderValue,
    /// Entity tag of the plain file.
    pub tag: String,
    pub plain: Bytes,
    pub gzip: Bytes,
}

impl Docs {
    /// `document` is the path of the OpenAPI document. Nothing is loaded from elsewhere: no validator badge, no font, no
    /// script.
    pub fn new(document: String) -> Self {
        let config = Config::from(document).validator_url("none").try_it_out_enabled(true);
        Self { config: Arc::new(config), files: RwLock::default() }
    }

    /// `None` where there is no such file. Only those that there are are kept.
    pub fn file(&self, name: &str) -> Result<Option<Arc<File>>, Problem> {
        if let Some(known) = self.files.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Some(Arc::clone(known)));
        }
        let served = utoipa_swagger_ui::serve(name, Arc::clone(&self.config)).map_err(Problem::internal)?;
        let Some(served) = served else { return Ok(None) };
        let file =
            File::new(&served.content_type, &served.bytes, served.gzpipped).map_err(Problem::internal)?;
        let file = Arc::new(file);
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.insert(name.to_owned(), Arc::clone(&file));
        Ok(Some(file))
    }
}

impl File {
    fn new(content_type: &str, bytes: &[u8], is_gzip: bool) -> io::Result<Self> {
        let (plain, gzip) = if is_gzip {
            let mut plain = Vec::new();
            GzDecoder::new(bytes).read_to_end(&mut plain)?;
            (plain, bytes.to_vec())
        } else {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes)?;
            (bytes.to_vec(), encoder.finish()?)
        };
        let content_type = HeaderValue::from_str(content_type).map_err(io::Error::other)?;
        Ok(Self { content_type, tag: etag(&plain), plain: plain.into(), gzip: gzip.into() })
    }
}
