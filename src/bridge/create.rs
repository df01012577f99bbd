//! A group that is created with more members than the backend takes at once: it is created with as many, and the others are
//! added to it (RFC 7644 sections 3.3 and 3.5.2).
//!
//! Costs a call a piece, up to `limits: {writes}`, and a GET, since the client is told of all. It goes on when the client hangs
//! up. Can lose: a POST is all or nothing, and this isn't. What fails once the group is there says which it is and how many of
//! its members are in it, since a repeat would find the name taken.

use crate::json::{Array, Object, Value};
use crate::scim::{AttrPath, ErrorStatus, Id, OpKind, PatchOp, PatchPath, Resource, ScimError};

use super::chunk::Patches;
use super::write::{self, Write};
use super::{Answer, Ask, Bridge, Conditions, Content, Exchange, Heard, Limits, One};

/// What a backend takes of a group that is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creation {
    /// The most members.
    pub most: u32,
    /// How the others are added.
    pub patches: Patches,
}

/// Creates a group. Answers 201 with it.
///
/// # Errors
/// 413 for what takes too many calls, and whatever the exchange fails with.
pub async fn create<E: Exchange>(
    exchange: &mut E,
    server: Creation,
    limits: Limits,
    ask: Ask<'_>,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    let most = usize::try_from(server.most).unwrap_or(usize::MAX);
    let Some((first, rest)) = ask.body.value().and_then(|group| parted(group, most)) else {
        return exchange.call(ask).await;
    };
    exchange.over(Bridge::Chunk);
    let add = vec![added(&rest)?];
    write::fits(server.patches, limits, &add)?;
    let Ask { target, query, conditions, .. } = ask;
    let create = Ask { target, query: query.clone(), body: Content::Changed(first), conditions, before: None };
    let mut made = match exchange.consult(create).await? {
        Heard::Resource(made) => made,
        Heard::Refused(refused) => return Ok(Some(refused)),
        Heard::Done | Heard::Unasked => return Err(nowhere().into()),
    };
    let id = made.body.get("id").and_then(Value::as_str).and_then(|id| Id::parse(&id)).ok_or_else(nowhere)?;
    let one = One { resource: Resource::Group, id };
    let if_match = made.etag.clone().filter(|_| server.patches.has_tags);
    let onward = Conditions { if_match, if_none_match: None };
    let write = Write { made: Some(&one.id), ..Write::of(&one, &query, onward) };
    if let Heard::Refused(refused) = write::send(exchange, server.patches, limits, write, add).await? {
        return Ok(Some(refused));
    }
    match exchange.consult(one.read()).await {
        Ok(Heard::Resource(read)) => exchange.show(Answer { status: 201, location: made.location, ..*read }).map(Some),
        // All are in it, whatever becomes of reading it.
        _ => {
            filled(&mut made.body, &rest);
            exchange.show(Answer { status: 201, etag: None, ..*made }).map(Some)
        }
    }
}

/// A group with as many members as may be, and the others; nothing if it has no more.
fn parted<'v>(group: &Value<'v>, most: usize) -> Option<(Value<'v>, Vec<Value<'v>>)> {
    let members = group.as_object()?.get("members")?.as_array()?;
    let all: Vec<Value<'v>> = members.iter().cloned().collect();
    let (first, rest) = all.split_at_checked(most).filter(|(_, rest)| !rest.is_empty())?;
    let mut group = group.as_object()?.clone();
    group.set("members", Value::Array(Array::from(first.to_vec())));
    Some((Value::Object(group), rest.to_vec()))
}

fn added<'v>(members: &[Value<'v>]) -> Result<PatchOp<'v>, ScimError> {
    let attr = AttrPath::parse("members").map_err(|fault| ScimError::new(ErrorStatus::Internal, fault.to_string()))?;
    let path = Some(PatchPath { attr, filter: None, sub: None });
    Ok(PatchOp { kind: OpKind::Add, path, value: Some(Value::Array(Array::from(members.to_vec()))) })
}

fn filled(group: &mut Object<'static>, rest: &[Value<'_>]) {
    let first = group.get("members").and_then(Value::as_array).map(Array::iter).into_iter().flatten().cloned();
    let all: Vec<Value<'static>> = first.chain(rest.iter().cloned().map(Value::into_owned)).collect();
    group.set("members", Value::Array(Array::from(all)));
}

fn nowhere() -> ScimError {
    let detail = "the backend has made the group with a part of its members, and doesn't say which group it is";
    ScimError::new(ErrorStatus::BadGateway, detail)
}
