//! What is heard from the backend, and what becomes of it on its way back.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{ETAG, LOCATION};
use http::{HeaderName, Request, Response};
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::bridge::{Answer, Ask, Heard};
use crate::json::{self, Value};
use crate::rules::{Plan, Reply};
use crate::scim::{ErrorStatus, Operation, OperationKind, ScimError, Target};

use super::super::answer::{self, Reading, Sent};
use super::super::budget::Draw;
use super::super::edge::Turn;
use super::super::etag;
use super::super::plans::Cell;
use super::super::refusal::Refusal;
use super::super::reply;
use super::super::series::Ear;
use super::super::translate::{Of, Translator, Untranslated};
use super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::ToBackend;
use super::write::{Going, Outbound};

impl<U: Upstream> ToBackend<'_, U> {
    /// Sends a request, and reads the answer.
    pub(super) async fn answer(&mut self, going: Going) -> Result<Answer<Sent>, Refusal> {
        let Going { target, request, recode, draw } = going;
        let (kind, started) = (target.operation.kind(), Instant::now());
        let response = self.send(request, kind, draw, started).await?;
        if recode.is_some() {
            self.connection.watcher.clone().turned(Turn::Decode, None);
        }
        let shown = self.shown(&target);
        let cell = self.connection.plans.cell(shown);
        let judge = cell.judges_answers().then_some(|reply: &mut Reply| {
            let changed = self.judge(&target, &cell.inner, reply)?;
            Ok(changed | self.judge(shown, &cell.outer, reply)?)
        });
        let translator = |status| self.translator(&target, cell.clone(), status).behind(recode);
        let reading = Reading { kind, backend: self.connection.spoken.backend, outwards: &self.connection.outwards };
        let answer = answer::read(response, reading, judge, translator).await;
        self.book(started, &answer);
        answer
    }

    /// What the client sees that this is the answer to: to its search, where that is asked as a list.
    fn shown<'t>(&'t self, target: &'t Target) -> &'t Target {
        let is_list = target.operation == Operation::List && target.resource == self.asked.resource;
        if is_list && self.asked.operation == Operation::Search { self.asked } else { target }
    }

    /// What a bridge hears of an ask.
    pub(super) async fn hear(&mut self, ask: Ask<'_>) -> Result<Heard<Sent>, Refusal> {
        match self.prepare(ask)? {
            Outbound::Goes(going) => heard(self.heard_of(going).await?).await,
            Outbound::Unasked => Ok(Heard::Unasked),
            Outbound::Answered(reply) => heard(reply::answered(&reply)).await,
        }
    }

    /// Sends a request for a bridge, and reads the answer: it has met the backend's pack only.
    pub(super) async fn heard_of(&mut self, going: Going) -> Result<Answer<Sent>, Refusal> {
        let Going { target, request, recode, draw } = going;
        let started = Instant::now();
        let response = self.send(request, target.operation.kind(), draw, started).await?;
        if recode.is_some() {
            self.connection.watcher.clone().turned(Turn::Decode, None);
        }
        let answer = self.ear(&target).hear(response, recode).await;
        self.book(started, &answer);
        answer
    }

    /// What a bridge hears of several asks that read, all made at once; in their order.
    pub(super) async fn hear_all(&mut self, asks: Vec<Ask<'_>>) -> Result<Vec<Heard<Sent>>, Refusal> {
        let (started, mut calls, mut all) = (Instant::now(), JoinSet::new(), Vec::with_capacity(asks.len()));
        for (at, ask) in asks.into_iter().enumerate() {
            let ear = self.ear(&ask.target);
            let Going { request, recode, draw, .. } = match self.prepare(ask)? {
                Outbound::Goes(going) => going,
                Outbound::Unasked => {
                    all.push(Some(Heard::Unasked));
                    continue;
                }
                Outbound::Answered(reply) => {
                    all.push(Some(heard(reply::answered(&reply)).await?));
                    continue;
                }
            };
            all.push(None);
            let (backend, until) = (self.connection.backend.clone(), self.until);
            calls.spawn(async move {
                let call = async {
                    backend.budget.wait(draw, until).await.map_err(Refusal::exhausted)?;
                    let response = in_time(until, || backend.upstream.call(request, Retry::Read)).await?;
                    heard(ear.hear(response, recode).await?).await
                };
                (at, call.await)
            });
        }
        let outcome = gathered(calls, all).await;
        self.record.waited(started.elapsed());
        outcome
    }

    pub(super) fn ear(&self, target: &Target) -> Ear {
        Ear::new(self.connection, target, self.asked, &self.onward.head)
    }

    async fn send(
        &mut self,
        request: Request<Bytes>,
        kind: OperationKind,
        draw: Option<Draw>,
        started: Instant,
    ) -> Result<Response<UpstreamBody>, Refusal> {
        if draw.is_some() {
            // Boxed: calls that nobody counts are not to be as large as this one.
            Box::pin(self.connection.backend.budget.wait(draw, self.until)).await.map_err(Refusal::exhausted)?;
        }
        let retry = if answer::is_read(kind) { Retry::Read } else { Retry::Write };
        if retry == Retry::Write {
            self.spend(1)?;
        }
        let answer = in_time(self.until, || self.sent(request, retry)).await;
        answer.inspect_err(|_| self.record.waited(started.elapsed()))
    }

    async fn sent(&self, request: Request<Bytes>, retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let backend = &self.connection.backend;
        let hold = self.hold.clone();
        if retry == Retry::Read || (hold.is_none() && self.purse.is_none()) {
            return backend.upstream.call(request, retry).await;
        }
        // It comes to its end also when its client has hung up, or nobody waits for it any more; and the next writer of the
        // resource waits for that.
        let backend = backend.clone();
        let written = tokio::spawn(async move {
            let _hold = hold;
            backend.upstream.call(request, retry).await
        });
        written.await.unwrap_or(Err(UpstreamFault::Reset))
    }

    fn translator(&self, target: &Target, cell: Arc<Cell>, status: u16) -> Translator {
        let connection = self.connection;
        let (document, wanted) = (connection.documents.answer(target), self.onward.wanted.clone());
        let of = Of { document, wanted, ..Of::new(target, &self.onward.head, status) };
        Translator::new(cell, connection.outwards.clone(), connection.watcher.clone(), of)
    }

    fn judge(&self, target: &Target, plan: &Plan, reply: &mut Reply) -> Result<bool, Refusal> {
        answer::judge(plan, target, &self.onward.head, &self.connection.watcher, reply)
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

    /// What a bridge shows, through the client's packs.
    pub(super) fn present(&self, answer: Answer<Vec<u8>>) -> Result<Answer<Sent>, Refusal> {
        let plans = &self.connection.plans;
        let far = plans.far(self.asked);
        let mut reply = reply::of_shown(&answer);
        self.judge(self.asked, &far.outer, &mut reply)?;
        let mut translator = self.translator(self.asked, far.clone(), answer.status);
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

/// A call that is made by this time, if there is one. What would come too late isn't begun: nobody would learn of it.
///
/// It is made here and not handed over, so that there is room for one, and none is moved.
pub async fn in_time<T, F: Future<Output = Result<T, UpstreamFault>>>(
    until: Option<tokio::time::Instant>,
    call: impl FnOnce() -> F,
) -> Result<T, Refusal> {
    let made = match until {
        None => call().await,
        Some(until) if until <= tokio::time::Instant::now() => return Err(late()),
        Some(until) => timeout_at(until, call()).await.unwrap_or(Err(UpstreamFault::ResponseTimeout)),
    };
    made.map_err(Refusal::Upstream)
}

/// What came of calls that are made at once, each at its place. The first that fails ends the others.
async fn gathered(
    mut calls: JoinSet<(usize, Result<Heard<Sent>, Refusal>)>,
    mut all: Vec<Option<Heard<Sent>>>,
) -> Result<Vec<Heard<Sent>>, Refusal> {
    while let Some(ended) = calls.join_next().await {
        let (at, heard) = ended.map_err(|_| Refusal::Upstream(UpstreamFault::Reset))?;
        let heard = heard?;
        if let Some(place) = all.get_mut(at) {
            *place = Some(heard);
        }
    }
    Ok(all.into_iter().flatten().collect())
}

/// The calls that a bridge takes last longer than a client waits.
pub(super) fn late() -> Refusal {
    let detail = "the calls that this takes would last longer than a client waits";
    ScimError::new(ErrorStatus::ServiceUnavailable, detail).into()
}

/// An answer as a bridge hears it.
pub async fn heard(answer: Answer<Sent>) -> Result<Heard<Sent>, Refusal> {
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
