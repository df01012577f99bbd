//! The last steps of a call towards its backend: over the bridge that it needs, or as it is.

use std::borrow::Cow;

use crate::access::Caller;
use crate::bridge::{self, Answer, Ask, Bridge, Choices, Exchange, Lists, Merged, Offered, One, Turned, Way};
use crate::config::bridges;
use crate::json::Value;
use crate::rules::Can;
use crate::rules::can::{Able, Tags};
use crate::scim::{Id, Operation, OperationKind, Resource, Target, Version, version};

use super::answer::Sent;
use super::call::Call;
use super::exchange::ToBackend;
use super::message::Start;
use super::refusal::Refusal;
use super::turning::{Ending, Turn, Turns};
use super::upstream::Upstream;

/// How each kind of call gets to a backend. Writes of other resources than users and groups need no bridge.
#[derive(Clone, Debug)]
pub struct Ways {
    users: Verbs,
    groups: Verbs,
    /// Whether elements that clients add have to be merged: SCIM 1.1 has it so.
    merges: bool,
    /// What the backend does with `If-Match`.
    tags: Tags,
    /// How it lists resources of a type, where a bridge may stand before that.
    lists: Vec<(Resource, Lists)>,
    /// What becomes of calls before.
    turns: Turns,
    /// What is said of a backend that says nothing of itself.
    offered: Option<Offered>,
    /// There are groups.
    has_groups: bool,
    /// Which of them a user is in is found by their members.
    finds_memberships: bool,
    has_bulk: bool,
    has_search: bool,
    /// The types that are searched where all are.
    searched: Vec<Resource>,
}

#[derive(Clone, Debug)]
struct Verbs {
    create: Way,
    patch: Way,
    replace: Way,
}

impl Ways {
    /// The ways of a client that speaks this to a backend that can so much, where these types of resources are declared and
    /// these choices are made.
    #[must_use]
    pub fn new(can: &Can, client: Version, declared: &[Resource], choices: Choices) -> Self {
        let verbs = |resource| Verbs {
            create: bridges::way(can, &resource, OperationKind::Create),
            patch: bridges::way(can, &resource, OperationKind::Patch),
            replace: bridges::way(can, &resource, OperationKind::Replace),
        };
        let all = [Resource::User, Resource::Group].into_iter().chain(declared.iter().cloned());
        let lists =
            all.clone().filter_map(|resource| bridges::lists(can, &resource).map(|lists| (resource, lists))).collect();
        Self {
            users: verbs(Resource::User),
            groups: verbs(Resource::Group),
            merges: client.is_old(),
            tags: can.etag,
            lists,
            turns: Turns::new(choices, can),
            offered: bridges::offered(can),
            has_groups: can.has_groups(),
            finds_memberships: bridges::finds_memberships(can),
            has_bulk: can.bulk != Able::No,
            has_search: can.search != Able::No,
            searched: all.filter(|resource| !can.lacks(resource, OperationKind::List)).collect(),
        }
    }

    fn verbs(&self, target: &Target) -> Option<&Verbs> {
        match target.resource.as_ref()? {
            Resource::User => Some(&self.users),
            Resource::Group => Some(&self.groups),
            Resource::Other(_) => None,
        }
    }

    /// Whether a call changes something that the backend doesn't let be changed without a tag.
    fn demands_tag(&self, target: &Target) -> bool {
        self.tags == Tags::Required && One::of(target).is_some()
    }

    /// The way of one call.
    #[must_use]
    pub fn of(&self, target: &Target) -> &Way {
        match (self.verbs(target), &target.operation) {
            (Some(verbs), Operation::Patch(_)) => &verbs.patch,
            (Some(verbs), Operation::Replace(_)) => &verbs.replace,
            (Some(verbs), Operation::Create) => &verbs.create,
            _ => &Way::Direct,
        }
    }

    /// How the backend lists what a call asks for, if it reads resources and a bridge may stand before that.
    #[must_use]
    pub fn lists(&self, target: &Target) -> Option<&Lists> {
        let resource = target.resource.as_ref()?;
        self.lists.iter().find(|(known, _)| known == resource).map(|(_, lists)| lists)
    }

    /// The resource of which only one write may go at a time, since some write of it takes several calls.
    #[must_use]
    pub fn held(&self, target: &Target) -> Option<String> {
        let (Operation::Patch(_) | Operation::Replace(_) | Operation::Delete(_)) = &target.operation else {
            return None;
        };
        let verbs = self.verbs(target)?;
        // Elements are merged into users; of a group nothing is.
        let merges = self.merges && target.resource == Some(Resource::User);
        let takes_several = [&verbs.patch, &verbs.replace].into_iter().any(|way| way.takes_several());
        let takes_several = takes_several || self.tags == Tags::Required;
        (merges || takes_several || self.turns.any()).then(|| target.path())
    }

    /// Whether the backend takes a Bulk request.
    #[must_use]
    pub fn has_bulk(&self) -> bool {
        self.has_bulk
    }

    /// Whether operations of a Bulk request may have to be made as calls of their own, whatever they say.
    #[must_use]
    pub fn part_bulk(&self) -> bool {
        let verbs = [&self.users, &self.groups].into_iter();
        let mut ways = verbs.flat_map(|verbs| [&verbs.create, &verbs.patch, &verbs.replace]);
        let demands_tags = self.tags == Tags::Required;
        !self.has_bulk || demands_tags || !self.has_groups || self.turns.any() || ways.any(|way| way.bridge().is_some())
    }

    /// The types that a search at the root is about.
    #[must_use]
    pub fn searched(&self) -> &[Resource] {
        &self.searched
    }

    /// Whether the backend can't search every type as it is asked.
    #[must_use]
    pub fn part_search(&self) -> bool {
        !self.has_search || !self.lists.is_empty() || self.turns.hides()
    }

    /// Whether users are patched though the backend has no PATCH.
    #[must_use]
    pub fn makes_patches(&self) -> bool {
        matches!(self.users.patch, Way::PatchToPut(_))
    }

    /// Whether users are filtered though the backend doesn't.
    #[must_use]
    pub fn makes_filters(&self) -> bool {
        let users = self.lists.iter().find(|(resource, _)| *resource == Resource::User);
        users.is_some_and(|(_, lists)| lists.bridges().any(|bridge| bridge == Bridge::FilterEval))
    }

    /// Whether a bridge has to see what such a call says, so that it can't just pass.
    #[must_use]
    pub fn looks_at(&self, target: &Target) -> bool {
        self.bridge(target).is_some()
    }

    /// The bridge over which such a call may go.
    #[must_use]
    pub fn bridge(&self, target: &Target) -> Option<Bridge> {
        if self.lacks(target) {
            Some(Bridge::Synthesize)
        } else {
            let if_match = (self.demands_tag(target)).then_some(Bridge::IfMatch);
            self.of(target).bridge().or(if_match).or_else(|| self.turned(target))
        }
    }

    /// Whether a call takes several writes of which the first alone is not what was asked, so that it goes on when the client
    /// hangs up.
    #[must_use]
    pub fn outlives(&self, target: &Target) -> bool {
        matches!(self.of(target), Way::Create(_))
    }

    /// Whether a call asks of groups where there are none.
    fn lacks(&self, target: &Target) -> bool {
        !self.has_groups && target.resource == Some(Resource::Group)
    }

    /// The bridge over which it may go because its connection's owner wants it otherwise.
    #[must_use]
    pub fn turned(&self, target: &Target) -> Option<Bridge> {
        self.turns.bridge(target)
    }
}

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
                Turn::Goes(ask, ending) => (Cow::Owned(ask.target.clone()), Some(ask), ending),
                Turn::Answered(answer) => return Ok(answer),
                Turn::Unasked => (Cow::Borrowed(&call.target), None, Ending::Answered),
            }
        }
        asked => (Cow::Borrowed(&call.target), asked, Ending::Answered),
    };
    let answer = match asked {
        Some(ask) => go(exchange, ways, ask, may_read).await?,
        None => None,
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

/// Takes an ask to the backend on its way.
async fn go<U: Upstream>(
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
    let ask = match One::of(&ask.target) {
        Some(one) if ways.merges && bridge::merges(&ask, &one) => {
            exchange.over(Bridge::Merge);
            match Box::pin(bridge::merge(exchange, ways.tags != Tags::No, &one, ask)).await? {
                Merged::Ask(ask) => *ask,
                Merged::Nothing => return Ok(None),
                Merged::Unread(answer) => return Ok(Some(answer)),
            }
        }
        _ => ask,
    };
    let ask = match One::of(&ask.target) {
        Some(one) if ways.demands_tag(&ask.target) && ask.conditions.if_match.is_none() => {
            exchange.over(Bridge::IfMatch);
            match Box::pin(bridge::if_match(exchange, &one, ask)).await? {
                Turned::Goes(ask) => ask,
                Turned::Answered(answer) => return Ok(Some(answer)),
            }
        }
        _ => ask,
    };
    match (One::of(&ask.target), ways.of(&ask.target)) {
        (_, &Way::Create(server)) => Box::pin(bridge::create(exchange, server, limits, ask)).await,
        (Some(one), &Way::PutOrPatch(most, server)) if has_more(&ask, most) => {
            exchange.over(Bridge::PutToPatch);
            Box::pin(bridge::put_to_patch(exchange, server, limits, &one, ask)).await.map(Some)
        }
        (Some(one), Way::Split(server)) => Box::pin(bridge::split(exchange, server, limits, &one, ask, may_read)).await,
        (Some(one), &Way::PatchOrPut(server)) if !is_said(&ask, &one) => {
            exchange.over(Bridge::PatchToPut);
            Box::pin(bridge::patch_to_put(exchange, server, &one, ask, may_read)).await.map(Some)
        }
        (Some(one), &Way::PatchToPut(server)) => {
            exchange.over(Bridge::PatchToPut);
            Box::pin(bridge::patch_to_put(exchange, server, &one, ask, may_read)).await.map(Some)
        }
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
