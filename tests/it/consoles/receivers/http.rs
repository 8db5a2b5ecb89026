//! A small HTTP server for receivers: one thread a connection, one request after the other.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use flate2::read::GzDecoder;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// As sent.
    pub raw: Vec<u8>,
}

/// The end of a request.
pub enum Response {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// The connection ends in the middle of the answer.
    Truncated {
        status: u16,
        body: String,
    },
    /// The connection ends without a word.
    Cut,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body, decompressed.
    pub fn body(&self) -> Vec<u8> {
        match self.header("content-encoding") {
            "gzip" => {
                let mut body = Vec::new();
                GzDecoder::new(self.raw.as_slice()).read_to_end(&mut body).expect("gzip");
                body
            }
            _ => self.raw.clone(),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body()).expect("UTF-8")
    }

    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body()).ok()
    }

    pub fn form(&self) -> BTreeMap<String, String> {
        form_urlencoded::parse(&self.body()).into_owned().collect()
    }
}

pub fn answer(status: u16, body: impl ToString) -> Response {
    Response::Answer { status, headers: Vec::new(), body: body.to_string() }
}

pub fn wait(status: u16, seconds: &str, body: impl ToString) -> Response {
    Response::Answer { status, headers: vec![("retry-after", seconds.to_owned())], body: body.to_string() }
}

/// A server on a free port of loopback. Its threads end with the test's process.
pub struct Server {
    pub base: String,
    /// Most requests that were worked on at the same time.
    pub busiest: Arc<AtomicUsize>,
}

/// A connection, encrypted or not.
trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

pub fn serve(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Server {
    serve_with(None, handler)
}

pub fn serve_with(
    tls: Option<Arc<ServerConfig>>,
    handler: impl Fn(&Request) -> Response + Send + Sync + 'static,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let scheme = if tls.is_some() { "https" } else { "http" };
    let base = format!("{scheme}://{}", listener.local_addr().expect("an address"));
    let (handler, busy, busiest) =
        (Arc::new(handler), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let most = Arc::clone(&busiest);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (handler, busy, most) = (Arc::clone(&handler), Arc::clone(&busy), Arc::clone(&most));
            let tls = tls.clone();
            thread::spawn(move || {
                let stream: Box<dyn Stream> = match tls {
                    None => Box::new(stream),
                    Some(tls) => Box::new(StreamOwned::new(ServerConnection::new(tls).expect("TLS"), stream)),
                };
                let mut stream = BufReader::new(stream);
                while let Some(request) = read(&mut stream) {
                    most.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let response = handler(&request);
                    busy.fetch_sub(1, Ordering::SeqCst);
                    if !write(stream.get_mut(), response) {
                        break;
                    }
                }
            });
        }
    });
    Server { base, busiest }
}

fn read(reader: &mut BufReader<Box<dyn Stream>>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut raw = vec![0; length];
    reader.read_exact(&mut raw).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Some(Request { method, path: path.to_owned(), query, headers, raw })
}

/// Whether the connection goes on.
fn write(stream: &mut Box<dyn Stream>, response: Response) -> bool {
    let head = |status: u16, length: usize| format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n");
    let (text, goes_on) = match response {
        Response::Cut => (String::new(), false),
        Response::Truncated { status, body } => {
            (format!("{}\r\n{}", head(status, body.len() + 100), body), false)
        }
        Response::Answer { status, headers, body } => {
            let length = if status == 204 { 0 } else { body.len() };
            let mut text = head(status, length);
            for (name, value) in headers {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            (
                format!(
                    "{text}content-type: application/json\r\n\r\n{}",
                    if status == 204 { "" } else { &body }
                ),
                true,
            )
        }
    };
    stream.write_all(text.as_bytes()).is_ok() && stream.flush().is_ok() && goes_on
}
