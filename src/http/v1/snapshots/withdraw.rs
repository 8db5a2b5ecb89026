//! `DELETE /v1/snapshots/{id}`

use actix_web::{HttpResponse, delete, web};

use crate::{
    app::withdraw_snapshot::{WithdrawSnapshotError, withdraw_snapshot},
    domain::snapshot::SnapshotId,
    http::{
        extract::access::{Access, SnapshotsWrite},
        problem::Problem,
    },
};

/// Withdraw a snapshot
///
/// Erases a snapshot. Published releases stay as they are; the next release is computed without it.
#[utoipa::path(
    operation_id = "withdraw_snapshot",
    tag = "snapshots",
    security(("oauth" = ["snapshots:write"])),
    params(("id" = String, Path, description = "ID of the snapshot.")),
    responses((status = 204, description = "The snapshot is withdrawn and erased.")),
)]
#[delete("/v1/snapshots/{id}")]
pub async fn withdraw(
    access: Access<SnapshotsWrite>,
    id: web::Path<SnapshotId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    access.run(move |inside| withdraw_snapshot(&inside.app, &inside.member, &id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<WithdrawSnapshotError> for Problem {
    fn from(error: WithdrawSnapshotError) -> Self {
        match error {
            WithdrawSnapshotError::UnknownSnapshot => Self::not_found("snapshot"),
            WithdrawSnapshotError::Store(error) => Self::from(error).with_detail(
                "The snapshot could not be withdrawn: unless this says otherwise later, it is still there and counts. Try \
                 again until the answer is 204.",
            ),
        }
    }
}
