//! What every request goes through, whatever the service: one list, in [`answer`].
//!
//! Plain functions and no tower layers: each step needs something of another (whether the body was read, which id was
//! given), and a stack of boxes would have to smuggle it through extensions.

use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::gateway::{ErrorStatus, REQUEST_ID, ScimError, Source, error};
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
    let id = fresh_id();
    let (mut parts, body) = request.into_parts();
    let (method, version) = (parts.method.clone(), parts.version);
    let body = RequestBody::new(body, &stack.limits, stack.metrics.clone());
    let read = body.watch();

    let mut place = None;
    let (mut response, refused) = match head::check(&parts, &stack.limits) {
        Err(refused) => (stack.refuse(refused), true),
        Ok(()) => match stack.places.clone().try_acquire_owned() {
            Err(_) => (stack.shed(), false),
            Ok(permit) => {
                head::clean(&mut parts.headers);
                parts.headers.insert(REQUEST_ID, id.clone());
                parts.extensions.insert(Source(peer));
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
        let work = async move {
            let response = stack.service.call(request).await;
            drop(alive);
            (response, place)
        };
        let done = if safe { caught(work).await } else { tokio::spawn(work).await.ok() };
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
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

fn ours<B>(status: ErrorStatus, detail: &'static str) -> Response<Content<B>> {
    error(&ScimError::new(status, detail)).map(Content::Ours)
}

/// What every answer says. A directory's data must not stay in a cache, be guessed at, or be embedded by other sites.
fn mark(headers: &mut HeaderMap, id: HeaderValue) {
    headers.insert(REQUEST_ID, id);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
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

/// 128 random bits: an id of the client's could be somebody else's, or a line of the log.
fn fresh_id() -> HeaderValue {
    let mut random = [0; 16];
    if super::tls::provider().secure_random.fill(&mut random).is_err() {
        return HeaderValue::from_static("-");
    }
    let digit = |number: u8| char::from_digit(u32::from(number), 16).unwrap_or('-');
    let text: String = random.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("-"))
}
