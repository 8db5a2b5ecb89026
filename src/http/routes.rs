//! The route table. Each handler names its own path and method; this list says which handlers there are, and the server
//! and the OpenAPI document are both made of it.

use utoipa_actix_web::service_config::ServiceConfig;

use super::v1::{attack, scales, schemas, service, technologies};

pub fn all(config: &mut ServiceConfig<'_>) {
    config
        .service(service::live::live)
        .service(service::openapi::openapi)
        .service(attack::list_versions::list_versions)
        .service(attack::list_techniques::list_techniques)
        .service(attack::list_tactics::list_tactics)
        .service(attack::list_groups::list_groups)
        .service(technologies::list::list_technologies)
        .service(scales::list::list_scales)
        .service(schemas::read::read_schema);
}
