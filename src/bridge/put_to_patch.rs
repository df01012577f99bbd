//! A PUT before a backend that has none: the resource is read, and what differs is sent as a PATCH (RFC 7644 sections 3.5.1
//! and 3.5.2).
//!
//! Costs a GET and a PATCH, or several of them before a backend that takes only so much at once, in place of one PUT, and
//! another GET if the backend doesn't show what a PATCH has made; a PUT that changes nothing costs the GET alone, and is
//! answered with the resource.
//!
//! Can lose: a PUT that leaves out `active`, or what no schema knows, leaves it at the backend as it is. A password is sent
//! whenever it is there, since nobody can see whether it differs.

use crate::json::{Object, Value};
use crate::scim::{PatchOp, Resource, ScimError, ScimType};

use super::chunk::Patches;
use super::rewriting::{Read, Rewriting, shown, unread};
use super::write::{self, Put, Write};
use super::{Answer, Ask, Exchange, Heard, Limits, One, differ, lifecycle, members};

/// What a backend's PATCH is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PutToPatch {
    /// What it takes of one.
    pub patches: Patches,
    /// A group that is read doesn't show who is in it.
    pub hides_members: bool,
}

impl Patches {
    /// By how many members all of a group may be replaced at once.
    pub(super) fn replaced(&self) -> usize {
        match (self.members.replaces, self.pieces.changes) {
            (false, _) => 0,
            (true, None) => usize::MAX,
            (true, Some(most)) => usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1),
        }
    }
}

/// Does what a PUT of `one` asks. Answers 200 with the resource.
///
/// # Errors
/// 412 for a precondition that doesn't hold, and whatever the exchange fails with.
pub async fn put_to_patch<E: Exchange>(
    exchange: &mut E,
    server: PutToPatch,
    limits: Limits,
    one: &One,
    ask: Ask<'_>,
) -> Result<Answer<E::Body>, E::Failure> {
    by_difference(exchange, server, limits, one, ask, |_| Sends { by_patch: true, by_put: false }).await
}

/// By which verbs a change is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sends {
    pub by_patch: bool,
    pub by_put: bool,
}

/// The same, but what a PATCH doesn't change, or not alone, goes by PUT.
pub(super) async fn by_difference<E: Exchange>(
    exchange: &mut E,
    server: PutToPatch,
    limits: Limits,
    one: &One,
    ask: Ask<'_>,
    goes: impl Fn(&PatchOp<'_>) -> Sends + Send,
) -> Result<Answer<E::Body>, E::Failure> {
    let Ask { query, body, conditions, .. } = ask;
    let (_, Some(Value::Object(wanted))) = body.parts() else {
        // Nothing to compare with is not an empty resource.
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "a PUT needs a resource").into());
    };
    if server.hides_members && one.resource == Resource::Group && wanted.contains("members") {
        return Err(members::hidden().into());
    }
    let mut rewriting = Rewriting::new(one, &conditions, server.patches.has_tags);
    loop {
        let Read { held, onward } = match rewriting.read(exchange).await? {
            Ok(read) => read,
            Err(answer) => return Ok(answer),
        };
        let all = differ::differences(&held.body, &wanted, &one.resource, server.patches.replaced());
        if all.is_empty() {
            return shown(exchange, *held, true);
        }
        let is_put = all.iter().any(|op| goes(op).by_put);
        let ops: Vec<_> = all.into_iter().filter(|op| goes(op).by_patch).collect();
        let put = is_put.then(|| Put::beside(&ops, wanted.clone()));
        let write = Write { before: Some(&held.body), put, ..Write::of(one, &query, onward) };
        let written = write::send(exchange, server.patches, limits, write, ops).await?;
        if !rewriting.is_overtaken(&written) {
            return told(exchange, one, written, &wanted, &held.body).await;
        }
    }
}

/// The answer to a PUT: the resource, which is read where the backend hasn't shown it. Some backends take away whoever is
/// switched off: that is answered as it was asked.
async fn told<E: Exchange>(
    exchange: &mut E,
    one: &One,
    written: Heard<E::Body>,
    wanted: &Object<'_>,
    before: &Object<'static>,
) -> Result<Answer<E::Body>, E::Failure> {
    let found = match written {
        Heard::Done | Heard::Unasked => exchange.consult(one.read()).await?,
        heard => {
            return Ok(match heard {
                Heard::Resource(answer) => shown(exchange, *answer, true)?,
                other => unread(exchange, other),
            });
        }
    };
    match found {
        Heard::Resource(answer) => shown(exchange, *answer, true),
        Heard::Refused(gone) if gone.status == 404 && is_off(wanted) => {
            let body = lifecycle::asked_for(wanted, before);
            exchange.show(Answer { status: 200, etag: None, location: None, retry_after: None, body })
        }
        other => Ok(unread(exchange, other)),
    }
}

fn is_off(wanted: &Object<'_>) -> bool {
    wanted.get("active").and_then(Value::as_bool) == Some(false)
}
