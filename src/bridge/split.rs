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
use super::lower;
use super::members;
use super::patch_to_put::{PatchToPut, seen, writable};
use super::put_to_patch::{PutToPatch, Sends, by_difference};
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
    /// By which verbs a change that a PUT makes is sent. What neither does is said in the PUT, and is the backend's to refuse.
    fn verbs(&self, op: &PatchOp<'_>) -> Sends {
        let by_patch = self.needs_patch(op);
        Sends { by_patch, by_put: !by_patch || self.needs_put(op) }
    }

    /// Whether something that an operation asks is done by a PUT only.
    fn needs_put(&self, op: &PatchOp<'_>) -> bool {
        op.attributes().iter().any(|path| does_more(self.by_put.as_deref(), self.by_patch.as_deref(), path))
    }

    /// Whether something is done by a PATCH only.
    fn needs_patch(&self, op: &PatchOp<'_>) -> bool {
        op.attributes().iter().any(|path| does_more(self.by_patch.as_deref(), self.by_put.as_deref(), path))
    }
}

/// Whether a verb that changes these attributes, or all, changes something of the one at `path` that the other doesn't.
fn does_more(these: Option<&[AttrPath]>, others: Option<&[AttrPath]>, path: &AttrPath) -> bool {
    let is_theirs = |path: &AttrPath| others.is_none_or(|others| others.iter().any(|other| covers(other, path)));
    let does = |one: &AttrPath| covers(one, path) || (covers(path, one) && !is_theirs(one));
    !is_theirs(path) && these.is_none_or(|these| these.iter().any(does))
}

/// Each attribute of an operation that speaks of several in one of its own.
fn one_each<'v>(op: PatchOp<'v>) -> Vec<PatchOp<'v>> {
    match (&op.path, &op.value) {
        (Some(path), _) if path.attr.name.is_some() => vec![op],
        (path, Some(Value::Object(part))) => {
            let alone = |one| PatchOp { kind: op.kind, path: path.clone(), value: Some(Value::Object(one)) };
            lower::apart(part).into_iter().map(alone).collect()
        }
        _ => vec![op],
    }
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
        let answer = by_difference(exchange, by_patch, limits, one, ask, |op| server.verbs(op)).await?;
        return Ok(Some(answer));
    }
    let ops = ask.body.value().and_then(chunk::read);
    match ops.map(|ops| Parted::of(ops, server)) {
        Some(parted) if !parted.by_put.is_empty() => {
            patched(exchange, server, limits, one, (&ask.query, &ask.conditions), parted, may_read).await.map(Some)
        }
        _ => chunk::patch(exchange, server.patches, limits, one, ask, may_read).await,
    }
}

/// The operations of a PATCH.
struct Parted<'v> {
    /// Those of which a PUT does what a PATCH doesn't.
    by_put: Vec<PatchOp<'v>>,
    /// The others, and those of which a PATCH does what a PUT doesn't: to say them twice changes nothing.
    rest: Vec<PatchOp<'v>>,
}

impl<'v> Parted<'v> {
    fn of(ops: Vec<PatchOp<'v>>, server: &Split) -> Self {
        let all: Vec<PatchOp<'v>> = ops.into_iter().flat_map(one_each).collect();
        let is_left = |op: &&PatchOp<'v>| !server.needs_put(op) || server.needs_patch(op);
        let rest = all.iter().filter(is_left).cloned().collect();
        Self { by_put: all.into_iter().filter(|op| server.needs_put(op)).collect(), rest }
    }

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
