//! The only way from a call to a backend: backend pack there, upstream, and the answer back.
//!
//! Made from a [`Cleared`], which only `access` makes. The upstream request is built new from an allow-list; nothing of
//! the client's header map is in it, least of all its token.

mod hear;
mod write;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::HeaderValue;
use tokio::time::timeout_at;

use crate::access::Cleared;
use crate::bridge::{
    self, Answer, Ask, Bridge, Counters, Exchange, Heard, Leaf, Limits, Loss, One, Projection, Series,
};
use crate::json::{Object, Value};
use crate::rules::{Head, HeaderEdit, Media};
use crate::scim::{ScimError, Target, Version};

use super::answer::Sent;
use super::connection::Connection;
use super::holds::Hold;
use super::leaf;
use super::purse::Purse;
use super::recode::Recode;
use super::record::Record;
use super::refusal::Refusal;
use super::reply;
use super::series::Run;
use super::upstream::Upstream;

use hear::late;
pub(super) use hear::{heard, in_time};
pub(super) use write::Going;
use write::Outbound;

/// What goes with a call on its way, from the client's side.
#[derive(Clone, Debug)]
pub struct Onward {
    /// The head that the client sent.
    pub head: Arc<Head>,
    /// Header fields that rules want otherwise.
    pub headers: Vec<HeaderEdit>,
    /// Which attributes the client wants, where rules may ask for more.
    pub wanted: Option<Arc<Projection>>,
}

impl Onward {
    /// With what the client sent.
    pub fn new(head: Arc<Head>) -> Self {
        Self { head, headers: Vec::new(), wanted: None }
    }
}

/// The way of one call to its backend.
#[derive(Debug)]
pub struct ToBackend<'c, U> {
    connection: &'c Connection<U>,
    record: &'c mut Record,
    request_id: HeaderValue,
    asked: &'c Target,
    media: Option<Media>,
    onward: Onward,
    cleared: Cleared,
    /// When all has to be done, where there is more than one call to make.
    until: Option<tokio::time::Instant>,
    /// Nobody else here writes the resource, where a write of it takes several calls.
    hold: Option<Arc<Hold>>,
    /// What it may cost, where it is one of several that a request is made of.
    purse: Option<Purse>,
}

impl<'c, U: Upstream> ToBackend<'c, U> {
    /// For one call that may be made. `asked` is what its client asks, `media` what it wrote its body in.
    pub fn new(
        cleared: Cleared,
        connection: &'c Connection<U>,
        record: &'c mut Record,
        request_id: HeaderValue,
        asked: &'c Target,
        media: Option<Media>,
        onward: Onward,
    ) -> Self {
        Self { connection, record, request_id, asked, media, onward, cleared, until: None, hold: None, purse: None }
    }

    /// The same for one of several calls that a request is made of.
    pub fn out_of(self, purse: Option<Purse>) -> Self {
        let until = purse.as_ref().map(Purse::until);
        Self { purse, until, ..self }
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
        self.purse.as_ref().map_or(self.connection.limits, Purse::left)
    }

    /// From now on time runs: a client waits for one answer, however many calls it takes.
    fn begin(&mut self) {
        let deadline = self.connection.limits.deadline;
        self.until.get_or_insert_with(|| tokio::time::Instant::now() + deadline);
    }

    /// So many writes are about to be made.
    fn spend(&self, writes: usize) -> Result<(), Refusal> {
        self.purse.as_ref().map_or(Ok(()), |purse| purse.write(writes))
    }

    /// Makes a Bulk request, whose operations are authorised and translated already. Their results are as the backend wrote
    /// them.
    pub async fn bulk(&mut self, ask: &Ask<'_>, path: &str, body: Bytes) -> Result<Answer<Sent>, Refusal> {
        let (url, edits) = (self.url(path, &ask.query), std::mem::take(&mut self.onward.headers));
        let request = self.request(ask.target.operation.kind(), url, Some(body), &ask.conditions, &edits)?;
        let backend = self.connection.spoken.backend;
        let recode = backend.is_old().then(|| Recode::new(Version::Two, &ask.target, Vec::new()));
        let draw = self.connection.backend.budget.draw(&ask.target, None, None);
        self.answer(Going { target: ask.target.clone(), request, recode, draw }).await
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
}

impl<U: Upstream> Exchange for ToBackend<'_, U> {
    type Body = Sent;
    type Failure = Refusal;

    async fn call(&mut self, ask: Ask<'_>) -> Result<Option<Answer<Sent>>, Refusal> {
        self.brake(&ask).await?;
        match self.prepare(ask)? {
            Outbound::Goes(going) => self.answer(going).await.map(Some),
            Outbound::Unasked => Ok(None),
            Outbound::Answered(reply) => Ok(Some(reply::answered(&reply))),
        }
    }

    async fn consult(&mut self, ask: Ask<'_>) -> Result<Heard<Sent>, Refusal> {
        self.brake(&ask).await?;
        self.hear(ask).await
    }

    async fn reads(&mut self, asks: Vec<Ask<'_>>) -> Result<Vec<Heard<Sent>>, Refusal> {
        self.hear_all(asks).await
    }

    async fn series(&mut self, asks: Vec<Ask<'_>>, longest: Option<u32>) -> Result<Series<Sent>, Refusal> {
        let longest = longest.and_then(|longest| usize::try_from(longest).ok()).unwrap_or(usize::MAX);
        let mut requests = Vec::with_capacity(asks.len());
        let mut losses = 0_u32;
        for (at, ask) in asks.into_iter().enumerate() {
            losses = losses.saturating_add(self.losses(&ask).await?);
            let ear = self.ear(&ask.target);
            match self.prepare(ask)? {
                Outbound::Goes(going) if going.request.body().len() > longest => return Ok(Series::TooLong(at)),
                Outbound::Goes(going) => requests.push((going, ear)),
                Outbound::Unasked => {}
                Outbound::Answered(reply) => return Ok(Series::Stopped { done: 0, answer: reply::answered(&reply) }),
            }
        }
        self.spend(requests.len())?;
        self.cleared.draw(losses).map_err(Refusal::braked)?;
        let (backend, request_id) = (self.connection.backend.clone(), self.request_id.clone());
        let run = Run { backend, requests, hold: self.hold.clone(), until: self.until, request_id };
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
        mut take: impl FnMut(&[u8]) -> Result<(), ScimError> + Send,
    ) -> Result<Leaf<Sent>, Refusal> {
        let going = match self.prepare(ask)? {
            Outbound::Goes(going) => going,
            Outbound::Unasked => return Ok(Leaf::Unasked),
            Outbound::Answered(reply) => return Ok(Leaf::Answered(reply::answered(&reply))),
        };
        let is_thinned = self.connection.plans.near(&going.target).holds_lists();
        let answer = self.heard_of(going).await?;
        if !(200..300).contains(&answer.status) {
            return Ok(Leaf::Answered(answer));
        }
        let purse = self.purse.clone();
        let read = leaf::read(answer.body, |bytes| {
            purse.iter().for_each(|purse| purse.read(1));
            take(bytes)
        });
        match self.until {
            Some(until) => timeout_at(until, read).await.unwrap_or_else(|_| Err(late())),
            None => read.await,
        }
        .map(|counters| Leaf::Read(Counters { is_thinned, ..counters }))
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
