//! What has become of an operation that was made as a call of its own, and its result.

use bytes::Bytes;

use crate::bridge::Answer;
use crate::json::{self, Value};
use crate::scim::{Id, Target};

use super::super::answer;
use super::super::connection::Connection;
use super::result::{self, url_of};

/// What has become of an operation.
#[derive(Debug)]
pub struct Done {
    /// What it was asked of, with its id.
    pub target: Option<Target>,
    /// The answer to the call.
    pub answer: Answer<Option<Bytes>>,
}

impl Done {
    /// The id of what was created, as its client knows it.
    pub fn id(&self) -> Option<String> {
        if !(200..300).contains(&self.answer.status) {
            return None;
        }
        let body = json::parse(self.answer.body.as_deref()?).ok()?;
        body.as_object()?.get("id")?.as_str().map(|id| id.into_owned())
    }

    /// Its result (RFC 7644 section 3.7.3). What a success shows is left out, as the RFC allows: the client knows what it sent.
    pub fn write<U>(self, method: &'static str, bulk_id: Option<&str>, connection: &Connection<U>) -> Value<'static> {
        let is_error = self.answer.status >= 400;
        let there = || self.target.as_ref().and_then(|target| url_of(connection, target));
        let created = || {
            let (target, id) = (self.target.as_ref()?, self.id().and_then(|id| Id::parse(&id))?);
            url_of(connection, &target.clone().of(id))
        };
        let location = if is_error { there() } else { self.answer.location.clone().or_else(there).or_else(created) };
        let version = self.answer.etag.as_deref().filter(|_| !is_error);
        let error = || {
            let written = self.answer.body.clone().unwrap_or_default();
            json::parse(&answer::scim_error(self.answer.status, &written)).map_or(Value::Null, Value::into_owned)
        };
        let response = is_error.then(error);
        result::written(result::Told { location, method, bulk_id, version, status: self.answer.status, response })
    }
}
