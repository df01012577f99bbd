//! A PATCH before a backend that has none: the resource is read, changed here, and put back (RFC 7644 sections 3.5.1 and
//! 3.5.2).
//!
//! Costs a GET and a PUT in place of one PATCH, and memory for one resource; a PATCH that changes nothing costs the GET
//! alone. Whoever calls it lets one write of a resource go at a time, so that no change is lost within this process; of
//! writers that don't pass here, only a backend's ETags can tell.
//!
//! Can lose: what the backend doesn't show, a PUT can't send. Passwords and other write-only attributes stay as they are,
//! since they are left out; of other hidden attributes the configuration is refused, unless the backend's PUT keeps what
//! it isn't told.

use crate::json::{Array, Member, Object, Value};
use crate::scim::schema::{self, Attribute, Mutability};
use crate::scim::{AttrPath, Operation, Query, Resource, patch};

use super::{Answer, Ask, Conditions, Content, Exchange, Heard, One, tags};

/// How often a change that another writer has overtaken is tried in all.
const TRIES: usize = 4;

/// What a backend's PUT is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatchToPut {
    /// It keeps to `If-Match`.
    pub has_tags: bool,
    /// It keeps what it isn't told.
    pub merges: bool,
}

/// Does what a PATCH of `one` asks. Answers 200 with the resource, or 204 if the caller may not read.
///
/// # Errors
/// 400 for what [`patch::apply`] refuses, 412 for a precondition that doesn't hold, and whatever the exchange fails with.
pub async fn patch_to_put<E: Exchange>(
    exchange: &mut E,
    server: PatchToPut,
    one: &One,
    ask: Ask<'_>,
    may_read: bool,
) -> Result<Answer<E::Body>, E::Failure> {
    let Ask { query, body, conditions, .. } = ask;
    let (_, message) = body.parts();
    let message = message.unwrap_or(Value::Null);
    let mut tries = 1;
    loop {
        let read = match exchange.consult(one.read()).await? {
            Heard::Resource(read) => read,
            other => return Ok(unread(exchange, other)),
        };
        let onward = tags::after_read(&conditions, read.etag.as_deref(), server.has_tags)?;
        let before = seen(&read.body, &one.resource);
        let after = patch::apply(&message, &before, &one.resource)?;
        if after == before {
            return shown(exchange, *read, may_read);
        }
        let body = writable(after, &before, one, server);
        let ask = put(one, &query, body, onward);
        match exchange.consult(Ask { before: Some(&before), ..ask }).await? {
            Heard::Resource(answer) => return shown(exchange, *answer, may_read),
            Heard::Refused(refused) if refused.status == 412 && conditions.if_match.is_none() && tries < TRIES => {
                tries += 1;
            }
            Heard::Refused(refused) => return Ok(refused),
            Heard::Done | Heard::Unasked if !may_read => return Ok(done(exchange, None)),
            Heard::Done | Heard::Unasked => {
                return match exchange.consult(one.read()).await {
                    Ok(Heard::Resource(answer)) => shown(exchange, *answer, may_read),
                    // It is written, whatever becomes of reading it.
                    _ => Ok(done(exchange, None)),
                };
            }
        }
    }
}

fn put<'v>(one: &One, query: &Query, body: Object<'v>, conditions: Conditions) -> Ask<'v> {
    let body = Content::Changed(Value::Object(body));
    Ask { target: one.asked(Operation::Replace), query: query.clone(), body, conditions, before: None }
}

/// What a read without a resource means for the write behind it.
pub(super) fn unread<E: Exchange>(exchange: &E, heard: Heard<E::Body>) -> Answer<E::Body> {
    match heard {
        Heard::Refused(refused) => refused,
        _ => done(exchange, None),
    }
}

pub(super) fn done<E: Exchange>(exchange: &E, etag: Option<String>) -> Answer<E::Body> {
    Answer { status: 204, etag, location: None, retry_after: None, body: exchange.nothing() }
}

pub(super) fn shown<E: Exchange>(
    exchange: &mut E,
    answer: Answer<Object<'static>>,
    may_read: bool,
) -> Result<Answer<E::Body>, E::Failure> {
    if may_read { exchange.show(Answer { status: 200, ..answer }) } else { Ok(done(exchange, answer.etag)) }
}

/// The resource as it can be trusted: what a server should never show, it may show masked.
pub(super) fn seen<'v>(read: &Object<'v>, resource: &Resource) -> Object<'v> {
    let mut seen = read.clone();
    retain(&mut seen, |key| known(key, resource).is_none_or(|known| known.mutability != Mutability::WriteOnly));
    seen
}

/// The resource as a client may write it: with its id, which some servers want, but nothing else that is read-only.
pub(super) fn writable<'v>(mut after: Object<'v>, before: &Object<'v>, one: &One, server: PatchToPut) -> Object<'v> {
    if server.merges {
        empty(before, &mut after);
    }
    let is_kept = |key: &str| {
        key.eq_ignore_ascii_case("id")
            || known(key, &one.resource).is_none_or(|known| known.mutability != Mutability::ReadOnly)
    };
    retain(&mut after, is_kept);
    without_read_only_parts(&mut after, None, &one.resource);
    after
}

/// Before a server that keeps what it isn't told: what is gone is said to be nothing (RFC 7643 section 2.5).
fn empty<'v>(before: &Object<'v>, after: &mut Object<'v>) {
    for Member { key, value } in before.iter() {
        let key = key.decoded();
        match (after.get_mut(&key), value) {
            (Some(Value::Object(after)), Value::Object(before)) => empty(before, after),
            (Some(_), _) => {}
            (None, Value::Array(_)) => after.set(&key, Value::Array(Array::new())),
            (None, _) => after.set(&key, Value::Null),
        }
    }
}

/// `manager.displayName`
fn without_read_only_parts(object: &mut Object<'_>, within: Option<&AttrPath>, resource: &Resource) {
    for member in object.iter_mut() {
        let Value::Object(inner) = &mut member.value else { continue };
        let Ok(mut path) = AttrPath::parse(&member.key.decoded()) else { continue };
        if let Some(schema) = within {
            path.urn.clone_from(&schema.urn);
        }
        if path.name.is_none() {
            without_read_only_parts(inner, Some(&path), resource);
        } else if let Some(known) = schema::find(Some(resource), &path) {
            let is_read_only = |key: &str| {
                let mut parts = known.parts.iter();
                parts.any(|part| part.mutability == Mutability::ReadOnly && part.name.eq_ignore_ascii_case(key))
            };
            retain(inner, |key| !is_read_only(key));
        }
    }
}

/// Keeps bytes where nothing goes.
fn retain(object: &mut Object<'_>, keep: impl Fn(&str) -> bool) {
    if object.iter().any(|member| !keep(&member.key.decoded())) {
        object.retain(|member| keep(&member.key.decoded()));
    }
}

/// What the RFC says of the attribute under this key.
fn known(key: &str, resource: &Resource) -> Option<&'static Attribute> {
    schema::find(Some(resource), &AttrPath::parse(key).ok()?)
}
