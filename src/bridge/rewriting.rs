//! A resource is read, and written as it is to be: what every bridge does that changes one by what it holds (RFC 7644
//! section 3.14).
//!
//! Between the two another writer may come. Where the backend keeps to `If-Match` it says so, and all is done again on what
//! is there then, unless the client has named the state that it means.

use crate::json::Object;

use super::{Answer, Conditions, Exchange, Heard, One, tags};

/// How often a change that another writer has overtaken is tried in all.
const TRIES: usize = 4;

/// The tries to rewrite a resource.
pub(super) struct Rewriting<'a> {
    one: &'a One,
    conditions: &'a Conditions,
    has_tags: bool,
    left: usize,
}

/// What was read.
pub(super) struct Read {
    /// The resource.
    pub held: Box<Answer<Object<'static>>>,
    /// The precondition of the write that follows.
    pub onward: Conditions,
}

impl<'a> Rewriting<'a> {
    pub(super) fn new(one: &'a One, conditions: &'a Conditions, has_tags: bool) -> Self {
        Self { one, conditions, has_tags, left: TRIES }
    }

    /// Reads it; an answer where it can't be.
    ///
    /// # Errors
    /// 412 for a precondition that doesn't hold, and whatever the exchange fails with.
    pub(super) async fn read<E: Exchange>(
        &mut self,
        exchange: &mut E,
    ) -> Result<Result<Read, Answer<E::Body>>, E::Failure> {
        self.left = self.left.saturating_sub(1);
        let held = match exchange.consult(self.one.read()).await? {
            Heard::Resource(held) => held,
            other => return Ok(Err(unread(exchange, other))),
        };
        let onward = tags::after_read(self.conditions, held.etag.as_deref(), self.has_tags)?;
        Ok(Ok(Read { held, onward }))
    }

    /// Whether another writer came in between, so that it is to be read again.
    pub(super) fn is_overtaken<B>(&self, written: &Heard<B>) -> bool {
        let has_changed = matches!(written, Heard::Refused(refused) if refused.status == 412);
        has_changed && self.conditions.if_match.is_none() && self.left > 0
    }

    /// What a client learns of the write: the resource, which is read where the backend hasn't shown it.
    ///
    /// # Errors
    /// Whatever the exchange fails with.
    pub(super) async fn told<E: Exchange>(
        &self,
        exchange: &mut E,
        written: Heard<E::Body>,
        may_read: bool,
    ) -> Result<Answer<E::Body>, E::Failure> {
        match written {
            Heard::Resource(answer) => shown(exchange, *answer, may_read),
            Heard::Refused(refused) => Ok(refused),
            Heard::Done | Heard::Unasked if !may_read => Ok(done(exchange, None)),
            Heard::Done | Heard::Unasked => match exchange.consult(self.one.read()).await {
                Ok(Heard::Resource(answer)) => shown(exchange, *answer, may_read),
                // It is written, whatever becomes of reading it.
                _ => Ok(done(exchange, None)),
            },
        }
    }
}

/// What a read without a resource means for the write behind it.
pub(super) fn unread<E: Exchange>(exchange: &E, heard: Heard<E::Body>) -> Answer<E::Body> {
    match heard {
        Heard::Refused(refused) => refused,
        _ => done(exchange, None),
    }
}

/// 204.
pub(super) fn done<E: Exchange>(exchange: &E, etag: Option<String>) -> Answer<E::Body> {
    Answer { status: 204, etag, location: None, retry_after: None, body: exchange.nothing() }
}

/// 200 with the resource, or 204 where the client may not read it.
pub(super) fn shown<E: Exchange>(
    exchange: &mut E,
    answer: Answer<Object<'static>>,
    may_read: bool,
) -> Result<Answer<E::Body>, E::Failure> {
    if may_read { exchange.show(Answer { status: 200, ..answer }) } else { Ok(done(exchange, answer.etag)) }
}
