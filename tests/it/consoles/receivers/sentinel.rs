//! Microsoft Entra ID's token endpoint and Azure Monitor's Logs Ingestion API.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use rustls::ServerConfig;
use serde_json::{Value, json};

use super::{
    entra,
    http::{Request, Response, Server, answer, serve_with, wait},
};

pub const RULE: &str = "dcr-0123";
pub const STREAM: &str = "Custom-PeerbenchComparison";

#[derive(Debug, Clone)]
pub enum Fault {
    Status(u16),
    Later(u16, &'static str),
    LostAnswer,
}

#[derive(Default)]
pub struct Workspace {
    pub rows: Vec<Value>,
    /// Every request for rows.
    pub asked: Vec<Request>,
    pub faults: VecDeque<Fault>,
    pub tokens: usize,
    /// Requests that a token is good for.
    pub token_uses: Option<usize>,
    pub secret_expired: bool,
    /// Ending of the cloud's addresses; the public cloud's if `None`.
    pub cloud: Option<&'static str>,
    uses: usize,
}

#[derive(Clone)]
pub struct Sentinel {
    pub base: String,
    pub workspace: Arc<Mutex<Workspace>>,
}

impl Sentinel {
    pub fn start() -> Self {
        Self::start_with(None)
    }

    pub fn start_with_tls(tls: Arc<ServerConfig>) -> Self {
        Self::start_with(Some(tls))
    }

    fn start_with(tls: Option<Arc<ServerConfig>>) -> Self {
        let workspace = Arc::new(Mutex::new(Workspace::default()));
        let shared = Arc::clone(&workspace);
        let Server { base, .. } =
            serve_with(tls, move |request| handle(&mut shared.lock().unwrap(), request));
        Self { base, workspace }
    }

    pub fn with(&self, change: impl FnOnce(&mut Workspace)) {
        change(&mut self.workspace.lock().unwrap());
    }

    pub fn take<T>(&self, read: impl FnOnce(&Workspace) -> T) -> T {
        read(&self.workspace.lock().unwrap())
    }
}

fn handle(workspace: &mut Workspace, request: &Request) -> Response {
    let stream = format!("/dataCollectionRules/{RULE}/streams/{STREAM}");
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", entra::PATH) => token(workspace, request),
        ("POST", path) if path == stream => ingest(workspace, request),
        _ => answer(404, json!({"error": {"code": "NotFound", "message": "Data collection rule not found"}})),
    }
}

fn token(workspace: &mut Workspace, request: &Request) -> Response {
    let scope = format!("https://monitor.azure.{}/.default", workspace.cloud.unwrap_or("com"));
    if let Some(refused) = entra::refused(request, &scope, workspace.secret_expired) {
        return refused;
    }
    workspace.tokens += 1;
    workspace.uses = 0;
    entra::issued(workspace.tokens)
}

fn ingest(workspace: &mut Workspace, request: &Request) -> Response {
    workspace.asked.push(request.clone());
    let error =
        |status: u16, code: &str| answer(status, json!({"error": {"code": code, "message": "said so"}}));
    if request.query.get("api-version").map(String::as_str) != Some("2023-01-01") {
        return error(400, "InvalidApiVersion");
    }
    workspace.uses += 1;
    let is_valid = request.header("authorization") == format!("Bearer token-{}", workspace.tokens);
    if !is_valid || workspace.token_uses.is_some_and(|most| workspace.uses > most) {
        return error(401, "InvalidToken");
    }
    let fault = workspace.faults.pop_front();
    match fault {
        Some(Fault::Status(status)) => return error(status, "SaidSo"),
        Some(Fault::Later(status, seconds)) => {
            return wait(status, seconds, json!({"error": {"code": "TooMany"}}));
        }
        _ => {}
    }
    let body = request.body();
    if body.len() > 1_048_576 {
        return error(413, "ContentLengthLimitExceeded");
    }
    let Some(Value::Array(rows)) = request.json() else { return error(400, "InvalidRequestPayload") };
    let known: BTreeSet<&str> = peerbench::wire::console::COLUMNS.into_iter().collect();
    if rows
        .iter()
        .any(|row| row.as_object().is_none_or(|row| row.keys().any(|name| !known.contains(name.as_str()))))
    {
        return error(400, "InvalidStream");
    }
    workspace.rows.extend(rows);
    match fault {
        Some(Fault::LostAnswer) => Response::Cut,
        _ => answer(204, ""),
    }
}
