//! `GET /v1/privacy`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::{
    app::privacy_terms::PrivacyTerms,
    domain::release::{Parameter, Parameters, Preset},
    http::{
        extract::service::Service,
        problem::Problem,
        reply::{self, Cache},
    },
    wire::names,
};

/// The privacy rules with the parameters in force.
#[derive(Serialize, ToSchema)]
#[schema(as = PrivacyTerms)]
struct Privacy {
    /// Preset that the parameters started from.
    #[schema(value_type = names::Preset)]
    preset: &'static str,
    /// Parameters in force, by name.
    parameters: PrivacyParameters,
    /// Information that others can learn, in plain words.
    what_others_can_learn: String,
    /// Limits of the guarantee, in plain words.
    what_is_not_promised: String,
    /// Every rule that this version applies.
    rules: Vec<PrivacyRule>,
}

/// A rule that every release follows.
#[derive(Serialize, ToSchema)]
struct PrivacyRule {
    /// Number of the rule.
    #[schema(example = "R9")]
    id: &'static str,
    /// The rule with the parameters in force.
    text: String,
}

/// The parameters of the rules, by name.
struct PrivacyParameters(Parameters);

impl Serialize for PrivacyParameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Parameters::ALL.iter().map(|of| (of.name, (of.get)(&self.0))))
    }
}

impl PartialSchema for PrivacyParameters {
    fn schema() -> RefOr<Schema> {
        // A map: some client generators can't read a property of the name `d`.
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(u32::MAX));
        let usual = Parameters::preset(Preset::default());
        let meaning = |of: &Parameter<Parameters>| format!("\n- `{}`: {}", of.name, of.described());
        let meanings: String = Parameters::ALL.iter().map(meaning).collect();
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(format!("Parameters of the privacy rules by name:\n{meanings}")))
            .additional_properties(Some(number))
            .examples([serde_json::to_value(Self(usual)).unwrap_or_default()])
            .into()
    }
}

impl ToSchema for PrivacyParameters {}

/// Read the privacy rules
///
/// Explains, with the current parameters, what is published, what an attacker could still infer, and what we don't
/// guarantee.
#[utoipa::path(
    operation_id = "read_privacy",
    tag = "facts",
    responses((status = 200, description = "The privacy rules with the parameters in force.", body = Privacy)),
)]
#[get("/v1/privacy")]
pub async fn read(request: HttpRequest, service: Service) -> Result<HttpResponse, Problem> {
    let PrivacyTerms { parameters, learnable, not_promised, rules } = service.privacy_terms();
    let privacy = Privacy {
        preset: parameters.preset.name(),
        parameters: PrivacyParameters(parameters),
        what_others_can_learn: learnable,
        what_is_not_promised: not_promised,
        rules: rules.into_iter().map(|(id, text)| PrivacyRule { id, text }).collect(),
    };
    reply::json(&request, &privacy, Cache::Public)
}
