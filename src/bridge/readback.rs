//! A PATCH of which rules have left nothing: there is nothing to change, so the resource is read instead.
//!
//! Costs one read. Loses nothing: the client learns whether the resource is there, and its state if it may read it.

use crate::scim::{Id, Operation, Query, Target};

use super::{Answer, Ask, Conditions, Content, Exchange};

/// Answers an emptied PATCH: the backend's 404, its 412 if the precondition doesn't hold, 200 with the resource if the
/// caller may read it, else 204. `If-None-Match` asks nothing of a PATCH that changes nothing.
///
/// # Errors
/// Whatever the exchange fails with.
pub async fn readback<E: Exchange>(
    exchange: &mut E,
    target: &Target,
    id: &Id,
    if_match: Option<String>,
    may_read: bool,
) -> Result<Answer<E::Body>, E::Failure> {
    let read = Target { resource: target.resource.clone(), operation: Operation::Read(id.clone()) };
    let conditions = Conditions { if_match, if_none_match: None };
    let ask = Ask { target: read, query: Query::default(), body: Content::None, conditions, before: None };
    match exchange.call(ask).await? {
        Some(answer) if answer.status != 200 || may_read => Ok(answer),
        read => {
            let etag = read.and_then(|answer| answer.etag);
            Ok(Answer { status: 204, location: None, etag, retry_after: None, body: exchange.nothing() })
        }
    }
}
