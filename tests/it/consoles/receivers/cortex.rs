//! Cortex XSIAM's and XDR's API for lookup datasets.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use peerbench::environment::{Clock as _, SystemClock};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::http::{Request, Response, Server, answer, serve, wait};

pub const KEY: &str = "hushhushhush";
pub const KEY_ID: &str = "7";
/// Milliseconds by which clocks may differ.
const SKEW: i64 = 300_000;

#[derive(Debug, Clone)]
pub enum Fault {
    Status(u16),
    Later(u16, &'static str),
}

pub struct Dataset {
    pub schema: BTreeMap<String, String>,
    /// By key.
    pub rows: BTreeMap<String, Map<String, Value>>,
    /// Questions that are answered as if it didn't exist.
    pub hidden: usize,
}

pub struct Tenant {
    pub datasets: BTreeMap<String, Dataset>,
    pub faults: VecDeque<Fault>,
    /// The outer name of requests that this product takes.
    pub envelope: &'static str,
    pub advanced: bool,
    pub expired: bool,
    /// Milliseconds by which the product's clock is ahead.
    pub ahead: i64,
    pub creation_lag: usize,
    pub writes: usize,
    /// Writes whose rows are stored and whose answers are lost.
    pub lost_answers: usize,
    nonces: Vec<String>,
    recent: Vec<(Instant, usize)>,
}

#[derive(Clone)]
pub struct Cortex {
    pub base: String,
    pub tenant: Arc<Mutex<Tenant>>,
    pub busiest: Arc<AtomicUsize>,
}

impl Cortex {
    pub fn start() -> Self {
        let tenant = Arc::new(Mutex::new(Tenant {
            datasets: BTreeMap::new(),
            faults: VecDeque::new(),
            envelope: "request_data",
            advanced: true,
            expired: false,
            ahead: 0,
            creation_lag: 2,
            writes: 0,
            lost_answers: 0,
            nonces: Vec::new(),
            recent: Vec::new(),
        }));
        let shared = Arc::clone(&tenant);
        let Server { base, busiest } = serve(move |request| handle(&mut shared.lock().unwrap(), request));
        Self { base, tenant, busiest }
    }

    pub fn with(&self, change: impl FnOnce(&mut Tenant)) {
        change(&mut self.tenant.lock().unwrap());
    }

    pub fn take<T>(&self, read: impl FnOnce(&Tenant) -> T) -> T {
        read(&self.tenant.lock().unwrap())
    }

    /// Whether calls overlapped, which the product forbids.
    pub fn overlapped(&self) -> bool {
        self.busiest.load(Ordering::SeqCst) > 1
    }
}

fn failed(status: u16, message: &str) -> Response {
    answer(status, json!({"reply": {"err_code": status, "err_msg": message}}))
}

/// Says that a request proves the advanced key with a nonce that none before it had, and with the time by a clock that is
/// `ahead` by some milliseconds.
pub fn proves_advanced_key(request: &Request, nonces: &mut Vec<String>, ahead: i64) -> bool {
    let (nonce, time) = (request.header("x-xdr-nonce").to_owned(), request.header("x-xdr-timestamp"));
    let digest = Sha256::digest(format!("{KEY}{nonce}{time}").as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let is_new = nonce.len() == 64 && !nonces.contains(&nonce);
    nonces.push(nonce);
    let now = SystemClock.now().timestamp_millis() + ahead;
    let is_now = time.parse::<i64>().is_ok_and(|time| (now - time).abs() < SKEW);
    is_new && is_now && request.header("x-xdr-auth-id") == KEY_ID && digest == request.header("authorization")
}

fn is_known(tenant: &mut Tenant, request: &Request) -> bool {
    if tenant.expired {
        return false;
    }
    match tenant.advanced {
        true => proves_advanced_key(request, &mut tenant.nonces, tenant.ahead),
        false => request.header("x-xdr-auth-id") == KEY_ID && request.header("authorization") == KEY,
    }
}

fn handle(tenant: &mut Tenant, request: &Request) -> Response {
    if !is_known(tenant, request) {
        return failed(401, "Public API request unauthorized");
    }
    let fault = tenant.faults.pop_front();
    match fault {
        Some(Fault::Status(status)) => return failed(status, "said so"),
        Some(Fault::Later(status, seconds)) => return wait(status, seconds, "{}"),
        None => {}
    }
    let body = request.json().unwrap_or_default();
    let Some(data) = body.get(tenant.envelope) else {
        return failed(
            400,
            "An error occurred while processing XDR public API - Missing required field in request",
        );
    };
    let name = data["dataset_name"].as_str().unwrap_or_default().to_owned();
    match request.path.strip_prefix("/public_api/v1/xql/") {
        Some("get_datasets") => {
            let all = tenant.datasets.keys().map(|name| json!({"Dataset Name": name, "Type": "LOOKUP"}));
            answer(200, json!({"reply": all.collect::<Vec<_>>()}))
        }
        Some("add_dataset") => {
            if tenant.datasets.contains_key(&name) {
                return failed(500, "Dataset already exists");
            }
            if data["dataset_type"] != "lookup" {
                return failed(400, "Unsupported dataset type");
            }
            let schema = serde_json::from_value(data["dataset_schema"].clone()).expect("a schema");
            let dataset = Dataset { schema, rows: BTreeMap::new(), hidden: tenant.creation_lag };
            tenant.datasets.insert(name.clone(), dataset);
            answer(200, json!({"reply": {"dataset_name": name}}))
        }
        Some("lookups/add_data") => {
            let response = add(tenant, &name, data);
            if tenant.lost_answers == 0 {
                return response;
            }
            tenant.lost_answers -= 1;
            Response::Cut
        }
        Some("lookups/get_data") => get(tenant, &name, data),
        Some("lookups/remove_data") => remove(tenant, &name, data),
        _ => failed(404, "no such operation"),
    }
}

impl Tenant {
    /// As after ten seconds: the product counts the rows of the last ten.
    pub fn rest(&mut self) {
        self.recent.clear();
    }

    /// As after so many rows of somebody else's.
    pub fn busy(&mut self, rows: usize) {
        self.recent.push((Instant::now(), rows));
    }
}

/// A dataset that was just made isn't found for some questions.
fn found<'a>(tenant: &'a mut Tenant, name: &str) -> Result<&'a mut Dataset, Response> {
    match tenant.datasets.get_mut(name) {
        Some(dataset) if dataset.hidden == 0 => Ok(dataset),
        Some(dataset) => {
            dataset.hidden -= 1;
            Err(failed(500, "Dataset not found"))
        }
        None => Err(failed(500, "Dataset not found")),
    }
}

fn add(tenant: &mut Tenant, name: &str, data: &Value) -> Response {
    let rows = data["data"].as_array().cloned().unwrap_or_default();
    let now = Instant::now();
    tenant.recent.retain(|(at, _)| now.duration_since(*at) < Duration::from_secs(10));
    if tenant.recent.iter().map(|(_, rows)| rows).sum::<usize>() + rows.len() > 1_000 {
        return failed(429, "Too many rows");
    }
    let dataset = match found(tenant, name) {
        Ok(dataset) => dataset,
        Err(response) => return response,
    };
    let keys: Vec<&str> =
        data["key_fields"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let (mut added, mut updated) = (0, 0);
    for row in &rows {
        let row = row.as_object().expect("a row");
        // What the schema doesn't have is dropped without a word; what an update doesn't have becomes nothing.
        let kept = row.iter().filter(|(name, _)| dataset.schema.contains_key(*name));
        let mut kept: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        for column in dataset.schema.keys() {
            kept.entry(column.clone()).or_insert(Value::Null);
        }
        let wrong = kept.iter().any(|(name, value)| match dataset.schema[name].as_str() {
            "number" => !value.is_number() && !value.is_null(),
            _ => !value.is_string() && !value.is_null(),
        });
        if wrong {
            return failed(400, "Invalid type");
        }
        let key = match keys.as_slice() {
            [] => format!("row {}", dataset.rows.len()),
            keys => keys.iter().map(|key| row[*key].as_str().expect("a key")).collect::<Vec<_>>().join(" "),
        };
        match dataset.rows.insert(key, kept) {
            None => added += 1,
            Some(_) => updated += 1,
        }
    }
    tenant.writes += 1;
    tenant.recent.push((now, rows.len()));
    answer(200, json!({"reply": {"added": added, "updated": updated, "skipped": 0}}))
}

fn get(tenant: &mut Tenant, name: &str, data: &Value) -> Response {
    let limit = data["limit"].as_u64().map_or(100, |limit| usize::try_from(limit).unwrap());
    match found(tenant, name) {
        Ok(dataset) => {
            let rows: Vec<_> = dataset.rows.values().take(limit).cloned().collect();
            answer(
                200,
                json!({"reply": {"data": rows, "filter_count": rows.len(), "total_count": dataset.rows.len()}}),
            )
        }
        Err(response) => response,
    }
}

fn remove(tenant: &mut Tenant, name: &str, data: &Value) -> Response {
    let filters = data["filters"].as_array().cloned().unwrap_or_default();
    let dataset = match found(tenant, name) {
        Ok(dataset) => dataset,
        Err(response) => return response,
    };
    let matches = |row: &Map<String, Value>, filter: &Value| {
        filter
            .as_object()
            .is_some_and(|filter| filter.iter().all(|(name, value)| row.get(name) == Some(value)))
    };
    // All or nothing.
    if filters.iter().any(|filter| !dataset.rows.values().any(|row| matches(row, filter))) {
        return failed(400, "No rows match a filter");
    }
    let before = dataset.rows.len();
    dataset.rows.retain(|_, row| !filters.iter().any(|filter| matches(row, filter)));
    answer(200, json!({"reply": {"deleted": before - dataset.rows.len()}}))
}
