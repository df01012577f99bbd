//! A backend behind sockets: HTTP/1.1 over pooled connections, with or without TLS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use ::http::{HeaderValue, Request, Response, StatusCode, Uri};
use bytes::Bytes;
use http_body::Body;
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::metrics::BackendHandles;

use super::body::{Network, Seat, Silence, UpstreamBody};
use super::connect::{Connector, Identity, Trust, TrustFault};
use super::fault::UpstreamFault;
use super::grant::{Grant, GrantSettings};
use super::line::{Line, Origin, Sent};
use super::pool::Pool;
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
    /// As whom the gateway shows itself by TLS; nobody.
    pub identity: Option<Identity>,
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
            identity: None,
        }
    }
}

/// The way to a backend behind sockets. Clones share their connections.
#[derive(Clone, Debug)]
pub struct HttpUpstream {
    shared: Arc<Shared>,
    /// Where its tokens come from, where it takes such.
    grant: Option<Arc<Grant>>,
}

/// A server, and the connections to it.
#[derive(Debug)]
pub(super) struct Shared {
    connector: Connector,
    pool: Arc<Pool>,
    seats: Arc<Semaphore>,
    settings: HttpSettings,
    handles: BackendHandles,
}

/// An attempt without an answer.
#[derive(Debug)]
struct Failed {
    fault: UpstreamFault,
    /// The request, if it is certain that not one byte of it has left.
    unsent: Option<Box<Sent>>,
}

impl HttpUpstream {
    /// The way to one backend. It connects when it is first called.
    ///
    /// # Errors
    /// There is nobody to trust.
    pub fn new(settings: HttpSettings, handles: BackendHandles) -> Result<Self, TrustFault> {
        Ok(Self { shared: Arc::new(Shared::new(settings, handles)?), grant: None })
    }

    /// The same, opened by tokens of an authorization server; what is asked of that is booked on `handles`.
    ///
    /// # Errors
    /// There is nobody to trust.
    pub fn opened_by(self, grant: GrantSettings, handles: BackendHandles) -> Result<Self, TrustFault> {
        Ok(Self { grant: Some(Arc::new(Grant::new(grant, handles)?)), ..self })
    }

    /// A call that shows a token.
    async fn call_with(
        &self,
        grant: &Grant,
        mut request: Request<Bytes>,
        retry: Retry,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let token = grant.token().await.map_err(|fault| fault.count(&self.shared.handles))?;
        request.headers_mut().insert(AUTHORIZATION, token.clone());
        let answer = self.shared.call(request, retry).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            grant.forget(&token).await;
        }
        Ok(answer)
    }
}

impl Upstream for HttpUpstream {
    async fn call(&self, request: Request<Bytes>, retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        match &self.grant {
            None => self.shared.call(request, retry).await,
            // Boxed: other calls are not to be as large as this one.
            Some(grant) => Box::pin(self.call_with(grant, request, retry)).await,
        }
    }
}

impl Shared {
    /// A server that is connected to when it is first called.
    ///
    /// # Errors
    /// There is nobody to trust.
    pub(super) fn new(settings: HttpSettings, handles: BackendHandles) -> Result<Self, TrustFault> {
        let connector = Connector::new(&settings.trust, settings.identity.as_ref(), settings.connect_timeout)?;
        let (pool, seats) = (Arc::new(Pool::new(settings.idle_timeout)), Arc::new(Semaphore::new(settings.calls)));
        Ok(Self { connector, pool, seats, settings, handles })
    }

    /// Sends one request, and waits for the head of the answer.
    pub(super) async fn call(
        self: &Arc<Self>,
        request: Request<Bytes>,
        retry: Retry,
    ) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let shared = self.clone();
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
        let request = Box::new(request.map(Full::new));
        let again = (retry == Retry::Read).then(|| request.clone());
        let mut outcome = self.attempt(request).await;
        if let Err(Failed { fault, unsent }) = &mut outcome
            && may_pass(*fault)
            && let Some(request) = unsent.take().or(again)
        {
            self.handles.retried();
            outcome = self.attempt(request).await;
        }
        match outcome {
            Ok((response, line)) => Ok(response.map(|incoming| self.body(incoming, line, seat))),
            Err(failed) => {
                if retry == Retry::Write && failed.unsent.is_none() {
                    self.handles.outcome_unknown(method.as_str());
                }
                Err(failed.fault)
            }
        }
    }

    async fn attempt(&self, request: Box<Sent>) -> Result<(Response<Incoming>, Line), Failed> {
        let method = request.method().clone();
        let started = Instant::now();
        let outcome = match timeout(self.settings.response_timeout, self.send(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failed { fault: UpstreamFault::ResponseTimeout, unsent: None }),
        };
        match &outcome {
            Ok((response, _)) => self.handles.answered(method.as_str(), response.status().as_u16(), started.elapsed()),
            Err(failed) => {
                failed.fault.count(&self.handles);
                self.handles.unanswered(method.as_str(), started.elapsed());
            }
        }
        outcome
    }

    /// Sends a request over a connection that waits, or a new one.
    async fn send(&self, mut request: Box<Sent>) -> Result<(Response<Incoming>, Line), Failed> {
        let url = std::mem::take(request.uri_mut());
        let Some(origin) = Origin::of(&url) else { return Err(Failed::before(UpstreamFault::Unreachable, request)) };
        *request.uri_mut() = target(&url);
        while let Some(mut line) = self.pool.take(&origin) {
            request.headers_mut().insert(HOST, line.host.clone());
            match line.ask(*request).await {
                Ok(response) => return Ok((unambiguous(response)?, line)),
                // The backend has ended the connection while it waited, and the request was never begun.
                Err(mut error) => match error.take_message() {
                    Some(back) => request = Box::new(back),
                    None => return Err(Failed::after(&error.into_error())),
                },
            }
        }
        // Boxed, since it is seldom needed and large.
        let mut line = match Box::pin(self.connect(url.clone(), origin)).await {
            Ok(line) => line,
            Err(fault) => {
                *request.uri_mut() = url;
                return Err(Failed::before(fault, request));
            }
        };
        request.headers_mut().insert(HOST, line.host.clone());
        match line.ask(*request).await {
            Ok(response) => Ok((unambiguous(response)?, line)),
            Err(mut error) => {
                let unsent = error.take_message().map(|mut back| {
                    *back.uri_mut() = url;
                    Box::new(back)
                });
                Err(Failed { unsent, ..Failed::after(&error.into_error()) })
            }
        }
    }

    async fn connect(&self, url: Uri, origin: Origin) -> Result<Line, UpstreamFault> {
        let socket = self.connector.connect(url).await?;
        Line::over(socket, origin).await.map_err(|error| UpstreamFault::of_answering(&error))
    }

    fn body(&self, incoming: Incoming, line: Line, seat: Seat) -> UpstreamBody {
        if incoming.is_end_stream() {
            self.pool.put(line);
            return UpstreamBody::default();
        }
        UpstreamBody::network(Network {
            incoming,
            line: Some(line),
            pool: self.pool.clone(),
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
        Err(Failed { fault: UpstreamFault::Framing, unsent: None })
    }
}

/// The target of a request (RFC 9112 section 3.2.1): path and query.
fn target(url: &Uri) -> Uri {
    url.path_and_query().map_or_else(|| Uri::from_static("/"), |target| Uri::from(target.clone()))
}

/// Whether a second attempt may help: not after a time has run out, which it would only double, nor where the backend
/// would say the same again.
fn may_pass(fault: UpstreamFault) -> bool {
    use UpstreamFault::{Refused, Reset, Unreachable};
    matches!(fault, Refused | Unreachable | Reset)
}

impl Failed {
    /// There was nobody to send it to.
    fn before(fault: UpstreamFault, request: Box<Sent>) -> Self {
        Self { fault, unsent: Some(request) }
    }

    /// It was sent, as far as anybody knows.
    fn after(error: &hyper::Error) -> Self {
        Self { fault: UpstreamFault::of_answering(error), unsent: None }
    }
}
