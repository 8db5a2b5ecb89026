//! `DELETE /v1/gaps/{technique}`

use actix_web::{HttpResponse, delete, web};

use crate::{
    app::forget_gap::{ForgetGapError, forget_gap},
    http::{
        extract::access::{Access, GapsWrite},
        failures::sentence,
        problem::{Kind, Problem},
    },
};

/// Take a gap out of your book
///
/// Erases your decision about a gap, as if you had never decided. The gap itself follows from your coverage, and stays as it is.
#[utoipa::path(
    operation_id = "forget_gap",
    tag = "gaps",
    security(("oauth" = ["gaps:write"])),
    params(("technique" = String, Path, description = "ID of a technique or sub-technique, as your book has it.", example = "T1190")),
    responses(
        (status = 204, description = "The decision is out of your book."),
        (status = 404, description = "Your book has no decision about this technique."),
    ),
)]
#[delete("/v1/gaps/{technique}")]
pub async fn forget(
    access: Access<GapsWrite>,
    technique: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    access.run(move |inside| forget_gap(&inside.app, &inside.member, &technique)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<ForgetGapError> for Problem {
    fn from(error: ForgetGapError) -> Self {
        match error {
            ForgetGapError::NotInBook => Self::new(Kind::NotFound, sentence(&error)),
            ForgetGapError::Store(error) => error.into(),
        }
    }
}
