//! `GET /v1/privacy`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::privacy_terms::PrivacyTerms,
    domain::release::Parameters,
    http::{
        extract::service::Service,
        problem::Problem,
        reply::{self, Cache},
    },
};

/// The promise, with the numbers in force.
#[derive(Serialize, ToSchema)]
struct Privacy {
    /// `small-community` is weaker than the others.
    #[schema(example = "default")]
    preset: &'static str,
    parameters: PrivacyParameters,
    /// In plain words: what others can learn.
    what_others_can_learn: String,
    /// In plain words: what is not promised.
    what_is_not_promised: String,
    rules: Vec<PrivacyRule>,
}

/// A rule of the release.
#[derive(Serialize, ToSchema)]
struct PrivacyRule {
    #[schema(example = "R9")]
    id: &'static str,
    text: String,
}

/// The parameters of the rules. Counts are of control groups unless said otherwise.
#[derive(Serialize, ToSchema)]
struct PrivacyParameters {
    /// Control groups per cell and cohort, at least.
    k: u32,
    /// Control groups in any difference of nested cohorts, at least, if there are any.
    d: u32,
    /// Control groups that must have changed before a cell is refreshed or appears.
    m: u32,
    release_days: u32,
    /// Points that scores and shares are rounded to.
    round_step: u8,
    code_low: u8,
    code_high: u8,
    /// Ranks that a quantile may move in cells of fewer than 100 organisations.
    jitter: u32,
    /// Ranks at either end that no quantile uses.
    tail_min: u32,
    /// Percent of a cell's organisations that one control group may hold.
    max_cg_share: u32,
    /// Organisations from which p10 and p90 are published.
    tails_min_n: u32,
    /// Contributors from which cohorts of two dimensions could be published.
    pairs_min_n: u32,
    freshness_days: u32,
    new_organisation_wait_days: u32,
}

impl From<&Parameters> for PrivacyParameters {
    fn from(p: &Parameters) -> Self {
        Self {
            k: p.k,
            d: p.d,
            m: p.m,
            release_days: p.release_days,
            round_step: p.round_step,
            code_low: p.code_low,
            code_high: p.code_high,
            jitter: p.jitter(0),
            tail_min: p.tail_min,
            max_cg_share: p.max_cg_share,
            tails_min_n: p.tails_min_n,
            pairs_min_n: p.pairs_min_n,
            freshness_days: p.freshness_days,
            new_organisation_wait_days: p.new_organisation_wait_days,
        }
    }
}

/// What others can learn
///
/// The parameters in force, the promise in plain words, and every rule that this version applies.
#[utoipa::path(
    operation_id = "read_privacy",
    tag = "facts",
    responses((status = 200, description = "The promise.", body = Privacy)),
)]
#[get("/v1/privacy")]
pub async fn read(request: HttpRequest, service: Service) -> Result<HttpResponse, Problem> {
    let PrivacyTerms { parameters, learnable, not_promised, rules } = service.privacy_terms();
    let privacy = Privacy {
        preset: parameters.preset.name(),
        parameters: PrivacyParameters::from(&parameters),
        what_others_can_learn: learnable,
        what_is_not_promised: not_promised,
        rules: rules.into_iter().map(|(id, text)| PrivacyRule { id, text }).collect(),
    };
    reply::json(&request, &privacy, Cache::Public)
}
