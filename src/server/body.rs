//! Bodies: a request's has limits of time, an answer's tells the pulse and can't take others down.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::gateway::BodyFault;
use crate::metrics::{Metrics, Phase};

use super::BoxError;
use super::limits::Limits;
use super::pulse::InFlight;

/// A request's body. It ends with [`BodyFault::Slow`] if a piece, or the whole, takes too long. Trailers are dropped:
/// whoever reads `Authorization` from them has been tricked.
pub struct RequestBody {
    incoming: Incoming,
    peer: IpAddr,
    pieces: Duration,
    end: Instant,
    /// When the next piece has to be here; the timer is made when one is first waited for.
    due: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    read: Read,
    metrics: Metrics,
}

/// Whether a request's body has been read to its end. If not, what follows on an HTTP/1.1 connection must not be
/// mistaken for a request.
#[derive(Clone, Debug)]
pub struct Read(Option<Arc<AtomicBool>>);

impl Read {
    /// To its end. A request without a body is read with its head.
    pub fn whole(&self) -> bool {
        self.0.as_ref().is_none_or(|read| read.load(Ordering::Acquire))
    }

    fn ended(&self) {
        if let Some(read) = &self.0 {
            read.store(true, Ordering::Release);
        }
    }
}

impl RequestBody {
    /// The time begins now.
    pub fn new(incoming: Incoming, peer: IpAddr, now: Instant, limits: &Limits, metrics: Metrics) -> Self {
        let end = now + limits.body_total;
        let due = end.min(now + limits.body_idle);
        let read = Read((!incoming.is_end_stream()).then(Arc::default));
        Self { incoming, peer, pieces: limits.body_idle, end, due, timer: None, read, metrics }
    }

    /// Who sends it.
    #[must_use]
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Tells, also after the body is gone, whether it was read.
    pub fn watch(&self) -> Read {
        self.read.clone()
    }

    /// Ready when the next piece is late.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.due;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }

    fn ended(&self) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        self.read.ended();
        Poll::Ready(None)
    }
}

impl std::fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestBody")
            .field("incoming", &self.incoming)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = self.get_mut();
        loop {
            match Pin::new(&mut this.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) if frame.is_data() => {
                    this.due = this.end.min(Instant::now() + this.pieces);
                    if this.incoming.is_end_stream() {
                        this.read.ended();
                    }
                    return Poll::Ready(Some(Ok(frame)));
                }
                Poll::Ready(Some(Ok(_trailers))) => {}
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(BodyFault::Broken))),
                Poll::Ready(None) => return this.ended(),
                Poll::Pending => {
                    ready!(this.wait(cx));
                    this.metrics.timed_out(Phase::Body);
                    return Poll::Ready(Some(Err(BodyFault::Slow)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// An answer's body.
pub struct ResponseBody<B> {
    content: Content<B>,
    in_flight: InFlight,
    _place: Option<OwnedSemaphorePermit>,
    metrics: Metrics,
}

/// Whose answer it is.
#[derive(Debug)]
pub enum Content<B> {
    /// None, or all of it is out.
    Nothing,
    /// The server's own.
    Ours(Bytes),
    /// The service's.
    Service(B),
}

impl<B> ResponseBody<B> {
    /// `place` is given back when the body is gone.
    pub fn new(
        content: Content<B>,
        in_flight: InFlight,
        place: Option<OwnedSemaphorePermit>,
        metrics: Metrics,
    ) -> Self {
        in_flight.offer(Instant::now());
        Self { content, in_flight, _place: place, metrics }
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        this.in_flight.taken();
        let polled = match &mut this.content {
            Content::Nothing => return Poll::Ready(None),
            Content::Ours(bytes) => {
                let bytes = std::mem::take(bytes);
                this.content = Content::Nothing;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            // A panic here would end the connection's task, and over HTTP/2 the other requests with it. The body is not
            // polled again.
            Content::Service(body) => {
                match catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx).map_err(Into::into))) {
                    Ok(polled) => polled,
                    Err(_) => {
                        this.metrics.panicked();
                        this.content = Content::Nothing;
                        Poll::Ready(Some(Err("the answer's body panicked".into())))
                    }
                }
            }
        };
        if matches!(polled, Poll::Ready(Some(Ok(_)))) {
            this.in_flight.offer(Instant::now());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Nothing => true,
            Content::Ours(bytes) => bytes.is_empty(),
            Content::Service(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Nothing => SizeHint::with_exact(0),
            Content::Ours(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Service(body) => body.size_hint(),
        }
    }
}
