//! The server: listeners, the middleware in its order, and an end that finishes what it began.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    middleware::{Compress, from_fn},
    rt, web,
};
use thiserror::Error;
use utoipa::Path as _;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{
    answers::Answers,
    context::{BodyLimits, Context},
    fallback, metrics,
    middleware::around,
    openapi,
    problem::Problem,
    rate_limits::Limits,
    route_table::Table,
    routes,
    v1::service,
};
use crate::app;

/// The settings of a server.
#[derive(Debug, Clone)]
pub struct Options {
    pub listen: SocketAddr,
    /// The address of the metrics, if they are served.
    pub metrics_listen: Option<SocketAddr>,
    /// 0 is one per processor.
    pub workers: usize,
    pub bodies: BodyLimits,
    /// Bytes of answers that are kept at most; 0 keeps none.
    pub answer_cache_bytes: u64,
    /// Requests per minute of one client and of one address; 0 is no limit.
    pub per_client: u32,
    pub per_address: u32,
    pub forwarded_for: bool,
    /// The time that running requests get to finish.
    pub shutdown: Duration,
}

/// The addresses of a started server, and the handle to stop it.
#[derive(Debug, Clone)]
pub struct Started {
    pub api: SocketAddr,
    pub metrics: Option<SocketAddr>,
    handle: ServerHandle,
}

impl Started {
    /// Stops accepting; running requests finish. [`serve`] returns when they have.
    pub fn stop(&self) {
        drop(self.handle.stop(true));
    }
}

/// The reason why a server did not run.
#[derive(Debug, Error)]
pub enum ServeError {
    #[error(
        "{address} cannot be listened on: {source}. Choose another with PEERBENCH_LISTEN or PEERBENCH_METRICS_LISTEN."
    )]
    Listen { address: SocketAddr, source: io::Error },
    #[error("The OpenAPI document has no text: {0}.")]
    Document(#[from] serde_json::Error),
    #[error("The server stopped: {0}.")]
    Run(#[from] io::Error),
}

/// Runs until SIGTERM, SIGINT or [`Started::stop`]; `ready` is called once both listeners accept.
pub fn serve(app: Arc<app::App>, options: &Options, ready: impl FnOnce(&Started)) -> Result<(), ServeError> {
    let context = web::Data::new(context(app, options)?);
    rt::System::new().block_on(run(context, options, ready))
}

fn context(app: Arc<app::App>, options: &Options) -> Result<Context, serde_json::Error> {
    // Before anything is counted.
    metrics::handle();
    let document = openapi::document();
    Ok(Context {
        app,
        bodies: options.bodies,
        answers: Answers::new(options.answer_cache_bytes),
        rate_limits: Limits::new(options.per_client, options.per_address, options.forwarded_for),
        table: Table::new(&document),
        document: openapi::text(&document)?.into(),
        health: [service::live::live::path(), service::ready::ready::path()],
    })
}

async fn run(
    context: web::Data<Context>,
    options: &Options,
    ready: impl FnOnce(&Started),
) -> Result<(), ServeError> {
    let cannot = |address| move |source| ServeError::Listen { address, source };
    let shared = context.clone();
    let mut server = HttpServer::new(move || {
        let (context, around_it) = (shared.clone(), shared.clone());
        App::new()
            .app_data(context)
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found("thing").into()))
            .configure(|config| routes::all(&mut ServiceConfig::new(config)))
            .service(web::redirect(service::index::DOCS.trim_end_matches('/'), service::index::DOCS))
            .service(swagger())
            .default_service(web::to(fallback::fallback))
            .wrap(Compress::default())
            // Around that.
            .wrap(from_fn(move |request, next| around(around_it.clone(), request, next)))
    })
    .tcp_nodelay(true)
    .shutdown_timeout(options.shutdown.as_secs())
    .disable_signals();
    if options.workers > 0 {
        server = server.workers(options.workers);
    }
    let server = server.bind(options.listen).map_err(cannot(options.listen))?;
    let api = server.addrs().first().copied().unwrap_or(options.listen);
    let metrics = match options.metrics_listen {
        Some(address) => {
            let server = HttpServer::new(|| App::new().route("/metrics", web::get().to(render_metrics)));
            Some(server.workers(1).disable_signals().bind(address).map_err(cannot(address))?)
        }
        None => None,
    };
    let metrics_address = metrics.as_ref().and_then(|server| server.addrs().first().copied());

    let server = server.run();
    let handle = server.handle();
    rt::spawn(stop_on_signal(handle.clone()));
    rt::spawn(upkeep(context));
    let metrics = metrics.map(|server| {
        let server = server.run();
        let handle = server.handle();
        rt::spawn(server);
        handle
    });
    ready(&Started { api, metrics: metrics_address, handle });
    let outcome = server.await;
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    Ok(outcome?)
}

async fn render_metrics() -> HttpResponse {
    let text = metrics::handle().map(|handle| handle.render()).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}

/// The interactive documentation, with nothing loaded from elsewhere: no validator badge, no font, no script.
fn swagger() -> SwaggerUi {
    let config =
        Config::from(service::openapi::openapi::path()).validator_url("none").try_it_out_enabled(true);
    SwaggerUi::new(format!("{}{{_:.*}}", service::index::DOCS)).config(config)
}

async fn stop_on_signal(handle: ServerHandle) {
    use rt::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be caught: the server only stops when it is killed");
        return;
    };
    let first = std::pin::pin!(terminate.recv());
    let second = std::pin::pin!(interrupt.recv());
    futures_util::future::select(first, second).await;
    tracing::info!("stopping: running requests finish");
    handle.stop(true).await;
}

/// Forgets idle callers and folds the metrics, once a minute.
async fn upkeep(context: web::Data<Context>) {
    let mut minute = rt::time::interval(Duration::from_secs(60));
    loop {
        minute.tick().await;
        context.rate_limits.forget_idle();
        if let Some(handle) = metrics::handle() {
            handle.run_upkeep();
        }
    }
}
