//! A Bulk request (RFC 7644 section 3.7): its operations are authorised and translated one by one, each as the single call
//! that it stands for, and what may go goes to the backend in one request.
//!
//! An operation that is refused here is not sent; its error stands at its place in the response. How operations refer to each
//! other is the backend's to resolve (section 3.7.1), also where they do so in a circle; one that refers to what will not be
//! made is refused too. What can't be done in one request is done by [`calls`]: before a backend that has no Bulk, where an
//! operation takes a bridge, and where errors have to be counted as they come.

mod calls;
mod done;
mod operation;
mod request;
mod result;
mod results;

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;

use crate::access::{Caller, Permit};
use crate::bridge::{Answer, Ask, Conditions, Content};
use crate::json;
use crate::metrics::Metrics;
use crate::rules::{Head, HeaderEdit, Media};
use crate::scim::bulk::{self, Bulk};
use crate::scim::{ErrorStatus, Operation, Query, ScimError, Target};

use super::answer::Sent;
use super::body;
use super::connection::Connection;
use super::exchange::{Onward, ToBackend};
use super::message::{self, Left, Start};
use super::record::Record;
use super::refusal::Refusal;
use super::reply;
use super::upstream::Upstream;

use operation::{Alone, Asker, Planned};
use results::Results;

/// A Bulk request that has come.
#[derive(Debug)]
pub struct Coming<'c, U> {
    /// Where it has come.
    pub connection: &'c Arc<Connection<U>>,
    /// Who sends it.
    pub caller: &'c Caller,
    /// That it may be opened, and no more.
    pub permit: Permit,
    /// The head that the client sent.
    pub head: Arc<Head>,
    /// What its body is written in.
    pub media: Option<Media>,
    /// Its preconditions, as the backend knows them.
    pub conditions: Conditions,
    /// Under which id it is known.
    pub request_id: HeaderValue,
    /// Where what is refused is counted.
    pub metrics: &'c Metrics,
}

/// What rules say of the request that carries the operations.
#[derive(Debug)]
struct Around {
    query: Query,
    path: String,
    headers: Vec<HeaderEdit>,
}

/// Carries a request to its backend, and the results back.
///
/// # Errors
/// 400 for what is no such request, 413 for too many operations, 429 if they are more than the caller may make now, and
/// whatever refuses the request as a whole.
pub async fn carry<U: Upstream>(
    coming: Coming<'_, U>,
    bytes: &Bytes,
    record: &mut Record,
) -> Result<Answer<Sent>, Refusal> {
    let (connection, head) = (coming.connection, coming.head.clone());
    let written = json::parse(bytes).map_err(|fault| body::syntax(&fault))?;
    let bulk = Bulk::read(written.as_object().ok_or_else(message::no_object)?, connection.most_operations)?;
    // The call itself has been counted, as one.
    let further = u32::try_from(bulk.operations.len().saturating_sub(1)).unwrap_or(u32::MAX);
    connection.throttles.check_further(coming.caller, further).map_err(Refusal::throttled)?;
    let around = match around(connection, &head)? {
        Ok(around) => around,
        Err(answered) => return Ok(answered),
    };
    let (fail_on_errors, count) = (bulk.fail_on_errors, bulk.operations.len());
    let asker = Asker { connection, caller: coming.caller, head: &head, around: &around };
    let planned = if connection.ways.has_bulk() { plan(&asker, bulk)? } else { None };
    let Some(planned) = planned else {
        may_be_calls(count, connection.limits.writes)?;
        return calls::carry(coming, bytes, record).await;
    };
    let results = Results { connection, head: &head, planned: &planned, fail_on_errors };
    if planned.iter().all(|one| one.made.is_err()) {
        let (answer, told) = results.without_backend();
        results.tell(&told, record);
        return Ok(answer);
    }
    let ask =
        Ask { target: TARGET, query: around.query, body: Content::None, conditions: coming.conditions, before: None };
    let body = request::write(&written, bytes, &planned, connection.spoken);
    let onward = Onward { headers: around.headers, ..Onward::new(head.clone()) };
    let mut exchange = ToBackend::new(
        coming.permit.clear(&connection.brake),
        connection,
        record,
        coming.request_id,
        &TARGET,
        coming.media,
        onward,
    );
    let answer = exchange.bulk(&ask, &around.path, body).await.and_then(|answer| results.read(answer));
    let told = match &answer {
        Ok((_, told)) => told,
        Err(refusal) => &results.all(refusal.error().status.code()),
    };
    results.tell(told, record);
    answer.map(|(answer, _)| answer)
}

/// What becomes of each operation, as far as it comes into question; nothing where they have to be made as calls of their own.
fn plan<'v, U>(asker: &Asker<'_, U>, bulk: Bulk<'v>) -> Result<Option<Vec<Planned<'v>>>, Refusal> {
    let planned = bulk.operations.into_iter().map(|one| asker.plan(one)).collect::<Result<Vec<_>, Alone>>();
    let Ok(mut planned) = planned else { return Ok(None) };
    operation::depend(&mut planned);
    if reached(&planned, bulk.fail_on_errors).is_none() {
        return Ok(None);
    }
    if operation::draw(&mut planned) {
        operation::depend(&mut planned);
    }
    let Some(reached) = reached(&planned, bulk.fail_on_errors) else { return Err(uncountable(&planned)) };
    planned.truncate(reached);
    Ok(Some(planned))
}

fn reached(planned: &[Planned<'_>], fail_on_errors: Option<usize>) -> Option<usize> {
    let refused: Vec<bool> = planned.iter().map(|one| one.made.is_err()).collect();
    bulk::reached(&refused, fail_on_errors)
}

/// Refuses more operations than may be made as calls of their own, before one is made.
fn may_be_calls(count: usize, most: u32) -> Result<(), ScimError> {
    if u32::try_from(count).is_ok_and(|count| count <= most) {
        return Ok(());
    }
    let detail =
        format!("these operations take a request each at the backend, and {most} are the most that one may make");
    Err(ScimError::new(ErrorStatus::PayloadTooLarge, detail))
}

/// The request itself, without its operations.
const TARGET: Target = Target { resource: None, operation: Operation::Bulk };

/// What message-level rules say of the request that carries the operations, on either side; or their answer to it.
fn around<U>(connection: &Connection<U>, head: &Arc<Head>) -> Result<Result<Around, Answer<Sent>>, Refusal> {
    let cell = connection.plans.cell(&TARGET);
    let (mut watcher, mut onward) = (connection.watcher.clone(), Onward::new(head.clone()));
    let mut start = Start { query: Query::default(), body: Content::None, path: None };
    for (plan, path) in [(&cell.outer, None), (&cell.inner, Some(TARGET.path()))] {
        match message::through(plan, &TARGET, Start { path, ..start }, &mut onward, None, &mut watcher)? {
            Left::Goes(left) => start = *left,
            Left::Answered(reply) => return Ok(Err(reply::answered(&reply))),
            Left::Nothing => return Err(Refusal::Answer { fault: "nothing was left of the request".to_owned() }),
        }
    }
    let path = start.path.unwrap_or_else(|| TARGET.path());
    Ok(Ok(Around { query: start.query, path, headers: onward.headers }))
}

/// Whether later operations come into question would depend on the results of earlier ones, in between refusals by the brake:
/// the backend can't count those.
fn uncountable(planned: &[Planned<'_>]) -> Refusal {
    let refused = planned.iter().enumerate().find_map(|(at, one)| Some((at, one.made.as_ref().err()?)));
    let Some((at, refusal)) = refused else { return Refusal::Answer { fault: "nothing was refused".to_owned() } };
    let error = refusal.error();
    let detail = format!(
        "nothing was done: Operations[{at}] is refused ({}), and `failOnErrors` above 1 can't be kept then; leave one out",
        error.detail
    );
    Refusal::Call(ScimError::new(error.status, detail))
}

#[cfg(test)]
mod tests;
