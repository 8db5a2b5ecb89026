//! A proxy in front of a server, which can stand still, as a stopped server or a network without a word does, or go away.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

const FLOWING: u8 = 0;
const FROZEN: u8 = 1;
const GONE: u8 = 2;
const LOOK: Duration = Duration::from_millis(20);

/// The proxy. Its threads end with the test's process.
#[derive(Clone)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Proxy {
    /// In front of `host:port`.
    pub fn before(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (state, target) = (Arc::new(AtomicU8::new(FLOWING)), target.to_owned());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.load(Ordering::SeqCst) == GONE {
                    continue;
                }
                let (state, target) = (Arc::clone(&shared), target.clone());
                thread::spawn(move || {
                    // Whoever stands still takes connections, as a kernel does for a stopped process.
                    while state.load(Ordering::SeqCst) == FROZEN {
                        thread::sleep(LOOK);
                    }
                    let Ok(server) = TcpStream::connect(&target) else { return };
                    let (a, b) =
                        (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
                    let back = Arc::clone(&state);
                    thread::spawn(move || forward(b, a, &back));
                    forward(client, server, &state);
                });
            }
        });
        Self { address, state }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn freeze(&self) {
        self.state.store(FROZEN, Ordering::SeqCst);
    }

    pub fn go_away(&self) {
        self.state.store(GONE, Ordering::SeqCst);
    }

    pub fn come_back(&self) {
        self.state.store(FLOWING, Ordering::SeqCst);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, state: &AtomicU8) {
    from.set_read_timeout(Some(LOOK)).expect("a timeout");
    let mut bytes = [0; 16_384];
    loop {
        match state.load(Ordering::SeqCst) {
            FROZEN => {
                thread::sleep(LOOK);
                continue;
            }
            GONE => break,
            _ => {}
        }
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => {
                if to.write_all(&bytes[..read]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
