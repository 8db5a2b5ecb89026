//! The facts that everyone may read: ATT&CK and the technologies. They have no tenant.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};

use crate::{
    app::{App, Attack},
    domain::{
        applicability::Applicability,
        attack::{AttackVersion, Catalogue, Catalogues},
        technology::Registry,
    },
    http::{context::Context, kept::Kept, problem::Problem},
};

/// The public facts behind a handler, as of the request's beginning.
#[derive(Clone)]
pub struct Facts {
    app: Arc<App>,
    attack: Arc<Attack>,
    context: web::Data<Context>,
}

impl Facts {
    pub fn catalogues(&self) -> &Catalogues {
        &self.attack.catalogues
    }

    pub fn registry(&self) -> &Registry {
        &self.app.registry
    }

    /// The applicability of one version's techniques to the technologies.
    ///
    /// # Errors
    /// 500 for a version that this service does not have.
    pub fn applicability(&self, version: AttackVersion) -> Result<Arc<Applicability>, Problem> {
        self.app.applicability(version).map_err(Problem::internal)
    }

    /// The catalogue of a path's `{version}`.
    ///
    /// # Errors
    /// 404 for a version that this service does not have.
    pub fn catalogue(&self, version: &str) -> Result<&Arc<Catalogue>, Problem> {
        let version: Option<AttackVersion> = version.parse().ok();
        version
            .and_then(|version| self.catalogues().get(version))
            .ok_or_else(|| Problem::absent("ATT&CK version"))
    }

    /// Answers with what `make` makes of the facts, which is made once for each edition of them.
    pub async fn kept(
        self,
        request: &HttpRequest,
        name: &str,
        make: impl FnOnce(&Self) -> Result<Kept, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let (context, edition) = (self.context.clone(), self.attack.edition);
        context.kept(request, name, edition, move || make(&self)).await
    }
}

impl FromRequest for Facts {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Context::of(request).map(|context| {
            let app = Arc::clone(&context.app);
            Self { attack: app.attack(), app, context: context.clone() }
        }))
    }
}
