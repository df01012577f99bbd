//! What becomes of an account that goes, where the backend means something else by it. Only the owner of a connection can
//! say: a DELETE that can't be undone may become a deactivation, or be refused; a deactivation that frees no seat may become
//! a DELETE.
//!
//! A DELETE as a deactivation is a PATCH, which may need a bridge of its own; it is answered 204. Loses: a second DELETE is
//! answered 204, too, and the account can still be read.
//!
//! A deactivation as a DELETE costs a GET and a DELETE in place of one write. It is answered with what the write would have
//! made of the account. Loses: whatever else the write says, and the account: to switch it on again is a 404.

use crate::json::{Object, Value};
use crate::scim::{OpKind, Operation, PatchOp, PatchPath, Query, Resource, ScimError, ScimType, patch};

use super::rewriting::{done, unread};
use super::{Answer, Ask, Conditions, Content, Exchange, Heard, Loss, One, loss, tags};

/// What a connection does with a DELETE of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletion {
    /// It is passed on.
    #[default]
    Pass,
    /// The account is switched off.
    Deactivate,
    /// It is refused.
    Reject,
}

impl Deletion {
    /// The words of `lifecycle: {delete}`.
    pub const WORDS: &[(&str, Self)] =
        &[("pass", Self::Pass), ("deactivate", Self::Deactivate), ("reject", Self::Reject)];
}

/// What a connection does with a write that switches a user off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deactivation {
    /// It is passed on.
    #[default]
    Pass,
    /// The account is deleted.
    Delete,
}

impl Deactivation {
    /// The words of `lifecycle: {deactivate}`.
    pub const WORDS: &[(&str, Self)] = &[("pass", Self::Pass), ("delete", Self::Delete)];
}

/// What becomes of accounts that go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Of a DELETE.
    pub deletion: Deletion,
    /// Of a write that switches off.
    pub deactivation: Deactivation,
}

/// What a bridge has made of an ask.
#[derive(Debug)]
pub enum Turned<'v, B> {
    /// It goes on.
    Goes(Ask<'v>),
    /// It has been answered.
    Answered(Answer<B>),
}

impl Lifecycle {
    /// Whether a call becomes another one, of several calls.
    #[must_use]
    pub fn turns(self, one: &One, operation: &Operation) -> bool {
        one.resource == Resource::User
            && match operation {
                Operation::Delete(_) => self.deletion == Deletion::Deactivate,
                Operation::Patch(_) | Operation::Replace(_) => self.deactivation == Deactivation::Delete,
                _ => false,
            }
    }
}

/// The PATCH that switches `one` off, under the preconditions of its DELETE.
#[must_use]
pub fn switched_off(one: &One, conditions: Conditions) -> Ask<'static> {
    let path = PatchPath::parse("active").ok();
    let off = PatchOp { kind: OpKind::Replace, path, value: Some(Value::Bool(false)) };
    let body = Content::Changed(Value::Object(patch::message(vec![off])));
    Ask { target: one.asked(Operation::Patch), query: Query::default(), body, conditions, before: None }
}

/// The answer to the DELETE for which an account was switched off.
pub fn as_deleted<E: Exchange>(exchange: &E, answer: Answer<E::Body>) -> Answer<E::Body> {
    if (200..300).contains(&answer.status) { done(exchange, None) } else { answer }
}

/// Deletes the account that a write would switch off; every other write goes on.
///
/// # Errors
/// 400 for a PATCH that can't be applied, 412 for a precondition that doesn't hold, and whatever the exchange fails with.
pub async fn deactivation_as_delete<'v, E: Exchange>(
    exchange: &mut E,
    has_tags: bool,
    one: &One,
    ask: Ask<'v>,
    may_read: bool,
) -> Result<Turned<'v, E::Body>, E::Failure> {
    if loss(&ask.target, ask.body.value(), None) == Loss::Counted(0) {
        return Ok(Turned::Goes(ask));
    }
    let read = match exchange.consult(one.read()).await? {
        Heard::Resource(read) => read,
        other => return Ok(Turned::Answered(unread(exchange, other))),
    };
    let after = outcome(&ask, &read.body, &one.resource)?;
    // A later operation of the PATCH may have switched it on again.
    if after.get("active").and_then(Value::as_bool) != Some(false) {
        return Ok(Turned::Goes(ask));
    }
    let conditions = tags::after_read(&ask.conditions, read.etag.as_deref(), has_tags)?;
    let target = one.asked(Operation::Delete);
    let query = Query::default();
    let delete = Ask { target, query, body: Content::None, conditions, before: Some(&read.body) };
    match exchange.consult(delete).await? {
        // Somebody else was quicker: it is gone, as it should be.
        Heard::Refused(refused) if refused.status != 404 => return Ok(Turned::Answered(refused)),
        _ => {}
    }
    let is_put = matches!(ask.target.operation, Operation::Replace(_));
    if !is_put && !may_read {
        return Ok(Turned::Answered(done(exchange, None)));
    }
    let answer = Answer { status: 200, etag: None, location: read.location, retry_after: None, body: after };
    exchange.show(answer).map(Turned::Answered)
}

/// What a write would have made of an account.
fn outcome(ask: &Ask<'_>, before: &Object<'static>, resource: &Resource) -> Result<Object<'static>, ScimError> {
    let no_body = || ScimError::bad_request(ScimType::InvalidSyntax, "the write has no body");
    let body = ask.body.value().ok_or_else(no_body)?;
    if let Operation::Patch(_) = ask.target.operation {
        return patch::apply(body, before, resource).map(owned);
    }
    Ok(asked_for(body.as_object().ok_or_else(no_body)?, before))
}

/// What a PUT asks for, under the id that it has.
pub(super) fn asked_for(wanted: &Object<'_>, before: &Object<'static>) -> Object<'static> {
    let mut after = owned(wanted.clone());
    for key in ["id", "meta"] {
        if let Some(value) = before.get(key) {
            after.set(key, value.clone());
        }
    }
    after
}

fn owned(object: Object<'_>) -> Object<'static> {
    match Value::Object(object).into_owned() {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
