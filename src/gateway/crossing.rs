//! The last steps of a call towards its backend: over the bridge that it needs, or as it is.

mod ways;

use std::borrow::Cow;

use crate::access::Caller;
use crate::bridge::{self, Answer, Ask, Bridge, Exchange, Merged, One, PatchToPut, Turned, Way};
use crate::json::Value;
use crate::rules::can::Tags;
use crate::scim::{Id, Operation, Resource, Target, version};

use super::answer::Sent;
use super::call::Call;
use super::exchange::ToBackend;
use super::message::Start;
use super::refusal::Refusal;
use super::turning::{Ending, Turn};
use super::upstream::Upstream;

pub use ways::Ways;

/// Takes what is left of a call to its backend; nothing is left of a PATCH without operations, and of a query that nothing
/// can match. What few calls need is boxed, so that the others don't carry its size.
///
/// # Errors
/// Whatever the bridge or the exchange refuses.
pub async fn cross<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    ways: &Ways,
    call: &Call,
    left: Option<Box<Start<'_>>>,
    caller: &Caller,
) -> Result<Answer<Sent>, Refusal> {
    if ways.lacks(&call.target) {
        exchange.over(Bridge::Synthesize);
        return Ok(bridge::no_groups(exchange, &call.target.operation)?);
    }
    exchange.hold(ways.held(&call.target)).await?;
    let may_read = caller.may_read(&call.target);
    let asked = left.map(|left| call.ask(*left));
    let asked = match (asked, &call.target.resource) {
        (Some(ask), Some(resource)) if call.is_part => bridge::of_type(ask, resource)?,
        (asked, _) => asked,
    };
    let (target, asked, ending) = match asked {
        Some(ask) if ways.turns.bridge(&call.target).is_some() => {
            match Box::pin(ways.turns.turn(exchange, ask, may_read)).await? {
                Turn::Goes(ask, ending) => (Cow::Owned(ask.target.clone()), Ok(Some(ask)), ending),
                Turn::Answered(answer) => return Ok(answer),
                Turn::Created(answer) => (Cow::Borrowed(&call.target), Err(answer), Ending::Answered),
                Turn::Unasked => (Cow::Borrowed(&call.target), Ok(None), Ending::Answered),
            }
        }
        asked => (Cow::Borrowed(&call.target), Ok(asked), Ending::Answered),
    };
    let answer = match asked {
        Ok(Some(ask)) if asks_more(ways, &ask) => Box::pin(prepared(exchange, ways, ask, may_read)).await?,
        Ok(Some(ask)) => on_its_way(exchange, ways, ask, may_read).await?,
        Ok(None) => None,
        Err(answer) => Some(answer),
    };
    let answer = match (answer, &target.operation) {
        (Some(answer), _) => shown(exchange, &target, answer).await?,
        (None, Operation::Patch(id)) => {
            exchange.over(Bridge::Readback);
            let if_match = call.conditions.if_match.clone();
            Box::pin(bridge::readback(exchange, &target, id, if_match, may_read)).await?
        }
        (None, Operation::List | Operation::Search) => {
            exchange.over(Bridge::Nobody);
            bridge::nobody(exchange)
        }
        (None, _) => return Err(Refusal::Answer { fault: "nothing was left of the request".to_owned() }),
    };
    Ok(ending.of(exchange, answer))
}

/// Whether something has to be known of the resource before an ask is sent, or can turn out to be.
fn asks_more(ways: &Ways, ask: &Ask<'_>) -> bool {
    let merges = || One::of(&ask.target).is_some_and(|one| bridge::merges(ask, &one));
    ways.demands_tag(&ask.target) || ways.spare(&ask.target).is_some() || (ways.merges && merges())
}

/// Sends an ask of which that is so.
async fn prepared<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    ways: &Ways,
    ask: Ask<'_>,
    may_read: bool,
) -> Result<Option<Answer<Sent>>, Refusal> {
    let ask = match ready(exchange, ways, ask).await? {
        Ok(ask) => ask,
        Err(answer) => return Ok(answer),
    };
    match ways.spare(&ask.target) {
        Some((one, server)) => spared(exchange, ways, (one, server), ask, may_read).await,
        None => on_its_way(exchange, ways, ask, may_read).await,
    }
}

/// An ask with what it needs to know of the resource; an answer, or nothing, where it has come to its end by that.
async fn ready<'v, U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    ways: &Ways,
    ask: Ask<'v>,
) -> Result<Result<Ask<'v>, Option<Answer<Sent>>>, Refusal> {
    let ask = match One::of(&ask.target) {
        Some(one) if ways.merges && bridge::merges(&ask, &one) => {
            exchange.over(Bridge::Merge);
            match Box::pin(bridge::merge(exchange, ways.tags != Tags::No, &one, ask)).await? {
                Merged::Ask(ask) => *ask,
                Merged::Nothing => return Ok(Err(None)),
                Merged::Unread(answer) => return Ok(Err(Some(answer))),
            }
        }
        _ => ask,
    };
    match One::of(&ask.target) {
        Some(one) if ways.demands_tag(&ask.target) && ask.conditions.if_match.is_none() => {
            exchange.over(Bridge::IfMatch);
            Ok(match Box::pin(bridge::if_match(exchange, &one, ask)).await? {
                Turned::Goes(ask) => Ok(ask),
                Turned::Answered(answer) => Err(Some(answer)),
            })
        }
        _ => Ok(Ok(ask)),
    }
}

/// Sends a PATCH; as a PUT where the backend's pack can't translate it without the resource.
async fn spared<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    ways: &Ways,
    (one, server): (One, PatchToPut),
    ask: Ask<'_>,
    may_read: bool,
) -> Result<Option<Answer<Sent>>, Refusal> {
    let again = ask.clone();
    match on_its_way(exchange, ways, ask, may_read).await {
        Err(Refusal::Rule(no)) if no.error.needs_resource => put(exchange, server, &one, again, may_read).await,
        answer => answer,
    }
}

/// Sends a PATCH as a PUT.
async fn put<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    server: PatchToPut,
    one: &One,
    ask: Ask<'_>,
    may_read: bool,
) -> Result<Option<Answer<Sent>>, Refusal> {
    exchange.over(Bridge::PatchToPut);
    bridge::patch_to_put(exchange, server, one, ask, may_read).await.map(Some)
}

/// Takes an ask to the backend on its way.
async fn on_its_way<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    ways: &Ways,
    ask: Ask<'_>,
    may_read: bool,
) -> Result<Option<Answer<Sent>>, Refusal> {
    if let (Operation::Discover(which), Some(offered)) = (&ask.target.operation, ways.offered) {
        exchange.over(Bridge::Synthesize);
        return bridge::synthesize(exchange, offered, which).map(Some);
    }
    let limits = exchange.limits();
    match (One::of(&ask.target), ways.of(&ask.target)) {
        (_, &Way::Create(server)) => Box::pin(bridge::create(exchange, server, limits, ask)).await,
        (Some(one), &Way::PutOrPatch(most, server)) if has_more(&ask, most) => {
            exchange.over(Bridge::PutToPatch);
            Box::pin(bridge::put_to_patch(exchange, server, limits, &one, ask)).await.map(Some)
        }
        (Some(one), Way::Split(server)) => Box::pin(bridge::split(exchange, server, limits, &one, ask, may_read)).await,
        (Some(one), &Way::PatchOrPut(server)) if !is_said(&ask, &one) => {
            Box::pin(put(exchange, server, &one, ask, may_read)).await
        }
        (Some(one), &Way::PatchToPut(server)) => Box::pin(put(exchange, server, &one, ask, may_read)).await,
        (Some(one), &Way::PutToPatch(server)) => {
            exchange.over(Bridge::PutToPatch);
            Box::pin(bridge::put_to_patch(exchange, server, limits, &one, ask)).await.map(Some)
        }
        (Some(one), &Way::Patch(server)) => {
            Box::pin(bridge::patch(exchange, server, limits, &one, ask, may_read)).await
        }
        _ => read(exchange, ways, ask).await,
    }
}

fn is_user(ask: &Ask<'_>) -> bool {
    ask.target.resource == Some(Resource::User)
}

/// Whether a group has more members than this.
fn has_more(ask: &Ask<'_>, most: u32) -> bool {
    let members = ask.body.value().and_then(Value::as_object).and_then(|group| group.get("members"));
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    members.and_then(Value::as_array).is_some_and(|members| members.len() > most)
}

/// Whether SCIM 1.1 can say a PATCH exactly.
fn is_said(ask: &Ask<'_>, one: &One) -> bool {
    let message = ask.body.value().and_then(Value::as_object);
    message.is_some_and(|message| version::patch::encode(message, &one.resource).is_ok())
}

/// A write is answered with what it has made (RFC 7644 sections 3.3 and 3.5.1); a backend that doesn't show it is asked for it.
async fn shown<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    target: &Target,
    answer: Answer<Sent>,
) -> Result<Answer<Sent>, Refusal> {
    if !(matches!(answer.body, Sent::Nothing) && (200..300).contains(&answer.status)) {
        return Ok(answer);
    }
    let id = match &target.operation {
        Operation::Replace(id) => id.clone(),
        Operation::Create => match answer.location.as_deref().and_then(|location| made(target, location)) {
            Some(id) => id,
            None => {
                let fault = "the backend has made something, and says neither what nor where";
                return Err(Refusal::Answer { fault: fault.to_owned() });
            }
        },
        _ => return Ok(answer),
    };
    exchange.over(Bridge::Readback);
    let answer = Box::pin(bridge::written(exchange, target, &id, answer)).await?;
    if answer.status == 200 && matches!(answer.body, Sent::Nothing) {
        // It may have been cut off, and nobody can see what is there.
        let fault = "the backend answered a success without a body, and what it has made can't be read";
        return Err(Refusal::Answer { fault: fault.to_owned() });
    }
    Ok(answer)
}

/// The id of what was made, from where it is.
fn made(target: &Target, location: &str) -> Option<Id> {
    let path = format!("/{}/{}", target.resource.as_ref()?.endpoint(), location.rsplit('/').next()?);
    match Target::parse("GET", &path, target.resource.as_slice()).ok()?.operation {
        Operation::Read(id) => Some(id),
        _ => None,
    }
}

/// A call that reads, or writes in one call.
async fn read<U: Upstream>(
    exchange: &mut ToBackend<'_, U>,
    ways: &Ways,
    ask: Ask<'_>,
) -> Result<Option<Answer<Sent>>, Refusal> {
    let ask = match &ask.target.operation {
        Operation::Search if !ways.has_search && ask.target.resource.is_some() => {
            exchange.over(Bridge::Search);
            bridge::as_list(ask)
        }
        _ => ask,
    };
    match (&ask.target.operation, ways.lists(&ask.target)) {
        (Operation::List | Operation::Search, Some(lists)) => {
            let limits = exchange.limits();
            Box::pin(bridge::list(exchange, lists, limits, ask)).await
        }
        (Operation::Read(id), _) if ways.finds_memberships && is_user(&ask) && bridge::wants_groups(&ask.query) => {
            let (id, limits) = (id.clone(), exchange.limits());
            exchange.over(Bridge::Hydrate);
            Box::pin(bridge::memberships(exchange, limits, &id, ask)).await.map(Some)
        }
        (Operation::Read(_), Some(lists)) if !lists.projects && bridge::asks_for_less(&ask.query) => {
            exchange.over(Bridge::Project);
            Box::pin(bridge::project(exchange, ask)).await.map(Some)
        }
        _ => bridge::direct(exchange, ask).await,
    }
}

#[cfg(test)]
mod tests;
