//! The views and their addresses. They stand beside the operations of the API: no program reads them.

use actix_web::web::{self, ServiceConfig};

use super::{assets, gaps, lists, matrix, overview, paths, promise, sign_in, technique};

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
        .service(web::resource(paths::PROMISE).get(promise::promise))
        .service(web::resource(paths::SIGN_IN).get(sign_in::form).post(sign_in::sign_in))
        .service(web::resource(paths::SIGN_OUT).post(sign_in::sign_out))
        .service(web::resource(paths::ENTER).get(sign_in::enter))
        .service(web::resource(paths::STATIC).get(assets::read));
}
