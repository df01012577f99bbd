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

use std::borrow::Cow;

use crate::json::{Array, Member, Object, Value};
use crate::scim::schema::{self, Attribute, Mutability};
use crate::scim::{AttrPath, Operation, Query, Resource, patch};

use super::rewriting::{Read, Rewriting, shown};
use super::{Answer, Ask, Conditions, Content, Exchange, One};

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
    let mut rewriting = Rewriting::new(one, &conditions, server.has_tags);
    loop {
        let Read { held, onward } = match rewriting.read(exchange).await? {
            Ok(read) => read,
            Err(answer) => return Ok(answer),
        };
        let before = seen(&held.body, &one.resource);
        let after = patch::apply(&message, &before, &one.resource)?;
        if after == *before {
            return shown(exchange, *held, may_read);
        }
        let body = writable(after, &before, one, server);
        let ask = put(one, &query, body, onward);
        let written = exchange.consult(Ask { before: Some(&before), ..ask }).await?;
        if !rewriting.is_overtaken(&written) {
            return rewriting.told(exchange, written, may_read).await;
        }
    }
}

fn put<'v>(one: &One, query: &Query, body: Object<'v>, conditions: Conditions) -> Ask<'v> {
    let body = Content::Changed(Value::Object(body));
    Ask { target: one.asked(Operation::Replace), query: query.clone(), body, conditions, before: None }
}

/// The resource as it can be trusted: what a server should never show, it may show masked.
pub(super) fn seen<'o, 'v>(read: &'o Object<'v>, resource: &Resource) -> Cow<'o, Object<'v>> {
    let may_show = |key: &str| known(key, resource).is_none_or(|known| known.mutability != Mutability::WriteOnly);
    if read.iter().all(|member| may_show(&member.key.decoded())) {
        return Cow::Borrowed(read);
    }
    let mut seen = read.clone();
    retain(&mut seen, may_show);
    Cow::Owned(seen)
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
