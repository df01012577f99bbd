//! What becomes of an account that goes, where the backend means something else by it. Only the owner of a connection can
//! say: a DELETE that can't be undone may become a deactivation, or be refused; a deactivation that frees no seat may become
//! a DELETE.
//!
//! A DELETE as a deactivation is a PATCH, which may need a bridge of its own; it is answered 204. Loses: a second DELETE is
//! answered 204, too, and the account can still be read.
//!
//! A deactivation as a DELETE costs a GET and a DELETE in place of one write. It is answered with what the write would have
//! made of the account. Loses: whatever else the write says, and the account: to switch it on again is a 404.
//!
//! Accounts that are switched off may be hidden, for clients that want whoever is gone to be gone (RFC 7644 section 3.6): a list
//! leaves them out by its filter, which costs nothing more; a read costs another one before it, and is a 404. Writes find them,
//! so that they can be switched on again.

use crate::json::{Object, Value};
use crate::scim::{
    ErrorStatus, Filter, OpKind, Operation, Param, PatchOp, PatchPath, Query, Resource, ScimError, ScimType, patch,
};

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

/// Whether a connection shows accounts that are switched off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inactive {
    /// As all others.
    #[default]
    Show,
    /// As if they weren't there.
    Hide,
}

impl Inactive {
    /// The words of `lifecycle: {inactive}`.
    pub const WORDS: &[(&str, Self)] = &[("show", Self::Show), ("hide", Self::Hide)];
}

/// What becomes of accounts that go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Of a DELETE.
    pub deletion: Deletion,
    /// Of a write that switches off.
    pub deactivation: Deactivation,
    /// Whether they are seen then.
    pub inactive: Inactive,
}

/// What a bridge has made of an ask.
#[derive(Debug)]
pub enum Turned<'v, B> {
    /// It goes on.
    Goes(Ask<'v>),
    /// It has been answered.
    Answered(Answer<B>),
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

/// A list, or a search, without accounts that are switched off.
///
/// # Errors
/// 400 `invalidFilter` for a filter that can't be read.
pub fn of_active(ask: Ask<'_>) -> Result<Ask<'_>, ScimError> {
    if ask.target.operation != Operation::Search {
        let mut query = ask.query;
        let filter = and_active(query.value(Param::Filter))?;
        query.set(Param::Filter, Some(filter));
        return Ok(Ask { query, ..ask });
    }
    let (_, Some(Value::Object(mut search))) = ask.body.parts() else {
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "a search needs a body"));
    };
    let filter = search.get(Param::Filter.as_str()).and_then(Value::as_str).map(|text| and_active(Some(&text)));
    let filter = filter.unwrap_or_else(|| and_active(None))?;
    search.set(Param::Filter.as_str(), Value::string(&filter));
    Ok(Ask { body: Content::Changed(Value::Object(search)), ..ask })
}

/// It is read before it is joined, so that nothing in it can reach beyond its brackets.
fn and_active(filter: Option<&str>) -> Result<String, ScimError> {
    const ACTIVE: &str = "not (active eq false)";
    let Some(text) = filter else { return Ok(ACTIVE.to_owned()) };
    match Filter::parse(text) {
        Ok(_) => Ok(format!("({text}) and {ACTIVE}")),
        Err(fault) => Err(ScimError::bad_request(ScimType::InvalidFilter, fault.to_string())),
    }
}

/// Reads an account that is to be read, to see whether it is switched off; if it isn't, the read goes on.
///
/// # Errors
/// 404 if it is, and whatever the exchange fails with.
pub async fn read_active<'v, E: Exchange>(
    exchange: &mut E,
    one: &One,
    ask: Ask<'v>,
) -> Result<Turned<'v, E::Body>, E::Failure> {
    match exchange.consult(one.read()).await? {
        Heard::Resource(read) if read.body.get("active").and_then(Value::as_bool) == Some(false) => {
            Err(ScimError::new(ErrorStatus::NotFound, "there is no such user").into())
        }
        Heard::Resource(_) => Ok(Turned::Goes(ask)),
        other => Ok(Turned::Answered(unread(exchange, other))),
    }
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
