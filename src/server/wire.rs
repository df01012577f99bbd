//! The bytes of one connection: which protocol they begin, and the pulse that they give.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::pulse::Pulse;

/// What an HTTP/2 client says first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1, or nothing that is known: hyper answers 400.
    Http1,
    /// HTTP/2, by its preface: with prior knowledge in clear text, after ALPN in TLS.
    Http2,
}

/// Reads until the protocol is clear. What was read is returned; nothing if the peer has hung up.
///
/// The caller bounds the time: a peer may say nothing, or `P`.
///
/// # Errors
/// Those of the socket.
pub async fn sniff<I: AsyncRead + Unpin>(io: &mut I) -> io::Result<Option<(Protocol, Vec<u8>)>> {
    let mut seen = Vec::with_capacity(PREFACE.len());
    loop {
        let room = PREFACE.len() - seen.len();
        if (&mut *io).take(room as u64).read_buf(&mut seen).await? == 0 {
            return Ok(None);
        }
        if !PREFACE.starts_with(&seen) {
            return Ok(Some((Protocol::Http1, seen)));
        }
        if seen.len() == PREFACE.len() {
            return Ok(Some((Protocol::Http2, seen)));
        }
    }
}

/// A socket whose first bytes are read again, and which tells its pulse.
#[derive(Debug)]
pub struct Wire<I> {
    first: io::Cursor<Vec<u8>>,
    io: I,
    pulse: Pulse,
}

impl<I> Wire<I> {
    /// `first` comes before what `io` still has.
    pub fn new(first: Vec<u8>, io: I, pulse: Pulse) -> Self {
        Self { first: io::Cursor::new(first), io, pulse }
    }

    /// The socket.
    pub fn into_inner(self) -> I {
        self.io
    }

    fn written<T>(&self, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &outcome {
            Poll::Pending => self.pulse.blocked(Instant::now()),
            Poll::Ready(_) => self.pulse.flowed(),
        }
        outcome
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Wire<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.first).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            return Poll::Ready(Ok(()));
        }
        ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            this.pulse.came(Instant::now());
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Wire<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write(cx, buf);
        self.written(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.written(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.io).poll_flush(cx);
        self.written(outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sniffed(mut bytes: &[u8]) -> Option<(Protocol, Vec<u8>)> {
        sniff(&mut bytes).await.unwrap()
    }

    #[tokio::test]
    async fn a_protocol_is_known_by_its_first_bytes() {
        assert_eq!(sniffed(b"GET / HTTP/1.1\r\n").await.unwrap().0, Protocol::Http1);
        assert_eq!(sniffed(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrest").await, Some((Protocol::Http2, PREFACE.to_vec())));
        assert_eq!(sniffed(b"PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n").await.unwrap().0, Protocol::Http1);
        assert_eq!(sniffed(b"PO").await, Some((Protocol::Http1, b"PO".to_vec())));
    }

    #[tokio::test]
    async fn a_peer_that_hangs_up_before_it_is_clear_has_said_nothing() {
        assert_eq!(sniffed(b"").await, None);
        assert_eq!(sniffed(b"PRI * H").await, None);
    }
}
