//! One connection to a backend, driven by the call that it serves.
//!
//! hyper gives a connection two ends: one takes requests, the other does the work, and is meant for a task of its own. Here
//! a call holds both, and works itself while it waits: no task is woken to write its request, and none to tell it of the
//! answer. Between calls nobody works; what has come meanwhile, such as the end of the connection, is met by the next call
//! before it sends anything.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use ::http::uri::{Authority, Scheme};
use ::http::{HeaderValue, Request, Response, Uri};
use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use tokio::runtime::{self, Handle};

use super::super::together::Together;
use super::connect::Socket;

/// The most that is read ahead, in bytes, and so the longest head of an answer. More would be held for every long answer,
/// and make none come faster.
const BUFFER: usize = 64 * 1024;

/// What a backend is sent.
pub(super) type Sent = Request<Full<Bytes>>;

/// A connection to a backend.
pub(super) struct Line {
    sender: SendRequest<Full<Bytes>>,
    worker: Box<Connection<Socket, Full<Bytes>>>,
    bell: Arc<Bell>,
    /// The bell, as hyper rings it.
    waker: Waker,
    ended: bool,
    /// The runtime that waits for what comes.
    pub(super) home: runtime::Id,
    /// Where it leads.
    pub(super) origin: Origin,
    /// The same as requests say it.
    pub(super) host: HeaderValue,
}

/// Where connections lead: `https` and `hr.internal:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: Scheme,
    authority: Authority,
}

impl Origin {
    /// Where an absolute URL leads.
    pub(super) fn of(url: &Uri) -> Option<Self> {
        Some(Self { scheme: url.scheme()?.clone(), authority: url.authority()?.clone() })
    }

    /// `Host`: the port only where it isn't the scheme's own (RFC 9110 section 4.2.3).
    fn host(&self) -> Option<HeaderValue> {
        let usual = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        let host = self.authority.host();
        match self.authority.port_u16().filter(|port| *port != usual) {
            Some(port) => HeaderValue::try_from(format!("{host}:{port}")).ok(),
            None => HeaderValue::from_str(host).ok(),
        }
    }
}

impl Line {
    /// Speaks HTTP/1.1 over a socket that leads there.
    ///
    /// # Errors
    /// hyper's, which has none here.
    pub(super) async fn over(socket: Socket, origin: Origin) -> hyper::Result<Self> {
        let (sender, worker) = http1::Builder::new().max_buf_size(BUFFER).handshake(socket).await?;
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(bell.clone());
        let host = origin.host().unwrap_or(HeaderValue::from_static(""));
        let home = Handle::current().id();
        Ok(Self { sender, worker: Box::new(worker), bell, waker, ended: false, home, origin, host })
    }

    /// Sends a request, and waits for the head of its answer.
    ///
    /// # Errors
    /// There is none. The request comes back if not one byte of it has left.
    pub(super) fn ask(
        &mut self,
        request: Sent,
    ) -> impl Future<Output = Result<Response<Incoming>, TrySendError<Sent>>> + Send {
        self.bell.mute();
        let answer = self.sender.try_send_request(request);
        async {
            let (mut answer, mut together) = (pin!(answer), Together::default());
            poll_fn(|cx| {
                ready!(together.poll(cx));
                work(&mut self.worker, &mut self.ended, &self.bell, &self.waker, cx);
                // Only the work can bring the answer, so nobody has to be woken for it.
                answer.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            })
            .await
        }
    }

    /// The next piece of an answer's body.
    pub(super) fn poll_body(
        &mut self,
        body: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        // Asking for a piece would ring: the work for it is done just below.
        self.bell.mute();
        let mut asleep = Context::from_waker(Waker::noop());
        if let Poll::Ready(piece) = Pin::new(&mut *body).poll_frame(&mut asleep) {
            return Poll::Ready(piece);
        }
        work(&mut self.worker, &mut self.ended, &self.bell, &self.waker, cx);
        Pin::new(body).poll_frame(&mut asleep)
    }

    /// Whether it can take another call, as far as is known.
    pub(super) fn is_free(&self) -> bool {
        !self.ended && self.sender.is_ready()
    }

    /// Nobody waits for it any more.
    pub(super) fn rest(&self) {
        self.bell.mute();
    }

    /// Looks whether the backend has ended it meanwhile.
    pub(super) fn look(&mut self) {
        self.bell.mute();
        if !self.ended {
            let mut cx = Context::from_waker(&self.waker);
            self.ended = Pin::new(&mut *self.worker).poll(&mut cx).is_ready();
        }
    }
}

/// Does what can be done now; `cx` is woken when there is more. What ends the connection is told to whoever waits for an
/// answer or a body.
fn work(worker: &mut Connection<Socket, Full<Bytes>>, ended: &mut bool, bell: &Bell, waker: &Waker, cx: &Context<'_>) {
    if !*ended {
        bell.wakes(cx.waker());
        *ended = Pin::new(worker).poll(&mut Context::from_waker(waker)).is_ready();
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("origin", &self.origin).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// What a connection rings when there is work: it wakes the call that drives it now, and between calls nobody. hyper
/// keeps the wakers that it was polled with, and would wake whoever drove it last.
#[derive(Default)]
struct Bell(Mutex<Option<Waker>>);

impl Bell {
    fn heard_by(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wakes(&self, waker: &Waker) {
        let mut heard_by = self.heard_by();
        match &mut *heard_by {
            Some(known) => known.clone_from(waker),
            nobody => *nobody = Some(waker.clone()),
        }
    }

    fn mute(&self) {
        *self.heard_by() = None;
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let heard_by = self.heard_by().clone();
        if let Some(waker) = heard_by {
            waker.wake();
        }
    }
}
