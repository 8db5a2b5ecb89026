//! The route table. Each handler names its own path and method; this list says which handlers there are, and the server
//! and the OpenAPI document are both made of it.

use utoipa_actix_web::service_config::ServiceConfig;

use super::v1::{
    admin, attack, cohorts, comparisons, organisation, privacy, releases, scales, schemas, service,
    snapshots, technologies, tokens,
};

pub fn all(config: &mut ServiceConfig<'_>) {
    config
        // What is asked most comes first: paths are tried in this order.
        .service(comparisons::summary::summary)
        .service(comparisons::list::techniques)
        .service(comparisons::list::technologies)
        .service(comparisons::list::families)
        .service(comparisons::list::tactics)
        .service(comparisons::list::groups)
        .service(comparisons::list::cells)
        .service(comparisons::trend::read)
        .service(comparisons::changes::list)
        .service(comparisons::paths::list)
        .service(comparisons::paths::compare)
        .service(service::index::index)
        .service(service::live::live)
        .service(service::ready::ready)
        .service(service::openapi::openapi)
        .service(tokens::issue::issue)
        .service(tokens::keys::keys)
        .service(tokens::metadata::metadata)
        .service(attack::list_versions::list_versions)
        .service(attack::list_techniques::list_techniques)
        .service(attack::read_technique::read_technique)
        .service(attack::list_tactics::list_tactics)
        .service(attack::list_groups::list_groups)
        .service(attack::read_catalogue::read_catalogue)
        .service(technologies::list::list_technologies)
        .service(scales::list::list_scales)
        .service(privacy::read::read)
        .service(schemas::read::read_schema)
        .service(snapshots::create::create)
        .service(snapshots::check::check)
        .service(snapshots::list::list)
        .service(snapshots::read::read)
        .service(snapshots::diff::diff)
        .service(snapshots::withdraw::withdraw)
        .service(releases::list::list)
        .service(releases::read::read)
        .service(releases::table::read)
        .service(cohorts::list::list)
        .service(organisation::read::read)
        .service(organisation::update::update)
        .service(organisation::list_clients::list)
        .service(organisation::create_client::create)
        .service(organisation::read_client::read)
        .service(organisation::update_client::update)
        .service(organisation::add_secret::add)
        .service(organisation::remove_secret::remove)
        .service(organisation::revoke_client::revoke)
        .service(organisation::read_audit::audit)
        .service(admin::list_organisations::list)
        .service(admin::create_organisation::create)
        .service(admin::read_organisation::read)
        .service(admin::update_organisation::update)
        .service(admin::list_clients::list)
        .service(admin::create_client::create)
        .service(admin::revoke_client::revoke)
        .service(admin::readiness::read)
        .service(admin::quarantine::list)
        .service(admin::quarantine::clear)
        .service(releases::publish::publish)
        .service(releases::table::admin_read);
}
