//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::metrics::{InFlight, Phase};

use super::head::Reason;
use super::life::{Stage, Stages};
use super::limits::{CONNECTION_WINDOW, HTTP2_HEADERS, STREAM_WINDOW};
use super::pulse::Pulse;
use super::stack::{Stack, answer};
use super::tls::Tls;
use super::wire::{Protocol, Wire, sniff};
use super::{Alive, Service};

/// What one connection knows.
pub(super) struct Connection<S> {
    stack: Arc<Stack<S>>,
    peer: IpAddr,
    stages: Stages,
    alive: Alive,
    _open: InFlight,
}

impl<S: Service> Connection<S> {
    pub(super) fn new(stack: Arc<Stack<S>>, peer: IpAddr, stages: Stages, alive: Alive) -> Self {
        let open = stack.metrics.socket_opened();
        Self { stack, peer, stages, alive, _open: open }
    }

    /// Serves it. Whoever has asked nothing yet when the server stops is hung up on.
    pub(super) async fn serve(self, stream: TcpStream, tls: Option<Arc<Tls>>) {
        // An answer is written in one piece; waiting for more only delays it.
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else { return self.speak(stream).await };
        let mut stages = self.stages.clone();
        let handshake = tokio::select! {
            handshake = timeout(self.stack.limits.tls, tls.accept(stream)) => handshake,
            () = stages.reached(Stage::Stopping) => return,
        };
        match handshake {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(fault)) => {
                tracing::debug!(%fault, peer = %self.peer, "the TLS handshake failed");
            }
            Err(_) => self.stack.metrics.timed_out(Phase::Tls),
        }
    }

    /// What is spoken decides, whatever ALPN had agreed on: both protocols lead to the same place.
    async fn speak<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, mut io: I) {
        let mut stages = self.stages.clone();
        let sniffed = tokio::select! {
            sniffed = timeout(self.stack.limits.first_byte, sniff(&mut io)) => sniffed,
            () = stages.reached(Stage::Stopping) => return,
        };
        match sniffed {
            Ok(Ok(Some((Protocol::Http1, first)))) => self.http1(first, io).await,
            Ok(Ok(Some((Protocol::Http2, first)))) => self.http2(first, io).await,
            Ok(Ok(None) | Err(_)) => {}
            Err(_) => self.stack.metrics.timed_out(Phase::FirstByte),
        }
    }

    async fn http1<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, first: Vec<u8>, io: I) {
        let pulse = Pulse::one_at_a_time(Instant::now());
        let limits = &self.stack.limits;
        let wire = TokioIo::new(Wire::new(first, io, pulse.clone()));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .half_close(true)
            .max_header_size(limits.target + limits.headers + BEYOND)
            .max_buf_size((limits.target + limits.headers + BEYOND).max(LEAST_BUFFER))
            .serve_connection(wire, service_fn(self.service(&pulse)));
        self.drive(&pulse, |step| match step {
            Step::On(cx) => connection.poll_without_shutdown(cx),
            Step::Finish => {
                Pin::new(&mut connection).graceful_shutdown();
                Poll::Pending
            }
        })
        .await;
        linger(connection.into_parts().io.into_inner().into_inner()).await;
    }

    async fn http2<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, first: Vec<u8>, io: I) {
        let pulse = Pulse::multiplexed(Instant::now());
        let limits = &self.stack.limits;
        let wire = TokioIo::new(Wire::new(first, io, pulse.clone()));
        let mut connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HTTP2_HEADERS)
            .max_send_buf_size(STREAM_WINDOW as usize)
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(RESETS)
            .keep_alive_interval(limits.ping)
            .keep_alive_timeout(limits.pong)
            .serve_connection(wire, service_fn(self.service(&pulse)));
        self.drive(&pulse, |step| match step {
            Step::On(cx) => Pin::new(&mut connection).poll(cx),
            Step::Finish => {
                Pin::new(&mut connection).graceful_shutdown();
                Poll::Pending
            }
        })
        .await;
    }

    fn service(&self, pulse: &Pulse) -> impl Fn(Request<Incoming>) -> Answering<S> + Unpin + use<S> {
        let (stack, peer, pulse, alive) = (self.stack.clone(), self.peer, pulse.clone(), self.alive.clone());
        move |request| {
            let answer = answer(stack.clone(), request, peer, pulse.begin(), alive.clone());
            Box::pin(async { Ok(answer.await) })
        }
    }

    /// Lets hyper work, and looks at the clock: an idle connection is wound down, any other that is overdue is cut.
    async fn drive(&self, pulse: &Pulse, mut step: impl FnMut(Step<'_, '_>) -> Poll<hyper::Result<()>>) {
        let (limits, metrics) = (&self.stack.limits, &self.stack.metrics);
        let mut stages = self.stages.clone();
        let mut ticks = interval(limits.tick());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut finishing = false;
        loop {
            tokio::select! {
                ended = poll_fn(|cx| step(Step::On(cx))) => return self.ended(ended),
                () = stages.reached(Stage::Stopping), if !finishing => {}
                _ = ticks.tick() => match pulse.overdue(Instant::now(), limits) {
                    None => continue,
                    Some(_) if finishing => return,
                    Some(phase) => {
                        metrics.timed_out(phase);
                        if phase != Phase::Idle {
                            return;
                        }
                    }
                },
            }
            finishing = true;
            let _ = step(Step::Finish);
        }
    }

    /// hyper has answered by itself what it could not parse, with an empty 400, 414 or 431.
    fn ended(&self, ended: hyper::Result<()>) {
        let Err(fault) = ended else { return };
        if fault.is_parse_too_large() {
            self.stack.metrics.request_rejected(Reason::Size.label());
        } else if fault.is_parse() {
            self.stack.metrics.request_rejected(Reason::Framing.label());
        }
        tracing::debug!(%fault, peer = %self.peer, "the connection ended early");
    }
}

type Answering<S> = Pin<
    Box<
        dyn Future<Output = Result<http::Response<super::body::ResponseBody<<S as Service>::Body>>, Infallible>> + Send,
    >,
>;

/// What hyper's connection is to do.
enum Step<'a, 'w> {
    On(&'a mut Context<'w>),
    Finish,
}

/// Streams that a client may reset before they are served, and errors of its own that it may have reset, before the
/// connection is ended (CVE-2023-44487, CVE-2025-8671).
const RESETS: usize = 100;

/// Bytes by which hyper's limit of a head lies beyond ours, so that what is a little too long gets a SCIM error.
const BEYOND: usize = 4 * 1024;

/// hyper's least buffer, in bytes.
const LEAST_BUFFER: usize = 8 * 1024;

/// Bytes, and time, that a client may still send after our last word. Closing on unread bytes would reset the connection,
/// and the reset can overtake the answer (RFC 9112 section 9.6).
const LINGER: (u64, Duration) = (256 * 1024, Duration::from_secs(1));

async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) {
    let (bytes, time) = LINGER;
    let last = async {
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(bytes), &mut tokio::io::sink()).await
    };
    let _ = timeout(time, last).await;
}
