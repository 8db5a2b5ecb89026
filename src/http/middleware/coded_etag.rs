//! A strong ETag names bytes, and a compressed body has other bytes: the coding's name is put behind the tag.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderValue},
    middleware::Next,
};

use crate::http::reply;

pub async fn coded_etag<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let text = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let (Some(tag), Some(coding)) = (text(header::ETAG), text(header::CONTENT_ENCODING))
        && let Ok(coded) = HeaderValue::from_str(&reply::coded_etag(tag, coding))
    {
        response.headers_mut().insert(header::ETAG, coded);
    }
    Ok(response)
}
