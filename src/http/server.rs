//! The server: listeners, the middleware in its order, and an end that finishes what it began.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::{
    App, HttpResponse, HttpServer,
    dev::{AppConfig, ServerHandle},
    middleware::{Compress, from_fn},
    rt::{self, net::TcpStream},
    web,
};
use thiserror::Error;
use utoipa::Path as _;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    answers::Answers,
    connection::Connection,
    context::{BodyLimits, Context},
    docs::Docs,
    fallback,
    kept::{Kept, KeptAnswers},
    load::{Gate, Load, LoadLimits},
    metrics,
    middleware::around,
    openapi,
    page::{self, paths},
    problem::Problem,
    rate_limits::{Limits, RequestRates, network},
    route_table::Table,
    routes, serve_docs,
    sessions::Sessions,
    shares::{Payer, Shares},
    v1::{service, tokens},
};
use crate::app::{
    self,
    issue_token::{IssueTokenError, issue_token},
};

/// Time for which the rest of a refused body is read and thrown away. A connection that is closed with bytes unread is reset, and
/// its client then sees a broken pipe in place of the answer.
const LINGER: Duration = Duration::from_secs(5);
/// Reports that are made at the same time. One takes up to a second.
const REPORTS: usize = 2;

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
    pub load: LoadLimits,
    pub rates: RequestRates,
    /// The address of a caller is what the last proxy wrote.
    pub forwarded_for: bool,
    /// The time that running requests get to finish.
    pub shutdown: Duration,
}

/// The addresses of a started server, and the handle to stop it.
#[derive(Clone)]
pub struct Started {
    pub api: SocketAddr,
    pub metrics: Option<SocketAddr>,
    handle: ServerHandle,
    context: web::Data<Context>,
}

impl Started {
    /// Stops accepting; running requests finish. [`serve`] returns when they have.
    pub fn stop(&self) {
        drop(self.handle.stop(true));
    }

    /// Makes an address of the page that signs in with a client's credentials, once. It begins with a slash.
    ///
    /// # Errors
    /// Fails if the client gets no token.
    pub fn invite(&self, client_id: &str, secret: &str) -> Result<String, IssueTokenError> {
        let Context { app, sessions, .. } = self.context.as_ref();
        let issued = issue_token(app, client_id, secret, None)?;
        let claims = app.tokens.verify(&issued.access_token, app.clock.as_ref())?;
        Ok(paths::enter(&sessions.invite(claims, app.clock.as_ref(), app.entropy.as_ref())))
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

fn context(app: Arc<app::App>, options: &Options) -> Result<Context, ServeError> {
    // Before anything is counted.
    metrics::handle();
    let document = openapi::document();
    Ok(Context {
        app,
        bodies: options.bodies,
        answers: Answers::new(options.answer_cache_bytes),
        load: Load::new(&options.load, options.bodies.body_bytes, options.bodies.decoded_bytes),
        rate_limits: Limits::new(options.rates, options.forwarded_for),
        reports: Gate::new(REPORTS),
        table: Table::new(&document),
        sessions: Sessions::default(),
        docs: Docs::new(service::openapi::openapi::path()),
        document: Kept::new("application/json", openapi::text(&document)?)?,
        kept: KeptAnswers::default(),
        uncounted: [service::live::live::path(), service::ready::ready::path(), tokens::issue::issue::path()],
    })
}

async fn run(
    context: web::Data<Context>,
    options: &Options,
    ready: impl FnOnce(&Started),
) -> Result<(), ServeError> {
    let cannot = |address| move |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(options.listen).map_err(cannot(options.listen))?;
    let api = listener.local_addr().map_err(cannot(options.listen))?;
    let server = listen(context.clone(), options, listener).map_err(cannot(options.listen))?;
    let metrics = match options.metrics_listen {
        Some(address) => {
            let server = HttpServer::new(|| App::new().route("/metrics", web::get().to(render_metrics)));
            Some(server.workers(1).disable_signals().bind(address).map_err(cannot(address))?)
        }
        None => None,
    };
    let metrics_address = metrics.as_ref().and_then(|server| server.addrs().first().copied());

    let handle = server.handle();
    rt::spawn(stop_on_signal(handle.clone()));
    rt::spawn(upkeep(context.clone()));
    let metrics = metrics.map(|server| {
        let server = server.run();
        let handle = server.handle();
        rt::spawn(server);
        handle
    });
    ready(&Started { api, metrics: metrics_address, handle, context });
    let outcome = server.await;
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    Ok(outcome?)
}

/// The served application.
fn application(
    context: web::Data<Context>,
) -> App<
    impl actix_service::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let around_it = context.clone();
    App::new()
        .app_data(context)
        .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found("thing").into()))
        .configure(|config| routes::all(&mut ServiceConfig::new(config)))
        .service(web::redirect(service::index::DOCS.trim_end_matches('/'), service::index::DOCS))
        .service(
            web::resource(format!("{}{{file:.*}}", service::index::DOCS))
                .route(web::get().to(serve_docs::file)),
        )
        .configure(page::configure)
        .default_service(web::to(fallback::fallback))
        .wrap(Compress::default())
        // Around that.
        .wrap(from_fn(move |request, next| around(around_it.clone(), request, next)))
}

/// The API on a listener, each connection with its place and its pace.
fn listen(context: web::Data<Context>, options: &Options, listener: TcpListener) -> io::Result<Server> {
    let mut builder = Server::build().shutdown_timeout(options.shutdown.as_secs()).disable_signals();
    if options.workers > 0 {
        builder = builder.workers(options.workers);
    }
    let stopping = builder.graceful_shutdown_signal();
    let (load, forwarded_for) = (options.load, options.forwarded_for);
    // Behind a proxy all connections are the proxy's.
    let each = if forwarded_for { load.connections } else { load.connections_per_address };
    let places = Shares::new(load.connections, each);
    let service = move || {
        let (context, stopping, places) = (context.clone(), stopping.clone(), places.clone());
        let accepted = move |stream: TcpStream| {
            let connection = stream.peer_addr().and_then(|peer| {
                let place = places.take(&Payer::address(&network(peer.ip())), 1);
                let place = place.map_err(|_| io::Error::from(io::ErrorKind::QuotaExceeded))?;
                stream.set_nodelay(true)?;
                Ok((Connection::new(stream, load.write, place), Protocol::Http1, Some(peer)))
            });
            async move { connection.map_err(actix_http::error::DispatchError::Io) }
        };
        let stopping = move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        };
        let app = application(context).into_factory().map_err(|error| error.error_response());
        // Who is refused before the whole body came still gets to read why: what comes after is thrown away for a while.
        let http = HttpService::build().client_disconnect_timeout(LINGER).graceful_shutdown_signal(stopping);
        fn_service(accepted).and_then(http.finish(map_config(app, |()| AppConfig::default())))
    };
    Ok(builder.listen("api", listener, service)?.run())
}

async fn render_metrics() -> HttpResponse {
    let text = metrics::handle().map(|handle| handle.render()).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
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
        context.load.forget_idle();
        if let Some(handle) = metrics::handle() {
            handle.run_upkeep();
        }
    }
}
