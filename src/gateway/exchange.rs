//! The only way from a call to a backend: backend pack there, upstream, and the answer back.
//!
//! Made from a [`Cleared`], which only `access` makes. The upstream request is built new from an allow-list; nothing of
//! the client's header map is in it, least of all its token.

use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderValue, Request, Response};

use crate::access::Cleared;
use crate::bridge::{Answer, Ask, Content, Exchange};
use crate::rules::{Media, patch};
use crate::scim::patch::Repair;
use crate::scim::{ErrorStatus, OperationKind, Query, ScimError, Target};

use super::answer::{self, Sent};
use super::connection::Connection;
use super::message::{self, Message};
use super::record::Record;
use super::refusal::Refusal;
use super::respond::REQUEST_ID;
use super::translate::Translator;
use super::upstream::{Retry, Upstream, UpstreamBody};

/// The way of one call to its backend.
#[derive(Debug)]
pub struct ToBackend<'c, U> {
    connection: &'c Connection<U>,
    record: &'c mut Record,
    request_id: HeaderValue,
    media: Option<Media>,
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
    ) -> Self {
        Self { connection, record, request_id, media, _cleared: cleared }
    }

    /// The request as the backend gets it; nothing if rules have left nothing of a PATCH.
    fn translate(&mut self, ask: Ask<'_>) -> Result<Option<Request<Bytes>>, Refusal> {
        let connection = self.connection;
        let plan = &connection.plans.cell(&ask.target).inner;
        let sent = match &ask.body {
            Content::AsSent(bytes, _) => Some(*bytes),
            Content::None | Content::Changed(_) => None,
        };
        let value = match ask.body {
            Content::None => None,
            Content::AsSent(_, value) | Content::Changed(value) => Some(value),
        };
        let mut query = ask.query;
        let mut message = Message::new(&ask.target, &query, value)?;
        let mut watcher = connection.watcher.clone();
        let changed = plan.request(&mut message.request, &mut watcher).map_err(|refusal| {
            watcher.refused(refusal.number);
            Refusal::Rule(refusal)
        })?;
        // URLs in filters are the gateway's; the backend knows its own.
        let rebased = message.rebase_filter(&connection.inwards);
        message.write_query(&mut query);
        let mut value = message.into_value();
        if let Some(value) = &mut value {
            if ask.target.operation.kind() == OperationKind::Patch && patch::is_emptied(value) {
                return Ok(None);
            }
            let moved = connection.inwards.value(value);
            let body = match sent {
                Some(bytes) if !changed && !moved && !rebased => Bytes::copy_from_slice(bytes),
                _ => Bytes::from(value.to_bytes()),
            };
            return self.request(&ask.target, &query, Some(body), &ask.conditions).map(Some);
        }
        self.request(&ask.target, &query, None, &ask.conditions).map(Some)
    }

    fn request(
        &self,
        target: &Target,
        query: &Query,
        body: Option<Bytes>,
        conditions: &crate::bridge::Conditions,
    ) -> Result<Request<Bytes>, Refusal> {
        let backend = &self.connection.backend;
        let text = query.to_string();
        let separator = if text.is_empty() { "" } else { "?" };
        let url = format!("{}{}{separator}{text}", backend.base, target.path());
        let media = HeaderValue::from_static(backend.media.as_str());
        let mut request = Request::builder()
            .method(message::method(target.operation.kind()))
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
        if let Some((name, value)) = &backend.credential {
            request = request.header(name, value);
        }
        request.body(body.unwrap_or_default()).map_err(|_| {
            ScimError::new(ErrorStatus::BadRequest, "the request can't be written as HTTP for the backend").into()
        })
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

impl<U: Upstream> Exchange for ToBackend<'_, U> {
    type Body = Sent;
    type Failure = Refusal;

    async fn call(&mut self, ask: Ask<'_>) -> Result<Option<Answer<Sent>>, Refusal> {
        let target = ask.target.clone();
        let Some(request) = self.translate(ask)? else { return Ok(None) };
        let kind = target.operation.kind();
        let response = self.send(request, kind).await?;
        let connection = self.connection;
        let translator = || {
            Translator::new(
                connection.plans.cell(&target).clone(),
                connection.outwards.clone(),
                connection.watcher.clone(),
                target.resource.clone(),
                kind,
                message::id(&target),
            )
        };
        let started = Instant::now();
        let answer = answer::read(response, kind, &connection.outwards, translator).await;
        self.record.waited(started.elapsed());
        if let Err(Refusal::RuleBack(refusal)) = &answer {
            connection.watcher.refused(refusal.number);
        }
        if let Ok(answer) = &answer
            && answer.status >= 400
        {
            self.record.because(format!("backend: answered {}", answer.status));
        }
        answer.map(Some)
    }

    fn nothing(&self) -> Sent {
        Sent::Nothing
    }
}
