//! The views and their addresses. They stand beside the operations of the API: no program reads them.

use actix_web::web::{self, ServiceConfig};

use super::{
    access, assets, attack_paths, community, data, gaps, lists, matrix, overview, paths, promise, sign_in,
    snapshot, technique, trend, upload, what_if,
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(web::redirect(format!("{}/", paths::ROOT), paths::ROOT))
        .service(web::resource(paths::ROOT).get(overview::overview))
        .service(web::resource(paths::GAPS).get(gaps::gaps))
        .service(web::resource(paths::MATRIX).get(matrix::matrix))
        .service(web::resource(paths::TECHNOLOGIES).get(lists::technologies))
        .service(web::resource(paths::GROUPS).get(lists::groups))
        .service(web::resource(paths::TECHNIQUE).get(technique::technique))
        .service(web::resource(paths::DECISION).post(technique::decide))
        .service(web::resource(paths::PATHS).get(attack_paths::list).post(attack_paths::import))
        .service(web::resource(paths::TREND).get(trend::trend))
        .service(web::resource(paths::WHAT_IF).get(what_if::what_if).post(what_if::choose))
        .service(web::resource(paths::WHAT_IF_ADD).post(what_if::add))
        .service(web::resource(paths::WHAT_IF_PACK).post(what_if::pack))
        .service(web::resource(paths::DATA).get(data::list).post(upload::send))
        .service(web::resource(paths::DATA_CHECK).post(upload::check))
        .service(web::resource(paths::SNAPSHOT_DIFF).get(snapshot::diff))
        .service(web::resource(paths::WITHDRAW).post(snapshot::withdraw))
        .service(web::resource(paths::SNAPSHOT).get(snapshot::show))
        .service(web::resource(paths::ACCESS).get(access::show))
        .service(web::resource(paths::CLIENTS).post(access::create))
        .service(web::resource(paths::REVOKE).post(access::revoke))
        .service(web::resource(paths::COMMUNITY).get(community::show))
        .service(web::resource(paths::PROMISE).get(promise::promise))
        .service(web::resource(paths::SIGN_IN).get(sign_in::form).post(sign_in::sign_in))
        .service(web::resource(paths::SIGN_OUT).post(sign_in::sign_out))
        .service(web::resource(paths::ENTER).get(sign_in::enter))
        .service(web::resource(paths::STATIC).get(assets::read));
}
