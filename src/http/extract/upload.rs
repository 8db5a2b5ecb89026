//! A form with a file in it, from a page of a member's session. Nothing of it is kept.

use std::{convert::Infallible, future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Bytes};
use futures_util::stream;
use multer::Multipart;

use super::{
    access::Required,
    body::{Body, Decoded},
    visit::{Visit, foreign_form, same_site, signed_in},
};
use crate::http::problem::{Kind, Problem};

/// A file that a member sends, with the form's other fields.
pub struct Upload<S> {
    pub visit: Visit<S>,
    pub form: FileForm,
}

/// The parts of a form.
pub struct FileForm {
    fields: Vec<(String, Bytes)>,
    files: Vec<(String, Bytes)>,
    /// Share of the bytes that all requests may hold.
    _held: Decoded,
}

impl FileForm {
    /// A field's text; empty if it isn't there.
    pub fn text(&self, name: &str) -> String {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The one file, with its name.
    ///
    /// # Errors
    /// Fails if there is none, or another beside it.
    pub fn file(&self) -> Result<(&str, &Bytes), Problem> {
        match self.files.as_slice() {
            [(name, bytes)] => Ok((name, bytes)),
            [] => Err(Problem::new(Kind::Invalid, "No file was sent. Choose one.")),
            several => {
                let detail =
                    format!("{} files were sent, and none was read. Send one at a time.", several.len());
                Err(Problem::new(Kind::Invalid, detail))
            }
        }
    }
}

impl<S: Required> FromRequest for Upload<S> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Body::from_request(&request, payload);
        Box::pin(async move {
            same_site(&request)?;
            let session = signed_in(&request)?;
            let visit = Visit::of(&request, session)?;
            let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|_| {
                let detail =
                    "The body must be a form with a file. Send it with Content-Type: multipart/form-data.";
                Problem::new(Kind::UnsupportedMediaType, detail)
            })?;
            let form = read(body.await?, &boundary).await?;
            if !visit.session().owns(&form.text("form_token")) {
                return Err(foreign_form());
            }
            Ok(Self { visit, form })
        })
    }
}

async fn read(body: Body, boundary: &str) -> Result<FileForm, Problem> {
    let held = body.receive_file().await?.decode()?;
    let damaged = |error: multer::Error| {
        Problem::new(Kind::MalformedBody, format!("The form can't be read: {error}. Send it again."))
    };
    let mut form = Multipart::new(stream::iter([Ok::<_, Infallible>(held.bytes())]), boundary);
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = form.next_field().await.map_err(damaged)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(damaged)?;
        match file {
            // A browser sends an empty part for a field without a file.
            Some(file) if file.is_empty() && bytes.is_empty() => {}
            Some(file) => files.push((file, bytes)),
            None => fields.push((name, bytes)),
        }
    }
    Ok(FileForm { fields, files, _held: held })
}
