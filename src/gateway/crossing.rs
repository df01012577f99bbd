//! The last steps of a call towards its backend: over the bridge that it needs, or as it is.

use crate::access::Caller;
use crate::bridge::{self, Answer, Bridge, One, Way};
use crate::config::bridges;
use crate::rules::Can;
use crate::scim::{Operation, OperationKind, Resource, Target};

use super::answer::Sent;
use super::call::Call;
use super::exchange::ToBackend;
use super::message::Start;
use super::refusal::Refusal;
use super::upstream::Upstream;

/// How each kind of call gets to a backend. Other types of resources than users and groups need no bridge.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    users: Verbs,
    groups: Verbs,
}

#[derive(Clone, Copy, Debug)]
struct Verbs {
    patch: Way,
    replace: Way,
}

impl Ways {
    /// The ways to a backend that can so much.
    #[must_use]
    pub fn new(can: &Can) -> Self {
        let verbs = |resource| Verbs {
            patch: bridges::way(can, &resource, OperationKind::Patch),
            replace: bridges::way(can, &resource, OperationKind::Replace),
        };
        Self { users: verbs(Resource::User), groups: verbs(Resource::Group) }
    }

    fn verbs(&self, target: &Target) -> Option<Verbs> {
        match target.resource.as_ref()? {
            Resource::User => Some(self.users),
            Resource::Group => Some(self.groups),
            Resource::Other(_) => None,
        }
    }

    /// The way of one call.
    #[must_use]
    pub fn of(&self, target: &Target) -> Way {
        match (self.verbs(target), &target.operation) {
            (Some(verbs), Operation::Patch(_)) => verbs.patch,
            (Some(verbs), Operation::Replace(_)) => verbs.replace,
            _ => Way::Direct,
        }
    }

    /// The resource of which only one write may go at a time, since some write of it takes several calls.
    #[must_use]
    pub fn held(&self, target: &Target) -> Option<String> {
        let (Operation::Patch(_) | Operation::Replace(_) | Operation::Delete(_)) = &target.operation else {
            return None;
        };
        let verbs = self.verbs(target)?;
        [verbs.patch, verbs.replace].iter().any(|way| way.takes_several()).then(|| target.path())
    }
}

/// Takes what is left of a call to its backend; nothing is left of a PATCH without operations, and of a query that nothing
/// can match. What few calls need is boxed, so that the others don't carry its size.
///
/// # Errors
/// Whatever the bridge or the exchange refuses.
pub async fn cross<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    ways: Ways,
    call: &Call,
    left: Option<Box<Start<'_>>>,
    caller: &Caller,
) -> Result<Answer<Sent>, Refusal> {
    let _hold = exchange.hold(ways.held(&call.target)).await?;
    let (target, may_read) = (&call.target, caller.may_read(&call.target));
    let way = ways.of(target);
    let answer = match (left.map(|left| call.ask(*left)), One::of(target), way) {
        (None, _, _) => None,
        (Some(ask), Some(one), Way::PatchToPut(server)) => {
            exchange.over(Bridge::PatchToPut);
            Some(Box::pin(bridge::patch_to_put(exchange, server, &one, ask, may_read)).await?)
        }
        (Some(ask), Some(one), Way::PutToPatch(server)) => {
            exchange.over(Bridge::PutToPatch);
            Some(Box::pin(bridge::put_to_patch(exchange, server, &one, ask)).await?)
        }
        (Some(mut ask), _, Way::Lower(server)) => {
            if bridge::lower(server, &mut ask) {
                exchange.over(Bridge::Lower);
            }
            bridge::direct(exchange, ask).await?
        }
        (Some(ask), _, _) => bridge::direct(exchange, ask).await?,
    };
    match (answer, &target.operation) {
        (Some(answer), _) => Ok(answer),
        (None, Operation::Patch(id)) => {
            exchange.over(Bridge::Readback);
            Box::pin(bridge::readback(exchange, target, id, call.conditions.if_match.clone(), may_read)).await
        }
        (None, Operation::List | Operation::Search) => {
            exchange.over(Bridge::Nobody);
            Ok(bridge::nobody(exchange))
        }
        (None, _) => Err(Refusal::Answer { fault: "nothing was left of the request".to_owned() }),
    }
}

#[cfg(test)]
mod tests;
