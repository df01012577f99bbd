//! A search at the root, over every type of resource: each type is searched on the way of a single call, by its own rules and
//! bridges and with its own scope, and the results are joined. A type that refuses, refuses the search: a part of what was
//! asked for is never called all of it.

use crate::access;
use crate::bridge::{Answer, Bridge, Conditions, Everything};
use crate::json;
use crate::scim::{Operation, Query, Target};

use super::answer::{self, Sent};
use super::call::Call;
use super::purse::Purse;
use super::record::Record;
use super::refusal::Refusal;
use super::single::Single;
use super::upstream::Upstream;
use super::{body, message};

/// Searches every type.
///
/// # Errors
/// 400 for what is no search; 501 for one that can't be made so; and whatever refuses the search of a type.
pub async fn search<U: Upstream>(
    single: Single<'_, U>,
    bytes: &[u8],
    record: &mut Record,
) -> Result<Answer<Sent>, Refusal> {
    let (connection, purse) = (single.connection, Purse::of(single.connection.limits));
    let single = Single { purse: Some(purse), ..single };
    let written = json::parse(bytes).map_err(|fault| body::syntax(&fault))?;
    let search = written.as_object().ok_or_else(message::no_object)?;
    let mut everything = Everything::read(search, connection.limits.scan)?;
    connection.watcher.clone().bridged(Bridge::EveryType);
    record.bridged(Bridge::EveryType);
    for resource in connection.ways.searched() {
        let target = Target { resource: Some(resource.clone()), operation: Operation::Search };
        let permit = access::permit(single.caller, &target, &connection.declared).map_err(Refusal::Scope)?;
        let part = everything.part();
        let call = Call { target, query: Query::default(), conditions: Conditions::default(), is_part: true };
        let answer = single.make(call, permit, Some(&part.body), record).await?;
        if !(200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let list = answer::whole(answer.body).await?.unwrap_or_default();
        everything.take(&part, &list)?;
    }
    let body = Sent::Whole(everything.into_list().into());
    Ok(Answer { status: 200, etag: None, location: None, retry_after: None, body })
}
