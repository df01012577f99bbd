//! What every request goes through, whatever the service: one list, in [`answer`].
//!
//! Plain functions and no tower layers: each step needs something of another (whether the body was read, which id was
//! given), and a stack of boxes would have to smuggle it through extensions.

use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::gateway::{ErrorStatus, REQUEST_ID, ScimError, error};
use crate::metrics::{Limit, Metrics};

use super::body::{Content, RequestBody, ResponseBody};
use super::head;
use super::limits::Limits;
use super::pulse::InFlight;
use super::{Alive, Service};

/// What the steps share.
pub(super) struct Stack<S> {
    pub service: S,
    pub limits: Limits,
    pub metrics: Metrics,
    pub ids: Ids,
    /// One for each connection that may be open at the same time.
    pub sockets: Arc<Semaphore>,
    /// One for each request that may be answered at the same time.
    pub places: Arc<Semaphore>,
}

type Answer<S> = Content<<S as Service>::Body>;

/// Answers one request. The order matters:
///
/// 1. the id is given first, so that a refusal has one too;
/// 2. the body's time runs from the head's end, so that nothing later can forget it;
/// 3. the head is checked before a place is taken: what can't be believed is not worth one;
/// 4. the head is cleaned after its checks, which read what is taken away, and before the id is put in;
/// 5. a panic of the service ends there; a write runs in a task of its own, so that one that has begun ends even if the
///    caller has hung up;
/// 6. the answer is closed by what is known only now: whether the request's body was read;
/// 7. the body of an answer to HEAD goes last, when its length is known.
pub(super) async fn answer<S: Service>(
    stack: Arc<Stack<S>>,
    request: Request<Incoming>,
    peer: IpAddr,
    in_flight: InFlight,
    alive: Alive,
) -> Response<ResponseBody<S::Body>> {
    let id = stack.ids.next();
    let (mut parts, body) = request.into_parts();
    let (method, version) = (parts.method.clone(), parts.version);
    let body = RequestBody::new(body, peer, Instant::now(), &stack.limits, stack.metrics.clone());
    let read = body.watch();

    let mut place = None;
    let (mut response, refused) = match head::check(&parts, &stack.limits) {
        Err(refused) => (stack.refuse(refused), true),
        Ok(()) => match stack.places.clone().try_acquire_owned() {
            Err(_) => (stack.shed(), false),
            Ok(permit) => {
                head::clean(&mut parts.headers);
                parts.headers.insert(REQUEST_ID, id.clone());
                let (response, permit) = stack.run(Request::from_parts(parts, body), permit, alive).await;
                place = permit;
                (response, false)
            }
        },
    };

    if version < Version::HTTP_2 && (refused || !read.whole()) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    mark(response.headers_mut(), id);
    if method == Method::HEAD {
        behead(&mut response);
    }
    response.map(|content| ResponseBody::new(content, in_flight, place, stack.metrics.clone()))
}

impl<S: Service> Stack<S> {
    /// Runs the service. A read whose caller has hung up is dropped; a write is finished, since its outcome must be known.
    /// (Over HTTP/1.1 a caller may close its half and still listen, so hanging up is noticed when the answer is written.)
    async fn run(
        self: &Arc<Self>,
        request: Request<RequestBody>,
        place: OwnedSemaphorePermit,
        alive: Alive,
    ) -> (Response<Answer<S>>, Option<OwnedSemaphorePermit>) {
        let (safe, stack) = (request.method().is_safe(), self.clone());
        // Boxed, so that moving it costs nothing: it holds everything that a call needs on its way.
        let mut work = Box::pin(async move {
            let response = stack.service.call(request).await;
            drop(alive);
            (response, place)
        });
        let done = if safe { caught(work.as_mut()).await } else { tokio::spawn(work).await.ok() };
        match done {
            Some((response, place)) => (response.map(Content::Service), Some(place)),
            None => {
                self.metrics.panicked();
                let detail = "the gateway failed to answer; nothing more is known";
                (ours(ErrorStatus::Internal, detail), None)
            }
        }
    }

    fn refuse(&self, refused: head::Refused) -> Response<Answer<S>> {
        self.metrics.request_rejected(refused.reason.label());
        let mut response = ours(refused.status, refused.detail);
        if refused.reason == head::Reason::Method {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(head::METHODS));
        }
        response
    }

    fn shed(&self) -> Response<Answer<S>> {
        self.metrics.rate_limited(Limit::Gateway);
        let mut response = ours(ErrorStatus::ServiceUnavailable, "too many requests are being answered; try again");
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        response
    }
}

/// Works to the end; nothing if that is a panic.
async fn caught<T>(mut work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

fn ours<B>(status: ErrorStatus, detail: &'static str) -> Response<Content<B>> {
    error(&ScimError::new(status, detail)).map(Content::Ours)
}

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What every answer says. A directory's data must not stay in a cache, be guessed at, or be embedded by other sites.
fn mark(headers: &mut HeaderMap, id: HeaderValue) {
    headers.insert(REQUEST_ID, id);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

/// An answer to HEAD has the length of the one to GET and no body (RFC 9110 section 9.3.2); hyper sees to that over
/// HTTP/1.1 only. A status that has no body to GET either has no length to tell (section 8.6).
fn behead<B: Body<Data = Bytes>>(response: &mut Response<Content<B>>) {
    let bodiless = matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let length = match response.body() {
        Content::Nothing => None,
        _ if bodiless => None,
        Content::Ours(bytes) => Some(bytes.len() as u64),
        Content::Service(body) => body.size_hint().exact(),
    };
    if let Some(length) = length {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    *response.body_mut() = Content::Nothing;
}

/// Ids of requests: 128 bits that nobody can foresee, since an id of the client's could be somebody else's, or a line of
/// the log. They are a keyed hash (SipHash) of a count: asking the operating system for each would cost more than the rest
/// of this step.
#[derive(Debug, Default)]
pub(super) struct Ids {
    keys: [RandomState; 2],
    count: AtomicU64,
}

impl Ids {
    fn next(&self) -> HeaderValue {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut text = [0; 32];
        for (half, key) in text.chunks_exact_mut(16).zip(&self.keys) {
            let mut hash = key.hash_one(count);
            for place in half {
                hash = hash.rotate_left(4);
                *place = digit((hash & 15) as u8);
            }
        }
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("-"))
    }
}

fn digit(number: u8) -> u8 {
    if number < 10 { b'0' + number } else { b'a' + number - 10 }
}
