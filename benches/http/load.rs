//! Clients that do as little as possible, so that what is measured is the server: each has one connection and sends its
//! next request when the answer to the last one is there.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

/// An answer, taken apart.
pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
}

/// A request as it goes over the wire.
pub fn request(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = head.as_bytes().to_vec();
    bytes.extend(format!("host: bench\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend(body);
    bytes
}

/// Asks once, on a connection of its own.
pub fn ask(address: SocketAddr, head: &str, body: &[u8], expected: u16) -> Answer {
    let mut connection = Connection::open(address);
    let length = connection.send(&request(head, body));
    let text = String::from_utf8_lossy(&connection.buffer[..length]).into_owned();
    assert!(text.starts_with(&format!("HTTP/1.1 {expected}")), "{text}");
    let end = text.find("\r\n\r\n").unwrap() + 4;
    Answer { head: text[..end].to_owned(), body: connection.buffer[end..length].to_vec() }
}

/// A connection that is kept, and a buffer for its answers.
pub struct Connection {
    stream: TcpStream,
    pub buffer: Vec<u8>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 1 << 20] }
    }

    /// Sends a request and reads its answer; how long that is.
    pub fn send(&mut self, request: &[u8]) -> usize {
        self.stream.write_all(request).unwrap();
        let mut filled = 0;
        let mut whole = usize::MAX;
        while filled < whole {
            let read = self.stream.read(&mut self.buffer[filled..]).unwrap();
            assert!(read > 0, "the server closed the connection");
            filled += read;
            if whole == usize::MAX
                && let Some(end) = self.buffer[..filled].windows(4).position(|w| w == b"\r\n\r\n")
            {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                whole = end + 4 + length.trim().parse::<usize>().unwrap();
            }
        }
        whole
    }

    pub fn status(&self) -> &[u8] {
        &self.buffer[9..12]
    }
}

/// What came of a load.
#[derive(Clone, Copy)]
pub struct Figures {
    /// Answers per second.
    pub rate: f64,
    pub median: Duration,
    pub p99: Duration,
}

/// Does the work of each worker again and again for a while, all at once.
pub fn drive<W: FnMut() + Send>(workers: Vec<W>, time: Duration) -> Figures {
    let barrier = Barrier::new(workers.len());
    let mut taken: Vec<Duration> = thread::scope(|scope| {
        let runs: Vec<_> = workers
            .into_iter()
            .map(|mut work| {
                let barrier = &barrier;
                scope.spawn(move || {
                    work();
                    barrier.wait();
                    let mut taken = Vec::with_capacity(1 << 16);
                    let began = Instant::now();
                    while began.elapsed() < time {
                        let one = Instant::now();
                        work();
                        taken.push(one.elapsed());
                    }
                    taken
                })
            })
            .collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    taken.sort_unstable();
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share) as usize];
    Figures { rate: taken.len() as f64 / time.as_secs_f64(), median: at(0.5), p99: at(0.99) }
}

/// The same request over several connections, each answered with this status.
pub fn requests(
    address: SocketAddr,
    request: &[u8],
    status: u16,
    connections: usize,
    time: Duration,
) -> Figures {
    let expected = status.to_string();
    let workers = (0..connections).map(|_| {
        let (mut connection, expected) = (Connection::open(address), expected.clone());
        move || {
            connection.send(request);
            assert_eq!(connection.status(), expected.as_bytes());
        }
    });
    drive(workers.collect(), time)
}

/// The better of two.
pub fn better(one: Option<Figures>, other: Figures) -> Figures {
    let Some(one) = one else { return other };
    Figures {
        rate: one.rate.max(other.rate),
        median: one.median.min(other.median),
        p99: one.p99.min(other.p99),
    }
}

/// A line of the report.
pub fn say(what: &str, figures: Figures) {
    let Figures { rate, median, p99 } = figures;
    println!("{what:<64} {rate:>9.0}/s   median {median:>9.3?}   p99 {p99:>9.3?}");
}

/// A line that compares with the reference above it.
pub fn compare(figures: Figures, reference: Figures) {
    println!(
        "{:<64} {:>8.2} times the rate, {:.2} times the p99\n",
        "",
        figures.rate / reference.rate,
        figures.p99.as_secs_f64() / reference.p99.as_secs_f64()
    );
}
