//! Sumo Logic: an HTTP source, lookup tables and the import of content.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::http::{Request, Response, Server, answer, serve, wait};

pub const CODE: &str = "ZaVnC4dhaV0hush";
pub const ACCESS_ID: &str = "access-1";
pub const ACCESS_KEY: &str = "hush-access-key";

#[derive(Debug, Clone)]
pub enum Fault {
    Status(u16),
    Later(u16, &'static str),
    /// So many lines are stored, then the source gives up.
    Partly(usize),
    LostAnswer,
}

#[derive(Default)]
pub struct Account {
    pub lines: Vec<Value>,
    pub categories: Vec<String>,
    pub faults: VecDeque<Fault>,
    /// An exhausted budget drops everything and answers 200.
    pub drops_silently: bool,
    pub source_is_gone: bool,
    pub key_expired: bool,
    /// Tables by ID: the definition and the rows of the last upload.
    pub tables: BTreeMap<String, (Value, Vec<String>)>,
    pub dashboards: Vec<Value>,
    /// States that jobs go through before the last.
    pub job_states: Vec<&'static str>,
    pub job_end: Option<&'static str>,
    pub uploads: usize,
    looks: usize,
}

#[derive(Clone)]
pub struct Sumo {
    pub base: String,
    pub account: Arc<Mutex<Account>>,
}

impl Sumo {
    pub fn start() -> Self {
        let account =
            Arc::new(Mutex::new(Account { job_states: vec!["Pending", "InProgress"], ..Account::default() }));
        let shared = Arc::clone(&account);
        let Server { base, .. } = serve(move |request| handle(&mut shared.lock().unwrap(), request));
        Self { base, account }
    }

    pub fn source(&self) -> String {
        format!("{}/receiver/v1/http/{CODE}", self.base)
    }

    pub fn with(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.account.lock().unwrap());
    }

    pub fn take<T>(&self, read: impl FnOnce(&Account) -> T) -> T {
        read(&self.account.lock().unwrap())
    }
}

fn handle(account: &mut Account, request: &Request) -> Response {
    if let Some(code) = request.path.strip_prefix("/receiver/v1/http/") {
        return match code == CODE && !account.source_is_gone {
            true => source(account, request),
            false => answer(401, ""),
        };
    }
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{ACCESS_ID}:{ACCESS_KEY}")));
    if request.header("authorization") != basic || account.key_expired {
        return answer(
            401,
            json!({"id": "X", "errors": [{"code": "unauthorized", "message": "Credential could not be verified."}]}),
        );
    }
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["api", "v2", "content", "folders", "personal"]) => {
            answer(200, json!({"id": "0000000000AAAAAA"}))
        }
        ("POST", ["api", "v2", "content", "folders", "0000000000AAAAAA", "import"]) => {
            let Some(content) = request.json() else { return answer(400, "{}") };
            if content["type"] != "DashboardV2SyncDefinition" {
                return answer(400, json!({"errors": [{"code": "content:invalid"}]}));
            }
            account.dashboards.push(content);
            account.looks = 0;
            answer(200, json!({"id": "JOB1"}))
        }
        ("GET", ["api", "v2", "content", "folders", _, "import", "JOB1", "status"])
        | ("GET", ["api", "v1", "lookupTables", "jobs", "JOB1", "status"]) => {
            let state = account.job_states.get(account.looks).copied();
            account.looks += 1;
            let state = state.or(account.job_end).unwrap_or("Success");
            answer(200, json!({"jobId": "JOB1", "status": state, "errors": []}))
        }
        ("POST", ["api", "v1", "lookupTables"]) => {
            let table = request.json().expect("JSON");
            assert_eq!(table["parentFolderId"], "0000000000AAAAAA");
            assert_eq!(table["sizeLimitAction"], "StopIncomingMessages");
            let id = format!("00000000000000{:02X}", account.tables.len() + 1);
            account.tables.insert(id.clone(), (table, Vec::new()));
            answer(200, json!({"id": id}))
        }
        ("GET", ["api", "v1", "lookupTables", id]) => match account.tables.get(*id) {
            Some(_) => answer(200, json!({"id": id})),
            None => answer(404, json!({"errors": [{"code": "lookupTable:not_found"}]})),
        },
        ("POST", ["api", "v1", "lookupTables", id, "upload"]) => upload(account, request, id),
        _ => answer(404, json!({"errors": [{"code": "not_found"}]})),
    }
}

fn source(account: &mut Account, request: &Request) -> Response {
    let fault = account.faults.pop_front();
    match fault {
        Some(Fault::Status(status)) => return answer(status, ""),
        Some(Fault::Later(status, seconds)) => return wait(status, seconds, ""),
        _ => {}
    }
    if account.drops_silently {
        return answer(200, "");
    }
    account.categories.push(request.header("x-sumo-category").to_owned());
    let text = request.text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    match fault {
        Some(Fault::Partly(number)) => {
            account.lines.extend(lines.into_iter().take(number));
            answer(408, "")
        }
        Some(Fault::LostAnswer) => {
            account.lines.extend(lines);
            Response::Cut
        }
        _ => {
            account.lines.extend(lines);
            answer(200, "")
        }
    }
}

/// Takes a form with one part, the file, and replaces all rows.
fn upload(account: &mut Account, request: &Request, id: &str) -> Response {
    if request.query.get("merge").map(String::as_str) != Some("false") {
        return answer(400, "{}");
    }
    let (_, boundary) = request.header("content-type").split_once("boundary=").expect("a boundary");
    let text = request.text();
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    let [before, part, end] = parts.as_slice() else { return answer(400, "{}") };
    assert!(before.is_empty() && *end == "--\r\n", "the form's frame");
    let (head, file) = part.split_once("\r\n\r\n").expect("a part");
    assert!(head.contains("name=\"file\""), "{head}");
    let Some((table, rows)) = account.tables.get_mut(id) else { return answer(404, "{}") };
    let mut lines = file.trim_end().lines();
    let headings = lines.next().expect("headings");
    let fields =
        table["fields"].as_array().expect("fields").iter().map(|field| field["fieldName"].as_str().unwrap());
    assert_eq!(headings, fields.collect::<Vec<_>>().join(","));
    *rows = lines.map(str::to_owned).collect();
    account.uploads += 1;
    account.looks = 0;
    answer(200, json!({"id": "JOB1"}))
}
