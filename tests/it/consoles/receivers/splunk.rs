//! Splunk's HTTP Event Collector: its codes, acknowledgements, and what goes wrong with it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rustls::ServerConfig;
use serde_json::{Deserializer, Value, json};

use super::http::{Request, Response, Server, answer, serve_with, wait};

pub const TOKEN: &str = "11111111-2222-3333-4444-555555555555";

/// Something that goes wrong with one request for events.
#[derive(Debug, Clone)]
pub enum Fault {
    /// An HTTP status and a code, with nothing stored.
    Code(u16, i64),
    /// The same, with seconds to wait.
    Later(u16, i64, &'static str),
    /// A proxy answers instead.
    Page(u16),
    /// Everything is stored, and the answer is lost.
    LostAnswer,
    /// Everything is stored, and the answer ends too early.
    Truncated,
    /// So many events are stored, then one is invalid.
    Half(usize),
    /// Everything is stored after so long.
    Slow(Duration),
    /// Everything is stored once the gate is open.
    Held(Arc<AtomicBool>),
}

#[derive(Default)]
pub struct Collector {
    pub events: Vec<Value>,
    pub requests: usize,
    pub faults: VecDeque<Fault>,
    /// The token asks for acknowledgement.
    pub acknowledges: bool,
    /// Questions that are answered with `false` first.
    pub ack_after: usize,
    /// No acknowledgement is ever true.
    pub loses_acks: bool,
    pub indexes: Vec<&'static str>,
    pub expired: bool,
    acks: BTreeMap<u64, usize>,
}

#[derive(Clone)]
pub struct Splunk {
    pub base: String,
    pub collector: Arc<Mutex<Collector>>,
}

impl Splunk {
    pub fn start() -> Self {
        Self::start_with(None)
    }

    pub fn start_with_tls(tls: Arc<ServerConfig>) -> Self {
        Self::start_with(Some(tls))
    }

    fn start_with(tls: Option<Arc<ServerConfig>>) -> Self {
        let collector =
            Arc::new(Mutex::new(Collector { indexes: vec!["main", "peerbench"], ..Collector::default() }));
        let shared = Arc::clone(&collector);
        let Server { base, .. } = serve_with(tls, move |request| handle(&shared, request));
        Self { base, collector }
    }

    pub fn with(&self, change: impl FnOnce(&mut Collector)) {
        change(&mut self.collector.lock().unwrap());
    }

    pub fn take<T>(&self, read: impl FnOnce(&Collector) -> T) -> T {
        read(&self.collector.lock().unwrap())
    }
}

fn said(status: u16, text: &str, code: i64) -> Response {
    answer(status, json!({ "text": text, "code": code }))
}

fn handle(shared: &Mutex<Collector>, request: &Request) -> Response {
    let mut collector = shared.lock().unwrap();
    let authorization = request.header("authorization");
    match authorization.strip_prefix("Splunk ") {
        _ if authorization.is_empty() => return said(401, "Token is required", 2),
        None => return said(401, "Invalid authorization", 3),
        Some(_) if collector.expired => return said(403, "Token disabled", 1),
        Some(TOKEN) => {}
        Some(_) => return said(403, "Invalid token", 4),
    }
    let channel = request.header("x-splunk-request-channel");
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/services/collector/health") => said(200, "HEC is healthy", 17),
        ("POST", "/services/collector/event") => {
            if collector.acknowledges && channel.is_empty() {
                return said(400, "Data channel is missing", 10);
            }
            let fault = collector.faults.pop_front();
            drop(collector);
            match &fault {
                Some(Fault::Slow(pause)) => thread::sleep(*pause),
                Some(Fault::Held(gate)) => {
                    while !gate.load(Ordering::SeqCst) {
                        thread::sleep(Duration::from_millis(10));
                    }
                }
                _ => {}
            }
            events(&mut shared.lock().unwrap(), request, fault)
        }
        ("POST", "/services/collector/ack") => {
            if !collector.acknowledges {
                return said(400, "ACK is disabled", 14);
            }
            if request.query.get("channel").map(String::as_str) != Some(channel) {
                return said(400, "Invalid data channel", 11);
            }
            let asked = request.json().expect("JSON")["acks"].as_array().expect("acks").clone();
            let (after, loses) = (collector.ack_after, collector.loses_acks);
            let mut acks = serde_json::Map::new();
            for id in asked {
                let id = id.as_u64().expect("a number");
                let looked = collector.acks.entry(id).or_default();
                *looked += 1;
                acks.insert(id.to_string(), (!loses && *looked > after).into());
            }
            answer(200, json!({ "acks": acks }))
        }
        _ => answer(404, json!({ "text": "The requested URL was not found on this server.", "code": 404 })),
    }
}

fn events(collector: &mut Collector, request: &Request, fault: Option<Fault>) -> Response {
    collector.requests += 1;
    match fault {
        Some(Fault::Code(status, code)) => return said(status, "said so", code),
        Some(Fault::Later(status, code, seconds)) => {
            return wait(status, seconds, json!({ "text": "Server is busy", "code": code }));
        }
        Some(Fault::Page(status)) => return answer(status, "<html>a proxy's page</html>"),
        _ => {}
    }
    if request.raw.len() > 1_000_000 {
        return answer(413, json!({ "text": "Content-Length too large", "code": 27 }));
    }
    let body = request.body();
    let mut events = Vec::new();
    for event in Deserializer::from_slice(&body).into_iter::<Value>() {
        let place = events.len();
        let invalid = |text: &str, code: i64| {
            answer(400, json!({ "text": text, "code": code, "invalid-event-number": place }))
        };
        let event = match event {
            // A list is no event, however nice it looks.
            Ok(event) if event.is_object() => event,
            _ => return invalid("Invalid data format", 6),
        };
        match &event["event"] {
            Value::Null => return invalid("Event field is required", 12),
            Value::String(text) if text.is_empty() => return invalid("Event field cannot be blank", 13),
            _ => {}
        }
        if event["index"].as_str().is_some_and(|index| !collector.indexes.contains(&index)) {
            return invalid("Incorrect index", 7);
        }
        if event["time"].as_str().is_none_or(|time| time.parse::<f64>().is_err()) {
            return invalid("Invalid data format", 6);
        }
        if let Some(Fault::Half(number)) = fault
            && place == number
        {
            collector.events.extend(events);
            return invalid("Invalid data format", 6);
        }
        events.push(event);
    }
    if events.is_empty() {
        return said(400, "No data", 5);
    }
    collector.events.extend(events);
    let mut success = json!({ "text": "Success", "code": 0 });
    if collector.acknowledges {
        let id = u64::try_from(collector.acks.len()).unwrap();
        collector.acks.insert(id, 0);
        success["ackId"] = id.into();
    }
    match fault {
        Some(Fault::LostAnswer) => Response::Cut,
        Some(Fault::Truncated) => Response::Truncated { status: 200, body: "{\"text\":\"Succ".to_owned() },
        _ => answer(200, success),
    }
}
