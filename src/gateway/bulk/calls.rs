//! A Bulk request before a backend that has no Bulk, or of which an operation takes more than one request: its operations are
//! made as calls of their own, one after the other, each on the way of a single call.
//!
//! They are made in the order in which they were written, but each behind what it refers to. It costs at least a call an
//! operation; all share the limits of one request and the time that its client waits, and what there is no room for is said
//! not to have been tried. Once an operation has begun it comes to its end, also when the client hangs up; the next is not
//! begun then. Loses: what a backend would do with a Bulk request as a whole; and operations that refer to each other in a
//! circle, which are a 409 (RFC 7644 section 3.7.1).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::oneshot;

use crate::access::{self, Caller};
use crate::bridge::{Answer, Bridge, Conditions};
use crate::json::{self, Array, Object, Value};
use crate::metrics::Metrics;
use crate::rules::{Head, Media};
use crate::scim::bulk::{self, Bulk, BulkOperation, Order};
use crate::scim::{ErrorStatus, Id, OperationKind, Query, ScimError, Target, version};

use super::super::answer::{self, Sent};
use super::super::call::{self, Call};
use super::super::connection::Connection;
use super::super::purse::Purse;
use super::super::record::{Origin, Record};
use super::super::refusal::Refusal;
use super::super::single::Single;
use super::super::upstream::{Upstream, UpstreamFault};
use super::super::{body, book, etag, message};
use super::done::Done;
use super::{Coming, operation};

/// A Bulk request that is made as calls. All that it needs is its own, so that it may outlive the request.
#[derive(Debug)]
struct Run<U> {
    connection: Arc<Connection<U>>,
    caller: Caller,
    head: Arc<Head>,
    media: Option<Media>,
    request_id: HeaderValue,
    metrics: Metrics,
    origin: Origin,
    body: Bytes,
}

/// An operation, as far as it can be read before any is made.
#[derive(Debug)]
struct Asked<'v> {
    method: &'static str,
    bulk_id: Option<String>,
    target: Option<Target>,
    /// Why it isn't made, where that is known before any is.
    refused: Option<Refusal>,
    version: Option<String>,
    data: Option<Value<'v>>,
    /// The `bulkId`s to which it refers.
    refers: BTreeSet<String>,
}

/// What the client is told, and how long the backend took.
type Told = (Result<Answer<Sent>, Refusal>, Duration);

/// Makes the operations of a Bulk request as calls of their own.
///
/// # Errors
/// 400 for a precondition, which can only be one operation's; 413 for more operations than may be made so.
pub async fn carry<U: Upstream>(
    coming: Coming<'_, U>,
    bytes: &Bytes,
    record: &mut Record,
) -> Result<Answer<Sent>, Refusal> {
    let Coming { connection, caller, head, media, conditions, request_id, metrics, .. } = coming;
    if conditions.if_match.is_some() || conditions.if_none_match.is_some() {
        let detail = "a precondition is of one resource: write it as the `version` of its operation";
        return Err(ScimError::new(ErrorStatus::BadRequest, detail).into());
    }
    connection.watcher.clone().bridged(Bridge::Bulk);
    record.bridged(Bridge::Bulk);
    let (connection, caller, origin) = (connection.clone(), caller.clone(), record.origin());
    let run =
        Run { connection, caller, head, media, request_id, metrics: metrics.clone(), origin, body: bytes.clone() };
    let (mut waits, comes) = oneshot::channel();
    tokio::spawn(async move {
        let told = run.all(&mut waits).await;
        // Nobody may wait for it any more: the records of its operations say what was done.
        let _ = waits.send(told);
    });
    let gone = |_| (Err(Refusal::Upstream(UpstreamFault::Reset)), Duration::ZERO);
    let (outcome, upstream) = comes.await.unwrap_or_else(gone);
    record.waited(upstream);
    outcome
}

impl<U: Upstream> Run<U> {
    /// All operations, and what the client is told of them.
    async fn all(&self, waits: &mut oneshot::Sender<Told>) -> Told {
        let mut upstream = Duration::ZERO;
        let results = self.each(waits, &mut upstream).await;
        let answer = results.map(|results| {
            let mut whole = Object::new();
            whole.set("schemas", Value::Array(Array::from(vec![Value::string(bulk::RESPONSE)])));
            whole.set("Operations", Value::Array(Array::from(results)));
            let body = Sent::Whole(Value::Object(whole).to_bytes().into());
            Answer { status: 200, etag: None, location: None, retry_after: None, body }
        });
        (answer, upstream)
    }

    async fn each(
        &self,
        waits: &oneshot::Sender<Told>,
        upstream: &mut Duration,
    ) -> Result<Vec<Value<'static>>, Refusal> {
        let written = json::parse(&self.body).map_err(|fault| body::syntax(&fault))?;
        let whole = written.as_object().ok_or_else(message::no_object)?;
        let bulk = Bulk::read(whole, self.connection.most_operations)?;
        let purse = Purse::of(self.connection.limits);
        let mut open: Vec<Option<Asked<'_>>> = bulk.operations.into_iter().map(|one| Some(self.read(one))).collect();
        let order = order(&mut open);
        let (mut made, mut errors) = (HashMap::new(), 0_usize);
        let mut results: Vec<(usize, Value<'static>)> = Vec::with_capacity(open.len());
        for at in order {
            let Some(asked) = open.get_mut(at).and_then(Option::take) else { continue };
            if bulk.fail_on_errors.is_some_and(|most| errors >= most) {
                break;
            }
            let routes = &self.connection.routes;
            let mut record = self.origin.operation(at, asked.method, routes.of(asked.target.as_ref()));
            if waits.is_closed() {
                record.because("not tried: the caller hung up".to_owned());
                continue;
            }
            let (method, bulk_id) = (asked.method, asked.bulk_id.clone());
            let done = self.one(asked, &made, &purse, &mut record).await;
            *upstream += record.upstream();
            if let (Some(bulk_id), Some(id)) = (&bulk_id, done.id().filter(|_| method == "POST")) {
                made.insert(bulk_id.clone(), id);
            }
            errors += usize::from(done.answer.status >= 400);
            record.answered(done.answer.status);
            record.complete();
            results.push((at, done.write(method, bulk_id.as_deref(), &self.connection)));
        }
        results.sort_by_key(|(at, _)| *at);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }

    /// Reads an operation, without judging it.
    fn read<'v>(&self, operation: BulkOperation<'v>) -> Asked<'v> {
        let BulkOperation { method, path, bulk_id, version, mut data } = operation;
        let target = call::target(method, &path, &self.connection);
        if let (true, Some(data)) = (self.connection.spoken.client.is_old(), &mut data) {
            version::bulk::mend(data);
        }
        let mut refers = data.as_ref().map(bulk::referrals).unwrap_or_default();
        let (target, refused) = match target {
            Ok(target) => (Some(target), None),
            Err(refusal) => (None, Some(refusal)),
        };
        refers.extend(target.as_ref().and_then(message::id).as_deref().and_then(bulk::referred).map(str::to_owned));
        Asked { method, bulk_id, target, refused, version, data, refers }
    }

    /// One operation, and its end.
    async fn one(&self, asked: Asked<'_>, made: &HashMap<String, String>, purse: &Purse, record: &mut Record) -> Done {
        let mut target = None;
        match self.make(asked, made, purse, record, &mut target).await {
            Ok(answer) => Done { target, answer },
            Err(refusal) => {
                book(&refusal, record, &self.metrics);
                let error = refusal.error();
                let (status, body) = (error.status.code(), Some(Bytes::from(error.to_bytes())));
                Done { target, answer: Answer { status, etag: None, location: None, retry_after: None, body } }
            }
        }
    }

    /// One operation, as the single call that it stands for.
    async fn make(
        &self,
        asked: Asked<'_>,
        made: &HashMap<String, String>,
        purse: &Purse,
        record: &mut Record,
        known: &mut Option<Target>,
    ) -> Result<Answer<Option<Bytes>>, Refusal> {
        let connection = &*self.connection;
        let Asked { target, refused, version, mut data, refers, .. } = asked;
        let id_of = |id: &str| made.get(id).map(String::as_str);
        *known = target.as_ref().and_then(|target| named(target, id_of));
        let target = match (refused, target) {
            (None, Some(target)) => target,
            (refused, _) => return Err(refused.unwrap_or_else(|| message::no_object().into())),
        };
        let kind = operation::enabled(&target, connection)?;
        let permit = access::permit(&self.caller, &target, &connection.declared).map_err(Refusal::Scope)?;
        let lost = refers.iter().find(|id| !made.contains_key(*id));
        let (None, Some(target)) = (lost, known.clone()) else { return Err(unmade(lost)) };
        if let Some(data) = &mut data {
            bulk::resolve(data, id_of);
        }
        purse.is_open()?;
        let body = match data {
            _ if kind == OperationKind::Delete => None,
            Some(data) => Some(data.to_bytes()),
            None => return Err(message::no_object().into()),
        };
        let conditions = Conditions { if_match: version.map(|tags| etag::restore(&tags)), if_none_match: None };
        let single = Single {
            connection,
            caller: &self.caller,
            head: self.head.clone(),
            media: self.media,
            request_id: self.request_id.clone(),
            purse: Some(purse.clone()),
        };
        let call = Call { target, query: Query::default(), conditions, is_part: false };
        let answer = single.make(call, permit, body.as_deref(), record).await?;
        let Answer { status, etag, location, retry_after, body } = answer;
        Ok(Answer { status, etag, location, retry_after, body: answer::whole(body).await? })
    }
}

/// The order in which operations are made. One that refers to what no operation creates is refused, and so is one that refers
/// to a circle; they wait for nothing.
fn order(open: &mut [Option<Asked<'_>>]) -> Vec<usize> {
    let creates = |one: &Asked<'_>| (one.method == "POST").then(|| one.bulk_id.clone()).flatten();
    let makers: HashMap<String, usize> =
        open.iter().enumerate().filter_map(|(at, one)| Some((creates(one.as_ref()?)?, at))).collect();
    let mut needs = Vec::with_capacity(open.len());
    for one in open.iter_mut().flatten() {
        let unknown = one.refers.iter().find(|id| !makers.contains_key(*id)).map(|id| operation::unknown(id));
        needs.push(match unknown {
            Some(unknown) => {
                refuse(one, unknown);
                BTreeSet::new()
            }
            None => one.refers.iter().filter_map(|id| makers.get(id).copied()).collect(),
        });
    }
    let Order { places, circular } = Order::of(&needs);
    for (one, _) in open.iter_mut().flatten().zip(circular).filter(|(_, circular)| *circular) {
        let detail = "it refers to operations that refer to each other in a circle, so none of them can be the first";
        refuse(one, ScimError::new(ErrorStatus::Conflict, detail));
    }
    places
}

/// What can't be read is refused for that first.
fn refuse(one: &mut Asked<'_>, error: ScimError) {
    one.refused.get_or_insert(error.into());
}

/// The target with the id that has been given to what it refers to; nothing where there is none.
fn named<'i>(target: &Target, id_of: impl Fn(&str) -> Option<&'i str>) -> Option<Target> {
    match message::id(target).as_deref().map(bulk::referred) {
        Some(Some(id)) => Some(target.clone().of(Id::parse(id_of(id)?)?)),
        _ => Some(target.clone()),
    }
}

fn unmade(lost: Option<&String>) -> Refusal {
    let of = lost.map(|id| format!(" with `bulkId` {id:?}")).unwrap_or_default();
    let detail = format!("not tried: there is no id of what the operation{of}, to which it refers, was to create");
    ScimError::new(ErrorStatus::Conflict, detail).into()
}
