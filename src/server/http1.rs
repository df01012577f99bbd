//! HTTP/1.1 on one connection: exchanges, and the rests between them.
//!
//! hyper keeps some 17 KiB of buffers for a connection, whether or not its client asks anything. Most clients of a
//! directory ask once in a while and keep their connection open, so a connection that rests gives all of that back: what
//! stays is its socket. When its next request begins, it starts anew with the bytes that have come. Starting costs a few
//! allocations, which a busy client would pay with each request; so while few connections are open, one rests only after
//! a tick, and once there are [`FEW`] or more, at once.

use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};

use crate::metrics::Phase;

use super::Service;
use super::connection::{Connection, Driven, Step};
use super::life::Stage;
use super::pulse::Pulse;
use super::stack::Stack;
use super::wire::{Wire, some};

/// Connections that may keep hyper's buffers while they rest: 4 MiB together.
const FEW: usize = 256;

/// Bytes by which hyper's limit of a head lies beyond ours, so that what is a little too long gets a SCIM error.
const BEYOND: usize = 4 * 1024;

/// hyper's least buffer, in bytes.
const LEAST_BUFFER: usize = 8 * 1024;

/// Bytes, and time, that a client may still send after our last word. Closing on unread bytes would reset the connection,
/// and the reset can overtake the answer (RFC 9112 section 9.6).
const LINGER: (u64, Duration) = (256 * 1024, Duration::from_secs(1));

impl<S> Stack<S> {
    /// Whether so many connections are open that a resting one may keep nothing.
    pub(super) fn is_crowded(&self) -> bool {
        self.limits.connections.saturating_sub(self.sockets.available_permits()) >= FEW
    }
}

impl<S: Service> Connection<S> {
    /// Serves it to its end, from these first bytes on.
    pub(super) async fn http1<I>(&self, mut first: Bytes, mut io: I)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = Pulse::one_at_a_time(Instant::now());
        loop {
            let driven;
            (driven, first, io) = Box::pin(self.exchange(first, io, &pulse)).await;
            match driven {
                Driven::Rests if first.is_empty() => match self.rest(&mut io, &pulse).await {
                    Some(bytes) => first = bytes,
                    None => break,
                },
                Driven::Rests => {}
                Driven::Overdue => break,
                Driven::Ended(ended) => {
                    self.ended(ended);
                    break;
                }
            }
            pulse.came(Instant::now());
        }
        linger(io).await;
    }

    /// Lets hyper answer requests. Returns what it has read of the next one, and the socket.
    async fn exchange<I>(&self, first: Bytes, io: I, pulse: &Pulse) -> (Driven, Bytes, I)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (limits, asked) = (&self.stack.limits, self.asked(pulse));
        let wire = TokioIo::new(Wire::new(first, io, pulse.clone()));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .half_close(true)
            .max_header_size(limits.target + limits.headers + BEYOND)
            .max_buf_size((limits.target + limits.headers + BEYOND).max(LEAST_BUFFER))
            .serve_connection(wire, service_fn(move |request| asked.answer(request)));
        let drive = self.drive(pulse, |step| match step {
            Step::On(cx) => Pin::new(&mut connection).poll(cx),
            Step::Finish => {
                Pin::new(&mut connection).graceful_shutdown();
                Poll::Pending
            }
        });
        let driven = drive.await;
        let parts = connection.into_parts();
        (driven, parts.read_buf, parts.io.into_inner().into_inner())
    }

    /// Waits for the first bytes of the next request. Nothing if there is none.
    async fn rest<I: AsyncRead + Unpin>(&self, io: &mut I, pulse: &Pulse) -> Option<Bytes> {
        let since = pulse.rests()?;
        let mut stages = self.stages.clone();
        tokio::select! {
            biased;
            bytes = some(io) => bytes.ok().filter(|bytes| !bytes.is_empty()),
            () = stages.reached(Stage::Stopping) => None,
            () = sleep_until(since + self.stack.limits.keep_alive) => {
                self.stack.metrics.timed_out(Phase::Idle);
                None
            }
        }
    }
}

async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) {
    let (bytes, time) = LINGER;
    let last = async {
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(bytes), &mut tokio::io::sink()).await
    };
    let _: Result<io::Result<u64>, _> = timeout(time, last).await;
}
