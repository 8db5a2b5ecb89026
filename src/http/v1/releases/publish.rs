//! `POST /v1/admin/releases`

use actix_web::{HttpRequest, HttpResponse, post};

use super::list::ReleaseItem;
use crate::{
    app::publish_release::{PublishError, publish_release},
    http::{
        extract::access::Operator,
        failures::{chain, sentence},
        problem::{Kind, Problem},
        reply::{Cache, Created},
    },
};

/// Close and publish a release
///
/// The cut-off is now. The answer comes when the release is published, which can take a while. Each release is published
/// once: a repetition is refused as long as the rules do not allow the next one, so no idempotency key is needed.
#[utoipa::path(
    operation_id = "admin_publish_release",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    responses(
        (
            status = 201,
            description = "Published.",
            body = ReleaseItem,
            headers(("Location" = String, description = "The release."), ("ETag" = String, description = "Its entity tag.")),
        ),
        (
            status = 409,
            description = "The rules do not allow a release now; `detail` says why, and nothing changed.",
            body = inline(crate::http::problem::Document<'_>),
            content_type = "application/problem+json",
        ),
    ),
)]
#[post("/v1/admin/releases")]
pub async fn publish(operator: Operator, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let published = operator.run(|platform| publish_release(&platform.app, &platform.caller.client));
    let item = ReleaseItem::from(published.await?);
    // What members read is the release itself, so that is where it is.
    let location = request.path().replacen("/admin", "", 1);
    Ok(Created::of(format!("{location}/{}", item.number), &item, &item)?.respond(Cache::Private))
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        let detail = sentence(&error);
        match error {
            PublishError::Rules(_)
            | PublishError::NoUpload
            | PublishError::TooEarly(_)
            | PublishError::NoVersion
            | PublishError::Overtaken(_) => Self::new(Kind::Conflict, detail),
            PublishError::Store(error) => error.into(),
            PublishError::Analytics(_) => Self::internal(chain(&error)),
        }
    }
}
