//! The only way from a call to a backend: backend pack there, upstream, and the answer back.
//!
//! Made from a [`Cleared`], which only `access` makes. The upstream request is built new from an allow-list; nothing of
//! the client's header map is in it, least of all its token.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};

use crate::access::Cleared;
use crate::bridge::{Answer, Ask, Conditions, Content, Exchange};
use crate::rules::{Facts, FieldEdit, Head, HeaderEdit, Media, Reply, Scene};
use crate::scim::patch::Repair;
use crate::scim::{ErrorStatus, OperationKind, Query, ScimError, Target};

use super::answer::{self, Sent};
use super::connection::Connection;
use super::message::{self, Left, Start};
use super::record::Record;
use super::refusal::Refusal;
use super::reply;
use super::respond::REQUEST_ID;
use super::translate::{Of, Translator};
use super::upstream::{Retry, Upstream, UpstreamBody};

/// What goes with a call on its way, from the client's side.
#[derive(Clone, Debug)]
pub struct Onward {
    /// The head that the client sent.
    pub head: Arc<Head>,
    /// Header fields that rules want otherwise.
    pub headers: Vec<HeaderEdit>,
}

/// The way of one call to its backend.
#[derive(Debug)]
pub struct ToBackend<'c, U> {
    connection: &'c Connection<U>,
    record: &'c mut Record,
    request_id: HeaderValue,
    media: Option<Media>,
    onward: Onward,
    _cleared: Cleared,
}

impl<'c, U: Upstream> ToBackend<'c, U> {
    /// For one call that may be made. `media` is what its client wrote its body in.
    pub fn new(
        cleared: Cleared,
        connection: &'c Connection<U>,
        record: &'c mut Record,
        request_id: HeaderValue,
        media: Option<Media>,
        onward: Onward,
    ) -> Self {
        Self { connection, record, request_id, media, onward, _cleared: cleared }
    }

    /// The request as the backend gets it, in the backend's URLs.
    fn write(
        &self,
        target: &Target,
        left: Start<'_>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<Request<Bytes>, Refusal> {
        let inwards = &self.connection.inwards;
        let body = match left.body {
            Content::Ready(bytes) => Some(Bytes::from(bytes)),
            body => {
                let (sent, value) = body.parts();
                value.map(|mut value| match (inwards.value(&mut value), sent) {
                    (false, Some(bytes)) => Bytes::copy_from_slice(bytes),
                    _ => Bytes::from(value.to_bytes()),
                })
            }
        };
        let url = self.url(&left.path.unwrap_or_else(|| target.path()), &left.query);
        self.request(target.operation.kind(), &url, body, conditions, edits)
    }

    fn url(&self, path: &str, query: &Query) -> String {
        let text = query.to_string();
        let separator = if text.is_empty() { "" } else { "?" };
        format!("{}{path}{separator}{text}", self.connection.backend.base)
    }

    fn request(
        &self,
        kind: OperationKind,
        url: &str,
        body: Option<Bytes>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<Request<Bytes>, Refusal> {
        let backend = &self.connection.backend;
        let media = HeaderValue::from_static(backend.media.as_str());
        let mut request = Request::builder()
            .method(message::method(kind))
            .uri(url)
            .header(ACCEPT, media.clone())
            .header(ACCEPT_ENCODING, "identity")
            .header(USER_AGENT, concat!("scimgate/", env!("CARGO_PKG_VERSION")))
            .header(REQUEST_ID, self.request_id.clone());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, media);
            if self.media.is_some_and(|media| media != backend.media) {
                self.connection.watcher.clone().repaired(Repair::MediaType);
            }
        }
        let tags = [(IF_MATCH, &conditions.if_match), (IF_NONE_MATCH, &conditions.if_none_match)];
        for (name, tags) in tags {
            if let Some(tags) = tags {
                request = request.header(name, tags);
            }
        }
        let mut request = request.body(body.unwrap_or_default()).map_err(|_| {
            ScimError::new(ErrorStatus::BadRequest, "the request can't be written as HTTP for the backend")
        })?;
        apply(edits, request.headers_mut());
        // Last, and in place of whatever stands there: no rule replaces the credential.
        if let Some((name, value)) = &backend.credential {
            request.headers_mut().insert(name, value.clone());
        }
        Ok(request)
    }

    /// What message-level rules make of an answer, before its resources are translated. True if anything changed.
    fn judge(&self, target: &Target, reply: &mut Reply) -> Result<bool, Refusal> {
        let connection = self.connection;
        let mut watcher = connection.watcher.clone();
        let id = message::id(target);
        let scene = Scene { head: Some(&self.onward.head), status: Some(reply.status) };
        let (resource, operation) = (target.resource.as_ref(), target.operation.kind());
        let facts = Facts { id: id.as_deref(), resource, operation, scene };
        let mut changed = false;
        for plan in connection.plans.cell(target).back() {
            changed |= plan.answer(reply, facts, &mut watcher).map_err(Refusal::RuleBack)?;
        }
        Ok(changed)
    }

    /// Makes a Bulk request, whose operations are authorised and translated already. Their results are as the backend wrote
    /// them.
    pub async fn bulk(&mut self, ask: &Ask<'_>, path: &str, body: Bytes) -> Result<Answer<Sent>, Refusal> {
        let (url, edits) = (self.url(path, &ask.query), std::mem::take(&mut self.onward.headers));
        let request = self.request(ask.target.operation.kind(), &url, Some(body), &ask.conditions, &edits)?;
        self.answer(&ask.target, request).await
    }

    /// Sends a request, and reads the answer.
    async fn answer(&mut self, target: &Target, request: Request<Bytes>) -> Result<Answer<Sent>, Refusal> {
        let (connection, kind) = (self.connection, target.operation.kind());
        let response = self.send(request, kind).await?;
        let translator = |status| {
            Translator::new(
                connection.plans.cell(target).clone(),
                connection.outwards.clone(),
                connection.watcher.clone(),
                Of {
                    resource: target.resource.clone(),
                    operation: kind,
                    id: message::id(target),
                    head: self.onward.head.clone(),
                    status,
                },
            )
        };
        let started = Instant::now();
        let judges = connection.plans.cell(target).judges_answers();
        let judge = judges.then_some(|reply: &mut Reply| self.judge(target, reply));
        let answer = answer::read(response, kind, &connection.outwards, judge, translator).await;
        self.record.waited(started.elapsed());
        if let Err(Refusal::RuleBack(refusal)) = &answer {
            connection.watcher.refused(refusal.number);
        }
        if let Ok(answer) = &answer
            && answer.status >= 400
        {
            self.record.because(format!("backend: answered {}", answer.status));
        }
        answer
    }

    async fn send(&mut self, request: Request<Bytes>, kind: OperationKind) -> Result<Response<UpstreamBody>, Refusal> {
        let backend = &self.connection.backend;
        let retry = if answer::is_read(kind) { Retry::Read } else { Retry::Write };
        let started = Instant::now();
        let answer = backend.upstream.call(request, retry).await;
        self.record.waited(started.elapsed());
        answer.map_err(Refusal::Upstream)
    }
}

/// Writes header fields as rules want them.
fn apply(edits: &[HeaderEdit], headers: &mut HeaderMap) {
    for HeaderEdit { name, edit } in edits {
        // Both were read as what they are when the rule was loaded.
        let Ok(name) = HeaderName::try_from(name.as_str()) else { continue };
        match edit {
            FieldEdit::Default(_) if headers.contains_key(&name) => {}
            FieldEdit::Set(value) | FieldEdit::Default(value) => {
                if let Ok(value) = HeaderValue::from_str(value) {
                    headers.insert(name, value);
                }
            }
            FieldEdit::Drop => drop(headers.remove(name)),
        }
    }
}

impl<U: Upstream> Exchange for ToBackend<'_, U> {
    type Body = Sent;
    type Failure = Refusal;

    async fn call(&mut self, ask: Ask<'_>) -> Result<Option<Answer<Sent>>, Refusal> {
        let (connection, target) = (self.connection, ask.target);
        let plan = &connection.plans.cell(&target).inner;
        let start = Start { query: ask.query, body: ask.body, path: Some(target.path()) };
        let mut watcher = connection.watcher.clone();
        let inwards = Some(&connection.inwards);
        // Each call has its own: what rules want of one is not for the next.
        let mut onward = self.onward.clone();
        let left = match message::through(plan, &target, start, &mut onward, inwards, &mut watcher)? {
            Left::Goes(left) => left,
            Left::Nothing => return Ok(None),
            Left::Answered(reply) => return Ok(Some(reply::answered(&reply))),
        };
        let request = self.write(&target, *left, &ask.conditions, &onward.headers)?;
        self.answer(&target, request).await.map(Some)
    }

    fn nothing(&self) -> Sent {
        Sent::Nothing
    }

    fn text(&self, text: &'static str) -> Sent {
        Sent::Whole(Bytes::from_static(text.as_bytes()))
    }
}
