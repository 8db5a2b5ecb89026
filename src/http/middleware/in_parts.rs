//! Large answers leave in parts: the framework copies what a body gives into the connection's buffer, and a caller that
//! reads slowly would have the whole of it copied.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpRequest,
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceResponse,
    web::Bytes,
};

use crate::http::{
    load::Load,
    problem::Problem,
    shares::{Payer, Share},
};

/// Bytes of a part.
const PART: usize = 16_384;
/// Bytes of a body that needs none.
const WHOLE: u64 = 65_536;

/// A body in parts, and its share of the answers that are under way.
struct InParts {
    rest: Bytes,
    _share: Share,
}

impl MessageBody for InParts {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let part = PART.min(self.rest.len());
        Poll::Ready(Some(Ok(self.rest.split_to(part))))
    }
}

/// Takes what a large answer needs of the answers that are under way; `None` for a small one.
///
/// # Errors
/// Where more answers wait for their readers than may.
pub fn share(
    response: &ServiceResponse<BoxBody>,
    load: &Load,
    payer: impl FnOnce(&HttpRequest) -> Payer,
) -> Result<Option<Share>, Problem> {
    match response.response().body().size() {
        BodySize::Sized(size) if size > WHOLE => {
            let share = load.answers.take(&payer(response.request()), size);
            share.map(Some).map_err(|_| Problem::busy())
        }
        _ => Ok(None),
    }
}

/// Sends a large body in parts.
pub fn send(response: ServiceResponse<BoxBody>, share: Share) -> ServiceResponse<BoxBody> {
    response.map_body(|_, body| match body.try_into_bytes() {
        Ok(rest) => BoxBody::new(InParts { rest, _share: share }),
        Err(body) => body,
    })
}
