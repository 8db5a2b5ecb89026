//! `GET /v1/privacy`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    app::privacy_terms::PrivacyTerms,
    domain::release::{Parameters, Preset},
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

/// The parameters of the rules, by name.
struct PrivacyParameters(Parameters);

impl Serialize for PrivacyParameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Parameters::ALL.iter().map(|of| (of.name, (of.get)(&self.0))))
    }
}

impl PartialSchema for PrivacyParameters {
    fn schema() -> RefOr<Schema> {
        let usual = Parameters::preset(Preset::default());
        let about = "The parameters of the rules, and the rule that each belongs to.";
        let object = ObjectBuilder::new().schema_type(Type::Object).description(Some(about));
        let object = Parameters::ALL.iter().fold(object, |object, of| {
            let number = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
                .description(Some(of.described()))
                .minimum(Some(*of.limits.start()))
                .maximum(Some(*of.limits.end()).filter(|high| *high < u32::MAX))
                .examples([(of.get)(&usual)]);
            object.property(of.name, number).required(of.name)
        });
        object.into()
    }
}

impl ToSchema for PrivacyParameters {}

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
        parameters: PrivacyParameters(parameters),
        what_others_can_learn: learnable,
        what_is_not_promised: not_promised,
        rules: rules.into_iter().map(|(id, text)| PrivacyRule { id, text }).collect(),
    };
    reply::json(&request, &privacy, Cache::Public)
}
