//! A backend behind sockets: HTTP/1.1 over pooled connections, with or without TLS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use ::http::{HeaderValue, Request, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::metrics::BackendHandles;

use super::body::{Network, Seat, Silence, UpstreamBody};
use super::connect::{Connector, Trust, TrustFault};
use super::fault::UpstreamFault;
use super::{Retry, Upstream};

/// How a backend is spoken to.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The longest time for a new connection: name, TCP and TLS together.
    pub connect_timeout: Duration,
    /// The longest time from the start of an attempt to the head of its answer.
    pub response_timeout: Duration,
    /// The longest silence amid the body of an answer.
    pub body_timeout: Duration,
    /// How long a connection is kept for another call. Keep it below the backend's own time: a write that meets a
    /// connection which the backend is just closing has an unknown outcome.
    pub idle_timeout: Duration,
    /// The most calls at a time, each until the end of its answer.
    pub calls: usize,
    /// The longest wait for one of them to end.
    pub queue_timeout: Duration,
    /// The longest body of an answer, in bytes.
    pub longest_answer: u64,
    /// Whom to trust.
    pub trust: Trust,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            response_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(15),
            calls: 128,
            queue_timeout: Duration::from_secs(1),
            longest_answer: 256 * 1024 * 1024,
            trust: Trust::System,
        }
    }
}

/// The way to a backend behind sockets. Clones share their connections.
#[derive(Clone, Debug)]
pub struct HttpUpstream(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: Client<Connector, Full<Bytes>>,
    seats: Arc<Semaphore>,
    settings: HttpSettings,
    handles: BackendHandles,
}

/// An attempt without an answer.
#[derive(Debug)]
struct Failed {
    fault: UpstreamFault,
    /// Whether it is certain that not one byte of the request has left.
    unsent: bool,
}

impl HttpUpstream {
    /// The way to one backend. It connects when it is first called.
    ///
    /// # Errors
    /// There is nobody to trust.
    pub fn new(settings: HttpSettings, handles: BackendHandles) -> Result<Self, TrustFault> {
        let connector = Connector::new(&settings.trust, settings.connect_timeout)?;
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.idle_timeout)
            .pool_max_idle_per_host(settings.calls)
            // hyper-util would send again only what it has not begun to send, which is safe; but it would do so without
            // a bound, and uncounted. `Failed::unsent` is the same knowledge, used once.
            .retry_canceled_requests(false);
        let (client, seats) = (builder.build(connector), Arc::new(Semaphore::new(settings.calls)));
        Ok(Self(Arc::new(Shared { client, seats, settings, handles })))
    }
}

impl Upstream for HttpUpstream {
    async fn call(&self, request: Request<Bytes>, retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let shared = self.0.clone();
        let permit = shared.seat().await.map_err(|fault| fault.count(&shared.handles))?;
        match retry {
            Retry::Read => shared.deliver(request, retry, permit).await,
            // A task of its own: a write that has begun is finished, also when its caller hangs up. The task is lost
            // only when the process ends.
            Retry::Write => tokio::spawn(async move { shared.deliver(request, retry, permit).await })
                .await
                .unwrap_or(Err(UpstreamFault::Reset)),
        }
    }
}

impl Shared {
    async fn seat(&self) -> Result<OwnedSemaphorePermit, UpstreamFault> {
        // A seat that is free needs no timer. Those who wait are not passed by: what is given back goes to them first.
        if let Ok(seat) = self.seats.clone().try_acquire_owned() {
            return Ok(seat);
        }
        let seat = timeout(self.settings.queue_timeout, self.seats.clone().acquire_owned()).await;
        // The semaphore is never closed.
        seat.map_err(|_| UpstreamFault::Busy)?.map_err(|_| UpstreamFault::Busy)
    }

    async fn deliver(
        &self,
        request: Request<Bytes>,
        retry: Retry,
        permit: OwnedSemaphorePermit,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let seat = Seat { _permit: permit, _in_flight: self.handles.started() };
        let method = request.method().clone();
        let mut outcome = self.attempt(request.clone()).await;
        if outcome.as_ref().is_err_and(|failed| failed.allows(retry)) {
            self.handles.retried();
            outcome = self.attempt(request).await;
        }
        match outcome {
            Ok(response) => Ok(response.map(|incoming| self.body(incoming, seat))),
            Err(failed) => {
                if retry == Retry::Write && !failed.unsent {
                    self.handles.outcome_unknown(method.as_str());
                }
                Err(failed.fault)
            }
        }
    }

    async fn attempt(&self, request: Request<Bytes>) -> Result<Response<Incoming>, Failed> {
        let method = request.method().clone();
        let started = Instant::now();
        let outcome = match timeout(self.settings.response_timeout, self.client.request(request.map(Full::new))).await {
            Ok(Ok(response)) => unambiguous(response),
            Ok(Err(error)) => Err(Failed::of(&error)),
            Err(_) => Err(Failed { fault: UpstreamFault::ResponseTimeout, unsent: false }),
        };
        match &outcome {
            Ok(response) => self.handles.answered(method.as_str(), response.status().as_u16(), started.elapsed()),
            Err(failed) => {
                failed.fault.count(&self.handles);
                self.handles.unanswered(method.as_str(), started.elapsed());
            }
        }
        outcome
    }

    fn body(&self, incoming: Incoming, seat: Seat) -> UpstreamBody {
        UpstreamBody::network(Network {
            incoming,
            left: self.settings.longest_answer,
            silence: Silence::new(self.settings.body_timeout),
            handles: self.handles.clone(),
            _seat: seat,
        })
    }
}

/// A final answer that can be read in one way only: neither a 101 nor a made-up status, neither a length beside chunks
/// nor another coding than chunks, which hyper takes but doesn't undo (RFC 9112 section 6.3).
fn unambiguous(response: Response<Incoming>) -> Result<Response<Incoming>, Failed> {
    let headers = response.headers();
    let final_status = (200..600).contains(&response.status().as_u16());
    let two_lengths = headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING);
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let one_coding = codings.next().is_none_or(chunked) && codings.next().is_none();
    if final_status && !two_lengths && one_coding {
        Ok(response)
    } else {
        Err(Failed { fault: UpstreamFault::Framing, unsent: false })
    }
}

impl Failed {
    fn of(error: &legacy::Error) -> Self {
        if error.is_connect() {
            return Self { fault: UpstreamFault::of_connecting(error), unsent: true };
        }
        // `hyper` calls a request canceled only when it hands it back, not a byte of it written. It has many other
        // words for a connection that ended; none of them proves that.
        let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<hyper::Error>());
        let unsent = cause.is_some_and(hyper::Error::is_canceled);
        Self { fault: UpstreamFault::of_answering(error), unsent }
    }

    /// Whether a second attempt may be made, and may help: not after a time has run out, which it would only double, nor
    /// where the backend would say the same again.
    fn allows(&self, retry: Retry) -> bool {
        use UpstreamFault::{Refused, Reset, Unreachable};
        let harmless = self.unsent || retry == Retry::Read;
        harmless && matches!(self.fault, Refused | Unreachable | Reset)
    }
}
