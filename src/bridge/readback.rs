//! The resource is read where a write shows nothing of it: a PATCH of which rules have left nothing, so that there is nothing
//! to change; and a POST or PUT whose answer has no body, which clients need (RFC 7644 sections 3.3 and 3.5.1).
//!
//! Costs one read; the write is never repeated. Loses nothing: the client learns whether the resource is there, and its state
//! if it may read it. Of what it has just written it is shown what the backend would have shown.

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

/// What a write has made of the resource of this id, with the status of its answer. It is written, whatever becomes of reading
/// it: then nothing is shown.
///
/// # Errors
/// There is none; the type is the exchange's.
pub async fn written<E: Exchange>(
    exchange: &mut E,
    target: &Target,
    id: &Id,
    answer: Answer<E::Body>,
) -> Result<Answer<E::Body>, E::Failure> {
    let read = Target { resource: target.resource.clone(), operation: Operation::Read(id.clone()) };
    let (query, conditions) = (Query::default(), Conditions::default());
    let ask = Ask { target: read, query, body: Content::None, conditions, before: None };
    let status = if target.operation == Operation::Create { 201 } else { 200 };
    match exchange.call(ask).await {
        Ok(Some(read)) if read.status == 200 => {
            Ok(Answer { status, location: answer.location.or(read.location), ..read })
        }
        _ => Ok(answer),
    }
}
