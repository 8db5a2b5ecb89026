//! Good requests (reads, checks, uploads) beside those that mean harm: 64 connections of which 24 are hostile (bombs and
//! large bodies below the ratio of another member, garbage, callers that don't read and bodies that don't come), against the
//! same good ones alone. Said are the p99 of the good ones, how many answers of each kind there were, and the process's
//! memory over time.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    net::{SocketAddr, TcpStream},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    bed::{Bed, large_snapshot},
    load::{Connection, Figures, compare, drive, request, say},
};

const READERS: usize = 30;
const CHECKS: usize = 8;
const UPLOADS: usize = 2;

type Counts = Mutex<BTreeMap<String, usize>>;

/// `PEERBENCH_SOAK_SECONDS`, ten minutes if not said; the good ones alone take a tenth of it.
pub fn soak(bed: &Bed) {
    let seconds =
        std::env::var("PEERBENCH_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(600);
    let (counts, bad) = (Counts::default(), Counts::default());
    let alone = good(bed, &counts, Duration::from_secs(seconds / 10 + 1));
    say("good requests alone, 40 connections", alone);
    let stop = AtomicBool::new(false);
    let mixed = thread::scope(|scope| {
        for number in 0..24 {
            let (stop, bad) = (&stop, &bad);
            scope.spawn(move || hostile(bed, number, stop, bad));
        }
        scope.spawn(|| memory(&stop));
        let mixed = good(bed, &counts, Duration::from_secs(seconds));
        stop.store(true, Ordering::SeqCst);
        mixed
    });
    say("the same beside 24 hostile connections", mixed);
    compare(mixed, alone);
    println!("good:    {:?}\nhostile: {:?}", counts.lock().unwrap(), bad.lock().unwrap());
}

fn count(counts: &Counts, connection: &Connection, length: usize) {
    let status = String::from_utf8_lossy(connection.status()).into_owned();
    let head = String::from_utf8_lossy(&connection.buffer[..length.min(2_000)]).to_ascii_lowercase();
    assert!(!status.starts_with('5') || status == "503" && head.contains("retry-after:"), "{head}");
    *counts.lock().unwrap().entry(status).or_default() += 1;
}

fn good(bed: &Bed, counts: &Counts, time: Duration) -> Figures {
    let upload = large_snapshot(&bed.app).to_string().into_bytes();
    let next = AtomicUsize::new(0);
    let mut workers: Vec<Box<dyn FnMut() + Send + '_>> = Vec::new();
    for _ in 0..READERS {
        let (mut connection, next) = (Connection::open(bed.address), &next);
        workers.push(Box::new(move || {
            // Some are in the cache, some are not.
            let limit = next.fetch_add(1, Ordering::Relaxed) % 300 + 1;
            let head = format!(
                "GET /v1/comparisons/techniques?limit={limit} HTTP/1.1\r\nauthorization: Bearer {}\r\n",
                bed.token
            );
            let length = connection.send(&request(&head, b""));
            count(counts, &connection, length);
        }));
    }
    for number in 0..CHECKS + UPLOADS {
        let (mut connection, upload) = (Connection::open(bed.address), &upload);
        let path = if number < CHECKS { "/v1/snapshots/check" } else { "/v1/snapshots?replace=true" };
        let head = format!(
            "POST {path} HTTP/1.1\r\ncontent-type: application/json\r\nauthorization: Bearer {}\r\n",
            bed.token
        );
        workers.push(Box::new(move || {
            let length = connection.send(&request(&head, upload));
            count(counts, &connection, length);
        }));
    }
    drive(workers, time)
}

fn dense(bytes: usize) -> Vec<u8> {
    let mut text = br#"{"cells":["#.to_vec();
    while text.len() < bytes {
        text.extend(br#"{"a":{}},"#);
    }
    zstd::encode_all(text.as_slice(), 3).unwrap()
}

fn wide(bytes: usize) -> Vec<u8> {
    let mut text = br#"{"cells":["#.to_vec();
    for number in 0_u32.. {
        if text.len() >= bytes {
            break;
        }
        text.extend(format!(r#"{{"k{:08x}":{{}}}},"#, number.wrapping_mul(0x9E37_79B9)).bytes());
    }
    zstd::encode_all(text.as_slice(), 3).unwrap()
}

fn hostile(bed: &Bed, number: usize, stop: &AtomicBool, counts: &Counts) {
    let check = |coding: &str, body: &[u8]| {
        let head = format!(
            "POST /v1/snapshots/check HTTP/1.1\r\ncontent-type: application/json\r\ncontent-encoding: {coding}\r\n\
             connection: close\r\nauthorization: Bearer {}\r\n",
            bed.others_token
        );
        request(&head, body)
    };
    let asked = match number % 6 {
        0 => check("zstd", &dense(16_000_000)),
        1 => check("zstd", &wide(16_000_000)),
        2 => request("POST /oauth/token HTTP/1.1\r\nconnection: close\r\n", &[b'x'; 8_000]),
        3 => {
            request("GET /v1/snapshots HTTP/1.1\r\nconnection: close\r\nauthorization: Bearer a.b.c\r\n", b"")
        }
        // Neither reads.
        4 => "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100).into_bytes(),
        _ => b"POST /v1/snapshots HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000\r\n\r\n{".to_vec(),
    };
    while !stop.load(Ordering::SeqCst) {
        if number % 6 >= 4 {
            hold(bed.address, &asked, stop);
            continue;
        }
        let mut connection = Connection::open(bed.address);
        let length = connection.send(&asked);
        count(counts, &connection, length);
    }
}

/// Sends, reads nothing, and stays for a while.
fn hold(address: SocketAddr, asked: &[u8], stop: &AtomicBool) {
    let mut stream = TcpStream::connect(address).unwrap();
    let _ = stream.set_write_timeout(Some(Duration::from_secs(1)));
    let _ = stream.write_all(asked);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(40) && !stop.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(200));
    }
}

/// Says every while how much memory the process has.
fn memory(stop: &AtomicBool) {
    let began = Instant::now();
    let mut next = Duration::ZERO;
    while !stop.load(Ordering::SeqCst) {
        if began.elapsed() >= next {
            next += Duration::from_secs(30);
            let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
            let resident = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
            println!("after {:>4} s: {resident}", began.elapsed().as_secs());
        }
        thread::sleep(Duration::from_millis(200));
    }
}
