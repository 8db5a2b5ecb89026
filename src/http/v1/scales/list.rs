//! `GET /v1/scales`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::scale::Scale,
    http::{
        problem::Problem,
        reply::{self, Cache},
    },
    wire::{names, snapshot::CellValue},
};

/// The scales that snapshots may use.
#[derive(Serialize, ToSchema)]
#[schema(as = ScaleList)]
struct Scales {
    /// All scales, each with its scores.
    items: Vec<ScaleItem>,
}

/// A scale: how a snapshot's values become scores. A scale never changes; a new version gets a new name.
#[derive(Serialize, ToSchema)]
#[schema(as = Scale)]
struct ScaleItem {
    /// Name and version of the scale.
    #[schema(value_type = names::ScaleName)]
    name: &'static str,
    /// Meaning of a value on this scale.
    #[schema(example = "The number of enabled rules.")]
    meaning: &'static str,
    /// Every possible value with its score, ascending.
    values: Vec<ScaleValue>,
}

/// A value of a scale and its score.
#[derive(Serialize, ToSchema)]
struct ScaleValue {
    /// Value as a snapshot states it.
    value: CellValue,
    /// Score from 0 to 100.
    #[schema(maximum = 100, example = 50)]
    score: u8,
}

fn item(scale: Scale) -> ScaleItem {
    let (low, high) = scale.range();
    let values = (low..=high).filter_map(|value| {
        scale.score(value).map(|score| ScaleValue { value: CellValue::new(value, scale), score: score.get() })
    });
    ScaleItem { name: scale.name(), meaning: scale.meaning(), values: values.collect() }
}

/// List scales
///
/// Returns the scales that snapshots may use, and the score from 0 to 100 that each value becomes.
#[utoipa::path(
    operation_id = "list_scales",
    tag = "facts",
    responses((status = 200, description = "All scales with their scores.", body = Scales)),
)]
#[get("/v1/scales")]
pub async fn list_scales(request: HttpRequest) -> Result<HttpResponse, Problem> {
    reply::json(&request, &Scales { items: Scale::ALL.map(item).into() }, Cache::Public)
}
