//! One connection, from its first byte to its last.
//!
//! The futures of its phases are boxed: a connection that is between two phases, or waits for its next request, holds no
//! more than a socket and this.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::server::TlsStream;

use crate::metrics::{InFlight, Phase};

use super::body::ResponseBody;
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
    pub(super) stack: Arc<Stack<S>>,
    peer: IpAddr,
    pub(super) stages: Stages,
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
        match tls {
            None => self.speak(stream).await,
            Some(tls) => {
                if let Some(stream) = Box::pin(self.shake_hands(stream, tls)).await {
                    self.speak(stream).await;
                }
            }
        }
    }

    async fn shake_hands(&self, stream: TcpStream, tls: Arc<Tls>) -> Option<Box<TlsStream<TcpStream>>> {
        let mut stages = self.stages.clone();
        let handshake = tokio::select! {
            handshake = timeout(self.stack.limits.tls, tls.accept(stream)) => handshake,
            () = stages.reached(Stage::Stopping) => return None,
        };
        match handshake {
            Ok(Ok(stream)) => return Some(Box::new(stream)),
            Ok(Err(fault)) => {
                tracing::debug!(%fault, peer = %self.peer, "the TLS handshake failed");
            }
            Err(_) => self.stack.metrics.timed_out(Phase::Tls),
        }
        None
    }

    /// What is spoken decides, whatever ALPN had agreed on: both protocols lead to the same place.
    async fn speak<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, mut io: I) {
        let mut stages = self.stages.clone();
        let sniffed = tokio::select! {
            sniffed = timeout(self.stack.limits.first_byte, sniff(&mut io)) => sniffed,
            () = stages.reached(Stage::Stopping) => return,
        };
        match sniffed {
            Ok(Ok(Some((Protocol::Http1, first)))) => self.http1(first, io).await,
            Ok(Ok(Some((Protocol::Http2, first)))) => Box::pin(self.http2(first, io)).await,
            Ok(Ok(None) | Err(_)) => {}
            Err(_) => self.stack.metrics.timed_out(Phase::FirstByte),
        }
    }

    async fn http2<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, first: Bytes, io: I) {
        let pulse = Pulse::multiplexed(Instant::now());
        let (limits, asked) = (&self.stack.limits, self.asked(&pulse));
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
            .serve_connection(wire, service_fn(move |request| asked.answer(request)));
        self.drive(&pulse, |step| match step {
            Step::On(cx) => Pin::new(&mut connection).poll(cx),
            Step::Finish => {
                Pin::new(&mut connection).graceful_shutdown();
                Poll::Pending
            }
        })
        .await;
    }

    /// What answers the requests of this connection.
    pub(super) fn asked(&self, pulse: &Pulse) -> Asked<S> {
        Asked { stack: self.stack.clone(), peer: self.peer, pulse: pulse.clone(), alive: self.alive.clone() }
    }

    /// Lets hyper work, and looks at the clock: an idle connection is wound down, any other that is overdue is cut.
    pub(super) async fn drive(
        &self,
        pulse: &Pulse,
        mut step: impl FnMut(Step<'_, '_>) -> Poll<hyper::Result<()>>,
    ) -> Driven {
        let (limits, metrics) = (&self.stack.limits, &self.stack.metrics);
        let mut stages = self.stages.clone();
        let mut stopping = pin!(stages.reached(Stage::Stopping));
        let mut tick = pin!(sleep(limits.tick()));
        let mut finishing = false;
        loop {
            tokio::select! {
                // hyper first: most often it has something to do, and nothing else has.
                biased;
                driven = poll_fn(|cx| match step(Step::On(cx)) {
                    Poll::Ready(ended) => Poll::Ready(Driven::Ended(ended)),
                    Poll::Pending if !finishing && self.stack.is_crowded() && pulse.rests().is_some() => {
                        Poll::Ready(Driven::Rests)
                    }
                    Poll::Pending => Poll::Pending,
                }) => return driven,
                () = &mut stopping, if !finishing => {}
                () = &mut tick => {
                    let now = Instant::now();
                    match pulse.overdue(now, limits) {
                        Some(_) if finishing => return Driven::Overdue,
                        Some(phase) => {
                            metrics.timed_out(phase);
                            if phase != Phase::Idle {
                                return Driven::Overdue;
                            }
                        }
                        None if !finishing && pulse.rests().is_some() => return Driven::Rests,
                        None => {
                            tick.as_mut().reset(now + limits.tick());
                            continue;
                        }
                    }
                    tick.as_mut().reset(now + limits.tick());
                }
            }
            finishing = true;
            let _ = step(Step::Finish);
        }
    }

    /// hyper has answered by itself what it could not parse, with an empty 400, 414 or 431.
    pub(super) fn ended(&self, ended: hyper::Result<()>) {
        let Err(fault) = ended else { return };
        if fault.is_parse_too_large() {
            self.stack.metrics.request_rejected(Reason::Size.label());
        } else if fault.is_parse() {
            self.stack.metrics.request_rejected(Reason::Framing.label());
        }
        tracing::debug!(%fault, peer = %self.peer, "the connection ended early");
    }
}

/// Answers the requests of one connection.
pub(super) struct Asked<S> {
    stack: Arc<Stack<S>>,
    peer: IpAddr,
    pulse: Pulse,
    alive: Alive,
}

impl<S: Service> Asked<S> {
    pub(super) fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<ResponseBody<S::Body>>, Infallible>> + Send + use<S> {
        let (stack, peer, in_flight, alive) = (self.stack.clone(), self.peer, self.pulse.begin(), self.alive.clone());
        async move { Ok(answer(stack, request, peer, in_flight, alive).await) }
    }
}

/// Why hyper doesn't go on with a connection.
pub(super) enum Driven {
    /// It has ended.
    Ended(hyper::Result<()>),
    /// It was too slow.
    Overdue,
    /// Its client asks nothing now.
    Rests,
}

/// What hyper's connection is to do.
pub(super) enum Step<'a, 'w> {
    On(&'a mut Context<'w>),
    Finish,
}

/// Streams that a client may reset before they are served, and errors of its own that it may have reset, before the
/// connection is ended (CVE-2023-44487, CVE-2025-8671).
const RESETS: usize = 100;
