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
};

/// All scales.
#[derive(Serialize, ToSchema)]
struct Scales {
    items: Vec<ScaleItem>,
}

/// A scale: how a snapshot's values become scores. A scale never changes; a new version gets a new name.
#[derive(Serialize, ToSchema)]
struct ScaleItem {
    #[schema(example = "rule-count/1")]
    name: &'static str,
    /// What a value counts.
    meaning: &'static str,
    /// Every possible value with its score, ascending.
    values: Vec<ScaleValue>,
}

/// A value and its score.
#[derive(Serialize, ToSchema)]
struct ScaleValue {
    value: Said,
    /// 0 to 100.
    #[schema(maximum = 100)]
    score: u8,
}

/// A value as a snapshot says it: a number, or a word on scales that have words.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Said {
    Number(i8),
    Word(&'static str),
}

fn item(scale: Scale) -> ScaleItem {
    let (low, high) = scale.range();
    let said = |value: i8| {
        let word = usize::try_from(value).ok().and_then(|position| scale.words().get(position));
        word.map_or(Said::Number(value), |word| Said::Word(word))
    };
    let values = (low..=high).filter_map(|value| {
        scale.score(value).map(|score| ScaleValue { value: said(value), score: score.get() })
    });
    ScaleItem { name: scale.name(), meaning: scale.meaning(), values: values.collect() }
}

/// Scales of snapshots and their scores
#[utoipa::path(tag = "facts", responses((status = 200, description = "All scales.", body = Scales)))]
#[get("/v1/scales")]
pub async fn list_scales(request: HttpRequest) -> Result<HttpResponse, Problem> {
    reply::json(&request, &Scales { items: Scale::ALL.map(item).into() }, Cache::Public)
}
