//! The facts that everyone may read: ATT&CK and the technologies. They have no tenant.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{
    app::{App, Attack},
    domain::{
        attack::{AttackVersion, Catalogue, Catalogues},
        technology::Registry,
    },
    http::{context::Context, problem::Problem},
};

/// The public facts behind a handler, as of the request's beginning.
pub struct Facts {
    app: Arc<App>,
    attack: Arc<Attack>,
}

impl Facts {
    pub fn catalogues(&self) -> &Catalogues {
        &self.attack.catalogues
    }

    pub fn registry(&self) -> &Registry {
        &self.app.registry
    }

    /// The catalogue of a path's `{version}`.
    ///
    /// # Errors
    /// 404 for a version that this service does not have.
    pub fn catalogue(&self, version: &str) -> Result<&Arc<Catalogue>, Problem> {
        let version: Option<AttackVersion> = version.parse().ok();
        version
            .and_then(|version| self.catalogues().get(version))
            .ok_or_else(|| Problem::not_found("ATT&CK version"))
    }
}

impl FromRequest for Facts {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = Context::of(request).map(|context| Arc::clone(&context.app));
        ready(app.map(|app| Self { attack: app.attack(), app }))
    }
}
