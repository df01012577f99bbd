//! The only way from a call to a backend: backend pack there, upstream, and the answer back.
//!
//! Made from a [`Cleared`], which only `access` makes. The upstream request is built new from an allow-list; nothing of
//! the client's header map is in it, least of all its token.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri};
use tokio::time::timeout_at;

use crate::access::Cleared;
use crate::bridge::{
    self, Answer, Ask, Bridge, Conditions, Content, Counters, Exchange, Heard, Leaf, Limits, Loss, One, Series,
};
use crate::json::{self, Object, Value};
use crate::rules::{Facts, FieldEdit, Head, HeaderEdit, Media, Plan, Reply, Scene};
use crate::scim::patch::Repair;
use crate::scim::{ErrorStatus, OperationKind, Query, ScimError, Target, Version};

use super::answer::{self, Reading, Sent};
use super::connection::Connection;
use super::edge::{self, Turn};
use super::etag;
use super::holds::Hold;
use super::leaf;
use super::message::{self, Left, Start};
use super::plans::Cell;
use super::recode::Recode;
use super::record::Record;
use super::refusal::Refusal;
use super::reply;
use super::respond::REQUEST_ID;
use super::series::{Ear, Run};
use super::translate::{Of, Translator, Untranslated};
use super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};

/// The header fields of a request, with what rules and the connection add.
const HEADERS: usize = 8;

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
    asked: Target,
    media: Option<Media>,
    onward: Onward,
    cleared: Cleared,
    /// When all has to be done, where there is more than one call to make.
    until: Option<tokio::time::Instant>,
    /// Nobody else here writes the resource, where a write of it takes several calls.
    hold: Option<Arc<Hold>>,
}

impl<'c, U: Upstream> ToBackend<'c, U> {
    /// For one call that may be made. `asked` is what its client asks, `media` what it wrote its body in.
    pub fn new(
        cleared: Cleared,
        connection: &'c Connection<U>,
        record: &'c mut Record,
        request_id: HeaderValue,
        asked: Target,
        media: Option<Media>,
        onward: Onward,
    ) -> Self {
        Self { connection, record, request_id, asked, media, onward, cleared, until: None, hold: None }
    }

    /// The request as the backend gets it, in the backend's URLs.
    fn write(
        &self,
        target: &Target,
        left: Start<'_>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<Going, Refusal> {
        if self.connection.spoken.backend.is_old() {
            return self.encode(target, left, conditions, edits);
        }
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
        let request = self.request(target.operation.kind(), url, body, conditions, edits)?;
        Ok(Going { request, recode: None })
    }

    /// The same for a backend that speaks SCIM 1.1.
    fn encode(
        &self,
        target: &Target,
        left: Start<'_>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<Going, Refusal> {
        let mut watcher = self.connection.watcher.clone();
        let Start { mut query, body, path } = left;
        let (_, mut body) = body.parts();
        if let Some(body) = &mut body {
            self.connection.inwards.value(body);
        }
        let asked = edge::asked(target, &mut query, &mut body);
        let said = edge::query(&mut query, &asked.target, Version::OneOne);
        let said = said.and_then(|()| match &mut body {
            Some(body) => edge::body(target, body, Version::OneOne),
            None => Ok(()),
        });
        said.inspect_err(|_| watcher.unsaid(Turn::Encode))?;
        let shown = || body.as_ref().map(Value::pretty).unwrap_or_default();
        watcher.turned(Turn::Encode, body.is_some().then_some(&shown));
        let path = path.filter(|path| *path != target.path() && asked.target == *target);
        let url = self.url(&path.unwrap_or_else(|| edge::path_of(&asked.target)), &query);
        let body = body.map(|body| Bytes::from(body.to_bytes()));
        let request = self.request(asked.target.operation.kind(), url, body, conditions, edits)?;
        Ok(Going { request, recode: Some(Recode::new(Version::Two, target, asked.excluded)) })
    }

    fn url(&self, path: &str, query: &Query) -> String {
        let base = &self.connection.backend.base;
        if query.is_empty() { [base, path].concat() } else { format!("{base}{path}?{query}") }
    }

    fn request(
        &self,
        kind: OperationKind,
        url: String,
        body: Option<Bytes>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<Request<Bytes>, Refusal> {
        let refused =
            || ScimError::new(ErrorStatus::BadRequest, "the request can't be written as HTTP for the backend");
        let backend = &self.connection.backend;
        let media = HeaderValue::from_static(backend.media.as_str());
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(ACCEPT, media.clone());
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("scimgate/", env!("CARGO_PKG_VERSION"))));
        headers.insert(REQUEST_ID, self.request_id.clone());
        if body.is_some() {
            headers.insert(CONTENT_TYPE, media);
            // Each version has its own; where both speak one, the media type is mended.
            let spoken = self.connection.spoken;
            if spoken.client == spoken.backend && self.media.is_some_and(|media| media != backend.media) {
                self.connection.watcher.clone().repaired(Repair::MediaType);
            }
        }
        let tags = [(IF_MATCH, &conditions.if_match), (IF_NONE_MATCH, &conditions.if_none_match)];
        for (name, tags) in tags {
            if let Some(tags) = tags {
                headers.insert(name, HeaderValue::from_str(tags).map_err(|_| refused())?);
            }
        }
        apply(edits, &mut headers);
        // Last, and in place of whatever stands there: no rule replaces the credential.
        if let Some((name, value)) = &backend.credential {
            headers.insert(name, value.clone());
        }
        let mut request = Request::new(body.unwrap_or_default());
        *request.method_mut() = message::method(kind);
        *request.uri_mut() = Uri::from_maybe_shared(Bytes::from(url)).map_err(|_| refused())?;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// What the message-level rules of a plan make of an answer, before its resources are translated. True if anything
    /// changed.
    fn judge(&self, target: &Target, plan: &Plan, reply: &mut Reply) -> Result<bool, Refusal> {
        let mut watcher = self.connection.watcher.clone();
        let id = message::id(target);
        let scene = Scene { head: Some(&self.onward.head), status: Some(reply.status) };
        let (resource, operation) = (target.resource.as_ref(), target.operation.kind());
        let facts = Facts { id: id.as_deref(), resource, operation, scene };
        plan.answer(reply, facts, &mut watcher).map_err(Refusal::RuleBack)
    }

    /// Waits until nobody else here writes the resource at this path, and keeps it so until all is done.
    ///
    /// # Errors
    /// 503 if the wait would be longer than a client waits.
    pub async fn hold(&mut self, path: Option<String>) -> Result<(), Refusal> {
        let Some(path) = path else { return Ok(()) };
        self.begin();
        let hold = self.connection.backend.holds.take(path).await.map_err(Refusal::Upstream)?;
        self.hold = Some(Arc::new(hold));
        Ok(())
    }

    /// What the call may cost the backend.
    pub fn limits(&self) -> Limits {
        self.connection.limits
    }

    /// From now on time runs: a client waits for one answer, however many calls it takes.
    fn begin(&mut self) {
        let deadline = self.connection.limits.deadline;
        self.until.get_or_insert_with(|| tokio::time::Instant::now() + deadline);
    }

    /// Makes a Bulk request, whose operations are authorised and translated already. Their results are as the backend wrote
    /// them.
    pub async fn bulk(&mut self, ask: &Ask<'_>, path: &str, body: Bytes) -> Result<Answer<Sent>, Refusal> {
        let (url, edits) = (self.url(path, &ask.query), std::mem::take(&mut self.onward.headers));
        let request = self.request(ask.target.operation.kind(), url, Some(body), &ask.conditions, &edits)?;
        let backend = self.connection.spoken.backend;
        let recode = backend.is_old().then(|| Recode::new(Version::Two, &ask.target, Vec::new()));
        self.answer(&ask.target, Going { request, recode }).await
    }

    /// Sends a request, and reads the answer.
    async fn answer(&mut self, target: &Target, going: Going) -> Result<Answer<Sent>, Refusal> {
        let Going { request, recode } = going;
        let (kind, started) = (target.operation.kind(), Instant::now());
        let response = self.send(request, kind, started).await?;
        if recode.is_some() {
            self.connection.watcher.clone().turned(Turn::Decode, None);
        }
        let cell = self.connection.plans.cell(target);
        let judge = cell.judges_answers().then_some(|reply: &mut Reply| {
            let mut plans = cell.back();
            plans.try_fold(false, |changed, plan| Ok(changed | self.judge(target, plan, reply)?))
        });
        let translator = |status| self.translator(target, cell.clone(), status).behind(recode);
        let reading = Reading { kind, backend: self.connection.spoken.backend, outwards: &self.connection.outwards };
        let answer = answer::read(response, reading, judge, translator).await;
        self.book(started, &answer);
        answer
    }

    async fn send(
        &mut self,
        request: Request<Bytes>,
        kind: OperationKind,
        started: Instant,
    ) -> Result<Response<UpstreamBody>, Refusal> {
        let retry = if answer::is_read(kind) { Retry::Read } else { Retry::Write };
        let call = self.sent(request, retry);
        let answer = match self.until {
            None => call.await,
            // What would come too late isn't begun: nobody would learn of it.
            Some(until) if until <= tokio::time::Instant::now() => return Err(late()),
            Some(until) => timeout_at(until, call).await.unwrap_or(Err(UpstreamFault::ResponseTimeout)),
        };
        answer.map_err(|fault| {
            self.record.waited(started.elapsed());
            Refusal::Upstream(fault)
        })
    }

    async fn sent(&self, request: Request<Bytes>, retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let backend = &self.connection.backend;
        let (Retry::Write, Some(hold)) = (retry, self.hold.clone()) else {
            return backend.upstream.call(request, retry).await;
        };
        // The next writer waits for it, also when this one's client has hung up.
        let backend = backend.clone();
        let written = tokio::spawn(async move {
            let _hold = hold;
            backend.upstream.call(request, retry).await
        });
        written.await.unwrap_or(Err(UpstreamFault::Reset))
    }
}

/// The calls that a bridge takes last longer than a client waits.
pub(super) fn late() -> Refusal {
    let detail = "the calls that this takes would last longer than a client waits";
    ScimError::new(ErrorStatus::ServiceUnavailable, detail).into()
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

/// A request that is sent.
#[derive(Debug)]
pub(super) struct Going {
    /// The request.
    pub(super) request: Request<Bytes>,
    /// What brings its answer into SCIM 2.0.
    pub(super) recode: Option<Recode>,
}

/// What becomes of an ask on its way out.
enum Outbound {
    /// It is sent so.
    Goes(Box<Going>),
    /// The backend's pack has left nothing of it.
    Unasked,
    /// A rule has answered.
    Answered(Reply),
}

impl<U: Upstream> ToBackend<'_, U> {
    /// An ask as it leaves, through the backend's pack.
    fn prepare(&self, ask: Ask<'_>) -> Result<Outbound, Refusal> {
        let (connection, target) = (self.connection, ask.target);
        let plan = &connection.plans.cell(&target).inner;
        let asked = connection.documents.asked(&target);
        let path = Some(asked.path());
        let start = Start { query: ask.query, body: ask.body, path };
        let mut watcher = connection.watcher.clone();
        watcher.asks();
        // Each call has its own: what rules want of one is not for the next.
        let mut onward = self.onward.clone();
        match message::through(plan, &target, start, &mut onward, Some(&connection.inwards), &mut watcher)? {
            Left::Goes(left) => {
                let going = self.write(&asked, *left, &ask.conditions, &onward.headers)?;
                Ok(Outbound::Goes(Box::new(going)))
            }
            Left::Nothing => Ok(Outbound::Unasked),
            Left::Answered(reply) => Ok(Outbound::Answered(reply)),
        }
    }

    fn translator(&self, target: &Target, cell: Arc<Cell>, status: u16) -> Translator {
        let connection = self.connection;
        let of = Of {
            resource: target.resource.clone(),
            operation: target.operation.kind(),
            document: connection.documents.answer(target),
            id: message::id(target),
            head: self.onward.head.clone(),
            status,
        };
        Translator::new(cell, connection.outwards.clone(), connection.watcher.clone(), of)
    }

    /// Books the time that an answer took, and whose no it is.
    fn book(&mut self, started: Instant, answer: &Result<Answer<Sent>, Refusal>) {
        self.record.waited(started.elapsed());
        match answer {
            Err(Refusal::RuleBack(refusal)) => self.connection.watcher.refused(refusal.number),
            Ok(answer) if answer.status >= 400 => self.record.because(format!("backend: answered {}", answer.status)),
            _ => {}
        }
    }

    /// Draws what an ask takes away from the allowance of the connection, before it is made. Who would be taken out of a
    /// group is read first, where the ask itself doesn't say it.
    async fn brake(&mut self, ask: &Ask<'_>) -> Result<(), Refusal> {
        let losses = self.losses(ask).await?;
        self.cleared.draw(losses).map_err(Refusal::braked)
    }

    async fn losses(&mut self, ask: &Ask<'_>) -> Result<u32, Refusal> {
        if !self.cleared.counts_losses() {
            return Ok(0);
        }
        match bridge::loss(&ask.target, ask.body.value(), ask.before) {
            Loss::Counted(losses) => Ok(losses),
            Loss::Unread => Box::pin(self.weigh(ask)).await,
        }
    }

    async fn weigh(&mut self, ask: &Ask<'_>) -> Result<u32, Refusal> {
        let Some(one) = One::of(&ask.target) else { return Ok(0) };
        self.over(Bridge::Weigh);
        match self.hear(one.read()).await? {
            Heard::Resource(read) => match bridge::loss(&ask.target, ask.body.value(), Some(&read.body)) {
                Loss::Counted(losses) => Ok(losses),
                Loss::Unread => Ok(0),
            },
            // What isn't there can't be taken away.
            Heard::Refused(answer) if answer.status == 404 => Ok(0),
            _ => Err(Refusal::Answer { fault: "the group can't be read, so its losses can't be counted".to_owned() }),
        }
    }

    /// What a bridge hears of an ask.
    async fn hear(&mut self, ask: Ask<'_>) -> Result<Heard<Sent>, Refusal> {
        let target = ask.target.clone();
        let going = match self.prepare(ask)? {
            Outbound::Goes(going) => *going,
            Outbound::Unasked => return Ok(Heard::Unasked),
            Outbound::Answered(reply) => return heard(reply::answered(&reply)).await,
        };
        heard(self.heard_of(&target, going).await?).await
    }

    /// Sends a request for a bridge, and reads the answer: it has met the backend's pack only.
    async fn heard_of(&mut self, target: &Target, going: Going) -> Result<Answer<Sent>, Refusal> {
        let Going { request, recode } = going;
        let started = Instant::now();
        let response = self.send(request, target.operation.kind(), started).await?;
        if recode.is_some() {
            self.connection.watcher.clone().turned(Turn::Decode, None);
        }
        let answer = self.ear(target).hear(response, recode).await;
        self.book(started, &answer);
        answer
    }

    fn ear(&self, target: &Target) -> Ear {
        Ear::new(self.connection, target, &self.asked, &self.onward.head)
    }
}

impl<U: Upstream> Exchange for ToBackend<'_, U> {
    type Body = Sent;
    type Failure = Refusal;

    async fn call(&mut self, ask: Ask<'_>) -> Result<Option<Answer<Sent>>, Refusal> {
        self.brake(&ask).await?;
        let target = ask.target.clone();
        let going = match self.prepare(ask)? {
            Outbound::Goes(going) => *going,
            Outbound::Unasked => return Ok(None),
            Outbound::Answered(reply) => return Ok(Some(reply::answered(&reply))),
        };
        self.answer(&target, going).await.map(Some)
    }

    async fn consult(&mut self, ask: Ask<'_>) -> Result<Heard<Sent>, Refusal> {
        self.brake(&ask).await?;
        self.hear(ask).await
    }

    async fn series(&mut self, asks: Vec<Ask<'_>>, longest: Option<u32>) -> Result<Series<Sent>, Refusal> {
        let Some(target) = asks.first().map(|ask| ask.target.clone()) else { return Ok(Series::Done(Heard::Unasked)) };
        let longest = longest.and_then(|longest| usize::try_from(longest).ok()).unwrap_or(usize::MAX);
        let mut requests = Vec::with_capacity(asks.len());
        let mut losses = 0_u32;
        for (at, ask) in asks.into_iter().enumerate() {
            losses = losses.saturating_add(self.losses(&ask).await?);
            match self.prepare(ask)? {
                Outbound::Goes(going) if going.request.body().len() > longest => return Ok(Series::TooLong(at)),
                Outbound::Goes(going) => requests.push(*going),
                Outbound::Unasked => {}
                Outbound::Answered(reply) => return Ok(Series::Stopped { done: 0, answer: reply::answered(&reply) }),
            }
        }
        self.cleared.draw(losses).map_err(Refusal::braked)?;
        let (ear, backend, request_id) = (self.ear(&target), self.connection.backend.clone(), self.request_id.clone());
        let run = Run { backend, requests, ear, hold: self.hold.clone(), until: self.until, request_id };
        let started = Instant::now();
        let outcome = run.go().await;
        self.record.waited(started.elapsed());
        outcome
    }

    fn note(&mut self, answer: Answer<Sent>, note: &str) -> Answer<Sent> {
        self.record.because(format!("backend: answered {}; {note}", answer.status));
        reply::noted(answer, note)
    }

    async fn leaf(
        &mut self,
        ask: Ask<'_>,
        take: impl FnMut(&[u8]) -> Result<(), ScimError> + Send,
    ) -> Result<Leaf<Sent>, Refusal> {
        let target = ask.target.clone();
        let going = match self.prepare(ask)? {
            Outbound::Goes(going) => *going,
            Outbound::Unasked => return Ok(Leaf::Unasked),
            Outbound::Answered(reply) => return Ok(Leaf::Answered(reply::answered(&reply))),
        };
        let answer = self.heard_of(&target, going).await?;
        if !(200..300).contains(&answer.status) {
            return Ok(Leaf::Answered(answer));
        }
        let read = leaf::read(answer.body, take);
        match self.until {
            Some(until) => timeout_at(until, read).await.unwrap_or_else(|_| Err(late())),
            None => read.await,
        }
        .map(|counters| {
            let is_thinned = self.connection.plans.near(&target).holds_lists();
            Leaf::Read(Counters { is_thinned, ..counters })
        })
    }

    fn list(&mut self, list: Vec<u8>) -> Result<Answer<Sent>, Refusal> {
        self.present(Answer { status: 200, etag: None, location: None, retry_after: None, body: list })
    }

    fn over(&mut self, bridge: Bridge) {
        self.begin();
        self.connection.watcher.clone().bridged(bridge);
        self.record.bridged(bridge);
    }

    fn show(&mut self, answer: Answer<Object<'static>>) -> Result<Answer<Sent>, Refusal> {
        let Answer { status, etag, location, retry_after, body } = answer;
        self.present(Answer { status, etag, location, retry_after, body: Value::Object(body).to_bytes() })
    }

    fn nothing(&self) -> Sent {
        Sent::Nothing
    }

    fn text(&self, text: &'static str) -> Sent {
        Sent::Whole(Bytes::from_static(text.as_bytes()))
    }
}

impl<U: Upstream> ToBackend<'_, U> {
    /// What a bridge shows, through the client's packs.
    fn present(&self, answer: Answer<Vec<u8>>) -> Result<Answer<Sent>, Refusal> {
        let plans = &self.connection.plans;
        let far = plans.far(&self.asked);
        let mut reply = reply::of_shown(&answer);
        self.judge(&self.asked, &far.outer, &mut reply)?;
        let mut translator = self.translator(&self.asked, far.clone(), answer.status);
        let mut held = Vec::new();
        translator.feed(&answer.body, &mut held).map_err(answer::untranslated)?;
        translator.finish(&mut held).map_err(answer::untranslated)?;
        let body = reply::body(&reply).unwrap_or(Sent::Whole(held.into()));
        let field = |name: &HeaderName| reply.header(name.as_str()).map(str::to_owned);
        Ok(Answer {
            status: reply.status,
            etag: field(&ETAG).as_deref().map(etag::weaken),
            location: field(&LOCATION),
            retry_after: answer.retry_after,
            body,
        })
    }
}

/// An answer as a bridge hears it.
pub(super) async fn heard(answer: Answer<Sent>) -> Result<Heard<Sent>, Refusal> {
    if !(200..300).contains(&answer.status) {
        return Ok(Heard::Refused(answer));
    }
    let Answer { status, etag, location, retry_after, body } = answer;
    let Some(bytes) = answer::whole(body).await? else { return Ok(Heard::Done) };
    let body = match json::parse(&bytes).map(Value::into_owned) {
        Ok(Value::Object(resource)) => resource,
        _ => return Err(answer::untranslated(Untranslated::NoResource)),
    };
    let etag = etag.as_deref().map(etag::restore);
    Ok(Heard::Resource(Box::new(Answer { status, etag, location, retry_after, body })))
}
