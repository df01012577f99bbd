//! A PUT before a backend that has none: the resource is read, and what differs is sent as a PATCH (RFC 7644 sections 3.5.1
//! and 3.5.2).
//!
//! Costs a GET and a PATCH, or several of them before a backend that takes only so much at once, in place of one PUT, and another GET if the backend doesn't show what a PATCH has made; a PUT
//! that changes nothing costs the GET alone, and is answered with the resource.
//!
//! Can lose: a PUT that leaves out `active`, or what no schema knows, leaves it at the backend as it is. A password is sent
//! whenever it is there, since nobody can see whether it differs.

use crate::json::{Object, Value};
use crate::scim::{Resource, ScimError, ScimType};

use super::chunk::{self, Patches, Write};
use super::patch_to_put::unread;
use super::{Answer, Ask, Exchange, Heard, Limits, One, differ, lifecycle, members, tags};

/// How often a change that another writer has overtaken is tried in all.
const TRIES: usize = 4;

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
    let Ask { query, body, conditions, .. } = ask;
    let (_, Some(Value::Object(wanted))) = body.parts() else {
        // Nothing to compare with is not an empty resource.
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "a PUT needs a resource").into());
    };
    if server.hides_members && one.resource == Resource::Group && wanted.contains("members") {
        return Err(members::hidden().into());
    }
    let mut tries = 1;
    loop {
        let read = match exchange.consult(one.read()).await? {
            Heard::Resource(read) => read,
            other => return Ok(unread(exchange, other)),
        };
        let onward = tags::after_read(&conditions, read.etag.as_deref(), server.patches.has_tags)?;
        let ops = differ::differences(&read.body, &wanted, &one.resource, server.patches.replaced());
        if ops.is_empty() {
            return exchange.show(Answer { status: 200, ..*read });
        }
        let before = Some(&read.body);
        let write = Write { one, query: &query, conditions: onward, before, message: None, put: None };
        match chunk::send(exchange, server.patches, limits, write, ops).await? {
            Heard::Resource(answer) => return exchange.show(Answer { status: 200, ..*answer }),
            Heard::Refused(refused) if refused.status == 412 && conditions.if_match.is_none() && tries < TRIES => {
                tries += 1;
            }
            Heard::Refused(refused) => return Ok(refused),
            Heard::Done | Heard::Unasked => return put(exchange, one, &wanted, &read.body).await,
        }
    }
}

/// The answer to a PUT that is done, where the backend hasn't shown what came of it: the resource, which is read. Some
/// backends take away whoever is switched off: that is answered as it was asked.
pub(super) async fn put<E: Exchange>(
    exchange: &mut E,
    one: &One,
    wanted: &Object<'_>,
    before: &Object<'static>,
) -> Result<Answer<E::Body>, E::Failure> {
    match exchange.consult(one.read()).await? {
        Heard::Resource(answer) => exchange.show(Answer { status: 200, ..*answer }),
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
