//! One result, judged and translated as the answer to the single call that its operation stands for.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ETAG, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::json::{Object, Value};
use crate::rules::{Facts, Head, Reply, ReplyBody, Scene};
use crate::scim::{OperationKind, Target};

use super::super::connection::Connection;
use super::super::refusal::Refusal;
use super::super::{answer, etag, message, reply};
use super::request::only;
use super::results::no_response;

/// What RFC 7644 section 3.7 gives a result.
const RESULT: [&str; 6] = ["location", "method", "bulkId", "version", "status", "response"];

/// The members of a result that stand for header fields of a single answer.
const FIELDS: [(&str, HeaderName); 2] = [("version", ETAG), ("location", LOCATION)];

/// The operation that a result is of, and where it was asked.
pub struct Of<'c, U> {
    pub connection: &'c Connection<U>,
    pub head: &'c Arc<Head>,
    pub target: &'c Target,
}

impl<U> Of<'_, U> {
    /// Judges and translates a result as the answer to a single call. Its status, and whether anything changed.
    pub fn translate(&self, result: &mut Object<'_>, status: u16) -> Result<(u16, bool), Refusal> {
        let mut changed = only(result, &RESULT);
        let mut reply = reply(result, status)?;
        if self.connection.plans.cell(self.target).judges_answers() {
            self.judge(&mut reply)?;
        }
        let rewritten = match reply.body {
            ReplyBody::Kept => self.resource(result, reply.status, status)?,
            _ => put(result, "response", reply::value(&reply)),
        };
        let tag = reply.header(ETAG.as_str()).map(|tag| if rewritten { etag::weaken(tag) } else { tag.to_owned() });
        let location = reply.header(LOCATION.as_str()).and_then(|location| self.location(location));
        for (name, text) in [("version", tag), ("location", location)] {
            changed |= put(result, name, text.map(|text| Value::string(&text)));
        }
        // As for a single call: whatever else the backend says, it is deleted.
        let deleted = self.target.operation.kind() == OperationKind::Delete && (200..300).contains(&reply.status);
        let left = if deleted { 204 } else { reply.status };
        if left != status {
            result.set("status", Value::string(&left.to_string()));
        }
        Ok((left, changed || rewritten || left != status))
    }

    fn judge(&self, reply: &mut Reply) -> Result<(), Refusal> {
        let (id, status) = (message::id(self.target), reply.status);
        for plan in self.connection.plans.cell(self.target).back() {
            let facts = self.facts(id.as_deref(), status);
            plan.answer(reply, facts, &mut self.connection.watcher.clone()).map_err(Refusal::RuleBack)?;
        }
        Ok(())
    }

    fn facts<'f>(&'f self, id: Option<&'f str>, status: u16) -> Facts<'f> {
        let scene = Scene { head: Some(self.head), status: Some(status) };
        Facts { id, resource: self.target.resource.as_ref(), operation: self.target.operation.kind(), scene }
    }

    /// Translates the resource in a result; one that has no place there goes. True if anything changed.
    fn resource(&self, result: &mut Object<'_>, left: u16, status: u16) -> Result<bool, Refusal> {
        let bare = self.target.operation.kind() == OperationKind::Delete || matches!(left, 204 | 205 | 304);
        let mut resource = match result.get("response") {
            None | Some(Value::Null) => return Ok(false),
            Some(_) if bare => return Ok(result.remove("response").is_some()),
            Some(Value::Object(resource)) => resource.clone(),
            Some(_) => return Err(no_response("a resource in it is no object")),
        };
        let id = message::id(self.target);
        let facts = self.facts(id.as_deref(), status);
        let mut changed = false;
        for plan in self.connection.plans.cell(self.target).back() {
            let translated = plan.response(&mut resource, facts, &mut self.connection.watcher.clone());
            changed |= translated.map_err(Refusal::RuleBack)?;
        }
        let mut resource = Value::Object(resource);
        changed |= self.connection.outwards.value(&mut resource);
        if changed {
            result.set("response", resource);
        }
        Ok(changed)
    }

    /// A location as the client is to see it. One that is not below the backend's base stays here, as in a single answer.
    fn location(&self, location: &str) -> Option<String> {
        let connection = self.connection;
        let relative = || {
            let target = Target::parse("GET", location, &connection.declared).ok()?;
            url_of(connection, &target)
        };
        connection.outwards.url(location).or_else(relative).or_else(|| url_of(connection, self.target))
    }
}

/// The URL of a resource that has an id, as the client is to see it.
pub fn url_of<U>(connection: &Connection<U>, target: &Target) -> Option<String> {
    message::id(target)?;
    connection.outwards.url(&format!("{}{}", connection.backend.base, target.path()))
}

/// What a result of ours tells.
pub struct Told<'t> {
    pub location: Option<String>,
    pub method: &'static str,
    pub bulk_id: Option<&'t str>,
    pub version: Option<&'t str>,
    pub status: u16,
    pub response: Option<Value<'static>>,
}

/// Writes a result.
pub fn written(told: Told<'_>) -> Value<'static> {
    let mut result = Object::new();
    let status = told.status.to_string();
    let texts = [
        ("location", told.location.as_deref()),
        ("method", Some(told.method)),
        ("bulkId", told.bulk_id),
        ("version", told.version),
        ("status", Some(status.as_str())),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            result.set(name, Value::string(text));
        }
    }
    if let Some(response) = told.response {
        result.set("response", response);
    }
    Value::Object(result)
}

/// A result as message-level rules see it.
fn reply(result: &Object<'_>, status: u16) -> Result<Reply, Refusal> {
    let mut fields = HeaderMap::new();
    for (name, field) in FIELDS {
        let text = result.get(name).and_then(Value::as_str);
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            fields.insert(field, value);
        }
    }
    match status {
        401 => Err(no_response("the backend refused the gateway's credential (401)")),
        400..=599 => {
            let written = result.get("response").filter(|response| !response.is_null());
            let written = Bytes::from(written.map(Value::to_bytes).unwrap_or_default());
            Ok(reply::of_error(status, &fields, &written, &answer::scim_error(status, &written)))
        }
        200..=299 | 304 => Ok(reply::of_success(status, &fields)),
        _ => Err(no_response(&format!("{status} is no answer of a SCIM service"))),
    }
}

/// Puts a value into a result, or takes it out. True if that changed anything.
fn put<'r>(result: &mut Object<'r>, name: &str, value: Option<Value<'r>>) -> bool {
    match value {
        Some(value) if result.get(name) != Some(&value) => result.set(name, value),
        None if result.contains(name) => drop(result.remove(name)),
        _ => return false,
    }
    true
}
