//! The groups of a user, before a backend that doesn't show them there: they are looked up by who is in them, and filled in
//! (RFC 7643 section 4.1.2).
//!
//! Costs a list of groups more, page by page, for a user that is read and whose `groups` the client wants. Loses the groups
//! that hold the user through another group, and those of users in lists. Beyond the limit it is `tooMany`.

use crate::json::{self, Array, Object, Value};
use crate::scim::{AttrPath, Id, Operation, Param, Query, Resource, ScimError, ScimType, Target};

use super::filter_eval::covers;
use super::project::Projection;
use super::rewriting::unread;
use super::{Answer, Ask, Conditions, Content, Exchange, Heard, Leaf, Limits};

/// How many groups are asked for at once.
const PAGE: u64 = 100;

/// Whether a client that reads so wants to see `groups`.
#[must_use]
pub fn wants_groups(query: &Query) -> bool {
    let asked = Projection::read(|param| query.value(param).map(str::to_owned));
    let (Ok(asked), Ok(groups)) = (asked, AttrPath::parse("groups")) else { return false };
    let is_near = |path: &AttrPath| covers(path, &groups) || covers(&groups, path);
    (asked.only.is_empty() || asked.only.iter().any(is_near)) && !asked.without.iter().any(|path| covers(path, &groups))
}

/// Reads a user, with the groups that they are in.
///
/// # Errors
/// `tooMany` beyond the limit, and whatever the exchange fails with.
pub async fn memberships<E: Exchange>(
    exchange: &mut E,
    limits: Limits,
    id: &Id,
    ask: Ask<'_>,
) -> Result<Answer<E::Body>, E::Failure> {
    let asked = Projection::read(|param| ask.query.value(param).map(str::to_owned))?;
    let mut read = match exchange.consult(ask).await? {
        Heard::Resource(read) => read,
        other => return Ok(unread(exchange, other)),
    };
    let mut groups = Vec::new();
    let mut start = 1;
    loop {
        let mut items = 0_u64;
        let take = |bytes: &[u8]| {
            items += 1;
            groups.extend(group(bytes));
            Ok(())
        };
        let counters = match exchange.leaf(page(id, start), take).await? {
            Leaf::Read(counters) => counters,
            Leaf::Unasked => break,
            Leaf::Answered(answer) => return Ok(answer),
        };
        start += items;
        if start > u64::from(limits.scan) {
            return Err(too_many(limits.scan).into());
        }
        if items == 0 || counters.total.is_none_or(|total| start > total) {
            break;
        }
    }
    if !groups.is_empty() {
        read.body.set("groups", Value::Array(Array::from(groups)));
    }
    // Of the groups, the client may want the ids alone; of the rest, the backend may have shown more than it wants.
    asked.trim(&mut read.body);
    exchange.show(Answer { status: 200, ..*read })
}

/// The groups that hold a user, from there.
fn page(id: &Id, start: u64) -> Ask<'static> {
    let mut query = Query::default();
    let filter = format!("members.value eq {}", Value::string(id.as_str()));
    for (param, value) in
        [(Param::Filter, filter), (Param::StartIndex, start.to_string()), (Param::Count, PAGE.to_string())]
    {
        query.set(param, Some(value));
    }
    let target = Target { resource: Some(Resource::Group), operation: Operation::List };
    Ask { target, query, body: Content::None, conditions: Conditions::default(), before: None }
}

/// A group as a user shows it.
fn group(bytes: &[u8]) -> Option<Value<'static>> {
    let Ok(Value::Object(group)) = json::parse(bytes) else { return None };
    let mut shown = Object::new();
    for (from, to) in [("id", "value"), ("displayName", "display")] {
        if let Some(text) = group.get(from).and_then(Value::as_str) {
            shown.set(to, Value::string(&text).into_owned());
        }
    }
    shown.contains("value").then_some(Value::Object(shown))
}

fn too_many(scan: u32) -> ScimError {
    let detail = format!("the user is in more than {scan} groups; ask without `groups`");
    ScimError::bad_request(ScimType::TooMany, detail)
}
