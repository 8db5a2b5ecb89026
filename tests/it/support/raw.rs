//! Connections without a client's manners: bytes out, bytes in.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// A connection to a server.
pub struct Raw(TcpStream);

impl Raw {
    /// `base` is the server's address with its scheme.
    pub fn connect(base: &str) -> Self {
        let address = base.trim_start_matches("http://");
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        stream.set_write_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        Self(stream)
    }

    /// Sends bytes; a server that has closed takes none, which is no failure.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// What came until the server closed or 30 seconds passed.
    pub fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = self.0.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What came first; empty where the server has closed.
    pub fn some(&mut self) -> String {
        let mut bytes = vec![0; 65_536];
        let read = self.0.read(&mut bytes).unwrap_or_default();
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    }
}
