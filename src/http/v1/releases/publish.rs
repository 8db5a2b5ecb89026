//! `POST /v1/admin/releases`

use actix_web::{HttpRequest, HttpResponse, post};

use super::list::ReleaseItem;
use crate::{
    app::{
        low_priority::at_low_priority,
        publish_release::{PublishError, publish_release},
    },
    http::{
        extract::{access::Operator, idempotency::IdempotencyKey},
        failures::{chain, sentence},
        problem::{Kind, Problem},
        reply::{Cache, Created},
    },
};

/// Publish a release
///
/// Computes and publishes a release with the current time as its cut-off, or completes a release that was interrupted. The
/// answer arrives when the release is published, which can take a while.
#[utoipa::path(
    operation_id = "admin_publish_release",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Unique key of the request, 1 to 200 visible ASCII characters. A repetition with the same key does nothing twice.")),
    responses(
        (
            status = 201,
            description = "The release is computed and published.",
            body = ReleaseItem,
        ),
        (status = 409, description = "The rules don't allow a release now."),
    ),
)]
#[post("/v1/admin/releases")]
pub async fn publish(
    operator: Operator,
    request: HttpRequest,
    key: IdempotencyKey,
) -> Result<HttpResponse, Problem> {
    let published = operator.run_long(move |platform| {
        at_low_priority(|| publish_release(&platform.app, &platform.caller.client, key.0.as_deref()))
    });
    let item = ReleaseItem::from(published.await?);
    // What members read is the release itself, so that is where it is.
    let location = request.path().replacen("/admin", "", 1);
    Ok(Created::of(format!("{location}/{}", item.number), &item, &item)?.respond(Cache::Private))
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Store(error) => error.into(),
            PublishError::KeyReused(error) => error.into(),
            refused if refused.is_refusal() => Self::new(Kind::Conflict, sentence(&refused)),
            failed => Self::internal(chain(&failed)),
        }
    }
}
