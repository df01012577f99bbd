//! The bytes of one connection: which protocol they begin, and the pulse that they give.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::gateway::Together;

use super::pulse::Pulse;

/// What an HTTP/2 client says first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The most that is read at once before hyper reads: the head of most requests.
const ROOM: usize = 2 * 1024;

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
pub async fn sniff<I: AsyncRead + Unpin>(io: &mut I) -> io::Result<Option<(Protocol, Bytes)>> {
    let mut seen = some(io).await?;
    while PREFACE.starts_with(&seen) && seen.len() < PREFACE.len() {
        let more = some(io).await?;
        if more.is_empty() {
            return Ok(None);
        }
        seen = [seen, more].concat().into();
    }
    let protocol = if seen.starts_with(PREFACE) { Protocol::Http2 } else { Protocol::Http1 };
    Ok(Some((protocol, seen)))
}

/// Reads what is there, as soon as something is; empty at the end. Waiting takes no memory: the buffer is on the stack.
///
/// # Errors
/// Those of the socket.
pub async fn some<I: AsyncRead + Unpin>(io: &mut I) -> io::Result<Bytes> {
    poll_fn(|cx| {
        let mut room = [MaybeUninit::uninit(); ROOM];
        let mut buffer = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut *io).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(Bytes::copy_from_slice(buffer.filled())))
    })
    .await
}

/// A socket whose first bytes are read again, and which tells its pulse.
#[derive(Debug)]
pub struct Wire<I> {
    first: Bytes,
    io: I,
    pulse: Pulse,
    together: Together,
}

impl<I> Wire<I> {
    /// `first` comes before what `io` still has.
    pub fn new(first: Bytes, io: I, pulse: Pulse) -> Self {
        Self { first, io, pulse, together: Together::default() }
    }

    /// The socket.
    pub fn into_inner(self) -> I {
        self.io
    }

    /// Ready when it may write.
    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let turn = self.together.poll(cx);
        if turn.is_pending() {
            self.pulse.queued();
        }
        turn
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
        if !this.first.is_empty() {
            let now = this.first.len().min(buf.remaining());
            buf.put_slice(&this.first.split_to(now));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            this.pulse.came(Instant::now());
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Wire<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.turn(cx));
        let outcome = Pin::new(&mut self.io).poll_write(cx, buf);
        self.written(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.turn(cx));
        let outcome = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.written(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.io).poll_flush(cx);
        if outcome.is_ready() {
            self.together.written();
        }
        self.written(outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sniffed(mut bytes: &[u8]) -> Option<(Protocol, Bytes)> {
        sniff(&mut bytes).await.unwrap()
    }

    #[tokio::test]
    async fn a_protocol_is_known_by_its_first_bytes() {
        assert_eq!(sniffed(b"GET / HTTP/1.1\r\n").await.unwrap().0, Protocol::Http1);
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrest";
        assert_eq!(sniffed(preface).await, Some((Protocol::Http2, Bytes::from_static(preface))));
        assert_eq!(sniffed(b"PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n").await.unwrap().0, Protocol::Http1);
        assert_eq!(sniffed(b"PO").await, Some((Protocol::Http1, Bytes::from_static(b"PO"))));
    }

    #[tokio::test]
    async fn a_peer_that_hangs_up_before_it_is_clear_has_said_nothing() {
        assert_eq!(sniffed(b"").await, None);
        assert_eq!(sniffed(b"PRI * H").await, None);
    }
}
