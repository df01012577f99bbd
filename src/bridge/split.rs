//! A write before a backend that changes some attributes by PATCH only, and others by PUT only: it is parted, and each verb
//! gets what is its own (RFC 7644 sections 3.5.1 and 3.5.2).
//!
//! What one verb does alone costs what that takes: a PATCH that may go as it is costs nothing more, else there is a GET, and a
//! PUT, a PATCH, or both. Whoever calls it lets one write of a resource go at a time.
//!
//! Can lose: two calls are not all or nothing. Both are made ready, and pass the brake, before the first is sent; the one that
//! says `active` goes first; where the second fails, the answer says how much is done, and a repeat makes the rest.

use crate::json::{Object, Value};
use crate::scim::{AttrPath, Operation, PatchOp, Query, ScimError, patch};

use super::chunk::{self, Patches};
use super::filter_eval::covers;
use super::members;
use super::patch_to_put::{PatchToPut, seen, writable};
use super::put_to_patch::{PutToPatch, by_difference};
use super::rewriting::{Read, Rewriting, shown};
use super::write::{self, Put, Write};
use super::{Answer, Ask, Bridge, Conditions, Exchange, Limits, One};

/// What a backend does by which verb.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What it takes of a PATCH.
    pub patches: Patches,
    /// The only attributes that a PATCH changes; nothing: all.
    pub by_patch: Option<Vec<AttrPath>>,
    /// The only attributes that a PUT changes; nothing: all.
    pub by_put: Option<Vec<AttrPath>>,
    /// Its PUT keeps what it isn't told.
    pub merges: bool,
    /// A group that is read doesn't show who is in it.
    pub hides_members: bool,
}

impl Split {
    fn patches(&self, path: &AttrPath) -> bool {
        names(self.by_patch.as_deref(), path)
    }

    fn puts(&self, path: &AttrPath) -> bool {
        names(self.by_put.as_deref(), path)
    }

    /// Whether only a PUT does what an operation asks.
    fn needs_put(&self, op: &PatchOp<'_>) -> bool {
        op.attributes().iter().any(|path| self.puts(path) && !self.patches(path))
    }

    /// Whether only a PATCH does it.
    fn needs_patch(&self, op: &PatchOp<'_>) -> bool {
        let paths = op.attributes();
        !paths.is_empty() && paths.iter().all(|path| self.patches(path) && !self.puts(path))
    }
}

fn names(list: Option<&[AttrPath]>, path: &AttrPath) -> bool {
    list.is_none_or(|list| list.iter().any(|one| covers(one, path)))
}

/// Each attribute of an operation without a path in one of its own.
fn one_each<'v>(op: PatchOp<'v>) -> Vec<PatchOp<'v>> {
    let PatchOp { kind, path: None, value: Some(Value::Object(part)) } = &op else { return vec![op] };
    let alone = part.iter().map(|member| {
        let mut one = Object::new();
        one.set(&member.key.decoded(), member.value.clone());
        PatchOp { kind: *kind, path: None, value: Some(Value::Object(one)) }
    });
    alone.collect()
}

/// Does what a PATCH or a PUT of `one` asks. A PATCH is answered as any other, a PUT with 200 and the resource.
///
/// # Errors
/// 400 for what [`patch::apply`] refuses, 412 for a precondition that doesn't hold, and whatever the exchange fails with.
pub async fn split<E: Exchange>(
    exchange: &mut E,
    server: &Split,
    limits: Limits,
    one: &One,
    ask: Ask<'_>,
    may_read: bool,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    if matches!(ask.target.operation, Operation::Replace(_)) {
        exchange.over(Bridge::Split);
        let by_patch = PutToPatch { patches: server.patches, hides_members: server.hides_members };
        // What neither verb changes is said in the PUT, and is the backend's to refuse.
        let answer = by_difference(exchange, by_patch, limits, one, ask, |op| server.needs_patch(op)).await?;
        return Ok(Some(answer));
    }
    let ops = ask.body.value().and_then(chunk::read);
    match ops.map(|ops| ops.into_iter().flat_map(one_each).partition(|op| server.needs_put(op))) {
        Some((by_put, rest)) if !Vec::is_empty(&by_put) => {
            let parted = Parted { by_put, rest };
            patched(exchange, server, limits, one, (&ask.query, &ask.conditions), parted, may_read).await.map(Some)
        }
        _ => chunk::patch(exchange, server.patches, limits, one, ask, may_read).await,
    }
}

/// The operations of a PATCH.
struct Parted<'v> {
    /// Those that only a PUT does.
    by_put: Vec<PatchOp<'v>>,
    rest: Vec<PatchOp<'v>>,
}

impl<'v> Parted<'v> {
    /// What is sent by PATCH and by PUT, where the state before is this; neither where it is so already.
    fn write(
        &self,
        server: &Split,
        before: &Object<'v>,
        one: &One,
    ) -> Result<(Vec<PatchOp<'v>>, Option<Put<'v>>), ScimError> {
        let message = |ops: Vec<PatchOp<'v>>| Value::Object(patch::message(ops));
        let (by_put, rest) = (message(self.by_put.clone()), message(self.rest.clone()));
        let is_put = patch::apply(&by_put, before, &one.resource)? != *before;
        let after = patch::apply(&message([&*self.by_put, &self.rest].concat()), before, &one.resource)?;
        let ops = match server.patches.members.have_to_be_read(&self.rest, server.patches.pieces) {
            true => members::operations(&rest, before, &one.resource, server.patches)?,
            false if after == *before => Vec::new(),
            false => self.rest.clone(),
        };
        let put = is_put.then(|| {
            let server = PatchToPut { has_tags: server.patches.has_tags, merges: server.merges };
            Put::beside(&self.rest, writable(after, before, one, server))
        });
        Ok((ops, put))
    }
}

/// A PATCH of which a part goes by PUT.
async fn patched<E: Exchange>(
    exchange: &mut E,
    server: &Split,
    limits: Limits,
    one: &One,
    (query, conditions): (&Query, &Conditions),
    parted: Parted<'_>,
    may_read: bool,
) -> Result<Answer<E::Body>, E::Failure> {
    exchange.over(Bridge::Split);
    let mut rewriting = Rewriting::new(one, conditions, server.patches.has_tags);
    loop {
        let Read { held, onward } = match rewriting.read(exchange).await? {
            Ok(read) => read,
            Err(answer) => return Ok(answer),
        };
        let before = seen(&held.body, &one.resource);
        let (ops, put) = parted.write(server, &before, one)?;
        if ops.is_empty() && put.is_none() {
            return shown(exchange, *held, may_read);
        }
        let write = Write { before: Some(&before), put, ..Write::of(one, query, onward) };
        let written = write::send(exchange, server.patches, limits, write, ops).await?;
        if !rewriting.is_overtaken(&written) {
            return rewriting.told(exchange, written, may_read).await;
        }
    }
}
