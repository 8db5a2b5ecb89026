//! `peerbench console serve`: a console's page on the member's own machine. The command holds the credentials; the page has
//! none.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clap::Subcommand;

use super::rows::{Asked, rows};
use crate::{
    cli::{Failure, output, remote::Remote, secret_file::secret},
    connect::export::{Artefact, file, files},
    environment::{Clock as _, SystemClock},
    http::console_page::{self, File, MANIFEST, Page, PageError, Rows, Tls},
    settings::Settings,
    wire::console::ConsoleRows,
};

/// The time that rows are kept before the service is asked again.
const KEPT: Duration = Duration::from_secs(60);

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the page that a SmartConsole extension shows.
    Checkpoint(Box<Args>),
}

/// Arguments of `peerbench console serve checkpoint`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench console serve checkpoint --tls-cert cert.pem --tls-key key.pem"
)]
pub struct Args {
    /// Address and port to listen on. Anything but this computer needs a certificate and a way to sign in.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// PEM file with the server's certificate and its chain.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's private key.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// PEM file with the CAs whose client certificates are let in (mutual TLS).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,
    /// User of HTTP Basic authentication. The password is the setting `console.password`.
    #[arg(long)]
    user: Option<String>,
    /// Address of the page as SmartConsole reaches it, for the extension's manifest. The listening address if omitted.
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    asked: Asked,
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let Command::Checkpoint(args) = command;
    let basic = match &args.user {
        Some(user) => {
            let of = &settings.console;
            let password = secret("console.password", of.password.as_ref(), of.password_file.as_deref())?;
            Some((user.clone(), password.reveal().to_owned()))
        }
        None => None,
    };
    let is_local = args.listen.ip().is_loopback();
    if !is_local && args.tls_cert.is_none() {
        return Err(Failure::usage(
            "Other computers may only reach the page over TLS: give `--tls-cert` and `--tls-key`, or listen on 127.0.0.1.",
        ));
    }
    if !is_local && basic.is_none() && args.client_ca.is_none() {
        return Err(Failure::usage(
            "The page shows what you can't detect. Before other computers reach it, ask for a password with `--user` or for \
             client certificates with `--client-ca`.",
        ));
    }
    if args.listen.ip().is_unspecified() && args.url.is_none() {
        return Err(Failure::usage(
            "SmartConsole must know one address of the page: give it with `--url`, such as https://peerbench.soc.example:8443.",
        ));
    }
    let tls = certificates(args)?;
    // What is refused is refused before the page is there.
    let first = read(settings, &args.asked)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let manifest = args.url.clone().unwrap_or_else(|| format!("{scheme}://{}", args.listen));
    let page = Page {
        files: page(&manifest)?,
        rows: kept(settings.clone(), args.asked.clone(), first),
        hosts: (basic.is_none() && args.client_ca.is_none()).then(|| hosts(args.listen.ip())),
        basic,
    };
    let ready = |address: SocketAddr| {
        let own = args.url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
        let own = own.trim_end_matches('/');
        let told = format!(
            "Listening on {scheme}://{address}\nAdd {own}{MANIFEST} in SmartConsole under Manage & Settings, \
             Preferences, SmartConsole Extensions. Ctrl-C ends it.\n"
        );
        // Without a reader of these lines the page is served all the same.
        let _ = output::text(&told);
    };
    console_page::serve(page, args.listen, tls, ready).map_err(|error| match error {
        PageError::Tls { .. } => Failure::usage(error),
        PageError::Listen { .. } | PageError::Run(_) => Failure::remote(error),
    })
}

fn certificates(args: &Args) -> Result<Option<rustls::ServerConfig>, Failure> {
    let file = |path: &Path| {
        std::fs::read(path)
            .map_err(|error| Failure::usage(format!("{} can't be read: {error}.", path.display())))
    };
    let (Some(certificates), Some(key)) = (&args.tls_cert, &args.tls_key) else { return Ok(None) };
    let (certificates, key) = (file(certificates)?, file(key)?);
    let client_ca = args.client_ca.as_deref().map(file).transpose()?;
    let tls = Tls { certificates: &certificates, key: &key, client_ca: client_ca.as_deref() };
    console_page::tls(&tls).map(Some).map_err(Failure::usage)
}

/// The names under which a page without a password is shown: a page of somebody else's that a browser takes for this one
/// comes with another.
fn hosts(ip: IpAddr) -> Vec<String> {
    let ip = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
    vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned(), ip]
}

/// The files of the page, and the manifest with the page's own address.
fn page(own: &str) -> Result<Vec<File>, Failure> {
    let missing = || Failure::refused("This program was built without the page.");
    let mut all = Vec::new();
    for (name, path, content_type) in [
        ("page/index.html", "/", "text/html; charset=utf-8"),
        ("page/page.js", "/page.js", "text/javascript; charset=utf-8"),
        ("page/page.css", "/page.css", "text/css; charset=utf-8"),
        ("page/icon.png", "/icon.png", "image/png"),
    ] {
        let bytes = file(Artefact::Checkpoint, name).ok_or_else(missing)?;
        all.push(File { path: path.to_owned(), content_type, bytes: bytes.into() });
    }
    let manifest = files(Artefact::Checkpoint, own)?.into_iter().find(|file| file.path == "extension.json");
    let bytes = manifest.ok_or_else(missing)?.bytes.into();
    all.push(File { path: MANIFEST.to_owned(), content_type: "application/json", bytes });
    Ok(all)
}

fn read(settings: &Settings, asked: &Asked) -> Result<Vec<u8>, Failure> {
    let items = rows(&Remote::sign_in(settings)?, asked)?;
    serde_json::to_vec(&ConsoleRows { items, next: None }).map_err(Failure::remote)
}

/// Reads rows, again only if those that are kept are old.
fn kept(settings: Settings, asked: Asked, first: Vec<u8>) -> Rows {
    let kept = Mutex::new((SystemClock.now(), first));
    Arc::new(move || {
        let now = SystemClock.now();
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = (now - kept.0).to_std().is_ok_and(|age| age < KEPT);
        if !is_fresh {
            *kept = (now, read(&settings, &asked).map_err(|failure| failure.to_string())?);
        }
        Ok(kept.1.clone())
    })
}
