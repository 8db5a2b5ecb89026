//! A page for a console, served on the member's own machine: static files, and the rows that whoever started it may read. The
//! page holds no credentials.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{Method, StatusCode, header},
    middleware::{Compress, DefaultHeaders},
    rt, web,
};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::problem::CONTENT_TYPE;

/// Everything comes from the page's own origin. SmartConsole shows it in a frame, so no ancestor is named.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'";
const ROWS: &str = "/rows";
/// The file that tells SmartConsole of the page.
pub const MANIFEST: &str = "/extension.json";

/// The rows as the service answers them, or the reason why there are none, in a sentence.
pub type Rows = Arc<dyn Fn() -> Result<Vec<u8>, String> + Send + Sync>;

/// A file of the page.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the root, with a slash at the front.
    pub path: String,
    pub content_type: &'static str,
    pub bytes: web::Bytes,
}

/// The page and who may see it.
#[derive(Clone)]
pub struct Page {
    pub files: Vec<File>,
    pub rows: Rows,
    /// User and password, if they are asked for.
    pub basic: Option<(String, String)>,
    /// Names of this server, if nothing else keeps strangers' pages out.
    pub hosts: Option<Vec<String>>,
}

/// Certificates in PEM.
pub struct Tls<'a> {
    pub certificates: &'a [u8],
    pub key: &'a [u8],
    /// CAs of the clients that are let in.
    pub client_ca: Option<&'a [u8]>,
}

/// The reason why the page isn't served.
#[derive(Debug, Error)]
pub enum PageError {
    #[error("The {what} can't be used: {why}.")]
    Tls { what: &'static str, why: String },
    #[error("{address} cannot be listened on: {source}. Choose another with `--listen`.")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("The server stopped: {0}.")]
    Run(#[from] io::Error),
}

/// Reads certificates and the key.
///
/// # Errors
/// Fails if one of them can't be read or they don't fit together.
pub fn tls(tls: &Tls<'_>) -> Result<ServerConfig, PageError> {
    let wrong = |what, why: &dyn ToString| PageError::Tls { what, why: why.to_string() };
    let certificates = |what, pem| {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match read {
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) => Err(wrong(what, &"it holds no certificate")),
            Err(error) => Err(wrong(what, &error)),
        }
    };
    let chain = certificates("certificate", tls.certificates)?;
    let key = PrivateKeyDer::from_pem_slice(tls.key).map_err(|error| wrong("key", &error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong("certificate", &error))?;
    let builder = match tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates("CA of the clients", pem)? {
                roots.add(certificate).map_err(|error| wrong("CA of the clients", &error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(
                verifier.build().map_err(|error| wrong("CA of the clients", &error))?,
            )
        }
    };
    builder.with_single_cert(chain, key).map_err(|error| wrong("certificate", &error))
}

/// Serves until SIGTERM or SIGINT; `ready` is called once the listener accepts.
///
/// # Errors
/// Fails if the address can't be listened on.
pub fn serve(
    page: Page,
    listen: SocketAddr,
    tls: Option<ServerConfig>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), PageError> {
    let cannot = |source| PageError::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let page = web::Data::new(page);
    let server = HttpServer::new(move || application(page.clone())).workers(1);
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls),
        None => server.listen(listener),
    };
    let server = server.map_err(cannot)?;
    rt::System::new().block_on(async move {
        let running = server.run();
        ready(address);
        running.await
    })?;
    Ok(())
}

fn application(
    page: web::Data<Page>,
) -> App<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let headers = DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::CACHE_CONTROL, "no-store"));
    App::new().app_data(page).default_service(web::to(answer)).wrap(headers).wrap(Compress::default())
}

async fn answer(request: HttpRequest, page: web::Data<Page>) -> HttpResponse {
    if let Some(refused) = refused(&request, &page) {
        return refused;
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refused =
            problem(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "The page is only read.");
        refused.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    if request.path() == ROWS {
        let read = Arc::clone(&page.rows);
        return match web::block(move || read()).await {
            Ok(Ok(rows)) => HttpResponse::Ok().content_type("application/json").body(rows),
            Ok(Err(why)) => problem(StatusCode::BAD_GATEWAY, "The service sent no rows", &why),
            Err(_) => problem(StatusCode::SERVICE_UNAVAILABLE, "Too many requests at once", "Try again."),
        };
    }
    match page.files.iter().find(|file| file.path == request.path()) {
        Some(file) => HttpResponse::Ok().content_type(file.content_type).body(file.bytes.clone()),
        None => problem(StatusCode::NOT_FOUND, "Not found", "The page has no such file."),
    }
}

/// Keeps out whoever doesn't know the password, and pages of others that only pretend to be this one.
fn refused(request: &HttpRequest, page: &Page) -> Option<HttpResponse> {
    if let Some(hosts) = &page.hosts {
        let connection = request.connection_info();
        let host = connection.host();
        let host = host
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(host, |(host, _)| host);
        if !hosts.iter().any(|known| known == host) {
            let why = "Open the page under the address that it is served at.";
            return Some(problem(StatusCode::MISDIRECTED_REQUEST, "Another server's name", why));
        }
    }
    // It holds no more than the address of the page, and a program that reads it may have no way to sign in.
    if request.path() == MANIFEST {
        return None;
    }
    let (user, password) = page.basic.as_ref()?;
    let sent =
        request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes).unwrap_or_default();
    let expected = format!(
        "Basic {}",
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{user}:{password}"))
    );
    // Digests have the same length, so the comparison takes the same time.
    let equal: bool = Sha256::digest(sent).ct_eq(&Sha256::digest(expected.as_bytes())).into();
    (!equal).then(|| {
        let mut refused = problem(StatusCode::UNAUTHORIZED, "Sign in", "Send the user and the password.");
        let challenge = header::HeaderValue::from_static("Basic realm=\"peerbench\", charset=\"UTF-8\"");
        refused.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        refused
    })
}

fn problem(status: StatusCode, title: &str, detail: &str) -> HttpResponse {
    let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    HttpResponse::build(status).content_type(CONTENT_TYPE).body(body.to_string())
}
