//! A PATCH with more changes than the backend takes at once, in pieces, one after the other (RFC 7644 section 3.5.2).
//!
//! Costs a call a piece, up to `limits: {writes}`; what would take more is refused before anything is sent. All pieces meet
//! the backend's rules, and the brake, before the first is sent. They go on when the client hangs up.
//!
//! Can lose: a PATCH is all or nothing, and pieces aren't. At the first that fails it stops, with that status, and says how
//! many changes are made. Each change can be made again, so that a repeat makes the rest.

use crate::json::{Object, Value};
use crate::scim::{PatchOp, Resource, ScimError, patch};

use super::members::{self, Members};
use super::patch_to_put::seen;
use super::pieces::Pieces;
use super::rewriting::{Read, Rewriting, done, shown};
use super::write::{self, Write};
use super::{Answer, Ask, Bridge, Content, Exchange, Heard, Limits, Lower, One, elements};

/// What a backend takes of a PATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patches {
    /// In which form.
    pub lower: Lower,
    /// What of members.
    pub members: Members,
    /// How much at once.
    pub pieces: Pieces,
    /// It can't choose elements by a filter in a path, but has them all replaced.
    pub whole_lists: bool,
    /// It keeps to `If-Match`.
    pub has_tags: bool,
    /// It changes nothing without.
    pub demands_tags: bool,
}

impl Patches {
    /// Whether a PATCH may take several calls.
    #[must_use]
    pub fn take_several(&self) -> bool {
        self.pieces != Pieces::default() || self.members != Members::default() || self.whole_lists
    }

    /// Whether it takes a PATCH as RFC 7644 has it.
    #[must_use]
    pub fn are_full(&self) -> bool {
        !self.take_several() && self.lower == Lower::default()
    }

    /// The bridges that a PATCH may go over.
    pub fn bridges(&self) -> impl Iterator<Item = Bridge> {
        let members = (self.members != Members::default()).then_some(Bridge::Members);
        let elements = self.whole_lists.then_some(Bridge::Elements);
        let lower = (self.lower != Lower::default()).then_some(Bridge::Lower);
        let chunk = (self.pieces != Pieces::default()).then_some(Bridge::Chunk);
        [members, elements, lower, chunk].into_iter().flatten()
    }
}

/// Sends a PATCH as the backend takes it; nothing if its pack has left nothing to ask.
///
/// # Errors
/// 413 for what takes too many calls, and whatever the exchange fails with.
pub async fn patch<E: Exchange>(
    exchange: &mut E,
    server: Patches,
    limits: Limits,
    one: &One,
    mut ask: Ask<'_>,
    may_read: bool,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    let ops = ask.body.value().and_then(read);
    let Some(ops) = ops else { return exchange.call(ask).await };
    if server.members.have_to_be_read(&ops, server.pieces) {
        exchange.over(Bridge::Members);
        if !server.members.are_shown {
            return Err(members::hidden().into());
        }
        return of_what_is_there(exchange, server, limits, one, ask, may_read, members::operations).await;
    }
    if server.whole_lists && ops.iter().any(elements::chooses) {
        exchange.over(Bridge::Elements);
        return of_what_is_there(exchange, server, limits, one, ask, may_read, elements::operations).await;
    }
    let (lowered, is_lowered) = server.lower.all(ops);
    let fits = server.pieces.cut(lowered.clone()).len() < 2 && !server.pieces.may_be_too_long(&ask);
    if is_lowered {
        exchange.over(Bridge::Lower);
    }
    if fits {
        if is_lowered {
            ask.body = Content::Changed(with(ask.body.value(), lowered));
        }
        return exchange.call(ask).await;
    }
    let Ask { query, body, conditions, .. } = ask;
    let (_, message) = body.parts();
    let write = Write { message: message.as_ref(), ..Write::of(one, &query, conditions) };
    let heard = write::send(exchange, server, limits, write, lowered).await?;
    answered(exchange, heard, may_read)
}

/// What a PATCH comes to where this is there, before such a backend.
type Comes = for<'v> fn(&Value<'v>, &Object<'v>, &Resource, Patches) -> Result<Vec<PatchOp<'v>>, ScimError>;

/// Reads the resource, and sends what a PATCH comes to then; what changes nothing isn't sent.
async fn of_what_is_there<E: Exchange>(
    exchange: &mut E,
    server: Patches,
    limits: Limits,
    one: &One,
    ask: Ask<'_>,
    may_read: bool,
    comes: Comes,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    let Ask { query, body, conditions, .. } = ask;
    let (_, message) = body.parts();
    let message = message.unwrap_or(Value::Null);
    let mut rewriting = Rewriting::new(one, &conditions, server.has_tags);
    loop {
        let Read { held, onward } = match rewriting.read(exchange).await? {
            Ok(read) => read,
            Err(answer) => return Ok(Some(answer)),
        };
        let before = seen(&held.body, &one.resource);
        let ops = comes(&message, &before, &one.resource, server)?;
        if ops.is_empty() {
            return shown(exchange, *held, may_read).map(Some);
        }
        let (before, message) = (Some(&held.body), Some(&message));
        let write = Write { before, message, ..Write::of(one, &query, onward) };
        let written = write::send(exchange, server, limits, write, ops).await?;
        if !rewriting.is_overtaken(&written) {
            let answer = answered(exchange, written, may_read)?;
            return Ok(Some(answer.unwrap_or_else(|| done(exchange, None))));
        }
    }
}

/// What a client learns of a PATCH that a bridge has sent.
fn answered<E: Exchange>(
    exchange: &mut E,
    heard: Heard<E::Body>,
    may_read: bool,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    match heard {
        Heard::Resource(answer) => shown(exchange, *answer, may_read).map(Some),
        Heard::Done => Ok(Some(done(exchange, None))),
        Heard::Refused(answer) => Ok(Some(answer)),
        Heard::Unasked => Ok(None),
    }
}

/// The operations of a message; nothing where one of them can't be read.
pub(super) fn read<'v>(message: &Value<'v>) -> Option<Vec<PatchOp<'v>>> {
    let operations = message.as_object()?.get("Operations")?.as_array()?;
    operations.iter().map(|written| PatchOp::read(written).ok()).collect()
}

/// The message with these operations in place of its own.
pub(super) fn with<'v>(message: Option<&Value<'v>>, ops: Vec<PatchOp<'v>>) -> Value<'v> {
    let Some(Value::Object(message)) = message else { return Value::Object(patch::message(ops)) };
    let mut message = message.clone();
    message.set("Operations", patch::operations(ops));
    Value::Object(message)
}
