//! A connection whose other side must keep reading. The framework bounds how long a request's head takes to arrive, and
//! the handlers how long its body does; nothing bounds how long an answer takes to leave.

use std::{
    future::Future as _,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::rt::{
    net::TcpStream,
    time::{Sleep, sleep},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::shares::Share;

/// Bytes that have to leave within each stretch of patience.
const PACE: usize = 65_536;

/// A connection that ends when nobody reads its answers.
pub struct Connection {
    stream: TcpStream,
    patience: Duration,
    slow: Option<Slow>,
    /// Its place among the connections of its address.
    _place: Share,
}

/// Something waits for the other side.
struct Slow {
    until: Pin<Box<Sleep>>,
    written: usize,
}

impl Connection {
    pub fn new(stream: TcpStream, patience: Duration, place: Share) -> Self {
        Self { stream, patience, slow: None, _place: place }
    }

    fn wrote(&mut self, bytes: usize) {
        if let Some(slow) = &mut self.slow {
            slow.written = slow.written.saturating_add(bytes);
        }
    }

    /// The other side takes nothing now: whether it has kept up so far.
    fn waits(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let patience = self.patience;
        let slow = self.slow.get_or_insert_with(|| Slow { until: Box::pin(sleep(patience)), written: 0 });
        while slow.until.as_mut().poll(cx).is_ready() {
            if slow.written < PACE {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            *slow = Slow { until: Box::pin(sleep(patience)), written: 0 };
        }
        Poll::Pending
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Pending => self.waits(cx),
            ready => {
                if let Poll::Ready(Ok(written)) = &ready {
                    self.wrote(*written);
                }
                ready
            }
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, parts) {
            Poll::Pending => self.waits(cx),
            ready => {
                if let Poll::Ready(Ok(written)) = &ready {
                    self.wrote(*written);
                }
                ready
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called once everything has left.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.slow = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
