//! Members of a group before a backend that can't do with them all that a PATCH may ask: the group is read, and the difference
//! is sent, member by member (RFC 7644 section 3.5.2).
//!
//! For one that can't replace them: who goes is removed and who comes is added; an empty list removes all, which the brake
//! counts. For one that minds whoever is there already, or isn't there any more: only what differs is sent.
//!
//! Costs a GET, and a call a piece of the difference; what changes nothing costs the GET alone. Whoever calls it lets one
//! write of a group go at a time. Loses nothing of members: where the backend doesn't show them, it is refused.

use std::collections::HashSet;

use crate::json::{Array, Object, Value};
use crate::scim::filter::ExprKind;
use crate::scim::{CompareOp, ErrorStatus, OpKind, PatchOp, PatchPath, Resource, ScimError, ScimType, patch};

use super::chunk::{self, Patches};
use super::pieces::Pieces;

/// What a backend does with the members of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Members {
    /// It adds some.
    pub adds: bool,
    /// It removes those that it is told.
    pub removes: bool,
    /// It removes those whom a filter finds, whatever that asks.
    pub filters: bool,
    /// It replaces all, and removes all.
    pub replaces: bool,
    /// It takes the same change again.
    pub repeats: bool,
    /// A group that is read shows them.
    pub are_shown: bool,
}

/// All of RFC 7644.
impl Default for Members {
    fn default() -> Self {
        Self { adds: true, removes: true, filters: true, replaces: true, repeats: true, are_shown: true }
    }
}

impl Members {
    /// Whether the backend can't be asked so, so that the group has to be read first.
    pub(super) fn have_to_be_read(self, ops: &[PatchOp<'_>], pieces: Pieces) -> bool {
        ops.iter().any(|op| self.cant(op, pieces))
    }

    fn cant(self, op: &PatchOp<'_>, pieces: Pieces) -> bool {
        let Some((filter, value)) = named(op) else { return false };
        let count = value.and_then(Value::as_array).map_or(0, Array::len);
        let fits = pieces.changes.is_none_or(|most| u32::try_from(count).is_ok_and(|count| count <= most));
        match (op.kind, filter) {
            (OpKind::Add, _) => !self.adds || !self.repeats,
            (OpKind::Replace, None) => !self.replaces || !fits,
            (OpKind::Replace, Some(_)) => false,
            (OpKind::Remove, None) if count == 0 => !self.replaces,
            (OpKind::Remove, None) => !self.removes || !self.repeats,
            (OpKind::Remove, Some(path)) => !self.removes || !self.repeats || !(self.filters || is_equality(path)),
        }
    }
}

/// What an operation says of members as such: the path, where it has a filter, and the value.
fn named<'o, 'v>(op: &'o PatchOp<'v>) -> Option<(Option<&'o PatchPath>, Option<&'o Value<'v>>)> {
    match (&op.path, &op.value) {
        (Some(path), value) if is_of_members(op) => {
            Some((Some(path).filter(|path| path.filter.is_some()), value.as_ref()))
        }
        (None, Some(Value::Object(part))) => Some((None, Some(part.get("members")?))),
        _ => None,
    }
}

/// Whether the path of an operation names members, and no part of them.
pub(super) fn is_of_members(op: &PatchOp<'_>) -> bool {
    op.path.as_ref().is_some_and(names_members)
}

/// Whether a path names members, with or without the URN of the schema, and no part of them.
pub(super) fn names_members(path: &PatchPath) -> bool {
    let name = path.attr.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("members"));
    name && path.attr.extension().is_none() && path.attr.sub.is_none() && path.sub.is_none()
}

fn is_equality(path: &PatchPath) -> bool {
    let root = path.filter.as_ref().map(|filter| &filter.root().kind);
    matches!(root, Some(ExprKind::Compare { path, op: CompareOp::Eq, .. }) if path.path.to_string().eq_ignore_ascii_case("value"))
}

/// What does to a group as it is what a message asks, in the ways that the backend has; nothing where it is so already.
/// Another order means nothing.
///
/// # Errors
/// 400 for what [`patch::apply`] refuses, 501 where the backend hides who is in a group.
pub(super) fn operations<'v>(
    message: &Value<'v>,
    before: &Object<'v>,
    resource: &Resource,
    Patches { members: server, .. }: Patches,
) -> Result<Vec<PatchOp<'v>>, ScimError> {
    if !server.are_shown {
        return Err(hidden());
    }
    let message = one_by_one(message.clone())?;
    let after = patch::apply(&message, before, resource)?;
    if after == *before {
        return Ok(Vec::new());
    }
    let mut ops = beside(&message);
    ops.extend(difference(before, &after, server)?);
    Ok(ops)
}

/// Nobody here can tell who would have to go.
pub(super) fn hidden() -> ScimError {
    let detail = "the backend doesn't show who is in a group, so who would have to go can't be known; add and remove members one by one";
    ScimError::new(ErrorStatus::NotImplemented, detail)
}

/// The message with members that a list removes named one by one: without a filter RFC 7644 means all of them.
fn one_by_one(message: Value<'_>) -> Result<Value<'_>, ScimError> {
    let Some(ops) = chunk::read(&message) else { return Ok(message) };
    let mut named = Vec::with_capacity(ops.len());
    for op in ops {
        match (op.kind, &op.path, &op.value) {
            (OpKind::Remove, Some(path), Some(Value::Array(list))) if path.filter.is_none() && is_of_members(&op) => {
                for member in list.iter() {
                    let path = Some(self::path(&format!("[value eq {}]", id(member)?))?);
                    named.push(PatchOp { kind: OpKind::Remove, path, value: None });
                }
            }
            _ => named.push(op),
        }
    }
    Ok(chunk::with(Some(&message), named))
}

/// What a message asks beside members.
fn beside<'v>(message: &Value<'v>) -> Vec<PatchOp<'v>> {
    let ops = chunk::read(message).unwrap_or_default();
    let rest = ops.into_iter().filter_map(|op| match (named(&op), &op.value) {
        (None, _) => Some(op),
        (Some(_), Some(Value::Object(part))) if op.path.is_none() && part.len() > 1 => {
            let mut part = part.clone();
            part.remove("members");
            Some(PatchOp { value: Some(Value::Object(part)), ..op })
        }
        _ => None,
    });
    rest.collect()
}

/// What makes the members after of those before: those who go, then those who come.
fn difference<'v>(before: &Object<'v>, after: &Object<'v>, server: Members) -> Result<Vec<PatchOp<'v>>, ScimError> {
    let (held, wanted) = (list(before), list(after));
    if !(server.adds && server.removes) && server.replaces {
        let value = Some(Value::Array(Array::from(wanted)));
        return Ok(vec![PatchOp { kind: OpKind::Replace, path: Some(path("")?), value }]);
    }
    let known = held.iter().map(id).collect::<Result<HashSet<_>, _>>()?;
    let stay = wanted.iter().map(id).collect::<Result<HashSet<_>, _>>()?;
    let mut ops = Vec::new();
    for member in &held {
        let id = id(member)?;
        if !stay.contains(&id) {
            ops.push(PatchOp { kind: OpKind::Remove, path: Some(path(&format!("[value eq {id}]"))?), value: None });
        }
    }
    let is_new = |member: &&Value<'v>| id(member).is_ok_and(|id| !known.contains(&id));
    let come: Vec<Value<'v>> = wanted.iter().filter(is_new).cloned().collect();
    if !come.is_empty() {
        ops.push(PatchOp { kind: OpKind::Add, path: Some(path("")?), value: Some(Value::Array(Array::from(come))) });
    }
    Ok(ops)
}

fn list<'v>(group: &Object<'v>) -> Vec<Value<'v>> {
    group.get("members").and_then(Value::as_array).map(Array::iter).into_iter().flatten().cloned().collect()
}

/// The id of a member, as a filter writes it.
fn id(member: &Value<'_>) -> Result<String, ScimError> {
    let value = member.as_object().and_then(|element| element.get("value")).and_then(Value::as_str);
    let id = value.map(|id| Value::string(&id).to_string());
    id.ok_or_else(|| ScimError::bad_request(ScimType::InvalidValue, "a member of a group needs a `value`"))
}

fn path(filter: &str) -> Result<PatchPath, ScimError> {
    PatchPath::parse(&format!("members{filter}"))
        .map_err(|fault| ScimError::bad_request(ScimType::InvalidValue, format!("a member can't be named: {fault}")))
}
