//! The way back: what the backend says of each operation, and our own results at their places.

use std::sync::Arc;

use bytes::Bytes;

use crate::bridge::Answer;
use crate::json::{self, Array, Object, Value};
use crate::rules::Head;
use crate::scim::bulk;

use super::super::answer::Sent;
use super::super::connection::Connection;
use super::super::record::{Operated, Record};
use super::super::refusal::Refusal;
use super::operation::Planned;
use super::request::only;
use super::result::{self, Of, url_of};

/// What RFC 7644 section 3.7 gives a response.
const RESPONSE: [&str; 2] = ["schemas", "Operations"];

/// What became of an operation, for the record: its place, its status, and why.
pub type Told = (usize, u16, String);

/// What is needed to read results.
pub struct Results<'c, 'v, U> {
    pub connection: &'c Connection<U>,
    pub head: &'c Arc<Head>,
    pub planned: &'c [Planned<'v>],
    pub fail_on_errors: Option<usize>,
}

/// One result, and the place of its operation.
struct Found<'r> {
    at: usize,
    status: u16,
    cause: String,
    written: Value<'r>,
}

impl<U> Results<'_, '_, U> {
    /// The answer where nothing is sent.
    pub fn without_backend(&self) -> (Answer<Sent>, Vec<Told>) {
        let mut whole = Object::new();
        whole.set("schemas", Value::Array(Array::from(vec![Value::string(bulk::RESPONSE)])));
        let (body, told) = write(whole, self.ours(0));
        (Answer { status: 200, etag: None, location: None, retry_after: None, body: Sent::Whole(body) }, told)
    }

    /// The answer, of the backend's. An error is of the request as a whole.
    ///
    /// # Errors
    /// 502 for what is no such response, or has a result of no operation that was sent.
    pub fn read(&self, answer: Answer<Sent>) -> Result<(Answer<Sent>, Vec<Told>), Refusal> {
        match &answer.body {
            Sent::Whole(bytes) if (200..300).contains(&answer.status) => {
                let (body, told) = self.response(bytes)?;
                Ok((Answer { body: Sent::Whole(body), ..answer }, told))
            }
            _ => {
                let told = self.all(answer.status);
                Ok((answer, told))
            }
        }
    }

    fn response(&self, bytes: &Bytes) -> Result<(Bytes, Vec<Told>), Refusal> {
        let value = json::parse(bytes).map_err(|fault| no_response(&fault.to_string()))?;
        let Value::Object(mut whole) = value else { return Err(no_response("it is no object")) };
        let Some(list) = whole.get("Operations").and_then(Value::as_array).cloned() else {
            return Err(no_response("it has no `Operations`"));
        };
        let mut changed = only(&mut whole, &RESPONSE);
        let mut open: Vec<usize> = self.sent().collect();
        let mut found = Vec::with_capacity(self.planned.len());
        for result in list.iter() {
            let result = result.as_object().ok_or_else(|| no_response("a result is no object"))?;
            let at =
                self.pair(result, &open).ok_or_else(|| no_response("a result is of no operation that was sent"))?;
            open.retain(|other| *other != at);
            let (one, differs) = self.result(at, result)?;
            changed |= differs;
            found.push(one);
        }
        let errors = found.iter().filter(|one| one.status >= 400).count();
        let ours = self.ours(errors);
        if !changed && ours.is_empty() {
            return Ok((bytes.clone(), told(&found)));
        }
        if !ours.is_empty() {
            found.extend(ours);
            found.sort_by_key(|one| one.at);
        }
        Ok(write(whole, found))
    }

    /// What became of every operation where the request as a whole was answered with this status.
    pub fn all(&self, status: u16) -> Vec<Told> {
        let told = |(at, one): (usize, &Planned<'_>)| match &one.made {
            Ok(_) => (at, status, String::new()),
            Err(refusal) => (at, refusal.error().status.code(), refusal.cause()),
        };
        self.planned.iter().enumerate().map(told).collect()
    }

    /// Tells the record.
    pub fn tell(&self, told: &[Told], record: &Record) {
        for (at, status, cause) in told {
            let Some(one) = self.planned.get(*at) else { continue };
            let target = one.target.as_ref();
            let of = Operated { at: *at, target, method: one.method, status: *status, cause, denied: one.is_denied() };
            record.operation(&of, &self.connection.routes);
        }
    }

    fn sent(&self) -> impl Iterator<Item = usize> {
        self.planned.iter().enumerate().filter(|(_, one)| one.made.is_ok()).map(|(at, _)| at)
    }

    /// The results of what wasn't sent, as far as the errors before it leave room for them.
    fn ours<'r>(&self, errors: usize) -> Vec<Found<'r>> {
        let refused = self.planned.iter().enumerate().filter_map(|(at, one)| Some((at, one, one.made.as_ref().err()?)));
        let room = self.fail_on_errors.map_or(usize::MAX, |most| most.saturating_sub(errors));
        refused.take(room).map(|(at, one, refusal)| self.refused(at, one, refusal)).collect()
    }

    /// A result of our own.
    fn refused<'r>(&self, at: usize, planned: &Planned<'_>, refusal: &Refusal) -> Found<'r> {
        let (error, cause) = (refusal.error(), refusal.cause());
        let location = planned.target.as_ref().and_then(|target| url_of(self.connection, target));
        // What we write ourselves is JSON.
        let response = json::parse(&error.to_bytes()).map_or(Value::Null, Value::into_owned);
        let (method, bulk_id, status) = (planned.method, planned.bulk_id.as_deref(), error.status.code());
        let told = result::Told { location, method, bulk_id, version: None, status, response: Some(response) };
        Found { at, status, cause, written: result::written(told) }
    }

    /// Which of the operations that wait for a result this is of: one with its method and `bulkId`; with its location, if
    /// that is one's; else the first. Backends answer in the order in which they were asked.
    fn pair(&self, result: &Object<'_>, open: &[usize]) -> Option<usize> {
        let text = |name: &str| result.get(name).and_then(Value::as_str);
        let (method, id, location) = (text("method"), text("bulkId"), text("location"));
        let base = &self.connection.backend.base;
        let below = location.as_deref().and_then(|location| location.strip_prefix(base.as_str()));
        let creates = |one: &Planned<'_>| one.method == "POST";
        let is_there = |one: &Planned<'_>| match (&one.made, below) {
            (Ok(made), Some(below)) => below == made.path && !creates(one),
            _ => false,
        };
        let fits = |one: &Planned<'_>| {
            method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(one.method))
                && id.as_deref().is_none_or(|id| one.bulk_id.as_deref() == Some(id))
        };
        let open =
            || open.iter().copied().filter_map(|at| Some((at, self.planned.get(at)?))).filter(|(_, one)| fits(one));
        match open().find(|(_, one)| is_there(one)) {
            Some((at, _)) => Some(at),
            // It is of another one, which has its result already.
            None if self.planned.iter().any(|one| fits(one) && is_there(one)) => None,
            None => open().next().map(|(at, _)| at),
        }
    }

    /// One result as the client is to see it, and whether that differs from what the backend wrote.
    fn result<'r>(&self, at: usize, written: &Object<'r>) -> Result<(Found<'r>, bool), Refusal> {
        let status = status(written).ok_or_else(|| no_response("a result has no status"))?;
        let one = self.planned.get(at).ok_or_else(|| no_response("a result of nothing"))?;
        let Some(target) = &one.target else { return Err(no_response("a result of nothing")) };
        let mut object = written.clone();
        let of = Of { connection: self.connection, head: self.head, target };
        match of.translate(&mut object, status) {
            Ok((status, changed)) => {
                let cause = if status >= 400 { format!("backend: answered {status}") } else { String::new() };
                Ok((Found { at, status, cause, written: Value::Object(object) }, changed))
            }
            Err(refusal) => {
                if let Refusal::RuleBack(refusal) = &refusal {
                    self.connection.watcher.refused(refusal.number);
                }
                Ok((self.refused(at, one, &refusal), true))
            }
        }
    }
}

/// The backend broke the RFC, or what it wrote can't be told from something else.
pub fn no_response(fault: &str) -> Refusal {
    Refusal::Answer { fault: format!("the backend's answer is no BulkResponse: {fault}") }
}

/// The status of a result: a text, by the RFC; some write a number.
fn status(result: &Object<'_>) -> Option<u16> {
    match result.get("status")? {
        Value::String(text) => text.decoded().trim().parse().ok(),
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn told(found: &[Found<'_>]) -> Vec<Told> {
    found.iter().map(|one| (one.at, one.status, one.cause.clone())).collect()
}

fn write<'r>(mut whole: Object<'r>, found: Vec<Found<'r>>) -> (Bytes, Vec<Told>) {
    let told = told(&found);
    let results: Vec<Value<'r>> = found.into_iter().map(|one| one.written).collect();
    whole.set("Operations", Value::Array(Array::from(results)));
    (Bytes::from(Value::Object(whole).to_bytes()), told)
}
